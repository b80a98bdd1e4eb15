#include "engine/flow/lanes.h"

#include <algorithm>
#include <cassert>

namespace tombolo {

void Lanes::add(Number number, const std::vector<std::string>& keys, Time due, int urgency) {
  assert(items_.count(number) == 0);
  Item& item = items_[number];
  item.keys = keys;
  item.due = due;
  item.urgency = urgency;
  std::sort(item.keys.begin(), item.keys.end());
  item.keys.erase(std::unique(item.keys.begin(), item.keys.end()), item.keys.end());
  for (const auto& key : item.keys) {
    auto& line = keys_[key];
    if (!line.empty()) ++item.ahead;
    line.push_back(number);
  }
  if (item.ahead > 0) return hurry(item);
  if (due > Time{}) later_.emplace(due, number);
  else ready_.emplace(-urgency, number);
}

// Those before it in its keys become as urgent as it is.
void Lanes::hurry(const Item& item) {
  for (const auto& key : item.keys) {
    for (const Number before : keys_.at(key)) {
      Item& other = items_.at(before);
      if (&other == &item) break;
      if (other.urgency >= item.urgency) continue;
      const bool was_ready = ready_.erase({-other.urgency, before}) > 0;
      other.urgency = item.urgency;
      if (was_ready) ready_.emplace(-other.urgency, before);
      else hurry(other);
    }
  }
}

bool Lanes::blocked() const {
  return (rule_ == HeadOfLine::block || rule_ == HeadOfLine::stop) && !later_.empty();
}

std::optional<Lanes::Number> Lanes::take(Time now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    const Number number = later_.begin()->second;
    ready_.emplace(-items_.at(number).urgency, number);
    later_.erase(later_.begin());
  }
  if (ready_.empty() || in_hand_ >= width_ || blocked()) return std::nullopt;
  const Number number = ready_.begin()->second;
  ready_.erase(ready_.begin());
  items_.at(number).in_hand = true;
  ++in_hand_;
  return number;
}

void Lanes::leave_keys([[maybe_unused]] Number number, Item& item) {
  for (const auto& key : item.keys) {
    const auto at = keys_.find(key);
    auto& line = at->second;
    assert(!line.empty() && line.front() == number);
    line.pop_front();
    if (line.empty()) {
      keys_.erase(at);
      continue;
    }
    Item& next = items_.at(line.front());
    if (--next.ahead > 0) continue;
    if (next.due > Time{}) later_.emplace(next.due, line.front());
    else ready_.emplace(-next.urgency, line.front());
  }
  item.keys.clear();
}

void Lanes::done(Number number) {
  const auto at = items_.find(number);
  assert(at != items_.end() && at->second.in_hand);
  --in_hand_;
  leave_keys(number, at->second);
  items_.erase(at);
}

void Lanes::retry(Number number, Time due) {
  Item& item = items_.at(number);
  assert(item.in_hand);
  item.in_hand = false;
  item.due = due;
  --in_hand_;
  if (rule_ == HeadOfLine::skip) leave_keys(number, item);
  later_.emplace(due, number);
}

std::optional<Time> Lanes::next_due() const {
  return later_.empty() ? std::nullopt : std::optional<Time>(later_.begin()->first);
}

}  // namespace tombolo
