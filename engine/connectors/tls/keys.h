// Keys: the certificate, key, authorities and revocations of one wire, shared by its connections and read again when
// their files change. Connections that stand keep what they began with; new ones get the new files. Files that cannot be
// used are refused and said in the log, and those before stay in force.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "engine/connectors/connector.h"
#include "engine/connectors/tls/options.h"
#include "engine/connectors/tls/stream.h"

namespace tombolo::tls {

class Keys {
 public:
  // Loads the files; throws std::runtime_error when they cannot be used (they could when the settings were read).
  Keys(Options options, std::string channel, const Edges& edges);
  ~Keys();
  Keys(const Keys&) = delete;
  Keys& operator=(const Keys&) = delete;

  // Makes a connection TLS within options().handshake_timeout, as server or client by options().part; throws
  // system_error, after the peer was told why. host: whom a client dialled.
  net::awaitable<Stream> shake(net::ip::tcp::socket socket, std::string host = {});

  // For whom this peer may send: nullptr: for everybody.
  std::shared_ptr<const Senders> senders_of(const Identity& identity) const;

  const Options& options() const;
  // "certificate_days", "crl_days" (until they expire, 0 when they have), "reloads", "handshakes", "handshakes_failed".
  std::vector<Count> counts() const;
  // Looks after the files no more, so that it keeps no io_context running. Connections may still be made.
  void close();

 private:
  struct State;
  std::shared_ptr<State> state_;  // shared with the timer's handler, which may outlive the owner by one round
};

}  // namespace tombolo::tls
