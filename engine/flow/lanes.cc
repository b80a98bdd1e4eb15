#include "engine/flow/lanes.h"

#include <algorithm>
#include <cassert>

namespace tombolo {

void Lanes::add(Number number, const std::vector<std::string>& keys, Time due) {
  assert(items_.count(number) == 0);
  Item& item = items_[number];
  item.keys = keys;
  item.due = due;
  std::sort(item.keys.begin(), item.keys.end());
  item.keys.erase(std::unique(item.keys.begin(), item.keys.end()), item.keys.end());
  for (const auto& key : item.keys) {
    auto& line = keys_[key];
    if (!line.empty()) ++item.ahead;
    line.push_back(number);
  }
  if (item.ahead > 0) return;
  if (due > Time{}) later_.emplace(due, number);
  else ready_.insert(number);
}

bool Lanes::blocked() const {
  return (rule_ == HeadOfLine::block || rule_ == HeadOfLine::stop) && !later_.empty();
}

std::optional<Lanes::Number> Lanes::take(Time now) {
  while (!later_.empty() && later_.begin()->first <= now) {
    ready_.insert(later_.begin()->second);
    later_.erase(later_.begin());
  }
  if (ready_.empty() || in_hand_ >= width_ || blocked()) return std::nullopt;
  const Number number = *ready_.begin();
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
    else ready_.insert(line.front());
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
