#include "engine/connectors/mllp/load.h"

#include <boost/asio/buffer.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/write.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <deque>
#include <exception>
#include <memory>
#include <vector>

#include "engine/connectors/await.h"
#include "engine/connectors/dial.h"
#include "engine/connectors/mllp/frames.h"
#include "engine/connectors/mllp/stream.h"
#include "engine/formats/hl7v2/ack.h"

namespace tombolo::mllp {
namespace {

using Clock = std::chrono::steady_clock;

// What all connections share: the messages still to be sent, and the result.
struct Run {
  const LoadOptions& options;
  const std::function<LoadMessage(std::uint64_t)>& message;
  std::uint64_t count;
  std::uint64_t next = 0;
  LoadResult result;
  std::vector<float> latencies;  // milliseconds
  Clock::time_point begin, end;
  std::exception_ptr failure;  // of the first connection
  Dial* dial = nullptr;

  Clock::time_point due(std::uint64_t n) const {
    if (options.rate <= 0) return begin;
    return begin + std::chrono::duration_cast<Clock::duration>(
                       std::chrono::duration<double>(static_cast<double>(n) / options.rate));
  }
};

// One connection: a writer that fills the window and a reader that empties it.
class Sender {
 public:
  Sender(Stream stream, Run& run)
      : stream_(std::move(stream)),
        run_(run),
        frames_({}),
        changed_(stream_.get_executor()),
        deadline_(stream_.get_executor(), [this] { stream_.close(); }) {}

  net::awaitable<void> work() {
    bool reading = true;
    Bell ended(stream_.get_executor());
    net::co_spawn(stream_.get_executor(), read(), [&](std::exception_ptr) {
      reading = false;
      open_ = false;
      changed_.ring();
      ended.ring();
    });
    co_await write();
    while (open_ && !waiting_.empty()) co_await changed_.wait();
    stream_.close();
    while (reading) co_await ended.wait();
    run_.result.lost += waiting_.size();
    deadline_.close();
  }

 private:
  struct Waiting {
    std::string control_id;
    Clock::time_point sent;
  };

  net::awaitable<void> write() {
    std::string out;
    while (open_ && run_.next < run_.count) {
      if (waiting_.size() >= static_cast<std::size_t>(run_.options.pipeline)) {
        co_await changed_.wait();
        continue;
      }
      const std::uint64_t n = run_.next++;
      if (run_.options.rate > 0) co_await pause(run_.due(n));
      take(n, out);
      while (run_.options.rate <= 0 && run_.next < run_.count &&
             waiting_.size() < static_cast<std::size_t>(run_.options.pipeline))
        take(run_.next++, out);
      const auto [error, written] = co_await net::async_write(stream_, net::buffer(out), as_result);
      if (error) open_ = false;
      out.clear();
    }
  }

  net::awaitable<void> pause(Clock::time_point until) {
    net::steady_timer timer(stream_.get_executor(), until);
    co_await timer.async_wait(as_result);
  }

  void take(std::uint64_t n, std::string& out) {
    LoadMessage message = run_.message(n);
    append_frame(out, message.bytes);
    ++run_.result.sent;
    if (!message.wants_reply) {
      ++run_.result.silent;
      return;
    }
    if (waiting_.empty()) deadline_.in(run_.options.timeout);
    waiting_.push_back({std::move(message.control_id), Clock::now()});
  }

  net::awaitable<void> read() {
    for (;;) {
      const auto room = frames_.room();
      const auto buffer = net::buffer(room.data(), room.size());
      const auto [error, n] = co_await stream_.async_read_some(buffer, as_result);
      if (error) co_return;
      frames_.filled(n);
      run_.end = Clock::now();
      while (const auto frame = frames_.next()) answer(frame->bytes);
      changed_.ring();
    }
  }

  // Replies come in the order of the messages. A second reply to the message before (enhanced mode: CA, then AA) is one
  // more code of it.
  void answer(std::string_view bytes) {
    if (bytes == committed) return;
    const auto ack = read_ack(bytes);
    const auto found = !ack ? waiting_.end() : std::find_if(waiting_.begin(), waiting_.end(), [&](const Waiting& w) {
      return w.control_id.empty() || w.control_id == ack->control_id;
    });
    if (found == waiting_.end()) {
      if (ack && !before_.empty() && ack->control_id == before_) ++run_.result.codes[ack->code];
      else ++run_.result.mismatches;
      return;
    }
    ++run_.result.codes[ack->code];
    run_.latencies.push_back(std::chrono::duration<float, std::milli>(run_.end - found->sent).count());
    if (found != waiting_.begin()) ++run_.result.mismatches;  // answered before one that was sent before it
    before_ = std::move(found->control_id);
    waiting_.erase(found);
    if (waiting_.empty()) deadline_.clear();
    else deadline_.in(run_.options.timeout);
  }

  Stream stream_;
  Run& run_;
  FrameReader frames_;
  Bell changed_;
  Deadline deadline_;
  std::deque<Waiting> waiting_;
  std::string before_;  // the control id of the message answered last
  bool open_ = true;
};

// Connects, sends, and connects again when the receiver hung up, until nothing is left to send.
net::awaitable<void> keep_sending(Run& run, bool first) {
  while (run.next < run.count) {
    const std::uint64_t before = run.result.sent;
    std::unique_ptr<Sender> sender;
    try {
      auto connecting = run.dial->connect();
      sender = std::make_unique<Sender>(co_await std::move(connecting), run);
    } catch (const boost::system::system_error&) {
      if (first) run.failure = std::current_exception();
      co_return;
    }
    first = false;
    co_await sender->work();
    if (run.result.sent == before && run.next < run.count) co_return;  // it closes at once: no use
  }
}

double percentile(std::vector<float>& sorted, double share) {
  if (sorted.empty()) return 0;
  return sorted[std::min(sorted.size() - 1, static_cast<std::size_t>(share * static_cast<double>(sorted.size())))];
}

}  // namespace

LoadResult load(const LoadOptions& options, std::uint64_t count,
                const std::function<LoadMessage(std::uint64_t n)>& message) {
  net::io_context io(1);
  Dial::Options to;
  to.to = options.address;
  to.timeout = options.timeout;
  to.keep_alive = Duration::zero();
  to.tls = options.tls;
  Dial dial(std::move(to), "send", Edges{io.get_executor(), nullptr, real_world()});
  Run run{options, message, count, 0, {}, {}, Clock::now(), Clock::now(), {}, &dial};
  int sending = options.connections;
  for (int i = 0; i < options.connections; ++i) {
    net::co_spawn(io, keep_sending(run, i == 0), [&](std::exception_ptr failure) {
      if (failure && !run.failure) run.failure = failure;
      if (--sending == 0) dial.close();
    });
  }
  io.run();
  if (run.failure && run.result.sent == 0) std::rethrow_exception(run.failure);
  run.result.unsent = count - run.result.sent;
  run.result.seconds = std::chrono::duration<double>(run.end - run.begin).count();
  std::sort(run.latencies.begin(), run.latencies.end());
  run.result.p50 = percentile(run.latencies, 0.50);
  run.result.p95 = percentile(run.latencies, 0.95);
  run.result.p99 = percentile(run.latencies, 0.99);
  return run.result;
}

}  // namespace tombolo::mllp
