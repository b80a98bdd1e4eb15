#include "engine/connectors/http/server.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>
#include <boost/none.hpp>

#include <algorithm>
#include <array>
#include <exception>

#include "engine/base/events.h"
#include "engine/base/text.h"

namespace tombolo::http {

namespace beast = boost::beast;

namespace {

using Socket = net::ip::tcp::socket;
using Parser = beast::http::request_parser<beast::http::string_body>;
using Made = beast::http::response<beast::http::string_body>;

constexpr std::uint32_t max_head = 16u << 10;
constexpr auto farewell = std::chrono::milliseconds(500);
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

std::string peer_of(const Socket& socket) {
  boost::system::error_code none;
  const auto endpoint = socket.remote_endpoint(none);
  return none ? "unknown" : text(endpoint);
}

Request head_of(const Parser::value_type& message, const std::string& peer) {
  Request request;
  request.peer = peer;
  request.method = std::string(message.method_string());
  request.target = std::string(message.target());
  for (const auto& field : message) request.headers.emplace_back(std::string(field.name_string()), std::string(field.value()));
  return request;
}

Made made_of(Response response, bool to_head, bool keep) {
  Made made(static_cast<beast::http::status>(response.status), 11);
  for (const auto& [name, value] : response.headers) made.insert(name, value);
  if (!response.content_type.empty()) made.set(beast::http::field::content_type, response.content_type);
  made.body() = std::move(response.body);
  made.keep_alive(keep);
  made.prepare_payload();
  if (to_head) made.body().clear();
  return made;
}

Response plain(unsigned status, std::string what) { return {status, "text/plain; charset=utf-8", std::move(what) + "\n", {}}; }

}  // namespace

std::string_view Request::header(std::string_view name) const {
  const auto found = std::find_if(headers.begin(), headers.end(), [&](const auto& h) { return equal_ignoring_case(h.first, name); });
  return found == headers.end() ? std::string_view() : std::string_view(found->second);
}

std::string_view Request::path() const { return std::string_view(target).substr(0, target.find('?')); }

class Server::Visit {
 public:
  Visit(Socket socket, Server& host)
      : socket_(std::move(socket)), host_(host), peer_(peer_of(socket_)), deadline_(socket_.get_executor(), [this] {
          late_ = true;
          boost::system::error_code ignored;
          socket_.cancel(ignored);
        }) {}

  net::awaitable<void> serve() {
    bool keep = true;
    while (keep) {
      keep = co_await begun();
      if (keep) keep = co_await exchange();
    }
    deadline_.close();
    co_await leave();
  }

  // An answer under way is still sent.
  void stop() {
    boost::system::error_code ignored;
    if (!answering_) socket_.cancel(ignored);
  }

 private:
  // The first byte of a request is there; false: silence, the end, or the engine stops.
  net::awaitable<bool> begun() {
    if (host_.stopping_) co_return false;
    if (buffer_.size() > 0) co_return true;
    wait_at_most(host_.options_.idle_timeout);
    const auto [gone] = co_await socket_.async_wait(Socket::wait_read, as_result);
    deadline_.clear();
    co_return !gone && !late_ && !host_.stopping_;
  }

  // One request and its answer; false: the connection is done.
  net::awaitable<bool> exchange() {
    wait_at_most(host_.options_.request_timeout);
    Parser parser;
    parser.header_limit(max_head);
    parser.body_limit(boost::none);  // looked at below: then there is a head to answer
    const auto [error, n] = co_await beast::http::async_read_header(socket_, buffer_, parser, as_result);
    if (error) co_return co_await refuse(error);
    Request request = head_of(parser.get(), peer_);
    const bool to_head = request.method == "HEAD";
    bool keep = parser.keep_alive();
    const auto length = parser.content_length();
    request.too_large = length && *length > host_.options_.max_body;
    if (auto refusal = host_.admit_(request)) {
      keep = keep && parser.is_done();
      co_return co_await write(std::move(*refusal), to_head, keep);
    }
    if (!request.too_large) {
      if (const auto wrong = co_await read_body(parser, request)) co_return co_await refuse(wrong);
    }
    deadline_.clear();
    if (request.too_large) {
      ++host_.counts_.too_large;
      if (host_.say_) host_.say_(event::source_too_large, peer_, "limit " + std::to_string(host_.options_.max_body));
      keep = false;
    }
    ++host_.counts_.requests;
    answering_ = true;
    auto work = host_.handle_(std::move(request));
    Response response = co_await std::move(work);
    keep = co_await write(std::move(response), to_head, keep && !host_.stopping_);
    answering_ = false;
    co_return keep;
  }

  net::awaitable<boost::system::error_code> read_body(Parser& parser, Request& request) {
    if (equal_ignoring_case(request.header("Expect"), "100-continue"))
      co_await net::async_write(socket_, net::buffer(go_on), as_result);
    parser.body_limit(host_.options_.max_body);
    const auto [error, n] = co_await beast::http::async_read(socket_, buffer_, parser, as_result);
    request.too_large = error == beast::http::error::body_limit;
    if (request.too_large) co_return boost::system::error_code();
    if (!error) request.body = std::move(parser.get().body());
    co_return error;
  }

  // What could not be read to its end. False: nothing more is read from this connection.
  net::awaitable<bool> refuse(boost::system::error_code error) {
    namespace http = beast::http;
    if (late_) {
      late_ = false;
      ++host_.counts_.too_slow;
      broken("no end of the request in time");
      Response late = plain(408, "the request did not end in time");
      co_return co_await write(std::move(late), false, false);
    }
    if (error == http::error::end_of_stream || error == net::error::operation_aborted) co_return false;
    if (error == http::error::partial_message) {
      broken("the peer closed it");
    } else if (error.category() == http::make_error_code(http::error::bad_method).category()) {
      ++host_.counts_.unreadable;
      Response wrong = error == http::error::header_limit ? plain(431, "the head of a request may have 16 KiB")
                                                          : plain(400, "this is no HTTP request: " + error.message());
      co_return co_await write(std::move(wrong), false, false);
    } else {
      lost_ = true;
      broken(error.message());
    }
    co_return false;
  }

  net::awaitable<bool> write(Response response, bool to_head, bool keep) {
    if (response.status == 0) {
      lost_ = true;
      co_return false;
    }
    const Made made = made_of(std::move(response), to_head, keep);
    wait_at_most(host_.options_.request_timeout);
    const auto [error, n] = co_await beast::http::async_write(socket_, made, as_result);
    deadline_.clear();
    lost_ = lost_ || error;
    co_return keep && !error;
  }

  // Closing while the peer still sends would make the system reset the connection, and the last answer could be lost with it.
  net::awaitable<void> leave() {
    boost::system::error_code ignored;
    if (!lost_) {
      socket_.shutdown(Socket::shutdown_send, ignored);
      Deadline end(socket_.get_executor(), [this] {
        boost::system::error_code closed;
        socket_.close(closed);
      });
      end.in(farewell);
      std::array<char, 4096> dropped;
      const auto space = net::buffer(dropped);
      for (;;) {
        const auto [error, n] = co_await socket_.async_read_some(space, as_result);
        if (error) break;
      }
    }
    socket_.close(ignored);
  }

  void wait_at_most(Duration limit) {
    late_ = false;
    if (limit > Duration::zero()) deadline_.in(limit);
    else deadline_.clear();
  }

  void broken(const std::string& why) {
    ++host_.counts_.cut;
    if (host_.say_) host_.say_(event::source_broken, peer_, why);
  }

  Socket socket_;
  Server& host_;
  std::string peer_;
  beast::flat_buffer buffer_;
  Deadline deadline_;
  bool answering_ = false;
  bool late_ = false;  // the deadline passed
  bool lost_ = false;  // nothing can be written any more
};

Server::Server(const net::any_io_executor& executor, ServerOptions options, Say say)
    : executor_(executor), options_(std::move(options)), say_(std::move(say)), changed_(executor) {}

Server::~Server() = default;

void Server::open() { acceptor_.emplace(listen(executor_, options_.listen)); }

std::string Server::address() const { return acceptor_ ? text(acceptor_->local_endpoint()) : text(options_.listen); }

net::awaitable<void> Server::run(Admit admit, Handle handle) {
  admit_ = std::move(admit);
  handle_ = std::move(handle);
  while (!stopping_) {
    auto [error, socket] = co_await acceptor_->async_accept(as_result);
    if (stopping_) break;
    if (error == net::error::connection_aborted) continue;
    if (error) {
      if (say_) say_(event::source_full, address(), error.message());
      co_await changed_.wait_for(std::chrono::milliseconds(100));
    } else if (welcome(socket)) {
      serve(std::move(socket));
    }
  }
  acceptor_->close();
  while (!visits_.empty()) co_await changed_.wait();
}

void Server::stop() {
  stopping_ = true;
  boost::system::error_code ignored;
  if (acceptor_) acceptor_->cancel(ignored);
  for (const auto& visit : visits_) visit->stop();
  changed_.ring();
}

bool Server::welcome(const net::ip::tcp::socket& socket) {
  boost::system::error_code none;
  const auto peer = socket.remote_endpoint(none);
  const auto& allow = options_.allow;
  const bool allowed = allow.empty() || std::any_of(allow.begin(), allow.end(), [&](const Network& n) { return n.contains(peer.address()); });
  if (allowed && visits_.size() < options_.connections) return true;
  ++counts_.refused;
  if (const auto now = std::chrono::steady_clock::now(); say_ && now - refusal_said_ > std::chrono::seconds(1)) {
    refusal_said_ = now;
    say_(event::source_refused, text(peer), allowed ? "too many connections" : "not in 'allow'");
  }
  return false;
}

void Server::serve(net::ip::tcp::socket socket) {
  ++counts_.connections;
  tune(socket, options_.keep_alive);
  const auto visit = std::make_shared<Visit>(std::move(socket), *this);
  visits_.insert(visit);
  net::co_spawn(executor_, visit->serve(), [this, visit](std::exception_ptr failure) { gone(visit, failure); });
}

void Server::gone(const std::shared_ptr<Visit>& visit, std::exception_ptr failure) {
  visits_.erase(visit);
  changed_.ring();
  if (!failure || !say_) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    say_(event::source_failed, address(), e.what());
  }
}

}  // namespace tombolo::http
