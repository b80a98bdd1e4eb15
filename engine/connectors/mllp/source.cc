#include "engine/connectors/mllp/source.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <exception>
#include <optional>
#include <set>

#include "engine/base/events.h"
#include "engine/connectors/dial.h"
#include "engine/connectors/door.h"
#include "engine/connectors/mllp/intake.h"

namespace tombolo::mllp {
namespace {

constexpr Duration first_retry = std::chrono::milliseconds(500);
constexpr Duration last_retry = std::chrono::seconds(30);

Door::Options door_of(const SourceOptions& o) { return {*o.listen, o.allow, o.connections, o.keep_alive, o.guard.tls}; }
Dial::Options dial_of(const SourceOptions& o) { return {*o.connect, o.connect_timeout, o.keep_alive, o.guard.tls}; }

class MllpSource final : public Source {
 public:
  MllpSource(SourceOptions options, std::string channel, Edges edges)
      : hall_{std::move(options), std::move(channel), std::move(edges), {}, {}}, changed_(hall_.edges.executor) {
    if (hall_.options.listen) door_.emplace(door_of(hall_.options), hall_.channel, hall_.edges);
    else dial_.emplace(dial_of(hall_.options), hall_.channel, hall_.edges);
  }

  void open() override {
    if (door_) door_->open();
  }

  std::string address() const override { return door_ ? door_->address() : dial_->address(); }

  net::awaitable<void> run(Receive receive) override {
    hall_.receive = std::move(receive);
    if (hall_.options.guard.plain_beyond) hall_.say(event::source_insecure, address());
    auto working = door_ ? listen() : call();
    co_await std::move(working);
    while (!intakes_.empty()) co_await changed_.wait();
  }

  void stop() override {
    stopping_ = true;
    if (door_) door_->stop();
    if (dial_) dial_->close();
    for (const auto& intake : intakes_) intake->stop();
    changed_.ring();
  }

  std::vector<Count> counts() const override {
    const SourceCounts& c = hall_.counts;
    std::vector<Count> all{{"open", intakes_.size()}, {"probes", c.probes}, {"frames", c.frames},       {"replies", c.replies},
                           {"garbage", c.garbage},    {"cut", c.cut},       {"too_large", c.too_large}, {"too_slow", c.too_slow}};
    const auto more = door_ ? door_->counts() : dial_->counts();
    all.insert(all.end(), more.begin(), more.end());
    return all;
  }

 private:
  net::awaitable<void> listen() {
    return door_->run([this] { return intakes_.size(); },
                      [this](Stream stream, std::shared_ptr<const Senders> senders) { serve(std::move(stream), std::move(senders)); });
  }

  net::awaitable<void> call() {
    Duration pause = first_retry;
    while (!stopping_) {
      try {
        auto connecting = dial_->connect();
        Stream stream = co_await std::move(connecting);
        auto senders = dial_->senders_of(stream.identity());
        serve(std::move(stream), std::move(senders));
        pause = first_retry;
        while (!intakes_.empty()) co_await changed_.wait();
      } catch (const boost::system::system_error& e) {
        if (!stopping_) hall_.say(event::source_unreachable, address(), e.code().message());
      }
      if (!stopping_) co_await changed_.wait_for(pause);
      pause = std::min(pause * 2, last_retry);
    }
  }

  void serve(Stream stream, std::shared_ptr<const Senders> senders) {
    const auto intake = std::make_shared<Intake>(std::move(stream), std::move(senders), hall_);
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
  std::optional<Door> door_;  // one of the two
  std::optional<Dial> dial_;
  std::set<std::shared_ptr<Intake>> intakes_;
  Bell changed_;
  bool stopping_ = false;
};

}  // namespace

std::unique_ptr<Source> make_source(SourceOptions options, std::string channel, Edges edges) {
  return std::make_unique<MllpSource>(std::move(options), std::move(channel), std::move(edges));
}

}  // namespace tombolo::mllp
