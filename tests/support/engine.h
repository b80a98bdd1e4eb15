// The real binary as a child process, and plain sockets to talk to it; for tests only. Nothing of the engine's own code is
// used here, so that a fault in it cannot hide itself.
#pragma once

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "tests/support/temp.h"

extern char** environ;

namespace tombolo::test {

using Clock = std::chrono::steady_clock;

// A loopback port that was free a moment ago.
inline std::uint16_t free_port() {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  if (bind(fd, reinterpret_cast<sockaddr*>(&address), size) != 0 || getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
    throw std::runtime_error("no free port");
  }
  close(fd);
  return ntohs(address.sin_port);
}

// A blocking TCP connection that speaks MLLP frames.
class Line {
 public:
  Line() = default;
  explicit Line(int fd) : fd_(fd) {}
  ~Line() { shut(); }
  Line(Line&& other) noexcept : fd_(std::exchange(other.fd_, -1)), in_(std::move(other.in_)) {}
  Line& operator=(Line&& other) noexcept {
    shut();
    fd_ = std::exchange(other.fd_, -1);
    in_ = std::move(other.in_);
    return *this;
  }

  bool connect(std::uint16_t port) {
    shut();
    in_.clear();
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const int on = 1;
    setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    if (::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return true;
    shut();
    return false;
  }
  bool open() const { return fd_ >= 0; }
  bool send(std::string_view bytes) { return fd_ >= 0 && ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(bytes.size()); }
  bool send_frame(std::string_view message) { return send("\x0b" + std::string(message) + "\x1c\r"); }

  // The next frame's content; nothing when the peer closed or `limit` is over.
  std::optional<std::string> frame(std::chrono::milliseconds limit = std::chrono::seconds(20)) {
    const auto until = Clock::now() + limit;
    for (;;) {
      const std::size_t begin = in_.find('\x0b');
      const std::size_t end = begin == std::string::npos ? begin : in_.find("\x1c\r", begin);
      if (end != std::string::npos) {
        std::string content = in_.substr(begin + 1, end - begin - 1);
        in_.erase(0, end + 2);
        return content;
      }
      const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - Clock::now());
      pollfd wait{fd_, POLLIN, 0};
      if (fd_ < 0 || left.count() <= 0 || poll(&wait, 1, static_cast<int>(left.count())) <= 0) return std::nullopt;
      char part[65536];
      const ssize_t n = read(fd_, part, sizeof part);
      if (n <= 0) return std::nullopt;
      in_.append(part, static_cast<std::size_t>(n));
    }
  }
  void shut() {
    if (fd_ >= 0) close(fd_);
    fd_ = -1;
  }

 private:
  int fd_ = -1;
  std::string in_;
};

// Accepts connections on a loopback port and serves each in a thread of its own until the object goes.
class Listener {
 public:
  using Serve = std::function<void(Line&)>;
  explicit Listener(Serve serve, std::uint16_t port = 0) : serve_(std::move(serve)) {
    fd_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    const int on = 1;
    setsockopt(fd_, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(fd_, reinterpret_cast<sockaddr*>(&address), size) != 0 || ::listen(fd_, 64) != 0 ||
        getsockname(fd_, reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error("cannot listen");
    }
    port_ = ntohs(address.sin_port);
    accepting_ = std::thread([this] { accept_all(); });
  }
  ~Listener() {
    stop_ = true;
    shutdown(fd_, SHUT_RDWR);
    accepting_.join();
    close(fd_);
    for (const int fd : connections_) shutdown(fd, SHUT_RDWR);
    for (auto& thread : serving_) thread.join();
  }
  std::uint16_t port() const { return port_; }

 private:
  void accept_all() {
    while (!stop_) {
      const int fd = accept4(fd_, nullptr, nullptr, SOCK_CLOEXEC);
      if (fd < 0) return;
      connections_.push_back(dup(fd));
      serving_.emplace_back([this, fd] {
        Line line(fd);
        serve_(line);
      });
    }
  }
  Serve serve_;
  int fd_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> stop_ = false;
  std::thread accepting_;
  std::vector<int> connections_;
  std::vector<std::thread> serving_;
};

// A child process; killed at the latest when the object goes. Its stdout and stderr go to files in `folder`.
class Process {
 public:
  Process(std::vector<std::string> words, const std::filesystem::path& folder, const std::string& name = "process") {
    out_ = folder / (name + ".out");
    err_ = folder / (name + ".err");
    posix_spawn_file_actions_t files;
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, 1, out_.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
    posix_spawn_file_actions_addopen(&files, 2, err_.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
    std::vector<char*> list;
    for (auto& word : words) list.push_back(word.data());
    list.push_back(nullptr);
    if (posix_spawn(&pid_, list[0], &files, nullptr, list.data(), environ) != 0) throw std::runtime_error("cannot start " + words[0]);
    posix_spawn_file_actions_destroy(&files);
  }
  ~Process() { kill_hard(); }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  pid_t pid() const { return pid_; }
  void signal(int number) {
    if (pid_ > 0) kill(pid_, number);
  }
  void kill_hard() {
    signal(SIGKILL);
    wait();
  }
  // The exit status (128 + signal if it was killed); -1 if it still runs after `limit`.
  int wait(std::chrono::milliseconds limit = std::chrono::seconds(30)) {
    const auto until = Clock::now() + limit;
    while (pid_ > 0) {
      int status = 0;
      if (waitpid(pid_, &status, WNOHANG) == pid_) {
        pid_ = -1;
        status_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        break;
      }
      if (Clock::now() > until) return -1;
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    return status_;
  }
  std::string out() const { return read_file(out_); }
  std::string err() const { return read_file(err_); }

 private:
  pid_t pid_ = -1;
  int status_ = -1;
  std::filesystem::path out_, err_;
};

inline const std::string binary = TOMBOLO_BINARY_DIR "/tombolo";

// Waits until the engine's port takes connections.
inline bool listening(std::uint16_t port, std::chrono::milliseconds limit = std::chrono::seconds(20)) {
  const auto until = Clock::now() + limit;
  while (Clock::now() < until) {
    Line probe;
    if (probe.connect(port)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(5));
  }
  return false;
}

template <class Claim>
bool eventually(Claim claim, std::chrono::milliseconds limit = std::chrono::seconds(30)) {
  const auto until = Clock::now() + limit;
  while (!claim()) {
    if (Clock::now() > until) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return true;
}

// One field of a segment ("MSA", 2) of a message with CR ends; empty if it is not there. Counts MSH as the standard does.
inline std::string field(std::string_view message, std::string_view segment, std::size_t number) {
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t end = std::min(message.find('\r', at), message.size());
    std::string_view line = message.substr(at, end - at);
    at = end + 1;
    if (!line.starts_with(segment)) continue;
    std::size_t n = segment == "MSH" ? 1 : 0;
    while (n < number) {
      const std::size_t bar = line.find('|');
      if (bar == std::string_view::npos) return {};
      line.remove_prefix(bar + 1);
      ++n;
    }
    return std::string(line.substr(0, line.find('|')));
  }
  return {};
}

// An admission of an invented person.
inline std::string admission(std::string_view control_id, std::string_view patient, std::string_view event = "A01") {
  return "MSH|^~\\&|TESTADT|EASTWING|TOMBOLO|HUB|20260102030405||ADT^" + std::string(event) + "^ADT_A01|" + std::string(control_id) +
         "|P|2.5.1\rEVN|" + std::string(event) + "|20260102030405\rPID|1||" + std::string(patient) +
         "^^^EASTWING^MR||Tester^Tilda||19700203|F\rPV1|1|I|WARD^1^A\r";
}

}  // namespace tombolo::test
