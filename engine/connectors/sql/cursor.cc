#include "engine/connectors/sql/cursor.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "engine/base/files.h"

namespace tombolo::sql {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void fail(const char* doing, const fs::path& path) {
  throw std::system_error(errno, std::system_category(), std::string(doing) + " " + path.string());
}

// A descriptor with one owner.
class Open {
 public:
  Open(const fs::path& path, int flags) : path_(path), fd_(::open(path.c_str(), flags | O_CLOEXEC, 0640)) {
    if (fd_ < 0) fail("open", path);
  }
  ~Open() { ::close(fd_); }
  Open(const Open&) = delete;
  Open& operator=(const Open&) = delete;

  void write(const std::string& bytes) const {
    if (::write(fd_, bytes.data(), bytes.size()) != static_cast<ssize_t>(bytes.size())) fail("write", path_);
  }
  void sync() const {
    if (::fsync(fd_) != 0) fail("sync", path_);
  }

 private:
  const fs::path& path_;
  int fd_;
};

}  // namespace

std::optional<std::string> Cursor::read() const {
  if (!fs::exists(file_)) return std::nullopt;
  return read_file(file_);
}

void Cursor::write(const std::string& value) const {
  const fs::path folder = file_.has_parent_path() ? file_.parent_path() : fs::path(".");
  fs::create_directories(folder);
  const fs::path part = folder / ("." + file_.filename().string() + ".part");
  {
    const Open file(part, O_WRONLY | O_CREAT | O_TRUNC);
    file.write(value);
    file.sync();
  }
  fs::rename(part, file_);
  Open(folder, O_RDONLY | O_DIRECTORY).sync();
}

}  // namespace tombolo::sql
