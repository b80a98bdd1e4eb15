// A disk that holds back what was not synced: appended bytes stay in memory until sync(), new names and renames until the
// folder is synced. Killing the process then loses exactly what a power cut may lose. At random the beginning of what was
// held reaches the file early, torn anywhere.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "engine/connectors/file/disk.h"

namespace tombolo::test {

class HoldingDisk final : public Disk {
 public:
  // syncs false: sync() forgets to write, as a destination without fsync would.
  HoldingDisk(bool syncs, unsigned seed) : real_(real_disk()), syncs_(syncs), chance_(seed) {}

  std::unique_ptr<DiskFile> open_to_append(const std::filesystem::path& path) override {
    return std::make_unique<Held>(*this, real_->open_to_append(path));
  }
  std::unique_ptr<DiskFile> make_empty(const std::filesystem::path& path) override {
    return std::make_unique<Held>(*this, real_->make_empty(path));
  }
  void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
    renames_[to.parent_path().string()].push_back([this, from, to] { real_->rename(from, to); });
  }
  void make_folder(const std::filesystem::path& folder) override { real_->make_folder(folder); }
  void sync_folder(const std::filesystem::path& folder) override {
    if (!syncs_) return;
    for (const auto& rename_now : renames_[folder.string()]) rename_now();
    renames_.erase(folder.string());
    real_->sync_folder(folder);
  }

 private:
  class Held final : public DiskFile {
   public:
    Held(HoldingDisk& disk, std::unique_ptr<DiskFile> real) : disk_(disk), real_(std::move(real)) {}
    std::uint64_t size() override { return real_->size() + held_.size(); }
    char last_byte() override { return held_.empty() ? real_->last_byte() : held_.back(); }
    std::string read(std::uint64_t from, std::size_t size) override {
      return (real_->read(0, real_->size()) + held_).substr(from, size);
    }
    void append(std::string_view bytes) override {
      held_ += bytes;
      if (disk_.chance_() % 8 == 0) {
        const std::size_t early = disk_.chance_() % (held_.size() + 1);
        real_->append(held_.substr(0, early));
        held_.erase(0, early);
      }
    }
    void truncate(std::uint64_t size) override {
      flush();
      real_->truncate(size);
    }
    void sync() override {
      if (disk_.syncs_) flush();
    }
    bool still_at(const std::filesystem::path& path) override { return real_->still_at(path); }
    std::uint64_t number() override { return real_->number(); }
    void lock() override { real_->lock(); }
    void unlock() override { real_->unlock(); }

   private:
    void flush() {
      real_->append(held_);
      held_.clear();
    }
    HoldingDisk& disk_;
    std::unique_ptr<DiskFile> real_;
    std::string held_;
  };

  std::unique_ptr<Disk> real_;
  bool syncs_;
  std::mt19937 chance_;
  std::map<std::string, std::vector<std::function<void()>>> renames_;
};

}  // namespace tombolo::test
