// Lanes: which delivery may go next, so that those of one key go one after the other and everything else side by side.
// A pure table without clock, wire or store; all calls cost O(keys · log waiting).
//
// Of those that may go, the most urgent goes first, then the one that was posted first. What stands before an urgent one in one
// of its keys is as urgent as that: it must go before.
//
// A delivery waits for every key it names (a merge names two patients). At most `width` deliveries are in hand at once.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#include "engine/base/time.h"

namespace tombolo {

// What a failing delivery does to those behind it while it waits for its next try.
enum class HeadOfLine {
  hold_key,  // those of its keys wait, all others pass
  block,     // everything waits
  skip,      // nothing waits: it steps aside and is tried again on its own
  stop,      // everything waits until an operator resumes
};

class Lanes {
 public:
  using Number = std::uint64_t;  // ascending in the order of posting

  explicit Lanes(std::size_t width, HeadOfLine rule) : width_(width), rule_(rule) {}

  // A new delivery; numbers must ascend. due: not before (of one that was waiting for a retry when the engine stopped).
  void add(Number number, const std::vector<std::string>& keys, Time due = {}, int urgency = 0);

  // The most urgent, lowest delivery that may go now; it is then in hand. Nothing: look again at next_due(), or after done() or add().
  std::optional<Number> take(Time now);

  void done(Number number);              // finished for good (delivered, dead, skipped): its keys go on
  void retry(Number number, Time due);   // still to be done, not before `due`; what waits for it is the rule's business

  // When the first waiting retry falls due; nothing if none waits.
  std::optional<Time> next_due() const;

  bool knows(Number number) const { return items_.count(number) > 0; }
  std::size_t waiting() const { return items_.size() - in_hand_; }
  std::size_t in_hand() const { return in_hand_; }

 private:
  struct Item {
    std::vector<std::string> keys;
    std::size_t ahead = 0;   // in so many of its keys somebody stands before it
    Time due{};
    int urgency = 0;
    bool in_hand = false;
  };
  using Turn = std::pair<int, Number>;                        // less urgent: higher

  void leave_keys(Number number, Item& item);
  void hurry(const Item& item);
  bool blocked() const;

  std::size_t width_;
  HeadOfLine rule_;
  std::unordered_map<Number, Item> items_;
  std::unordered_map<std::string, std::deque<Number>> keys_;  // who waits for the key, first in front
  std::set<Turn> ready_;                                      // nobody ahead, due
  std::multimap<Time, Number> later_;                         // nobody ahead, not yet due
  std::size_t in_hand_ = 0;
};

}  // namespace tombolo
