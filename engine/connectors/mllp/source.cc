#include "engine/connectors/mllp/source.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <set>

#include "engine/base/events.h"
#include "engine/connectors/mllp/intake.h"

namespace tombolo::mllp {
namespace {

using Acceptor = net::ip::tcp::acceptor;
using Clock = std::chrono::steady_clock;

constexpr Duration first_retry = std::chrono::milliseconds(500);
constexpr Duration last_retry = std::chrono::seconds(30);

class MllpSource final : public Source {
 public:
  MllpSource(SourceOptions options, std::string channel, Edges edges)
      : hall_{std::move(options), std::move(channel), std::move(edges), {}, {}}, changed_(hall_.edges.executor) {}

  void open() override {
    if (!hall_.options.listen) return;
    acceptor_.emplace(listen(hall_.edges.executor, *hall_.options.listen));
  }

  std::string address() const override {
    return acceptor_ ? text(acceptor_->local_endpoint())
                     : text(hall_.options.connect ? *hall_.options.connect : *hall_.options.listen);
  }

  net::awaitable<void> run(Receive receive) override {
    hall_.receive = std::move(receive);
    if (hall_.options.plain_beyond) hall_.say(event::source_insecure, address());
    if (acceptor_) co_await accept();
    else co_await call();
    while (!intakes_.empty()) co_await changed_.wait();
  }

  void stop() override {
    stopping_ = true;
    if (acceptor_) {
      boost::system::error_code ignored;
      acceptor_->cancel(ignored);
    }
    for (const auto& intake : intakes_) intake->stop();
    changed_.ring();
  }

  std::vector<Count> counts() const override {
    const SourceCounts& c = hall_.counts;
    return {{"connections", c.connections}, {"open", intakes_.size()}, {"refused", c.refused}, {"probes", c.probes},
            {"frames", c.frames},           {"replies", c.replies},    {"garbage", c.garbage}, {"cut", c.cut},
            {"too_large", c.too_large},     {"too_slow", c.too_slow}};
  }

 private:
  net::awaitable<void> accept() {
    while (!stopping_) {
      auto [error, stream] = co_await acceptor_->async_accept(as_result);
      if (stopping_) break;
      if (error == net::error::connection_aborted) continue;
      if (error) {
        hall_.say(event::source_full, address(), error.message());
        co_await changed_.wait_for(std::chrono::milliseconds(100));
      } else if (welcome(stream)) {
        serve(std::move(stream));
      }
    }
    acceptor_->close();
  }

  net::awaitable<void> call() {
    Duration pause = first_retry;
    while (!stopping_) {
      try {
        auto work = connect(*hall_.options.connect, hall_.options.keep_alive);
        serve(co_await within(hall_.options.connect_timeout, std::move(work)));
        pause = first_retry;
        while (!intakes_.empty()) co_await changed_.wait();
      } catch (const boost::system::system_error& e) {
        if (!stopping_) hall_.say(event::source_unreachable, address(), e.code().message());
      }
      if (!stopping_) co_await changed_.wait_for(pause);
      pause = std::min(pause * 2, last_retry);
    }
  }

  bool welcome(const Stream& stream) {
    boost::system::error_code gone;
    const auto peer = stream.remote_endpoint(gone);
    const auto& allow = hall_.options.allow;
    const bool allowed = allow.empty() || std::any_of(allow.begin(), allow.end(),
                                                      [&](const Network& n) { return n.contains(peer.address()); });
    if (allowed && intakes_.size() < hall_.options.connections) return true;
    ++hall_.counts.refused;
    if (const auto now = Clock::now(); now - refusal_said_ > std::chrono::seconds(1)) {
      refusal_said_ = now;
      hall_.say(event::source_refused, text(peer), allowed ? "too many connections" : "not in 'allow'");
    }
    return false;
  }

  void serve(Stream stream) {
    ++hall_.counts.connections;
    const auto intake = std::make_shared<Intake>(std::move(stream), hall_);
    intakes_.insert(intake);
    if (stopping_) intake->stop();
    net::co_spawn(hall_.edges.executor, intake->serve(),
                  [this, intake](std::exception_ptr failure) { gone(intake, failure); });
  }

  void gone(const std::shared_ptr<Intake>& intake, std::exception_ptr failure) {
    intakes_.erase(intake);
    changed_.ring();
    if (!failure) return;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& e) {
      hall_.say(event::source_failed, address(), e.what());
    }
  }

  SourceHall hall_;
  std::optional<Acceptor> acceptor_;
  std::set<std::shared_ptr<Intake>> intakes_;
  Bell changed_;
  Clock::time_point refusal_said_{};
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<Source> make_source(SourceOptions options, std::string channel, Edges edges) {
  return std::make_unique<MllpSource>(std::move(options), std::move(channel), std::move(edges));
}

}  // namespace tombolo::mllp
