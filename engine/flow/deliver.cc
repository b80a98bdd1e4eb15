#include "engine/flow/deliver.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

#include "engine/base/events.h"

namespace tombolo {
namespace {

// More than this of bodies is not kept in memory for a destination that is behind: they are read from the store again.
constexpr std::size_t cache_limit = 32u << 20;

constexpr Duration longest_look = std::chrono::hours(1);

}  // namespace

Deliverer::Deliverer(House& house, std::string channel, DestinationPlan plan, std::unique_ptr<Destination> wire, AnswerOf answer, Told told)
    : house_(house),
      channel_(std::move(channel)),
      plan_(std::move(plan)),
      wire_(std::move(wire)),
      answer_(std::move(answer)),
      told_(std::move(told)),
      lanes_(plan_.lanes, plan_.head_of_line),
      bell_(house.executor),
      settle_bell_(house.executor) {
  backlog_.start_behind();  // what waits from before this start comes first
}

void Deliverer::add(store::Delivery delivery, std::shared_ptr<const std::string> body) {
  if (!backlog_.offer(delivery.number)) {
    bell_.ring();
    return;
  }
  enter(std::move(delivery), std::move(body));
}

void Deliverer::enter(store::Delivery delivery, std::shared_ptr<const std::string> body) {
  const auto number = delivery.number;
  lanes_.add(number, delivery.order_keys, delivery.attempts > 0 ? delivery.due : Time{});
  if (body && cached_ + body->size() > cache_limit) body.reset();
  if (body) cached_ += body->size();
  items_.emplace(number, Item{std::move(delivery), std::move(body)});
  bell_.ring();
}

boost::asio::awaitable<void> Deliverer::run() {
  auto finished = std::make_shared<bool>(false);
  auto settler = [this, finished](std::exception_ptr failure) {
    *finished = true;
    bell_.ring();
    if (failure) std::rethrow_exception(failure);
  };
  net::co_spawn(house_.executor, settle(), settler);
  auto dispatching = dispatch();
  co_await std::move(dispatching);
  while (sending_ > 0) co_await bell_.wait();
  settle_bell_.ring();  // stopping: the settler ends when nothing is left
  while (!*finished) co_await bell_.wait();
  wire_->close();
}

void Deliverer::stop() {
  stopping_ = true;
  bell_.ring();
  settle_bell_.ring();
}

void Deliverer::resume() {
  paused_until_ = Time{};
  dead_in_row_ = 0;
  bell_.ring();
}

Time Deliverer::next_look() const {
  Time at = house_.world.now() + longest_look;
  if (const auto due = lanes_.next_due()) at = std::min(at, *due);
  if (paused_until_ > house_.world.now()) at = std::min(at, paused_until_);
  return at;
}

boost::asio::awaitable<void> Deliverer::dispatch() {
  while (!stopping_) {
    if (backlog_.wants_page()) {
      auto reading = page();
      co_await std::move(reading);
    }
    const Time now = house_.world.now();
    while (!stopping_ && sending_ < wire_->connections() && paused_until_ <= now) {
      const auto number = lanes_.take(now);
      if (!number) break;
      ++sending_;
      auto sending = carry(items_.at(*number));
      net::co_spawn(house_.executor, std::move(sending), must_not_fail);
      if (paused_until_ != Time{}) break;  // after a pause one goes first and shows whether the destination is well
    }
    const Duration rest = std::max(Duration(1000), Duration(next_look() - house_.world.now()));
    co_await bell_.wait_for(rest);
  }
}

// Nothing thrown leaves it: a broken wire is an outcome like any other.
boost::asio::awaitable<void> Deliverer::carry(Item item) {
  Sent sent;
  try {
    auto attempting = attempt(item);
    sent = co_await std::move(attempting);
  } catch (const boost::system::system_error& broken) {
    sent.code = "unreachable";
    sent.detail = broken.code().message();
  } catch (const std::exception& broken) {
    sent.code = "unreachable";
    sent.detail = broken.what();
  }
  --sending_;
  decided(std::move(item), std::move(sent));
  bell_.ring();
}

boost::asio::awaitable<Sent> Deliverer::attempt(Item& item) {
  if (!item.body) {
    auto reading = house_.store->body(item.delivery.body);
    std::string bytes = co_await std::move(reading);
    item.body = std::make_shared<const std::string>(std::move(bytes));
  }
  Envelope envelope;
  envelope.id = item.delivery.id;
  envelope.bytes = *item.body;
  envelope.content_type = item.delivery.content_type;
  envelope.control_id = item.delivery.control_id;
  envelope.now = house_.world.now();
  envelope.channel = channel_;
  envelope.type = item.delivery.type;
  auto sending = wire_->send(envelope);
  co_return co_await std::move(sending);
}

Action Deliverer::judge(const Item& item, const Sent& sent) {
  const int attempts = item.delivery.attempts + 1;
  const Action action = decide(plan_.replies, sent.code, sent.error_code, sent.accepted, attempts);
  const bool old = house_.world.now() - item.delivery.received_at > plan_.retry.give_up;
  if (old && (action == Action::retry || action == Action::pause)) return Action::dead_letter;
  return action;
}

void Deliverer::decided(Item item, Sent sent) {
  const Action action = judge(item, sent);
  const Time now = house_.world.now();
  Settled settled;
  settled.action = action;
  settled.settlement.number = item.delivery.number;
  settled.settlement.attempts = item.delivery.attempts + 1;
  settled.settlement.code = sent.code;
  settled.settlement.detail = sent.detail;
  settled.settlement.at = now;
  if (action == Action::deliver) settled.settlement.fate = store::Fate::delivered;
  else if (action == Action::dead_letter) settled.settlement.fate = store::Fate::dead;
  else {
    settled.settlement.fate = store::Fate::waiting;
    settled.settlement.due = now + wait_before_next(plan_.retry, settled.settlement.attempts, item.delivery.id);
  }
  const bool ended = action == Action::deliver || action == Action::dead_letter;
  if (std::string answer = ended && answer_ ? answer_(sent, action) : ""; !answer.empty()) settled.settlement.answer = std::move(answer);
  if (action == Action::pause || (action == Action::retry && plan_.head_of_line == HeadOfLine::stop)) pause(sent.code);
  if (action == Action::dead_letter) count_dead_letter(sent.code);
  else if (action == Action::deliver) dead_in_row_ = 0, paused_until_ = Time{};
  if (action != Action::deliver) {
    (*house_.log)(action == Action::dead_letter ? event::delivery_dead : event::delivery_failed,
                  {{"channel", channel_}, {"destination", plan_.name}, {"parcel", std::to_string(item.delivery.sequence)},
                   {"code", sent.code}, {"attempt", std::to_string(settled.settlement.attempts)}});
  }
  settled.delivery = std::move(item.delivery);
  unsettled_.push_back(std::move(settled));
  settle_bell_.ring();
}

// One batch at a time: what came back while the last one was being written goes into the next.
boost::asio::awaitable<void> Deliverer::settle() {
  for (;;) {
    while (unsettled_.empty()) {
      if (stopping_ && sending_ == 0) co_return;
      co_await settle_bell_.wait();
    }
    const std::vector<Settled> batch = std::exchange(unsettled_, {});
    std::vector<store::Settlement> settlements;
    for (const auto& one : batch) settlements.push_back(one.settlement);
    for (bool written = false; !written;) {
      try {
        auto writing = house_.store->settle(settlements);
        co_await std::move(writing);
        written = true;
      } catch (const store::Error& failure) {
        (*house_.log)(event::store_failed, {{"channel", channel_}, {"destination", plan_.name}, {"reason", failure.what()}});
        if (failure.reason() == store::Error::Reason::closed) co_return;
      }
      if (!written) {
        net::steady_timer pause(house_.executor, house_.pause_when_store_fails);
        co_await pause.async_wait(as_result);
      }
    }
    for (const auto& one : batch) apply(one);
    bell_.ring();
  }
}

// The outcome is durable: only now its keys may go on.
void Deliverer::apply(const Settled& settled) {
  const auto at = items_.find(settled.settlement.number);
  if (settled.settlement.fate == store::Fate::waiting) {
    at->second.delivery.attempts = settled.settlement.attempts;
    at->second.delivery.due = settled.settlement.due;
    lanes_.retry(settled.settlement.number, settled.settlement.due);
    return;
  }
  if (at->second.body) cached_ -= at->second.body->size();
  items_.erase(at);
  lanes_.done(settled.settlement.number);
  backlog_.finished();
  if (told_) told_(settled.delivery, settled.settlement.answer.value_or(""));
}

boost::asio::awaitable<void> Deliverer::page() {
  backlog_.page_begins();
  const std::size_t size = backlog_.page_size();
  try {
    auto reading = house_.store->waiting(channel_, plan_.name, backlog_.last(), size);
    const std::vector<store::Delivery> page = co_await std::move(reading);
    for (const auto& delivery : page) {
      backlog_.take(delivery.number);
      enter(delivery, nullptr);
    }
    backlog_.page_read(page.size() < size);
    co_return;
  } catch (const store::Error& failure) {
    (*house_.log)(event::store_failed, {{"channel", channel_}, {"destination", plan_.name}, {"reason", failure.what()}});
  }
  net::steady_timer rest(house_.executor, house_.pause_when_store_fails);
  co_await rest.async_wait(as_result);
}

void Deliverer::count_dead_letter(const std::string& cause) {
  dead_in_row_ = cause == dead_cause_ ? dead_in_row_ + 1 : 1;
  dead_cause_ = cause;
  if (plan_.circuit > 0 && dead_in_row_ >= plan_.circuit) pause(cause);  // the one that is tried after a pause may pause it again
}

void Deliverer::pause(const std::string& cause) {
  const Duration rest = plan_.head_of_line == HeadOfLine::stop ? Duration(std::chrono::hours(24 * 365)) : plan_.retry.max;
  paused_until_ = house_.world.now() + rest;
  (*house_.log)(event::destination_paused,
                {{"channel", channel_}, {"destination", plan_.name}, {"code", cause}, {"for", text(rest)}});
}

}  // namespace tombolo
