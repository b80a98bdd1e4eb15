#include "engine/filters/validate/survey.h"

#include <algorithm>

#include "engine/base/letters.h"
#include "engine/formats/hl7v2/grammar.h"

namespace tombolo {
namespace {

hl7v2::Part part(const Node& node) { return static_cast<hl7v2::Part>(node.flags); }

// What stands where a segment's name should may be the middle of somebody's text: only what looks like a name is repeated.
bool proper(const Node& node) {
  const std::string_view name = node.name();
  const auto capital = [](char c) { return c >= 'A' && c <= 'Z'; };
  return part(node) == hl7v2::Part::group ||
         (name.size() == 3 && capital(name[0]) && std::all_of(name.begin(), name.end(), [&](char c) { return capital(c) || is_digit(c); }));
}

}  // namespace

Survey::Survey(const Tree& message) : tree_(message), numbers_(message.size()), occurrences_(message.size()), belated_(message.size()) {
  visit(message.root());
  count();
}

void Survey::visit(NodeId parent) {
  for (const NodeId node : children(tree_, parent)) {
    occurrences_[node] = ++totals_[tree_[node].name()];
    if (part(tree_[node]) == hl7v2::Part::group) visit(node);
    else segments_.push_back(node);
  }
}

// Numbers by the place in the bytes; a segment that was added later comes after the one before it.
void Survey::count() {
  std::vector<std::pair<std::uint32_t, std::uint32_t>> order;          // where it begins, its index in segments_
  std::uint32_t begin = 0;
  for (std::uint32_t i = 0; i < segments_.size(); ++i) {
    const Node& node = tree_[segments_[i]];
    if (node.length > 0) begin = node.begin;
    order.emplace_back(begin, i);
  }
  std::stable_sort(order.begin(), order.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::uint32_t furthest = 0, number = 0;
  for (const auto& [at, index] : order) {
    const NodeId segment = segments_[index];
    belated_[segment] = index < furthest;
    furthest = std::max(furthest, index);
    ++number;
    for (NodeId up = segment; up != no_node && up != tree_.root(); up = tree_[up].parent) numbers_[up] = number;
  }
}

std::string Survey::place(NodeId node) const {
  if (!proper(tree_[node])) return {};
  std::string out(tree_[node].name());
  if (totals_.at(tree_[node].name()) > 1) out.append("[").append(std::to_string(occurrences_[node])).append("]");
  return out;
}

std::string Survey::would_be(std::string_view segment, std::size_t number) const {
  const auto before = std::count_if(segments_.begin(), segments_.end(), [&](NodeId one) {
    return tree_[one].name() == segment && numbers_[one] <= number;
  });
  return before == 0 ? std::string(segment) : std::string(segment) + "[" + std::to_string(before + 1) + "]";
}

}  // namespace tombolo
