// tombolo receive: a receiver for tests, over MLLP or HTTP. Listens on 127.0.0.1, answers as it is told, and reports
// what a receiver can see of the sender's promises: over MLLP repeats and gaps by MSH-10, and order by patient; over
// HTTP repeats by Idempotency-Key. Exit: 0, 1 if there were gaps or order faults, 2 wrong usage, 3 the port is taken.
#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <string>

#include "engine/base/time.h"

namespace CLI {
class App;
}

namespace tombolo {

struct Desk;

struct ReceiveOptions {
  int port = 0;              // 0: a free one
  bool http = false;
  std::string reply = "AA";  // MLLP: AA AE AR
  int status = 201;          // HTTP: 200 to 599
  std::uint64_t nack_first = 0;  // so many are refused: answered AE (AR if `reply` is AE), 503 (500 if `status` is 503)
  double nack_share = 0;         // of all messages, refused
  double cut = 0;            // of all messages, not answered: the connection is closed
  Duration delay{};          // before each reply
  std::string out;           // a file that gets a line for each message; over HTTP the bodies of those answered 2xx
  std::uint64_t count = 0;   // ends after so many; 0: no limit
  Duration seconds{};        // ends after so long; 0: no limit
  std::uint64_t seed = 1;    // of the pseudo-random choices
  bool json = false;
  std::function<void(const std::string& address)> listening = {};  // called once it listens
};

int receive_command(const ReceiveOptions& options, std::ostream& out, std::ostream& err);
void add_receive(CLI::App& app, Desk& desk);

}  // namespace tombolo
