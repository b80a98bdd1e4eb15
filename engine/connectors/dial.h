// Dial: calls one address, for every wire that connects: resolves the name, connects, and shakes hands where TLS is set.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/connectors/await.h"
#include "engine/connectors/connector.h"
#include "engine/connectors/tcp.h"
#include "engine/connectors/tls/keys.h"

namespace tombolo {

class Dial {
 public:
  struct Options {
    HostPort to = {};
    Duration timeout = std::chrono::seconds(10);     // for all of it
    Duration keep_alive = std::chrono::seconds(60);  // silence after which TCP asks; 0: never
    std::optional<tls::Options> tls = {};            // nothing: plain
  };
  Dial(Options options, std::string channel, const Edges& edges);

  // A connection that may be written to. Throws boost::system::system_error (timed_out, tls::category(), the system's), or
  // std::runtime_error when the files of TLS cannot be used.
  net::awaitable<tls::Stream> connect();
  // For whom the one called may send (Parcel::senders); nullptr: for everybody.
  std::shared_ptr<const Senders> senders_of(const tls::Identity& identity) const;
  const HostPort& to() const { return options_.to; }
  std::string address() const { return text(options_.to); }
  void close();                       // keeps no io_context running any more
  std::vector<Count> counts() const;  // of the keys

 private:
  net::awaitable<tls::Stream> reach();

  const Options options_;
  const std::string channel_;
  const Edges edges_;
  std::unique_ptr<tls::Keys> keys_;  // from the first call on
};

}  // namespace tombolo
