// A sender for tests and measurements: sends messages over several connections, keeps a window of unanswered ones on
// each, and holds every reply against the message it should name. Blocks until all is answered or given up.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "engine/base/time.h"
#include "engine/connectors/tcp.h"
#include "engine/connectors/tls/options.h"

namespace tombolo::mllp {

struct LoadOptions {
  HostPort address;
  int connections = 1;
  int pipeline = 1;  // unanswered messages on one connection
  double rate = 0;   // messages a second over all connections; 0: as fast as they are answered
  Duration timeout = std::chrono::seconds(30);  // for connecting and for each reply
  std::optional<tls::Options> tls = {};         // nothing: plain
};

struct LoadResult {
  std::uint64_t sent = 0;
  std::map<std::string, std::uint64_t> codes;  // replies that named their message, by MSA-1
  std::uint64_t mismatches = 0;                // replies that named none that was waited for, or could not be read
  std::uint64_t lost = 0;                      // sent, wanting a reply, and never answered
  std::uint64_t silent = 0;                    // sent with MSH-15 and MSH-16 that want no reply
  std::uint64_t unsent = 0;                    // the receiver could not be reached again
  double seconds = 0;                          // from the first message to the last reply
  double p50 = 0, p95 = 0, p99 = 0;            // milliseconds from sending to the reply
};

// What the n-th message is, from 0, and under which MSH-10 it is answered. Empty control id: any reply is its.
struct LoadMessage {
  std::string bytes;
  std::string control_id;
  bool wants_reply = true;
};

// Throws system_error if the first connection cannot be made.
LoadResult load(const LoadOptions& options, std::uint64_t count,
                const std::function<LoadMessage(std::uint64_t n)>& message);

}  // namespace tombolo::mllp
