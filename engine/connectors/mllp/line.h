// One connection of an MLLP destination: sends a message, then reads until the reply that names it. What names another
// message (late, doubled, or plainly wrong) is skipped and counted. After a reply that did not come in time the line
// must not be used again: the late reply would be taken for the next message's.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <string>

#include "engine/connectors/await.h"
#include "engine/connectors/connector.h"
#include "engine/connectors/mllp/options.h"
#include "engine/connectors/mllp/stream.h"

namespace tombolo::mllp {

struct DestinationCounts {
  std::uint64_t connections = 0;  // made or taken, ever
  std::uint64_t sent = 0;         // messages written
  std::uint64_t replies = 0;      // that named their message
  std::uint64_t foreign = 0;      // that named no message in hand
  std::uint64_t timeouts = 0;
};

class Line {
 public:
  Line(Stream stream, const DestinationOptions& options, const Edges& edges, const std::string& channel,
       DestinationCounts& counts);

  // Drops what came unasked; true: the receiver has not closed the connection.
  bool alive();
  // Writes the frame; throws system_error when the connection is broken.
  net::awaitable<void> write(const Envelope& envelope);
  // The outcome, whatever it is: a reply, "timeout", "closed". `usable` tells whether the line may be kept.
  net::awaitable<Sent> reply(const Envelope& envelope);
  bool usable() const { return usable_; }

 private:
  bool judge(const Frame& frame, const Envelope& envelope, Sent& sent);
  void skip();
  Sent give_up(const char* code, std::string detail);

  Stream stream_;
  const DestinationOptions& options_;
  const Edges& edges_;
  const std::string& channel_;
  DestinationCounts& counts_;
  std::string peer_;
  FrameReader frames_;
  Deadline deadline_;
  bool timed_out_ = false;
  bool usable_ = true;
  bool foreign_said_ = false;
  bool committed_ = false;  // release 2: the commit block of this message came
};

}  // namespace tombolo::mllp
