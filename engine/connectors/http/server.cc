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
#include "engine/connectors/http/gzip.h"

namespace tombolo::http {

namespace beast = boost::beast;

namespace {

using Parser = beast::http::request_parser<beast::http::string_body>;
using Made = beast::http::response<beast::http::string_body>;

constexpr std::uint32_t max_head = 16u << 10;
constexpr auto farewell = std::chrono::milliseconds(500);
constexpr std::string_view go_on = "HTTP/1.1 100 Continue\r\n\r\n";

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
  Visit(tls::Stream stream, std::shared_ptr<const Senders> senders, Server& host)
      : stream_(std::move(stream)), senders_(std::move(senders)), host_(host), peer_(peer_of(stream_.socket())),
        deadline_(stream_.get_executor(), [this] {
          late_ = true;
          stream_.cancel();
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
    if (!answering_) stream_.cancel();
  }

 private:
  // The first byte of a request is there; false: silence, the end, or the engine stops.
  net::awaitable<bool> begun() {
    if (host_.stopping_) co_return false;
    if (buffer_.size() > 0 || stream_.pending()) co_return true;
    wait_at_most(host_.options_.idle_timeout);
    const auto [gone] = co_await stream_.socket().async_wait(tls::Stream::Socket::wait_read, as_result);
    deadline_.clear();
    co_return !gone && !late_ && !host_.stopping_;
  }

  // One request and its answer; false: the connection is done.
  net::awaitable<bool> exchange() {
    wait_at_most(host_.options_.request_timeout);
    Parser parser;
    parser.header_limit(max_head);
    parser.body_limit(boost::none);  // looked at below: then there is a head to answer
    const auto [error, n] = co_await beast::http::async_read_header(stream_, buffer_, parser, as_result);
    if (error) co_return co_await refuse(error);
    Request request = head_of(parser.get(), peer_);
    request.senders = senders_;
    const bool to_head = request.method == "HEAD";
    bool keep = parser.keep_alive();
    const auto length = parser.content_length();
    request.too_large = length && *length > host_.options_.max_body;
    const std::string coding(request.header("Content-Encoding"));
    const bool packed = equal_ignoring_case(coding, "gzip") || equal_ignoring_case(coding, "x-gzip");
    std::optional<Response> refusal = host_.admit_(request);
    if (!refusal && !packed && !coding.empty() && !equal_ignoring_case(coding, "identity"))
      refusal = plain(415, "a body may be compressed with gzip only");
    if (refusal) {
      if (refusal->status == 415) refusal->headers.emplace_back("Accept-Encoding", "gzip");
      keep = keep && parser.is_done();
      co_return co_await write(std::move(*refusal), to_head, keep);
    }
    if (!request.too_large) {
      if (const auto wrong = co_await read_body(parser, request)) co_return co_await refuse(wrong);
    }
    deadline_.clear();
    if (packed && !request.too_large) {
      auto unpacked = gunzip(request.body, host_.options_.max_body);
      if (!unpacked && unpacked.error().kind == Kind::malformed) {
        Response wrong = plain(400, unpacked.error().what);
        co_return co_await write(std::move(wrong), to_head, keep);
      }
      request.too_large = !unpacked;
      request.body = unpacked ? std::move(*unpacked) : std::string();
    }
    if (request.too_large) {
      ++host_.counts_.too_large;
      host_.say_(event::source_too_large, peer_, "limit " + std::to_string(host_.options_.max_body));
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
      co_await net::async_write(stream_, net::buffer(go_on), as_result);
    parser.body_limit(host_.options_.max_body);
    const auto [error, n] = co_await beast::http::async_read(stream_, buffer_, parser, as_result);
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
    const auto [error, n] = co_await beast::http::async_write(stream_, made, as_result);
    deadline_.clear();
    lost_ = lost_ || error;
    co_return keep && !error;
  }

  // Closing while the peer still sends would make the system reset the connection, and the last answer could be lost with it.
  net::awaitable<void> leave() {
    if (!lost_) {
      stream_.shut_send();
      Deadline end(stream_.get_executor(), [this] { stream_.close(); });
      end.in(farewell);
      std::array<char, 4096> dropped;
      const auto space = net::buffer(dropped);
      for (;;) {
        const auto [error, n] = co_await stream_.async_read_some(space, as_result);
        if (error) break;
      }
    }
    stream_.close();
  }

  void wait_at_most(Duration limit) {
    late_ = false;
    if (limit > Duration::zero()) deadline_.in(limit);
    else deadline_.clear();
  }

  void broken(const std::string& why) {
    ++host_.counts_.cut;
    host_.say_(event::source_broken, peer_, why);
  }

  tls::Stream stream_;
  const std::shared_ptr<const Senders> senders_;
  Server& host_;
  const std::string peer_;
  beast::flat_buffer buffer_;
  Deadline deadline_;
  bool answering_ = false;
  bool late_ = false;  // the deadline passed
  bool lost_ = false;  // nothing can be written any more
};

Server::Server(ServerOptions options, std::string channel, const Edges& edges)
    : executor_(edges.executor), options_(std::move(options)), say_{edges.log, channel}, door_(options_.door, channel, edges),
      changed_(executor_) {}

Server::~Server() = default;

net::awaitable<void> Server::run(Admit admit, Handle handle) {
  admit_ = std::move(admit);
  handle_ = std::move(handle);
  auto listening = door_.run([this] { return visits_.size(); },
                             [this](tls::Stream stream, std::shared_ptr<const Senders> senders) { serve(std::move(stream), std::move(senders)); });
  co_await std::move(listening);
  while (!visits_.empty()) co_await changed_.wait();
}

void Server::stop() {
  stopping_ = true;
  door_.stop();
  for (const auto& visit : visits_) visit->stop();
  changed_.ring();
}

std::vector<Count> Server::counts() const {
  std::vector<Count> all{{"open", visits_.size()},   {"requests", counts_.requests},   {"unreadable", counts_.unreadable},
                         {"cut", counts_.cut},       {"too_large", counts_.too_large}, {"too_slow", counts_.too_slow}};
  const auto of_door = door_.counts();
  all.insert(all.end(), of_door.begin(), of_door.end());
  return all;
}

void Server::serve(tls::Stream stream, std::shared_ptr<const Senders> senders) {
  const auto visit = std::make_shared<Visit>(std::move(stream), std::move(senders), *this);
  visits_.insert(visit);
  net::co_spawn(executor_, visit->serve(), [this, visit](std::exception_ptr failure) { gone(visit, failure); });
}

void Server::gone(const std::shared_ptr<Visit>& visit, std::exception_ptr failure) {
  visits_.erase(visit);
  changed_.ring();
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& e) {
    say_(event::source_failed, address(), e.what());
  }
}

}  // namespace tombolo::http
