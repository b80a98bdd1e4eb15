#include "engine/connectors/file/watch.h"

#include <sys/inotify.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <utility>

namespace tombolo {

namespace net = boost::asio;

struct Watch::Ear : std::enable_shared_from_this<Watch::Ear> {
  Ear(const net::any_io_executor& executor, std::function<void()> changed_)
      : fd(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)), stream(executor), changed(std::move(changed_)) {
    if (fd >= 0) stream.assign(fd);
  }

  void listen() {
    if (!stream.is_open()) return;
    stream.async_read_some(net::buffer(heard), [self = weak_from_this()](const boost::system::error_code& error, std::size_t) {
      const auto ear = self.lock();
      if (!ear || error || !ear->stream.is_open()) return;
      ear->changed();
      ear->listen();
    });
  }

  const int fd;
  net::posix::stream_descriptor stream;  // owns fd
  const std::function<void()> changed;
  std::array<char, 8192> heard;          // what it says is of no interest, only that it says something
};

Watch::Watch(const net::any_io_executor& executor, std::function<void()> changed)
    : ear_(std::make_shared<Ear>(executor, std::move(changed))) {
  ear_->listen();
}

Watch::~Watch() { close(); }

void Watch::look_at(const std::filesystem::path& folder) {
  if (ear_->fd < 0) return;
  ::inotify_add_watch(ear_->fd, folder.c_str(), IN_CREATE | IN_CLOSE_WRITE | IN_MOVED_TO | IN_MOVE_SELF | IN_ONLYDIR);
}

void Watch::close() {
  boost::system::error_code ignored;
  ear_->stream.close(ignored);
}

}  // namespace tombolo
