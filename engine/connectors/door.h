// Door: one listening port, for every wire that is called. Who may come in is looked at here: the address, how many are
// inside already, and the handshake of TLS. A caller that is slow to shake hands holds up nobody and takes no place inside.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/connectors/await.h"
#include "engine/connectors/connector.h"
#include "engine/connectors/peer_log.h"
#include "engine/connectors/tcp.h"
#include "engine/connectors/tls/keys.h"

namespace tombolo {

class Door {
 public:
  struct Options {
    HostPort listen = {};
    std::vector<Network> allow = {};                   // empty: everybody
    std::size_t connections = 256;                     // inside at once
    Duration keep_alive = std::chrono::seconds(60);    // silence after which TCP asks; 0: never
    std::optional<tls::Options> tls = {};              // nothing: plain
  };
  // One that came in, and for whom it may send (Parcel::senders).
  using Enter = std::function<void(tls::Stream, std::shared_ptr<const Senders>)>;
  using Inside = std::function<std::size_t()>;  // how many the owner serves

  Door(Options options, std::string channel, const Edges& edges);

  // Opens the port; throws boost::system::system_error, or std::runtime_error when the files of TLS cannot be used.
  void open();
  std::string address() const;  // "127.0.0.1:41234", after open()
  // Lets in until stop(). Once, after open().
  net::awaitable<void> run(Inside inside, Enter enter);
  void stop();
  std::vector<Count> counts() const;  // connections and refused, ever, and those of the keys

 private:
  net::awaitable<void> shake(net::ip::tcp::socket socket);
  bool welcome(const std::string& peer, const net::ip::address& from);
  void refuse(const Event& event, const std::string& peer, const std::string& why);

  const Options options_;
  const Edges edges_;
  const PeerLog say_;
  std::unique_ptr<tls::Keys> keys_;
  std::optional<net::ip::tcp::acceptor> acceptor_;
  Inside inside_;
  Enter enter_;
  Bell changed_;
  std::size_t shaking_ = 0;
  std::uint64_t connections_ = 0, refused_ = 0;
  std::chrono::steady_clock::time_point refusal_said_{};
  bool stopping_ = false;
};

}  // namespace tombolo
