#include "engine/connectors/file/folder.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>

#include <cerrno>
#include <utility>

#include "engine/connectors/file/disk.h"
#include "engine/connectors/file/watch.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* doing, const fs::path& path, int error = errno) {
  throw boost::system::system_error(error, boost::system::system_category(), std::string(doing) + " " + path.string());
}

FileEntry entry(std::string name, const struct stat& found) {
  const std::int64_t changed = std::int64_t{found.st_mtim.tv_sec} * 1'000'000 + found.st_mtim.tv_nsec / 1000;
  return {std::move(name), static_cast<std::uint64_t>(found.st_size), changed, found.st_ino};
}

// Is this file, wherever on this machine, open for writing? Only the owner of a file may ask, and network folders do
// not say: then nobody knows.
bool being_written(int fd) {
  if (::fcntl(fd, F_SETLEASE, F_RDLCK) != 0) return errno == EAGAIN;
  ::fcntl(fd, F_SETLEASE, F_UNLCK);
  return false;
}

class Open {
 public:
  explicit Open(const fs::path& path) : fd_(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)) {}
  ~Open() {
    if (fd_ >= 0) ::close(fd_);
  }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;
  int operator*() const { return fd_; }

 private:
  int fd_;
};

class LocalFolder final : public Folder {
 public:
  explicit LocalFolder(fs::path path) : path_(std::move(path)) {}

  void prepare(const std::string& inner) override {
    std::error_code error;
    if (!fs::is_directory(path_, error)) fail("look into", path_, error ? error.value() : ENOTDIR);
    real_disk()->make_folder(path_ / inner);
  }

  std::vector<FileEntry> list(const Wanted& wanted) override {
    if (watch_) watch_->look_at(path_);
    const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path_.c_str()), ::closedir);
    if (!folder) fail("look into", path_);
    std::vector<FileEntry> found;
    errno = 0;
    for (const dirent* one = ::readdir(folder.get()); one; errno = 0, one = ::readdir(folder.get())) {
      struct stat seen {};
      if (!wanted(one->d_name) || ::fstatat(::dirfd(folder.get()), one->d_name, &seen, AT_SYMLINK_NOFOLLOW) != 0) continue;
      if (S_ISREG(seen.st_mode)) found.push_back(entry(one->d_name, seen));
    }
    if (errno != 0) fail("look into", path_);
    return found;
  }

  std::optional<std::string> read(const FileEntry& seen, std::size_t most) override {
    const fs::path path = path_ / seen.name;
    const Open file(path);
    if (*file < 0 && (errno == ENOENT || errno == ELOOP)) return std::nullopt;
    if (*file < 0) fail("open", path);
    if (!is_still(*file, seen) || being_written(*file)) return std::nullopt;
    std::string bytes(std::min<std::uint64_t>(seen.size, most), '\0');
    for (std::size_t at = 0; at < bytes.size();) {
      const ssize_t n = ::read(*file, bytes.data() + at, bytes.size() - at);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) fail("read", path);
      if (n == 0) return std::nullopt;  // it is shorter now
      at += static_cast<std::size_t>(n);
    }
    if (!is_still(*file, seen)) return std::nullopt;
    return bytes;
  }

  bool exists(const std::string& path) override {
    struct stat found {};
    if (::lstat((path_ / path).c_str(), &found) == 0) return true;
    if (errno != ENOENT) fail("look at", path_ / path);
    return false;
  }

  void rename(const std::string& from, const std::string& to) override {
    if (::renameat2(AT_FDCWD, (path_ / from).c_str(), AT_FDCWD, (path_ / to).c_str(), RENAME_NOREPLACE) == 0) return;
    if (errno != EINVAL && errno != ENOSYS) fail("move", path_ / from);
    if (exists(to)) fail("move", path_ / from, EEXIST);  // a file system that cannot refuse by itself
    if (::rename((path_ / from).c_str(), (path_ / to).c_str()) != 0) fail("move", path_ / from);
  }

  void remove(const std::string& path) override {
    if (::unlink((path_ / path).c_str()) != 0 && errno != ENOENT) fail("remove", path_ / path);
  }

  void place(const std::string& path, std::string_view bytes) override {
    const fs::path whole = path_ / path, part = whole.parent_path() / ("." + whole.filename().string() + ".part");
    const auto disk = real_disk();
    const auto file = disk->make_empty(part);
    file->append(bytes);
    file->sync();
    disk->rename(part, whole);
  }

  void watch(const boost::asio::any_io_executor& executor, std::function<void()> changed) override {
    watch_ = std::make_unique<Watch>(executor, std::move(changed));
  }
  void unwatch() override {
    if (watch_) watch_->close();
  }

 private:
  static bool is_still(int fd, const FileEntry& seen) {
    struct stat now {};
    return ::fstat(fd, &now) == 0 && S_ISREG(now.st_mode) && entry(seen.name, now) == seen;
  }

  const fs::path path_;
  std::unique_ptr<Watch> watch_;
};

}  // namespace

void Folder::watch(const boost::asio::any_io_executor&, std::function<void()>) {}

std::unique_ptr<Folder> local_folder(fs::path path) { return std::make_unique<LocalFolder>(std::move(path)); }

}  // namespace tombolo
