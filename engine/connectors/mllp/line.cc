#include "engine/connectors/mllp/line.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>

#include "engine/base/events.h"
#include "engine/formats/hl7v2/ack.h"

namespace tombolo::mllp {
namespace {

bool blocked(const boost::system::error_code& error) {
  return error == net::error::would_block || error == net::error::try_again;
}

}  // namespace

Line::Line(Stream stream, const DestinationOptions& options, const Edges& edges, const std::string& channel,
           DestinationCounts& counts)
    : stream_(std::move(stream)),
      options_(options),
      edges_(edges),
      channel_(channel),
      counts_(counts),
      peer_(peer_of(stream_.socket())),
      frames_(options.frames),
      deadline_(edges.executor, [this] {
        timed_out_ = true;
        stream_.cancel();
      }) {
  ++counts_.connections;
}

bool Line::alive() {
  for (;;) {
    while (frames_.next()) skip();
    const auto room = frames_.room();
    boost::system::error_code error;
    const std::size_t n = stream_.read_some(net::buffer(room.data(), room.size()), error);
    if (error) return blocked(error) && !frames_.inside();
    frames_.filled(n);
  }
}

net::awaitable<void> Line::write(const Envelope& envelope) {
  timed_out_ = committed_ = false;
  usable_ = false;  // until its reply is here
  if (options_.reply_timeout > Duration::zero()) deadline_.in(options_.reply_timeout);
  std::array<net::const_buffer, 3> parts{net::buffer(&frame_begin, 1), net::buffer(envelope.bytes),
                                         net::buffer(frame_tail)};
  boost::system::error_code error;
  std::size_t written = stream_.write_some(parts, error);  // mostly all of it, without waiting
  if (error && !blocked(error)) throw boost::system::system_error(error);
  for (auto& part : parts) {
    const std::size_t n = std::min(written, part.size());
    part += n;
    written -= n;
  }
  if (net::buffer_size(parts) > 0) {
    const auto [failed, n] = co_await net::async_write(stream_, parts, as_result);
    if (failed && !timed_out_) throw boost::system::system_error(failed);
  }
  ++counts_.sent;
}

net::awaitable<Sent> Line::reply(const Envelope& envelope) {
  Sent sent;
  for (;;) {
    while (const auto frame = frames_.next()) {
      if (!judge(*frame, envelope, sent)) continue;
      deadline_.clear();
      co_return sent;
    }
    if (timed_out_) {
      ++counts_.timeouts;
      co_return give_up("timeout", "no reply from " + peer_ + " in " + tombolo::text(options_.reply_timeout));
    }
    const auto room = frames_.room();
    const auto buffer = net::buffer(room.data(), room.size());
    const auto [error, n] = co_await stream_.async_read_some(buffer, as_result);
    if (error && timed_out_) continue;
    if (error.category() == tls::category()) throw boost::system::system_error(error);
    if (error) co_return give_up("closed", peer_ + " closed the connection before it replied");
    frames_.filled(n);
  }
}

// True: the frame settles the message.
bool Line::judge(const Frame& frame, const Envelope& envelope, Sent& sent) {
  if (frame.too_large) {
    sent = give_up("too_large", "the reply of " + peer_ + " is over max_reply");
    return true;
  }
  if (frame.bytes == committed || frame.bytes == not_committed) {
    if (!options_.release2) return skip(), false;
    committed_ = frame.bytes == committed;
    if (committed_) return false;
    usable_ = true;
    sent.code = "NAK";
    sent.detail = peer_ + " could not commit the message";
    return true;
  }
  const auto ack = read_ack(frame.bytes);
  const bool ours =
      ack && (!options_.check_control_id || envelope.control_id.empty() || ack->control_id == envelope.control_id);
  if (!ours || (options_.release2 && !committed_)) return skip(), false;
  ++counts_.replies;
  usable_ = true;
  sent.code = ack->code;
  sent.accepted = ack->code == "AA" || ack->code == "CA";
  sent.error_code = ack->error_code;
  sent.reply = frame.bytes;
  if (!sent.accepted)
    sent.detail = peer_ + " answered " + ack->code + (ack->error_code.empty() ? "" : " " + ack->error_code);
  return true;
}

void Line::skip() {
  ++counts_.foreign;
  if (foreign_said_ || !edges_.log) return;
  foreign_said_ = true;
  (*edges_.log)(event::destination_foreign_reply, {{"channel", channel_}, {"peer", peer_}});
}

Sent Line::give_up(const char* code, std::string detail) {
  deadline_.clear();
  usable_ = false;
  Sent sent;
  sent.code = code;
  sent.detail = std::move(detail);
  return sent;
}

}  // namespace tombolo::mllp
