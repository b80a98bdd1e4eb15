#include "engine/store/lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "engine/base/text.h"
#include "engine/store/store.h"

namespace tombolo::store {

Lock::Lock(const std::string& path) : file_(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)) {
  if (file_ < 0) throw Error(Error::Reason::broken, "store: cannot open " + path + ": " + std::strerror(errno));
  if (::flock(file_, LOCK_EX | LOCK_NB) != 0) {
    std::array<char, 32> found{};
    const auto length = ::pread(file_, found.data(), found.size(), 0);
    const auto who = length > 0 ? trim(std::string_view(found.data(), static_cast<std::size_t>(length))) : std::string_view("unknown");
    ::close(file_);
    throw Error(Error::Reason::locked, "store: " + path + " is held by process " + std::string(who));
  }
  // Only for people: the lock itself is the kernel's.
  const std::string me = std::to_string(::getpid()) + "\n";
  if (::ftruncate(file_, 0) != 0 || ::pwrite(file_, me.data(), me.size(), 0) < 0) errno = 0;
}

Lock::~Lock() { ::close(file_); }

}  // namespace tombolo::store
