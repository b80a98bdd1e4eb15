// The settings of TLS, read and checked: the `tls:` block that every wire over TCP may have.
//
//   tls: { certificate: tls/engine.pem, key: tls/engine.key, ca: tls/clients.pem, clients: required, crl: tls/clients.crl,
//          senders: { lab.north.example: ["LAB|NORTH", "LAB2|*"] } }
//
// Files are PEM, paths count from the working folder. Which part of TLS a wire plays is by who dials: the one that
// listens is the server.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/parcel.h"
#include "engine/base/settings.h"
#include "engine/base/time.h"
#include "engine/connectors/connector.h"

namespace tombolo::tls {

enum class Part { server, client };
enum class Clients { none, optional, required };  // whether a server asks for a certificate, and needs one
enum class Version { v12, v13 };

struct Options {
  Part part = Part::server;
  std::string certificate;  // a chain, the own one first; empty: none (a client without one)
  std::string key;          // its private key, not encrypted; may be the same file
  std::string ca;           // who must have signed the peer's certificate; empty: the system's roots (clients only)
  std::string crl;          // what was revoked: a list of each authority of the chain; empty: nothing is
  Clients clients = Clients::none;
  std::string name;  // client: what the server's certificate must name; empty: the host dialled
  Version minimum = Version::v12;
  Duration handshake_timeout = std::chrono::seconds(10);
  // For whom the bearer of a certificate may send: its name (a SAN) and "APP|FACILITY" with * for anything. Empty:
  // everybody.
  std::vector<std::pair<std::string, std::shared_ptr<const Senders>>> senders;
};

// Reads the member `tls` of a wire's block. nullopt: there is none, or what it says is wrong and was reported. The files
// are opened and held against each other, so that `tombolo check` tells what a start would.
// sender: this wire takes messages in, so `senders` may be set.
std::optional<Options> read_tls(Reader& wire, Part part, bool sender);

// How a wire is protected: `tls`, or `insecure: true`, without which nothing plain leaves this machine.
struct Guard {
  std::optional<Options> tls;
  bool plain_beyond = false;  // plain, beyond this machine, and the file says that it may
};
// key: the member that names the address, whose host is `host`; "": not known.
Guard read_guard(Reader& wire, Part part, std::string_view key, std::string_view host, bool sender = false);

// For the settings of a wire.
SettingSpec tls_setting();

// One line for each member of the block: for a wire's README and `tombolo describe`.
std::vector<SettingSpec> tls_members();

}  // namespace tombolo::tls
