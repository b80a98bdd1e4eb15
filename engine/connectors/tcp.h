// What all wires over TCP share: addresses as people write them, who may connect, connecting, and the checks of their
// settings.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/settings.h"

namespace tombolo {

// "127.0.0.1:2575", "[::1]:2575", "lab.hospital:2575".
struct HostPort {
  std::string host;
  std::string port;
};
std::optional<HostPort> to_host_port(std::string_view text);
std::string text(const HostPort& address);
std::string text(const boost::asio::ip::tcp::endpoint& endpoint);
std::string peer_of(const boost::asio::ip::tcp::socket& socket);  // "unknown": the connection is gone

// Names this machine only: localhost, 127.0.0.0/8, ::1.
bool loopback(std::string_view host);

// A range of addresses, "10.1.0.0/16" or "fd00::/8"; a single address is a range of one.
class Network {
 public:
  static std::optional<Network> parse(std::string_view text);
  bool contains(boost::asio::ip::address address) const;  // an IPv4 address mapped into IPv6 counts as IPv4

 private:
  boost::asio::ip::address base_;
  unsigned length_ = 0;
};

// Reads the members that every TCP wire has. Faults go to the reader's diagnostics.
std::optional<HostPort> read_address(Reader& reader, std::string_view key);  // nothing: not there, or reported
std::optional<HostPort> read_listen(Reader& reader, std::string_view key);   // an IP address or localhost, so that nobody wonders where it listens
std::vector<Network> read_networks(Reader& reader, std::string_view key);
// Plain traffic beyond this machine needs `insecure: true`. True: it leaves this machine, and the file says it may.
bool read_insecure(Reader& reader, std::string_view key, std::string_view host);

// No delay for small writes; after `keep_alive` of silence (0: never) the system asks whether the peer is still there.
void tune(boost::asio::ip::tcp::socket& socket, Duration keep_alive);

// Resolves the name and connects to the first of its addresses that answers; throws system_error. Limit it with
// within().
boost::asio::awaitable<boost::asio::ip::tcp::socket> connect(HostPort address, Duration keep_alive);

// An acceptor that listens; throws system_error. `host` is an IP address or localhost.
boost::asio::ip::tcp::acceptor listen(const boost::asio::any_io_executor& executor, const HostPort& address);

}  // namespace tombolo
