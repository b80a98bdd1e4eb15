#include "engine/mapping/runner/numbered.h"

#include <algorithm>

namespace tombolo::mapping {

// Segments may be called by digits too, as the lines of a broken text are.
std::uint32_t Numbered::number(std::string_view name) {
  std::uint32_t n = 0;
  if (name.size() > 9) return 0;
  for (const char c : name) {
    if (c < '0' || c > '9') return 0;
    n = n * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return n;
}

void Numbered::count(NodeId parent) {
  const auto counted = [&](NodeId child) {
    const auto n = number(tree_[child].name());
    return n <= most_counted ? n : 0;
  };
  std::uint32_t highest = 0;
  for (const NodeId child : children(tree_, parent)) highest = std::max(highest, counted(child));
  const auto begin = static_cast<std::uint32_t>(first_.size());
  begins_[parent] = begin;
  first_.resize(begin + 1 + highest, no_node);
  first_[begin] = highest;
  Valued valued = 1;
  for (const NodeId child : children(tree_, parent)) {
    const auto n = counted(child);
    if (auto& first = first_[begin + n]; first == no_node) first = child;
    if (n < most_valued) valued |= Valued{1} << n;
  }
  valued_[parent] = valued;
}

NodeId Numbered::look(NodeId parent, std::uint32_t wanted) const {
  for (const NodeId child : children(tree_, parent))
    if (number(tree_[child].name()) == wanted) return child;
  return no_node;
}

}  // namespace tombolo::mapping
