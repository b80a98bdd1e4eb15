#include "engine/connectors/http/receiver.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <chrono>
#include <exception>
#include <string_view>

#include "engine/connectors/tcp.h"

namespace tombolo::http {

namespace beast = boost::beast;

namespace {

using Parser = beast::http::request_parser<beast::http::string_body>;
using Request = Parser::value_type;
using Response = beast::http::response<beast::http::string_body>;

constexpr auto patience = std::chrono::seconds(30);  // for the rest of a request that began, and for sending an answer
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

Received received(Request&& request) {
  const auto header = [&](auto name) { return std::string(request[name]); };
  Received r;
  r.method = std::string(request.method_string());
  r.target = std::string(request.target());
  r.content_type = header(beast::http::field::content_type);
  r.key = header("Idempotency-Key");
  r.body = std::move(request.body());
  return r;
}

Response response(Answer answer, bool keep_alive) {
  Response made(static_cast<beast::http::status>(answer.status), 11);
  if (!answer.body.empty()) made.set(beast::http::field::content_type, "text/plain; charset=utf-8");
  made.body() = std::move(answer.body);
  made.keep_alive(keep_alive);
  made.prepare_payload();
  return made;
}

}  // namespace

class Receiver::Visit {
 public:
  Visit(net::ip::tcp::socket socket, Receiver& host)
      : socket_(std::move(socket)), host_(host), deadline_(socket_.get_executor(), [this] { socket_.cancel(); }) {}

  net::awaitable<void> serve() {
    beast::flat_buffer buffer;
    bool keep = true;
    while (keep && !host_.stopping_) {
      Parser parser;
      parser.body_limit(host_.max_body_);
      if (const auto error = co_await read(buffer, parser)) {
        if (error != beast::http::error::body_limit) co_return;
        Answer too_long;
        too_long.status = 413;
        co_await write(std::move(too_long), false);
        co_return;
      }
      answering_ = true;
      keep = parser.get().keep_alive();
      auto work = host_.handle_(received(parser.release()));
      Answer answer = co_await std::move(work);
      if (answer.status == 0) co_return;
      keep = keep && !host_.stopping_;
      keep = co_await write(std::move(answer), keep) && keep;
      answering_ = false;
    }
  }

  // An answer under way is still sent.
  void stop() {
    boost::system::error_code ignored;
    if (!answering_) socket_.cancel(ignored);
  }

 private:
  net::awaitable<boost::system::error_code> read(beast::flat_buffer& buffer, Parser& parser) {
    const auto [error, n] = co_await beast::http::async_read_header(socket_, buffer, parser, as_result);
    if (error) co_return error;
    deadline_.in(patience);
    if (beast::iequals(parser.get()[beast::http::field::expect], "100-continue"))
      co_await net::async_write(socket_, net::buffer(go_on), as_result);
    const auto [wrong, m] = co_await beast::http::async_read(socket_, buffer, parser, as_result);
    deadline_.clear();
    co_return wrong;
  }

  net::awaitable<bool> write(Answer answer, bool keep_alive) {
    const Response made = response(std::move(answer), keep_alive);
    deadline_.in(patience);
    const auto [error, n] = co_await beast::http::async_write(socket_, made, as_result);
    deadline_.clear();
    co_return !error;
  }

  net::ip::tcp::socket socket_;
  Receiver& host_;
  Deadline deadline_;
  bool answering_ = false;
};

Receiver::Receiver(const net::any_io_executor& executor, std::uint16_t port, std::size_t max_body)
    : executor_(executor), port_(port), max_body_(max_body), changed_(executor) {}

void Receiver::open() { acceptor_.emplace(listen(executor_, HostPort{"127.0.0.1", std::to_string(port_)})); }

std::string Receiver::address() const { return text(acceptor_->local_endpoint()); }

net::awaitable<void> Receiver::run(Handle handle) {
  handle_ = std::move(handle);
  while (!stopping_) {
    auto [error, socket] = co_await acceptor_->async_accept(as_result);
    if (stopping_) break;
    if (error) co_await changed_.wait_for(std::chrono::milliseconds(100));
    else serve(std::move(socket));
  }
  acceptor_->close();
  while (!visits_.empty()) co_await changed_.wait();
}

void Receiver::stop() {
  stopping_ = true;
  boost::system::error_code ignored;
  if (acceptor_) acceptor_->cancel(ignored);
  for (const auto& visit : visits_) visit->stop();
  changed_.ring();
}

void Receiver::serve(net::ip::tcp::socket socket) {
  tune(socket, Duration::zero());
  const auto visit = std::make_shared<Visit>(std::move(socket), *this);
  visits_.insert(visit);
  net::co_spawn(executor_, visit->serve(), [this, visit](std::exception_ptr) {
    visits_.erase(visit);
    changed_.ring();
  });
}

}  // namespace tombolo::http
