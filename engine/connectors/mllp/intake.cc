#include "engine/connectors/mllp/intake.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <array>

#include "engine/base/events.h"

namespace tombolo::mllp {
namespace {

constexpr std::size_t head_of_too_large = 8u << 10;  // enough for MSH: the answer needs no more
constexpr auto farewell = std::chrono::milliseconds(500);

}  // namespace

// Called by Asio when one Receive has ended.
struct Intake::Answered {
  std::shared_ptr<Intake> intake;
  std::uint64_t number;

  void operator()(std::exception_ptr failure, Reply reply) { intake->answered(number, failure, std::move(reply)); }
};

Intake::Intake(Stream stream, std::shared_ptr<const Senders> senders, SourceHall& hall)
    : stream_(std::move(stream)),
      senders_(std::move(senders)),
      hall_(hall),
      peer_(peer_of(stream_.socket())),
      frames_(hall.options.frames),
      changed_(hall.edges.executor),
      read_deadline_(hall.edges.executor, [this] { time_is_up(); }),
      write_deadline_(hall.edges.executor, [this] {
        lost_ = true;
        stream_.cancel();
      }) {}

net::awaitable<void> Intake::serve() {
  const auto self = shared_from_this();
  co_await read_frames();
  read_deadline_.close();
  stopping_ = true;
  while (!settled()) co_await changed_.wait();
  write_deadline_.close();
  co_await leave();
}

net::awaitable<void> Intake::read_frames() {
  for (;;) {
    while (in_hand_.size() < hall_.options.in_hand && !stopping_) {
      const auto frame = frames_.next();
      if (!frame) break;
      hand_over(*frame);
    }
    note_frames();
    if (stopping_ || lost_) co_return;
    if (in_hand_.size() >= hall_.options.in_hand) {
      read_deadline_.clear();
      timed_frame_ = 0;
      co_await changed_.wait();
      continue;
    }
    watch_clock();
    const auto room = frames_.room();
    const auto buffer = net::buffer(room.data(), room.size());
    const auto [error, n] = co_await stream_.async_read_some(buffer, as_result);
    if (error) {
      if (error == net::error::eof && !frames_.touched()) ++hall_.counts.probes;
      else if (error != net::error::eof && error != net::error::operation_aborted) lost_ = true;
      if (frames_.inside() && !stopping_) broken("the peer closed it");
      co_return;
    }
    received_at_ = hall_.edges.world.now();
    frames_.filled(n);
  }
}

void Intake::hand_over(const Frame& frame) {
  Parcel parcel;
  parcel.channel = hall_.channel;
  parcel.peer = peer_;
  parcel.received_at = received_at_;
  parcel.too_large = frame.too_large;
  parcel.senders = senders_;
  parcel.bytes = frame.too_large ? frame.bytes.substr(0, head_of_too_large) : frame.bytes;
  if (frame.too_large) {
    ++hall_.counts.too_large;
    hall_.say(event::source_too_large, peer_, "limit " + std::to_string(hall_.options.frames.max_message));
    stopping_ = true;
  }
  const std::uint64_t number = first_ + in_hand_.size();
  in_hand_.emplace_back();
  Answered done{shared_from_this(), number};
  net::co_spawn(hall_.edges.executor, hall_.receive(std::move(parcel)), std::move(done));
}

void Intake::answered(std::uint64_t number, std::exception_ptr failure, Reply reply) {
  if (failure) {
    reply.kept = false;
    stopping_ = true;
    stream_.cancel();
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      hall_.say(event::source_failed, peer_, e.what());
    }
  }
  Slot& slot = in_hand_[number - first_];
  slot.reply = std::move(reply);
  slot.ready = true;
  if (number == first_) plan_flush();
}

// Replies that become ready in the same round of the loop leave in one write.
void Intake::plan_flush() {
  if (flush_planned_ || writing_) return;
  flush_planned_ = true;
  net::post(hall_.edges.executor, [self = shared_from_this()] {
    self->flush_planned_ = false;
    self->flush();
  });
}

void Intake::collect() {
  while (!in_hand_.empty() && in_hand_.front().ready) {
    const Reply& reply = in_hand_.front().reply;
    if (hall_.options.release2) append_frame(out_, reply.kept ? committed : not_committed);
    for (const std::string* message : {&reply.bytes, &reply.then}) {
      if (message->empty()) continue;
      append_frame(out_, *message);
      ++hall_.counts.replies;
    }
    in_hand_.pop_front();
    ++first_;
  }
}

// Most replies fit into the socket at once; only what does not is awaited.
void Intake::flush() {
  if (writing_) return;
  collect();
  if (!out_.empty() && !lost_) {
    boost::system::error_code error;
    const std::size_t n = stream_.write_some(net::buffer(out_), error);
    if (error && error != net::error::would_block && error != net::error::try_again) lost_ = true;
    out_.erase(0, n);
    if (!out_.empty() && !lost_) return write_rest();
  }
  if (in_hand_.empty() && !stopping_) watch_clock();
  changed_.ring();
}

void Intake::write_rest() {
  writing_ = true;
  if (hall_.options.frame_timeout > Duration::zero()) write_deadline_.in(hall_.options.frame_timeout);
  net::async_write(stream_, net::buffer(out_),
                   [self = shared_from_this()](boost::system::error_code error, std::size_t n) {
                     self->writing_ = false;
                     self->write_deadline_.clear();
                     if (error && error != net::error::operation_aborted)
                       self->lost_ = true;  // stop() cancels: then the rest follows
                     self->out_.erase(0, n);
                     self->flush();
                   });
}

// The frame's clock runs from its first byte; the silence's clock while nothing is owed by either side.
void Intake::watch_clock() {
  const auto& options = hall_.options;
  if (frames_.inside()) {
    const std::uint64_t frame = frames_.counts().frames + 1;
    if (timed_frame_ == frame || options.frame_timeout <= Duration::zero()) return;
    timed_frame_ = frame;
    return read_deadline_.in(options.frame_timeout);
  }
  timed_frame_ = 0;
  if (options.idle_timeout > Duration::zero() && in_hand_.empty()) read_deadline_.in(options.idle_timeout);
  else read_deadline_.clear();
}

void Intake::time_is_up() {
  if (frames_.inside()) {
    ++hall_.counts.too_slow;
    broken("no end of the frame in time");
  }
  stop();
}

void Intake::broken(const char* why) {
  ++hall_.counts.cut;
  hall_.say(event::source_broken, peer_, why);
}

void Intake::note_frames() {
  const FrameCounts& now = frames_.counts();
  if (noted_.garbage == 0 && now.garbage > 0)
    hall_.say(event::source_garbage, peer_, std::to_string(now.garbage) + " bytes");
  hall_.counts.frames += now.frames - noted_.frames;
  hall_.counts.garbage += now.garbage - noted_.garbage;
  hall_.counts.cut += now.cut - noted_.cut;
  noted_ = now;
}

void Intake::stop() {
  stopping_ = true;
  stream_.cancel();
  changed_.ring();
}

// Closing while the peer still sends would make the system reset the connection, and the last replies could be lost
// with it: say that nothing more comes, then read to the end for a moment.
net::awaitable<void> Intake::leave() {
  if (!lost_) {
    stream_.shut_send();
    Deadline end(hall_.edges.executor, [this] { stream_.close(); });
    end.in(farewell);
    std::array<char, 4096> dropped;
    const auto buffer = net::buffer(dropped);
    for (;;) {
      const auto [error, n] = co_await stream_.async_read_some(buffer, as_result);
      if (error) break;
    }
  }
  stream_.close();
}

}  // namespace tombolo::mllp
