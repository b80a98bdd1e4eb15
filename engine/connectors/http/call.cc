#include "engine/connectors/http/call.h"

#include <boost/beast/core/flat_static_buffer.hpp>
#include <boost/beast/core/span.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/span_body.hpp>
#include <boost/beast/http/string_body.hpp>
#include <boost/beast/http/write.hpp>

#include <boost/system/system_error.hpp>

#include <array>
#include <optional>

namespace tombolo::http {

namespace beast = boost::beast;

namespace {

using Request = beast::http::request<beast::http::span_body<const char>>;
using Parser = beast::http::response_parser<beast::http::string_body>;

Request request_of(const Envelope& envelope, const Options& options) {
  Request request(beast::http::string_to_verb(options.method), options.url.target, 11);
  for (const auto& [name, value] : options.headers) request.insert(name, value);
  request.set(beast::http::field::host, options.url.host);
  if (!request.count(beast::http::field::user_agent))
    request.set(beast::http::field::user_agent, "tombolo/" TOMBOLO_VERSION);
  request.set(beast::http::field::content_type,
              boost::core::string_view(envelope.content_type.data(), envelope.content_type.size()));
  request.set("Idempotency-Key", boost::core::string_view(envelope.id.data(), envelope.id.size()));
  request.body() = beast::span<const char>(envelope.bytes.data(), envelope.bytes.size());
  request.prepare_payload();
  return request;
}

Sent outcome(const Parser::value_type& response, const std::string& host) {
  Sent sent;
  const unsigned status = response.result_int();
  sent.code = std::to_string(status);
  sent.accepted = status >= 200 && status < 300;
  sent.reply = response.body();
  if (!sent.accepted)
    sent.detail =
        host + " answered " + sent.code + (status >= 300 && status < 400 ? "; redirects are not followed" : "");
  return sent;
}

Sent nothing(const char* code, std::string detail) {
  Sent sent;
  sent.code = code;
  sent.detail = std::move(detail);
  return sent;
}

}  // namespace

Call::Call(tls::Stream stream, const Options& options)
    : stream_(std::move(stream)), options_(options), deadline_(stream_.get_executor(), [this] {
        timed_out_ = true;
        stream_.cancel();
      }) {}

bool Call::alive() {
  char unasked = 0;
  boost::system::error_code error;
  stream_.read_some(net::buffer(&unasked, 1), error);
  return error == net::error::would_block || error == net::error::try_again;
}

net::awaitable<bool> Call::request(const Envelope& envelope) {
  timed_out_ = usable_ = false;
  if (options_.reply_timeout > Duration::zero()) deadline_.in(options_.reply_timeout);
  const Request made = request_of(envelope, options_);
  const auto [error, n] = co_await beast::http::async_write(stream_, made, as_result);
  if (error.category() == tls::category()) throw boost::system::system_error(error);
  co_return !error || timed_out_;  // what is too slow is settled by reply()
}

net::awaitable<Sent> Call::reply() {
  beast::flat_static_buffer<16384> buffer;
  for (;;) {
    Parser parser;
    parser.body_limit(options_.max_reply);
    boost::system::error_code error = net::error::timed_out;
    if (!timed_out_) {
      const auto [found, n] = co_await beast::http::async_read(stream_, buffer, parser, as_result);
      error = found;
    }
    if (timed_out_)
      co_return nothing("timeout",
                        "no reply from " + options_.url.host + " in " + tombolo::text(options_.reply_timeout));
    const bool cut = error == beast::http::error::body_limit;
    if (error && !cut) {
      deadline_.clear();
      if (error.category() == tls::category()) throw boost::system::system_error(error);
      const bool gone =
          error == beast::http::error::end_of_stream || error.category() == net::error::get_system_category();
      co_return gone ? nothing("closed", options_.url.host + " closed the connection before it replied")
                     : nothing("unreadable", options_.url.host + " answered something that is no HTTP");
    }
    if (parser.get().result_int() < 200) continue;  // 100 Continue and the like: the answer is still to come
    deadline_.clear();
    usable_ = !cut && parser.keep_alive();
    co_return outcome(parser.get(), options_.url.host);
  }
}

}  // namespace tombolo::http
