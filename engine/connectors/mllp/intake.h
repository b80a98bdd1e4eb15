// One connection of an MLLP source. Frames are handed to flow in order and at once, several may be under way; replies
// go back in the order of the frames, those that are ready together in one write.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <chrono>
#include <cstdint>
#include <deque>
#include <exception>
#include <memory>
#include <string>

#include "engine/connectors/await.h"
#include "engine/connectors/connector.h"
#include "engine/connectors/mllp/options.h"
#include "engine/connectors/mllp/stream.h"
#include "engine/connectors/peer_log.h"

namespace tombolo::mllp {

struct SourceCounts {
  std::uint64_t probes = 0;       // closed without a byte: load balancers look whether we are there
  std::uint64_t frames = 0;
  std::uint64_t replies = 0;
  std::uint64_t garbage = 0;  // bytes dropped between frames
  std::uint64_t cut = 0;      // frames begun and never ended
  std::uint64_t too_large = 0;
  std::uint64_t too_slow = 0;
};

// What the connections of one source share; outlives them.
struct SourceHall {
  SourceOptions options;
  std::string channel;
  Edges edges;
  Receive receive;
  SourceCounts counts;

  PeerLog say{edges.log, channel};
};

class Intake : public std::enable_shared_from_this<Intake> {
 public:
  // senders: for whom the peer may send; nullptr: for everybody.
  Intake(Stream stream, std::shared_ptr<const Senders> senders, SourceHall& hall);

  // Until the peer closes, breaks a limit or stop(); ends when everything handed over has been answered. Runs once.
  net::awaitable<void> serve();
  // No new frames; what is in hand is answered.
  void stop();

 private:
  struct Slot {  // one frame's place in the order of replies
    bool ready = false;
    Reply reply;
  };
  struct Answered;

  net::awaitable<void> read_frames();
  net::awaitable<void> leave();
  void hand_over(const Frame& frame);
  void answered(std::uint64_t number, std::exception_ptr failure, Reply reply);
  void plan_flush();
  void flush();
  void collect();
  void write_rest();
  void watch_clock();
  void time_is_up();
  void broken(const char* why);
  void note_frames();
  bool settled() const { return in_hand_.empty() && !writing_ && (out_.empty() || lost_); }

  Stream stream_;
  const std::shared_ptr<const Senders> senders_;
  SourceHall& hall_;
  std::string peer_;
  FrameReader frames_;
  FrameCounts noted_;  // of frames_, as far as the hall knows
  Time received_at_{};
  std::deque<Slot> in_hand_;
  std::uint64_t first_ = 0;  // the number of in_hand_.front(), counted from the connection's first frame
  std::string out_;          // replies on their way
  Bell changed_;             // something was answered or written
  Deadline read_deadline_;
  Deadline write_deadline_;
  std::uint64_t timed_frame_ = 0;  // the frame that read_deadline_ counts for; 0: none
  bool stopping_ = false;          // hand nothing over any more
  bool lost_ = false;              // nothing can be written any more
  bool writing_ = false;
  bool flush_planned_ = false;
};

}  // namespace tombolo::mllp
