// Numbered: fields of a segment and components of a value, found by number in one step. The children of a node are counted when
// somebody first asks; most of a map's questions are about a few nodes, and most answers are "there is none".
#pragma once

#include <cstdint>
#include <vector>

#include "engine/mapping/compiler/program.h"
#include "engine/tree/tree.h"

namespace tombolo::mapping {

class Numbered {
 public:
  static constexpr std::uint32_t most_counted = 999;   // beyond it the children are looked through: no table grows with a number that is sent
  enum class Message { stays, changes };   // one that changes is looked through each time

  explicit Numbered(const Tree& message, Message is = Message::stays) : tree_(message), begins_(is == Message::stays ? message.size() : 0, 0), valued_(begins_.size(), 0), first_(1, no_node) {}

  // The first child of `parent` with this number (from 1); no_node: there is none.
  NodeId first(NodeId parent, std::uint32_t number) {
    if (begins_.empty() || number > most_counted) return look(parent, number);
    if (begins_[parent] == 0) count(parent);
    const std::uint32_t begin = begins_[parent];
    return number <= first_[begin] ? first_[begin + number] : no_node;
  }
  // Which of the numbers below 63 there is a child of; bit 0 is always set. Of a message that changes: all.
  Valued valued(NodeId parent) {
    if (begins_.empty()) return ~Valued{0};
    if (begins_[parent] == 0) count(parent);
    return valued_[parent];
  }
  // The next repetition: repetitions are neighbours.
  NodeId next(NodeId node) const {
    const NodeId other = tree_[node].next;
    return other != no_node && tree_[other].name() == tree_[node].name() ? other : no_node;
  }

  static std::uint32_t number(std::string_view name);  // "12" → 12; 0: a name with letters

 private:
  void count(NodeId parent);
  NodeId look(NodeId parent, std::uint32_t number) const;

  const Tree& tree_;
  std::vector<std::uint32_t> begins_;  // per node: where its children stand in first_; 0: not counted yet; empty: never counted
  std::vector<Valued> valued_;         // per node that is counted
  std::vector<std::uint32_t> first_;   // the highest number, then for 1, 2 … the first child with it
};

}  // namespace tombolo::mapping
