// Server: HTTP/1.1 on one port (RFC 9112). The requests of a connection one after the other, each looked at before its body is
// read. Limits come first: who may connect, how many at once, how long a head, a body and a silence may be. Beast stays in server.cc.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/connectors/await.h"
#include "engine/connectors/door.h"
#include "engine/connectors/peer_log.h"

namespace tombolo::http {

using Headers = std::vector<std::pair<std::string, std::string>>;

struct ServerOptions {
  Door::Options door;                // where it listens and who may come
  std::size_t max_body = 16u << 20;  // bytes
  Duration request_timeout = std::chrono::seconds(30);  // from a request's first byte to its last, and for sending an answer
  Duration idle_timeout = std::chrono::seconds(60);     // silence between requests; 0: never
};

struct Request {
  std::string peer = {};
  std::shared_ptr<const Senders> senders = {};  // as Parcel's
  std::string method = {};
  std::string target = {};  // path and query, as sent
  Headers headers = {};
  std::string body = {};    // unpacked, if it came as gzip
  bool too_large = false;   // over max_body, as sent or unpacked: the body is not there

  std::string_view header(std::string_view name) const;  // the first of this name, in any case; empty: there is none
  std::string_view path() const;                          // the target without its query
};

struct Response {
  unsigned status = 200;  // 0: the connection is closed without an answer
  std::string content_type = {};
  std::string body = {};
  Headers headers = {};
};

class Server {
 public:
  // Looks at a request's head before its body is read; an answer refuses it.
  using Admit = std::function<std::optional<Response>(const Request&)>;
  // Called for each request that was admitted and came whole, in order of arrival on its connection; also for one that is too
  // large, without its body. If it throws, that connection ends without an answer.
  using Handle = std::function<net::awaitable<Response>(Request)>;

  struct Counts {
    std::uint64_t requests = 0;     // handled
    std::uint64_t unreadable = 0;   // no HTTP, or a head over 16 KiB
    std::uint64_t cut = 0;          // begun and never ended
    std::uint64_t too_large = 0;
    std::uint64_t too_slow = 0;
  };

  Server(ServerOptions options, std::string channel, const Edges& edges);
  ~Server();

  void open() { door_.open(); }  // throws, as Door's
  std::string address() const { return door_.address(); }  // "127.0.0.1:41234", after open()
  // Serves until stop() and the end of what is in hand. Once, after open().
  net::awaitable<void> run(Admit admit, Handle handle);
  // No new connections and requests; answers under way are still sent, then run() ends.
  void stop();
  std::vector<Count> counts() const;

 private:
  class Visit;  // one connection
  void serve(tls::Stream stream, std::shared_ptr<const Senders> senders);
  void gone(const std::shared_ptr<Visit>& visit, std::exception_ptr failure);

  const net::any_io_executor executor_;
  const ServerOptions options_;
  const PeerLog say_;
  Door door_;
  Admit admit_;
  Handle handle_;
  std::set<std::shared_ptr<Visit>> visits_;  // shared with the coroutine that serves it
  Bell changed_;
  Counts counts_;
  bool stopping_ = false;
};

}  // namespace tombolo::http
