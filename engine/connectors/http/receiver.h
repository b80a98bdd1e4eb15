// Receiver: a small HTTP server on this machine, for tests and demonstrations (`tombolo receive --http`). It takes any
// method and any path, hands over the request and sends back what it is told. It is no source: nothing is kept.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <string>

#include "engine/connectors/http/server.h"

namespace tombolo::http {

struct Received {
  std::string method, target, content_type;
  std::string key;  // Idempotency-Key, empty if there is none
  std::string body;
};

struct Answer {
  int status = 201;  // 0: the connection is closed without an answer
  std::string body;
};

class Receiver {
 public:
  // Called for each request that came whole, in order of arrival on its connection. If it throws, that connection ends.
  using Handle = std::function<net::awaitable<Answer>(Received)>;

  // port 0: a free one. A longer body than `max_body` bytes is answered 413 and not handed over.
  Receiver(const net::any_io_executor& executor, std::uint16_t port, std::size_t max_body);

  void open() { server_.open(); }  // listens on 127.0.0.1; throws boost::system::system_error
  std::string address() const { return server_.address(); }  // "127.0.0.1:41234", after open()
  // Serves until stop() and the end of what is in hand. Once, after open().
  net::awaitable<void> run(Handle handle);
  // No new connections and requests; answers under way are still sent, then run() ends.
  void stop() { server_.stop(); }

 private:
  net::awaitable<Response> answer(Request request);

  Handle handle_;
  Server server_;
};

}  // namespace tombolo::http
