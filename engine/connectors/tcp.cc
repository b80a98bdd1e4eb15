#include "engine/connectors/tcp.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/connect.hpp>
#include <boost/asio/ip/network_v4.hpp>
#include <boost/asio/ip/network_v6.hpp>

#include <algorithm>

#include "engine/base/text.h"
#include "engine/connectors/await.h"

namespace tombolo {

using tcp = net::ip::tcp;
using net::ip::address;

std::optional<HostPort> to_host_port(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return std::nullopt;
  std::string_view host = text.substr(0, colon);
  const std::string_view port = text.substr(colon + 1);
  const auto number = to_integer(port);
  if (!number || *number < 0 || *number > 65535 || port.starts_with('+')) return std::nullopt;
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  else if (host.find(':') != std::string_view::npos) return std::nullopt;
  if (host.empty() || host.find_first_of(" /[]") != std::string_view::npos) return std::nullopt;
  return HostPort{std::string(host), std::string(port)};
}

std::string text(const HostPort& address) {
  const bool six = address.host.find(':') != std::string::npos;
  return (six ? "[" + address.host + "]" : address.host) + ":" + address.port;
}

std::string text(const tcp::endpoint& endpoint) {
  return text(HostPort{endpoint.address().to_string(), std::to_string(endpoint.port())});
}

std::string peer_of(const tcp::socket& socket) {
  boost::system::error_code gone;
  const auto endpoint = socket.remote_endpoint(gone);
  return gone ? "unknown" : text(endpoint);
}

bool loopback(std::string_view host) {
  if (equal_ignoring_case(host, "localhost")) return true;
  boost::system::error_code no;
  const auto found = net::ip::make_address(std::string(host), no);
  return !no && found.is_loopback();
}

std::optional<Network> Network::parse(std::string_view text) {
  const std::size_t slash = text.find('/');
  boost::system::error_code no;
  Network network;
  network.base_ = net::ip::make_address(std::string(text.substr(0, slash)), no);
  if (no) return std::nullopt;
  const unsigned whole = network.base_.is_v4() ? 32 : 128;
  network.length_ = whole;
  if (slash == std::string_view::npos) return network;
  const auto length = to_integer(text.substr(slash + 1));
  if (!length || *length < 0 || *length > whole) return std::nullopt;
  network.length_ = static_cast<unsigned>(*length);
  return network;
}

bool Network::contains(address found) const {
  if (found.is_v6() && found.to_v6().is_v4_mapped())
    found = net::ip::make_address_v4(net::ip::v4_mapped, found.to_v6());
  if (found.is_v4() != base_.is_v4()) return false;
  if (found.is_v4()) {
    const auto length = static_cast<unsigned short>(length_);
    return net::ip::network_v4(found.to_v4(), length).network() == net::ip::network_v4(base_.to_v4(), length).network();
  }
  const auto length = static_cast<unsigned short>(length_);
  return net::ip::network_v6(found.to_v6(), length).network() == net::ip::network_v6(base_.to_v6(), length).network();
}

std::optional<HostPort> read_address(Reader& reader, std::string_view key) {
  const std::string written = reader.text(key);
  if (!reader.has(key)) return std::nullopt;
  auto address = to_host_port(written);
  if (!address)
    reader.error(key, "'" + std::string(key) +
                          "' is an address and a port such as 127.0.0.1:2575 or [::1]:2575; found '" + written + "'");
  return address;
}

std::optional<HostPort> read_listen(Reader& reader, std::string_view key) {
  auto address = read_address(reader, key);
  if (!address || address->host == "localhost") return address;
  boost::system::error_code no;
  net::ip::make_address(address->host, no);
  if (no)
    reader.error(key, "'" + std::string(key) + "' is the IP address of an interface of this machine; found '" + address->host + "'");
  return address;
}

std::vector<Network> read_networks(Reader& reader, std::string_view key) {
  std::vector<Network> networks;
  for (const auto& written : reader.texts(key)) {
    if (const auto network = Network::parse(written)) networks.push_back(*network);
    else
      reader.error(key, "'" + std::string(key) +
                            "' lists addresses or ranges such as 10.1.0.0/16 or fd00::/8; found '" + written + "'");
  }
  return networks;
}

bool read_insecure(Reader& reader, std::string_view key, std::string_view host) {
  const bool allowed = reader.flag("insecure", false);
  if (host.empty() || loopback(host)) return false;
  if (!allowed)
    reader.error(key,
                 "'" + std::string(key) +
                     "' is beyond this machine and the traffic is not encrypted; give it 'tls', or write insecure: true to allow that");
  return true;
}

void tune(tcp::socket& socket, Duration keep_alive) {
  boost::system::error_code ignored;  // a connection that is gone already says so at its first read
  socket.set_option(tcp::no_delay(true), ignored);
  if (keep_alive <= Duration::zero()) return;
  socket.set_option(net::socket_base::keep_alive(true), ignored);
  const int handle = socket.native_handle();
  const int idle =
      static_cast<int>(std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::seconds>(keep_alive).count()));
  const int between = std::clamp(idle / 4, 1, 15);
  const int probes = 4;
  ::setsockopt(handle, IPPROTO_TCP, TCP_KEEPIDLE, &idle, sizeof idle);
  ::setsockopt(handle, IPPROTO_TCP, TCP_KEEPINTVL, &between, sizeof between);
  ::setsockopt(handle, IPPROTO_TCP, TCP_KEEPCNT, &probes, sizeof probes);
}

net::awaitable<tcp::socket> connect(HostPort address, Duration keep_alive) {
  const auto executor = co_await net::this_coro::executor;
  tcp::socket socket(executor);
  boost::system::error_code name;
  const auto numeric = net::ip::make_address(address.host, name);
  if (!name) {
    const auto port = static_cast<unsigned short>(to_integer(address.port).value_or(0));
    const tcp::endpoint endpoint(numeric, port);
    co_await socket.async_connect(endpoint, net::use_awaitable);
  } else {
    tcp::resolver resolver(executor);
    const auto found = co_await resolver.async_resolve(address.host, address.port, net::use_awaitable);
    co_await net::async_connect(socket, found, net::use_awaitable);
  }
  tune(socket, keep_alive);
  co_return socket;
}

tcp::acceptor listen(const net::any_io_executor& executor, const HostPort& address) {
  const std::string host = equal_ignoring_case(address.host, "localhost") ? "127.0.0.1" : address.host;
  const tcp::endpoint endpoint(net::ip::make_address(host),
                               static_cast<unsigned short>(to_integer(address.port).value_or(0)));
  tcp::acceptor acceptor(executor);
  acceptor.open(endpoint.protocol());
  acceptor.set_option(net::socket_base::reuse_address(true));
  boost::system::error_code failure;
  acceptor.bind(endpoint, failure);
  if (!failure) acceptor.listen(net::socket_base::max_listen_connections, failure);
  if (failure) {  // without Asio's source places, with the address: people read it
    throw boost::system::system_error({failure.value(), failure.category()}, "cannot listen on " + text(address));
  }
  return acceptor;
}

}  // namespace tombolo
