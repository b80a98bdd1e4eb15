// tombolo send: messages from files over MLLP, each reply held against its message. Exit: 0 all answered AA or CA, 1
// one was refused, lost or answered wrongly, 2 wrong usage, 3 the receiver could not be reached.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "engine/base/time.h"

namespace CLI {
class App;
}

namespace tombolo {

struct Desk;

struct SendOptions {
  std::string address;             // HOST:PORT
  std::vector<std::string> files;  // or folders: their files by name; a file is one frame, as it is
  int connections = 1;
  std::uint64_t count = 0;  // 0: each file once; more than files: over and over, each with an MSH-10 of its own
  int pipeline = 1;
  double rate = 0;  // a second, over all connections; 0: as fast as they are answered
  Duration timeout = std::chrono::seconds(30);
  bool tls = false;         // under TLS; also when one of the files is named
  std::string ca;           // who signed the receiver's certificate, PEM; empty: the system's roots
  std::string certificate;  // our own, PEM; empty: none
  std::string key;          // its key; empty: in the certificate's file
  bool json = false;
};

int send_command(const SendOptions& options, std::ostream& out, std::ostream& err);
void add_send(CLI::App& app, Desk& desk);

}  // namespace tombolo
