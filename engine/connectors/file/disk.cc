#include "engine/connectors/file/disk.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>

#include <cerrno>
#include <chrono>
#include <string>
#include <utility>

namespace tombolo {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* doing, const fs::path& path) {
  throw boost::system::system_error(errno, boost::system::system_category(), std::string(doing) + " " + path.string());
}

// A descriptor with one owner.
class Handle {
 public:
  Handle(const fs::path& path, int flags) : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {
    if (fd_ < 0) fail("open", path);
  }
  ~Handle() { ::close(fd_); }
  Handle(const Handle&) = delete;
  Handle& operator=(const Handle&) = delete;
  int operator*() const { return fd_; }
  const fs::path& path() const { return path_; }

 private:
  fs::path path_;
  int fd_;
};

class RealFile final : public DiskFile {
 public:
  RealFile(const fs::path& path, int flags) : handle_(path, flags) {}

  std::uint64_t size() override {
    struct stat found {};
    if (::fstat(*handle_, &found) != 0) fail("look at", handle_.path());
    return static_cast<std::uint64_t>(found.st_size);
  }
  char last_byte() override {
    char last = 0;
    if (::pread(*handle_, &last, 1, static_cast<off_t>(size()) - 1) != 1) fail("read", handle_.path());
    return last;
  }
  std::string read(std::uint64_t from, std::size_t size) override {
    std::string bytes(size, '\0');
    std::size_t got = 0;
    while (got < size) {
      const ssize_t n = ::pread(*handle_, bytes.data() + got, size - got, static_cast<off_t>(from + got));
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("read", handle_.path());
      if (n == 0) break;
      got += static_cast<std::size_t>(n);
    }
    bytes.resize(got);
    return bytes;
  }
  void append(std::string_view bytes) override {
    while (!bytes.empty()) {
      const ssize_t n = ::write(*handle_, bytes.data(), bytes.size());
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("write", handle_.path());
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
  }
  void truncate(std::uint64_t size) override {
    if (::ftruncate(*handle_, static_cast<off_t>(size)) != 0) fail("truncate", handle_.path());
  }
  void sync() override {
    if (::fdatasync(*handle_) != 0) fail("sync", handle_.path());
  }
  bool still_at(const fs::path& path) override {
    struct stat ours {
    }, named{};
    return ::fstat(*handle_, &ours) == 0 && ::stat(path.c_str(), &named) == 0 && ours.st_ino == named.st_ino &&
           ours.st_dev == named.st_dev;
  }
  std::uint64_t number() override {
    struct stat found {};
    if (::fstat(*handle_, &found) != 0) fail("look at", handle_.path());
    return found.st_ino;
  }
  void lock() override {  // a file system without locks has one writer, or the luck of short lines
    while (::flock(*handle_, LOCK_EX) != 0 && errno == EINTR) {
    }
  }
  void unlock() override { ::flock(*handle_, LOCK_UN); }

 private:
  Handle handle_;
};

class RealDisk final : public Disk {
 public:
  std::unique_ptr<DiskFile> open_to_append(const fs::path& path) override {
    return std::make_unique<RealFile>(path, O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW);
  }
  std::unique_ptr<DiskFile> make_empty(const fs::path& path) override {
    return std::make_unique<RealFile>(path, O_RDWR | O_CREAT | O_TRUNC | O_NOFOLLOW);
  }
  void rename(const fs::path& from, const fs::path& to) override {
    if (::rename(from.c_str(), to.c_str()) != 0) fail("rename", to);
  }
  void make_folder(const fs::path& folder) override {
    if (folder.empty() || fs::is_directory(folder)) return;
    make_folder(folder.parent_path());
    if (::mkdir(folder.c_str(), 0750) != 0 && errno != EEXIST) fail("make", folder);
    sync_folder(folder.parent_path());
  }
  void sync_folder(const fs::path& folder) override {
    const Handle handle(folder.empty() ? fs::path(".") : folder, O_RDONLY | O_DIRECTORY);
    if (::fsync(*handle) != 0) fail("sync", folder);
  }
  void remove_old(const fs::path& folder, std::string_view ending) override {
    std::error_code ignored;
    const auto day_ago = fs::file_time_type::clock::now() - std::chrono::hours(24);
    for (const auto& one : fs::directory_iterator(folder.empty() ? fs::path(".") : folder, ignored)) {
      const std::string name = one.path().filename().string();
      if (name.starts_with('.') && name.ends_with(ending) && one.last_write_time(ignored) < day_ago) fs::remove(one.path(), ignored);
    }
  }
};

}  // namespace

std::unique_ptr<Disk> real_disk() { return std::make_unique<RealDisk>(); }

}  // namespace tombolo
