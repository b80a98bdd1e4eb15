#include "engine/flow/march.h"

#include <boost/asio/post.hpp>

#include <algorithm>

#include "engine/base/events.h"
#include "engine/flow/answer.h"
#include "engine/flow/misses.h"

namespace tombolo {
namespace {

constexpr std::size_t largest_batch = 256;

// A bad program must not take the channel down with it: the parcel is set aside, with the reason.
Walked walk_safely(const Walk& walk, const Parcel& parcel, const std::vector<std::string>& order_keys, const std::optional<Peek>& peek) {
  try {
    return walk(parcel, order_keys, peek ? &*peek : nullptr);
  } catch (const std::exception& bug) {
    Walked failed;
    failed.posting.sequence = parcel.sequence;
    failed.posting.status = store::Status::failed;
    failed.posting.detail = std::string("internal error: ") + bug.what();
    failed.answer = no(Verdict::rejected, "207", "internal error");
    return failed;
  }
}

// Does the walk itself decide what the sender hears? With `delivered:X` only if X gets nothing.
bool walk_decides(const Acknowledge& ack, const store::Posting& posting) {
  if (ack.after != Acknowledge::After::delivered) return ack.after == Acknowledge::After::mapped;
  return std::none_of(posting.deliveries.begin(), posting.deliveries.end(),
                      [&](const store::Outgoing& out) { return out.destination == ack.destination; });
}

}  // namespace

March::March(House& house, std::string channel, PlanOf plan, Outcomes& outcomes, Deliver deliver)
    : house_(house),
      channel_(std::move(channel)),
      plan_(std::move(plan)),
      outcomes_(outcomes),
      deliver_(std::move(deliver)),
      bell_(house.executor) {
  backlog_.start_behind();
}

void March::add(Parcel parcel, std::vector<std::string> order_keys, Peek peek) {
  if (backlog_.offer(parcel.sequence)) enter(std::move(parcel), std::move(order_keys), std::move(peek));
  else bell_.ring();
}

void March::enter(Parcel parcel, std::vector<std::string> order_keys, std::optional<Peek> peek) {
  auto item = std::make_shared<Item>();
  item->parcel = std::move(parcel);
  item->order_keys = std::move(order_keys);
  item->peek = std::move(peek);
  item->plan = plan_();
  line_.push_back(item);
  if (item->plan->walk->light()) {
    item->walked = walk_safely(*item->plan->walk, item->parcel, item->order_keys, item->peek);
    bell_.ring();
    return;
  }
  net::post(*house_.workers, [this, item] {
    Walked walked = walk_safely(*item->plan->walk, item->parcel, item->order_keys, item->peek);
    net::post(house_.executor, [this, item, done = std::move(walked)]() mutable {
      item->walked = std::move(done);
      bell_.ring();
    });
  });
}

std::vector<std::shared_ptr<March::Item>> March::ready() {
  std::vector<std::shared_ptr<Item>> batch;
  while (!line_.empty() && line_.front()->walked && batch.size() < largest_batch) {
    batch.push_back(std::move(line_.front()));
    line_.pop_front();
  }
  return batch;
}

boost::asio::awaitable<void> March::run() {
  while (!stopping_ || !line_.empty()) {
    if (backlog_.wants_page() && !stopping_) {
      auto reading = page();
      co_await std::move(reading);
    }
    auto batch = ready();
    if (batch.empty()) {
      co_await bell_.wait();
      continue;
    }
    auto posting = post(std::move(batch));
    co_await std::move(posting);
  }
}

void March::stop() {
  stopping_ = true;
  bell_.ring();
}

boost::asio::awaitable<void> March::post(std::vector<std::shared_ptr<Item>> batch) {
  for (const auto& item : batch) {
    store::Posting& posting = item->walked->posting;
    posting.config = item->plan->config;
    if (house_.misses) house_.misses->add(item->walked->sender, item->walked->misses, house_.world.now());
    if (walk_decides(item->plan->channel.acknowledge, posting)) posting.answer = item->walked->silent ? "none" : remember(item->walked->answer);
    if (posting.status == store::Status::failed) {
      (*house_.log)(event::parcel_failed, {{"channel", channel_}, {"parcel", std::to_string(posting.sequence)}});
    } else if (posting.status == store::Status::held || posting.status == store::Status::refused) {
      const Event& what = posting.status == store::Status::held ? event::parcel_held : event::parcel_refused;
      (*house_.log)(what, {{"channel", channel_}, {"parcel", std::to_string(posting.sequence)}});
    }
  }
  for (;;) {
    std::vector<store::Posting> postings;
    for (const auto& item : batch) postings.push_back(item->walked->posting);
    try {
      auto writing = house_.store->post(std::move(postings));
      std::vector<store::Delivery> deliveries = co_await std::move(writing);
      hand_on(batch, std::move(deliveries));
      co_return;
    } catch (const store::Error& failure) {
      (*house_.log)(event::store_failed, {{"channel", channel_}, {"reason", failure.what()}});
      if (failure.reason() == store::Error::Reason::closed) co_return;
    }
    net::steady_timer pause(house_.executor, house_.pause_when_store_fails);
    co_await pause.async_wait(as_result);
  }
}

// The deliveries come in the order of the postings; their bodies are at hand here and need not be read again.
void March::hand_on(const std::vector<std::shared_ptr<Item>>& batch, std::vector<store::Delivery> deliveries) {
  std::size_t next = 0;
  for (const auto& item : batch) {
    auto& posting = item->walked->posting;
    std::shared_ptr<const std::string> received;
    for (auto& out : posting.deliveries) {
      std::shared_ptr<const std::string> body;
      if (out.body) {
        body = std::make_shared<const std::string>(std::move(*out.body));
      } else {
        if (!received) received = std::make_shared<const std::string>(std::move(item->parcel.bytes));
        body = received;
      }
      deliver_(std::move(deliveries.at(next++)), std::move(body));
    }
    backlog_.finished();
    if (!outcomes_.expected(posting.sequence) || !walk_decides(item->plan->channel.acknowledge, posting)) continue;
    outcomes_.tell(posting.sequence, item->walked->silent ? "none" : remember(item->walked->answer));
  }
}

boost::asio::awaitable<void> March::again(store::Sequence sequence) {
  auto reading = house_.store->unfinished(channel_, sequence - 1, 1);
  std::vector<store::Unfinished> found = co_await std::move(reading);
  if (found.empty() || found[0].parcel.sequence != sequence) co_return;
  backlog_.one_more();
  enter(std::move(found[0].parcel), std::move(found[0].order_keys));
}

boost::asio::awaitable<void> March::page() {
  backlog_.page_begins();
  const std::size_t size = backlog_.page_size();
  try {
    auto reading = house_.store->unfinished(channel_, backlog_.last(), size);
    std::vector<store::Unfinished> page = co_await std::move(reading);
    const bool whole = page.empty();  // a page may also end early by its bytes: only an empty one says "no more"
    for (auto& one : page) {
      backlog_.take(one.parcel.sequence);
      enter(std::move(one.parcel), std::move(one.order_keys));
    }
    backlog_.page_read(whole);
    co_return;
  } catch (const store::Error& failure) {
    (*house_.log)(event::store_failed, {{"channel", channel_}, {"reason", failure.what()}});
  }
  net::steady_timer pause(house_.executor, house_.pause_when_store_fails);
  co_await pause.async_wait(as_result);
}

}  // namespace tombolo
