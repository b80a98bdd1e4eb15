// The other end of a wire, in blocking calls, and a source or any coroutine running on a thread of its own; for tests
// only.
#pragma once

#include <poll.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <future>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <thread>

#include "engine/connectors/connector.h"
#include "engine/connectors/mllp/frames.h"
#include "engine/connectors/tcp.h"

namespace tombolo::test {

namespace net = boost::asio;

// A connection that waits at most five seconds for anything.
class Peer {
 public:
  explicit Peer(const std::string& address) : socket_(io_) {
    const auto at = to_host_port(address);
    socket_.connect({net::ip::make_address(at->host), static_cast<unsigned short>(std::stoi(at->port))});
    socket_.set_option(net::ip::tcp::no_delay(true));
  }
  explicit Peer(net::ip::tcp::acceptor& acceptor) : socket_(io_) { acceptor.accept(socket_); }

  void send(std::string_view bytes) { net::write(socket_, net::buffer(bytes)); }
  void send_frame(std::string_view message) {
    std::string out;
    mllp::append_frame(out, message);
    send(out);
  }
  // What came, at least one byte; empty: the other end closed, or nothing came in time.
  std::string read(int milliseconds = 5000) {
    pollfd ready{socket_.native_handle(), POLLIN, 0};
    if (::poll(&ready, 1, milliseconds) <= 0) return {};
    std::string bytes(65536, '\0');
    boost::system::error_code error;
    bytes.resize(socket_.read_some(net::buffer(bytes), error));
    closed_ = closed_ || error;
    return bytes;
  }
  // Exactly what the next `n` bytes are, or less if the other end closed.
  std::string read_exactly(std::size_t n) {
    while (held_.size() < n) {
      const std::string more = read();
      if (more.empty()) break;
      held_ += more;
    }
    std::string result = held_.substr(0, n);
    held_.erase(0, n);
    return result;
  }
  // The next frame without its 0B and 1C 0D; nothing: closed or silent.
  std::optional<std::string> frame() {
    for (;;) {
      const std::size_t end = held_.find(mllp::frame_tail);
      if (end != std::string::npos) {
        std::string found = held_.substr(1, end - 1);
        held_.erase(0, end + 2);
        return found;
      }
      const std::string more = read();
      if (more.empty()) return std::nullopt;
      held_ += more;
    }
  }
  bool is_closed() {
    while (!closed_ && !read().empty()) {
    }
    return closed_;
  }
  void finish() { socket_.shutdown(net::ip::tcp::socket::shutdown_send); }
  void close() { socket_.close(); }
  std::string local() const { return text(socket_.local_endpoint()); }

 private:
  net::io_context io_;
  net::ip::tcp::socket socket_;
  std::string held_;
  bool closed_ = false;
};

// An io_context with a thread; what runs on it is awaited from the test's thread.
class Loop {
 public:
  Loop() : work_(net::make_work_guard(io_)), thread_([this] { io_.run(); }) {}
  ~Loop() {
    work_.reset();
    io_.stop();
    thread_.join();
  }
  net::any_io_executor executor() { return io_.get_executor(); }
  Edges edges() { return {executor(), nullptr, real_world()}; }

  template <class T>
  std::future<T> start(net::awaitable<T> work) {
    return net::co_spawn(io_, std::move(work), net::use_future);
  }
  // Runs `work` on the loop's thread and waits for its end.
  template <class Work>
  auto on(Work work) {
    std::promise<decltype(work())> done;
    auto result = done.get_future();
    net::post(io_, [&] {
      try {
        if constexpr (std::is_void_v<decltype(work())>) work(), done.set_value();
        else done.set_value(work());
      } catch (...) {
        done.set_exception(std::current_exception());
      }
    });
    return result.get();
  }

 private:
  net::io_context io_;
  net::executor_work_guard<net::io_context::executor_type> work_;
  std::thread thread_;
};

// A plug's block as a channel file has it: "mllp: { listen: … }" without its name.
template <class Plug>
auto make(const Plug& plug, const std::string& block, const Edges* edges) {
  Diagnostics diagnostics;
  const Setting setting = parse_settings("channel.yaml", block, process_environment(), diagnostics);
  auto made = plug.make(setting, "test", diagnostics, edges);
  if (diagnostics.failed()) throw std::runtime_error(diagnostics.print());
  return made;
}

// What is wrong with a block, as text; empty: nothing.
template <class Plug>
std::string faults(const Plug& plug, const std::string& block) {
  Diagnostics diagnostics;
  const Setting setting = parse_settings("channel.yaml", block, process_environment(), diagnostics);
  plug.make(setting, "test", diagnostics, nullptr);
  return diagnostics.print();
}

// A source that runs until it is stopped.
class Running {
 public:
  Running(const SourcePlug& plug, const std::string& block, Receive receive) {
    const Edges edges = loop_.edges();
    source_ = make(plug, block, &edges);
    loop_.on([&] { source_->open(); });
    address_ = source_->address();
    ended_ = loop_.start(source_->run(std::move(receive)));
  }
  ~Running() {
    if (ended_.valid()) stop();
    loop_.on([&] { source_.reset(); });
  }
  const std::string& address() const { return address_; }
  void ask_to_stop() {
    loop_.on([&] { source_->stop(); });
  }
  bool ends() { return ended_.wait_for(std::chrono::seconds(5)) == std::future_status::ready; }
  void stop() {
    ask_to_stop();
    ended_.get();
  }
  std::uint64_t count(std::string_view name) {
    const auto counts = loop_.on([&] { return source_->counts(); });
    for (const auto& [found, n] : counts) {
      if (found == name) return n;
    }
    throw std::runtime_error("no such count");
  }
  // Waits until the count is `n`, at most five seconds.
  bool reaches(std::string_view name, std::uint64_t n) {
    for (int i = 0; i < 500; ++i) {
      if (count(name) == n) return true;
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
    return false;
  }
  Loop& loop() { return loop_; }

 private:
  Loop loop_;
  std::unique_ptr<Source> source_;
  std::string address_;
  std::future<void> ended_;
};

}  // namespace tombolo::test
