#include "engine/flow/flow.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

#include "engine/base/events.h"
#include "engine/flow/answer.h"

namespace tombolo {

Flow::Flow(House& house, std::shared_ptr<const Plan> plan)
    : house_(house),
      name_(plan->channel.name),
      plan_(std::move(plan)),
      outcomes_(house.executor),
      march_(house, name_, [this] { return plan_; }, outcomes_,
             [this](store::Delivery delivery, std::shared_ptr<const std::string> body) { deliver(std::move(delivery), std::move(body)); }),
      receiver_(house, march_, outcomes_),
      ended_(house.executor) {}

namespace {

template <class Plug>
auto make_wire(const House& house, const Plug& plug, const Setting& block, const std::string& channel) {
  const Edges edges{house.executor, house.log, house.world};
  Diagnostics found;
  auto wire = plug.make(block, channel, found, &edges);
  if (!wire) throw std::logic_error("a checked wire cannot be made: " + found.print());
  return wire;
}

}  // namespace

void Flow::open() {
  source_ = make_wire(house_, *plan_->channel.source, plan_->channel.wire, name_);
  source_->open();
}

std::string Flow::address() const { return source_ ? source_->address() : std::string(); }

boost::asio::awaitable<void> Flow::run() {
  start_missing_destinations();
  marching_ = true;
  net::co_spawn(house_.executor, march_.run(), [this](std::exception_ptr failure) {
    marching_ = false;
    ended(failure);
  });
  start_source();
  while (sources_running_ > 0 || !stopping_) co_await ended_.wait();
  march_.stop();
  while (marching_) co_await ended_.wait();
  for (const auto& [name, deliverer] : deliverers_) deliverer->stop();
  while (deliverers_running_ > 0) co_await ended_.wait();
}

void Flow::start_source() {
  ++sources_running_;
  net::co_spawn(house_.executor, listen(source_), [this](std::exception_ptr failure) {
    --sources_running_;
    ended(failure);
  });
}

// A source that ends without having been asked to is opened again, for as long as it takes.
boost::asio::awaitable<void> Flow::listen(std::shared_ptr<Source> source) {
  const Receive receive = [this](Parcel parcel) { return receiver_.receive(plan_, std::move(parcel)); };
  for (;;) {
    std::string reason = "it ended by itself";
    try {
      auto running = source->run(receive);
      co_await std::move(running);
    } catch (const std::exception& failure) {
      reason = failure.what();
    }
    if (stopping_ || source != source_) co_return;
    (*house_.log)(event::channel_failed, {{"channel", name_}, {"reason", reason}});
    net::steady_timer pause(house_.executor, house_.pause_when_store_fails);
    co_await pause.async_wait(as_result);
    if (stopping_ || source != source_) co_return;
    try {
      open();
      source = source_;
    } catch (const std::exception&) {
      source_ = source;  // not open: run() says so, and it is tried again
    }
  }
}

void Flow::start_destination(const DestinationPlan& plan) {
  auto wire = make_wire(house_, *plan.plug, plan.wire, name_);
  auto answer = [this, name = plan.name](const Sent& sent, Action action) { return answer_of(name, sent, action); };
  auto told = [this](const store::Delivery& delivery, const std::string& kept) {
    if (!kept.empty()) outcomes_.tell(delivery.sequence, kept);
  };
  auto deliverer = std::make_shared<Deliverer>(house_, name_, plan, std::move(wire), answer, told);
  deliverers_[plan.name] = deliverer;
  ++deliverers_running_;
  auto done = [this, deliverer](std::exception_ptr failure) {
    --deliverers_running_;
    leaving_.erase(deliverer->plan().name);
    if (!stopping_) start_missing_destinations();
    ended(failure);
  };
  net::co_spawn(house_.executor, deliverer->run(), done);
}

// A coroutine of ours ends by itself or not at all: what is thrown out of one is a bug, and it must be seen.
void Flow::ended(std::exception_ptr failure) {
  ended_.ring();
  if (failure) std::rethrow_exception(failure);
}

void Flow::deliver(store::Delivery delivery, std::shared_ptr<const std::string> body) {
  const auto at = deliverers_.find(delivery.destination);
  if (at != deliverers_.end()) at->second->add(std::move(delivery), std::move(body));
}

// What the sender hears of a delivery that came to its end, if the channel lets this destination answer.
std::string Flow::answer_of(const std::string& destination, const Sent& sent, Action action) const {
  const Acknowledge& ack = plan_->channel.acknowledge;
  if (ack.after != Acknowledge::After::delivered || ack.destination != destination) return {};
  if (!sent.reply.empty() && plan_->channel.format->peek(sent.reply, {}, {})) {
    Answer relayed;
    relayed.verdict = action == Action::deliver ? Verdict::accepted : Verdict::error;
    relayed.relayed = sent.reply;
    return remember(relayed);
  }
  if (action == Action::deliver) return remember(yes());
  return remember(no(Verdict::error, "207", destination + " did not take the message: " + sent.code));
}

void Flow::replace(std::shared_ptr<const Plan> plan) {
  const auto before = plan_;
  const Channel& channel = plan->channel;
  if (channel.wire_text != before->channel.wire_text) {
    auto old = source_;
    old->stop();  // its port must be free before the new one is opened; its connections finish what they have in hand
    plan_ = plan;
    try {
      open();
    } catch (...) {
      plan_ = before;
      open();
      start_source();
      throw;
    }
    start_source();
  }
  plan_ = plan;
  for (const auto& old : before->channel.destinations) {
    const auto same = std::find_if(channel.destinations.begin(), channel.destinations.end(),
                                   [&](const auto& d) { return d.name == old.name; });
    if (same != channel.destinations.end() && same->same_delivery(old)) continue;
    auto deliverer = deliverers_.extract(old.name).mapped();
    leaving_.insert(old.name);
    deliverer->stop();
  }
  start_missing_destinations();
  (*house_.log)(event::channel_reloaded, {{"channel", name_}, {"address", address()}, {"configuration", plan_->config}});
}

// A destination that was replaced starts when its forerunner has settled what it had in hand: two at once would send twice.
void Flow::start_missing_destinations() {
  for (const auto& destination : plan_->channel.destinations) {
    if (deliverers_.count(destination.name) == 0 && leaving_.count(destination.name) == 0) start_destination(destination);
  }
}

void Flow::stop() {
  stopping_ = true;
  if (source_) source_->stop();
  ended_.ring();
}

void Flow::look_again(const std::string& destination) {
  if (const auto at = deliverers_.find(destination); at != deliverers_.end()) at->second->look_again();
}

bool Flow::resume(const std::string& destination) {
  const auto at = deliverers_.find(destination);
  if (at == deliverers_.end()) return false;
  at->second->resume();
  return true;
}

}  // namespace tombolo
