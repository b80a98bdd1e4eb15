#include "engine/flow/deliver.h"

#include <boost/asio/co_spawn.hpp>

#include <algorithm>

#include "engine/base/events.h"
#include "engine/connectors/tls/error.h"

namespace tombolo {
namespace {

// More than this of bodies is not kept in memory for a destination that is behind: they are read from the store again.
constexpr std::size_t cache_limit = 32u << 20;

// What is on disk only cannot overtake, so more is looked at (without bodies) where something may.
constexpr std::size_t room_with_priorities = 100'000;

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
      pace_(plan_.pace),
      backlog_(plan_.priority.empty() ? 1000 : room_with_priorities),
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
  lanes_.add(number, delivery.order_keys, delivery.attempts > 0 ? delivery.due : Time{}, delivery.urgency);
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

Time Deliverer::next_look() {
  Time at = house_.world.now() + longest_look;
  if (const auto due = lanes_.next_due()) at = std::min(at, *due);
  if (paused_until_ > house_.world.now()) at = std::min(at, paused_until_);
  if (lanes_.waiting() > 0 && sending_ < wire_->connections()) {
    if (const Time may = pace_.next(house_.world.now()); may > house_.world.now()) at = std::min(at, may);
  }
  return at;
}

boost::asio::awaitable<void> Deliverer::dispatch() {
  while (!stopping_) {
    if (backlog_.wants_page()) {
      auto reading = page();
      co_await std::move(reading);
    }
    const Time now = house_.world.now();
    while (!stopping_ && sending_ < wire_->connections() && paused_until_ <= now && pace_.next(now) <= now) {
      const auto number = lanes_.take(now);
      if (!number) break;
      ++sending_;
      pace_.sent(now);
      auto sending = carry(items_.at(*number));
      net::co_spawn(house_.executor, std::move(sending), must_not_fail);
      if (paused_until_ != Time{}) break;  // after a pause one goes first and shows whether the destination is well
    }
    const Duration rest = std::max(Duration(1000), Duration(next_look() - house_.world.now()));
    co_await bell_.wait_for(rest);
  }
}

// Nothing thrown leaves it: a broken wire is an outcome like any other.
boost::asio::awaitable<void> Deliverer::carry(const Item& item) {
  Sent sent;
  try {
    auto attempting = attempt(item);
    sent = co_await std::move(attempting);
  } catch (const boost::system::system_error& broken) {
    sent.code = broken.code().category() == tls::category() ? "tls" : "unreachable";
    sent.detail = broken.code().message();
  } catch (const std::exception& broken) {
    sent.code = "unreachable";
    sent.detail = broken.what();
  }
  --sending_;
  decided(item, std::move(sent));
  bell_.ring();
}

boost::asio::awaitable<Sent> Deliverer::attempt(const Item& item) {
  std::shared_ptr<const std::string> body = item.body;
  if (!body) {
    auto reading = house_.store->body(item.delivery.body);
    std::string bytes = co_await std::move(reading);
    body = std::make_shared<const std::string>(std::move(bytes));
  }
  Envelope envelope;
  envelope.id = item.delivery.id;
  envelope.bytes = *body;
  envelope.content_type = item.delivery.content_type;
  envelope.control_id = item.delivery.control_id;
  envelope.now = house_.world.now();
  envelope.channel = channel_;
  envelope.type = item.delivery.type;
  if (!item.delivery.order_keys.empty()) envelope.order_key = item.delivery.order_keys.front();
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

void Deliverer::decided(const Item& item, Sent sent) {
  const Action action = judge(item, sent);
  const Time now = house_.world.now();
  store::Settlement settled;
  settled.number = item.delivery.number;
  settled.attempts = item.delivery.attempts + 1;
  settled.code = sent.code;
  settled.detail = sent.detail;
  settled.at = now;
  if (action == Action::deliver) settled.fate = store::Fate::delivered;
  else if (action == Action::dead_letter) settled.fate = store::Fate::dead;
  else {
    settled.fate = store::Fate::waiting;
    settled.due = now + wait_before_next(plan_.retry, settled.attempts, item.delivery.id);
  }
  const bool ended = action == Action::deliver || action == Action::dead_letter;
  if (std::string answer = ended && answer_ ? answer_(sent, action) : ""; !answer.empty()) settled.answer = std::move(answer);
  if (action == Action::pause || (action == Action::retry && plan_.head_of_line == HeadOfLine::stop)) pause(sent.code);
  if (action == Action::dead_letter) count_dead_letter(sent.code);
  else if (action == Action::deliver) dead_in_row_ = 0, paused_until_ = Time{};
  if (action != Action::deliver) {
    (*house_.log)(action == Action::dead_letter ? event::delivery_dead : event::delivery_failed,
                  {{"channel", channel_}, {"destination", plan_.name}, {"parcel", std::to_string(item.delivery.sequence)},
                   {"code", sent.code}, {"attempt", std::to_string(settled.attempts)}});
  }
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
    const std::vector<store::Settlement> batch = std::exchange(unsettled_, {});
    for (bool written = false; !written;) {
      try {
        auto writing = house_.store->settle(batch);
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
void Deliverer::apply(const store::Settlement& settled) {
  const auto at = items_.find(settled.number);
  if (settled.fate == store::Fate::waiting) {
    at->second.delivery.attempts = settled.attempts;
    at->second.delivery.due = settled.due;
    lanes_.retry(settled.number, settled.due);
    return;
  }
  const auto ended = items_.extract(at);
  if (ended.mapped().body) cached_ -= ended.mapped().body->size();
  lanes_.done(settled.number);
  backlog_.finished();
  if (told_) told_(ended.mapped().delivery, settled.answer.value_or(""));
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
