#include "engine/connectors/mllp/destination.h"

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <deque>
#include <optional>
#include <vector>

#include "engine/base/events.h"
#include "engine/connectors/dial.h"
#include "engine/connectors/mllp/line.h"
#include "engine/connectors/turns.h"

namespace tombolo::mllp {
namespace {

using Acceptor = net::ip::tcp::acceptor;
using LinePtr = std::unique_ptr<Line>;

class MllpDestination final : public Destination {
 public:
  MllpDestination(DestinationOptions options, std::string channel, Edges edges)
      : options_(std::move(options)),
        channel_(std::move(channel)),
        edges_(std::move(edges)),
        turns_(edges_.executor, options_.connections) {
    if (options_.connect) dial_.emplace(Dial::Options{*options_.connect, options_.connect_timeout, options_.keep_alive, options_.guard.tls}, channel_, edges_);
    if (options_.guard.plain_beyond && edges_.log)
      (*edges_.log)(event::destination_insecure, {{"channel", channel_}, {"address", address()}});
    try {
      open();
    } catch (const std::exception&) {
      // The port may still be another's who is about to leave it: each send tries again and says what is wrong.
    }
  }

  net::awaitable<Sent> send(const Envelope& envelope) override {
    const auto turn = co_await turns_.take();
    LinePtr line = idle();
    if (line) {
      try {
        co_await line->write(envelope);
      } catch (const boost::system::system_error&) {
        line.reset();  // the receiver had closed it, unseen; it did not get the message
      }
    }
    if (!line) {
      auto getting = fresh();
      line = co_await std::move(getting);
      co_await line->write(envelope);
    }
    Sent sent = co_await line->reply(envelope);
    if (line->usable() && !closed_) idle_.push_back(std::move(line));
    co_return sent;
  }

  int connections() const override { return options_.connections; }

  void close() override {
    closed_ = true;
    idle_.clear();
    acceptor_.reset();
    if (dial_) dial_->close();
    if (keys_) keys_->close();
  }

  std::vector<Count> counts() const override {
    std::vector<Count> all{{"connections", counts_.connections},
                           {"sent", counts_.sent},
                           {"replies", counts_.replies},
                           {"foreign", counts_.foreign},
                           {"timeouts", counts_.timeouts}};
    const auto more = dial_ ? dial_->counts() : keys_ ? keys_->counts() : std::vector<Count>();
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

 private:
  std::string address() const { return text(options_.connect ? *options_.connect : *options_.listen); }

  void open() {
    if (!options_.listen || acceptor_) return;
    if (options_.guard.tls && !keys_) keys_ = std::make_unique<tls::Keys>(*options_.guard.tls, channel_, edges_);
    acceptor_.emplace(listen(edges_.executor, *options_.listen));
  }

  LinePtr idle() {
    while (!idle_.empty()) {
      LinePtr line = std::move(idle_.back());
      idle_.pop_back();
      if (line->alive()) return line;
    }
    return nullptr;
  }

  // A new connection: ours to the receiver, or the next one that dialled in.
  net::awaitable<LinePtr> fresh() {
    if (dial_) {
      auto connecting = dial_->connect();
      Stream stream = co_await std::move(connecting);
      co_return std::make_unique<Line>(std::move(stream), options_, edges_, channel_, counts_);
    }
    open();
    auto work = next_caller();
    auto limited = within(options_.connect_timeout, std::move(work));
    co_return co_await std::move(limited);
  }

  net::awaitable<LinePtr> next_caller() {
    for (;;) {
      net::ip::tcp::socket socket = co_await acceptor_->async_accept(net::use_awaitable);
      if (!allowed(socket)) continue;
      tune(socket, options_.keep_alive);
      std::optional<Stream> stream;
      if (keys_) {
        auto shaking = keys_->shake(std::move(socket));
        stream.emplace(co_await std::move(shaking));
      } else {
        stream.emplace(std::move(socket));
      }
      auto line = std::make_unique<Line>(std::move(*stream), options_, edges_, channel_, counts_);
      if (line->alive()) co_return line;
    }
  }

  bool allowed(const net::ip::tcp::socket& socket) const {
    boost::system::error_code gone;
    const auto peer = socket.remote_endpoint(gone);
    return !gone &&
           (options_.allow.empty() || std::any_of(options_.allow.begin(), options_.allow.end(),
                                                  [&](const Network& n) { return n.contains(peer.address()); }));
  }

  const DestinationOptions options_;
  const std::string channel_;
  const Edges edges_;
  DestinationCounts counts_;
  Turns turns_;
  std::vector<LinePtr> idle_;  // after what its lines refer to
  std::optional<Dial> dial_;  // this, or the acceptor and its keys
  std::optional<Acceptor> acceptor_;
  std::unique_ptr<tls::Keys> keys_;
  bool closed_ = false;
};

}  // namespace

std::unique_ptr<Destination> make_destination(DestinationOptions options, std::string channel, Edges edges) {
  return std::make_unique<MllpDestination>(std::move(options), std::move(channel), std::move(edges));
}

}  // namespace tombolo::mllp
