#include "engine/service/control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <cstring>

#include "engine/base/text.h"
#include "engine/connectors/await.h"
#include "engine/flow/house.h"

namespace tombolo {
namespace {

using Local = net::local::stream_protocol;
constexpr std::size_t longest_request = 4096;

std::filesystem::path socket_path(const std::filesystem::path& folder) { return folder / "tombolo.sock"; }

}  // namespace

struct Control::State {
  State(net::any_io_executor executor, std::filesystem::path at, Serve served)
      : acceptor(executor), path(std::move(at)), serve(std::move(served)) {}
  Local::acceptor acceptor;
  std::filesystem::path path;
  Serve serve;
};

namespace {

net::awaitable<void> converse(Local::socket socket, Serve serve) {
  std::string request;
  auto buffer = net::dynamic_buffer(request, longest_request);
  auto [failure, size] = co_await net::async_read_until(socket, buffer, '\n', as_result);
  if (failure) co_return;
  std::vector<std::string> words;
  for (const auto word : split(trim(std::string_view(request).substr(0, size)), ' ')) {
    if (!word.empty()) words.emplace_back(word);
  }
  std::string answer = "error: nothing asked\n";
  try {
    auto serving = serve(std::move(words));
    answer = co_await std::move(serving);
  } catch (const std::exception& wrong) {
    answer = std::string("error: ") + wrong.what() + "\n";
  }
  co_await net::async_write(socket, net::buffer(answer), as_result);
}

template <class State>
net::awaitable<void> listen(std::shared_ptr<State> state) {
  for (;;) {
    auto [failure, socket] = co_await state->acceptor.async_accept(as_result);
    if (failure) co_return;
    net::co_spawn(state->acceptor.get_executor(), converse(std::move(socket), state->serve), must_not_fail);
  }
}

}  // namespace

Control::Control(net::any_io_executor executor, const std::filesystem::path& folder, Serve serve)
    : state_(std::make_shared<State>(executor, socket_path(folder), std::move(serve))) {
  std::error_code ignored;
  std::filesystem::remove(state_->path, ignored);
  const Local::endpoint here(state_->path.string());
  state_->acceptor.open(here.protocol());
  state_->acceptor.bind(here);
  chmod(state_->path.c_str(), S_IRUSR | S_IWUSR);
  state_->acceptor.listen();
  net::co_spawn(executor, listen(state_), must_not_fail);
}

Control::~Control() { close(); }

void Control::close() {
  if (!state_->acceptor.is_open()) return;
  state_->acceptor.close();
  std::error_code ignored;
  std::filesystem::remove(state_->path, ignored);
}

std::optional<std::string> ask_engine(const std::filesystem::path& folder, const std::string& request) {
  sockaddr_un address{};
  const std::string path = socket_path(folder).string();
  if (path.size() >= sizeof address.sun_path) return std::nullopt;
  address.sun_family = AF_UNIX;
  std::memcpy(address.sun_path, path.c_str(), path.size());
  const int fd = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return std::nullopt;
  const timeval limit{30, 0};
  setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  std::optional<std::string> answer;
  const std::string line = request + "\n";
  if (connect(fd, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 &&
      send(fd, line.data(), line.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(line.size())) {
    answer.emplace();
    char part[4096];
    for (ssize_t n; (n = read(fd, part, sizeof part)) > 0;) answer->append(part, static_cast<std::size_t>(n));
  }
  ::close(fd);
  return answer;
}

}  // namespace tombolo
