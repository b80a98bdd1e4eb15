// A disk in memory that forgets at a power cut what no sync had made safe, as a real one does: bytes written and not
// synced, names made and their folder not synced. Part of what was not synced may survive all the same, so that entries
// are torn. It can be cut at the nth call, and each kind of sync can be left out, to show that the test would notice.
#pragma once

#include <boost/system/system_error.hpp>

#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>

#include "engine/connectors/file/disk.h"

namespace tombolo::test {

class PowerCutDisk {
 public:
  struct Faults {
    std::size_t cut_at = std::size_t(-1);  // the call, from 0, that the power cut comes before
    bool file_syncs = true;                // false: sync() does nothing
    bool folder_syncs = true;
    unsigned seed = 1;  // decides what unsynced bytes survive
  };

  explicit PowerCutDisk(Faults faults) : state_(std::make_shared<State>()) { state_->faults = faults; }

  // A Disk on this state; the state outlives it.
  std::unique_ptr<Disk> disk() const { return std::make_unique<Face>(state_); }

  bool was_cut() const { return state_->cut; }
  // The power comes back: what was safe, and at random the beginning of what was not. No more cuts from here on.
  void restart() {
    State& s = *state_;
    std::mt19937 random(s.faults.seed);
    for (auto& [path, node] : s.safe_names) {
      if (node->bytes.starts_with(node->safe))
        node->safe += node->bytes.substr(node->safe.size(), random() % (node->bytes.size() - node->safe.size() + 1));
      node->bytes = node->safe;
    }
    s.names = s.safe_names;
    s.cut = false;
    s.faults = Faults();
    s.calls = 0;
  }
  // What is there now, by name.
  std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> found;
    for (const auto& [path, node] : state_->names) found[path.string()] = node->bytes;
    return found;
  }

 private:
  struct Node {
    std::string bytes, safe;
  };
  using Names = std::map<std::filesystem::path, std::shared_ptr<Node>>;
  struct State {
    Faults faults;
    std::mutex lock;
    Names names, safe_names;
    std::size_t calls = 0;
    bool cut = false;

    void step() {
      if (cut || calls++ == faults.cut_at) {
        cut = true;
        throw boost::system::system_error(EIO, boost::system::system_category(), "power cut");
      }
    }
  };

  class File final : public DiskFile {
   public:
    File(std::shared_ptr<State> state, std::shared_ptr<Node> node) : state_(std::move(state)), node_(std::move(node)) {}
    std::uint64_t size() override { return bytes().size(); }
    char last_byte() override { return bytes().back(); }
    std::string read(std::uint64_t from, std::size_t size) override { return bytes().substr(from, size); }
    void append(std::string_view more) override {
      const std::lock_guard held(state_->lock);
      state_->step();
      node_->bytes += more;
    }
    void truncate(std::uint64_t n) override {
      const std::lock_guard held(state_->lock);
      state_->step();
      node_->bytes.resize(n);
    }
    void sync() override {
      const std::lock_guard held(state_->lock);
      state_->step();
      if (state_->faults.file_syncs) node_->safe = node_->bytes;
    }
    bool still_at(const std::filesystem::path& path) override {
      const std::lock_guard held(state_->lock);
      const auto named = state_->names.find(path);
      return named != state_->names.end() && named->second == node_;
    }
    std::uint64_t number() override { return reinterpret_cast<std::uintptr_t>(node_.get()); }

   private:
    std::string bytes() {
      const std::lock_guard held(state_->lock);
      state_->step();
      return node_->bytes;
    }
    std::shared_ptr<State> state_;
    std::shared_ptr<Node> node_;
  };

  class Face final : public Disk {
   public:
    explicit Face(std::shared_ptr<State> state) : state_(std::move(state)) {}
    std::unique_ptr<DiskFile> open_to_append(const std::filesystem::path& path) override {
      const std::lock_guard held(state_->lock);
      state_->step();
      auto& node = state_->names[path];
      if (!node) node = std::make_shared<Node>();
      return std::make_unique<File>(state_, node);
    }
    std::unique_ptr<DiskFile> make_empty(const std::filesystem::path& path) override {
      const std::lock_guard held(state_->lock);
      state_->step();
      return std::make_unique<File>(state_, state_->names[path] = std::make_shared<Node>());
    }
    void rename(const std::filesystem::path& from, const std::filesystem::path& to) override {
      const std::lock_guard held(state_->lock);
      state_->step();
      state_->names[to] = state_->names.at(from);
      state_->names.erase(from);
    }
    void make_folder(const std::filesystem::path&) override {}
    void sync_folder(const std::filesystem::path& folder) override {
      const std::lock_guard held(state_->lock);
      state_->step();
      if (!state_->faults.folder_syncs) return;
      std::erase_if(state_->safe_names, [&](const auto& name) { return name.first.parent_path() == folder; });
      for (const auto& [path, node] : state_->names) {
        if (path.parent_path() == folder) state_->safe_names[path] = node;
      }
    }

   private:
    std::shared_ptr<State> state_;
  };

  std::shared_ptr<State> state_;
};

}  // namespace tombolo::test
