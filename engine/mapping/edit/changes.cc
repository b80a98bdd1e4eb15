// What an edit did, for people.
#include <utility>

#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/writer.h"
#include "engine/mapping/edit/run.h"

namespace tombolo::mapping {

// In the message as received if the node was there.
std::string EditRunner::place_of(NodeId node) const {
  if (node == no_node) return {};
  return node < source_.size() ? hl7v2::place(source_, node) : hl7v2::place(tree_, node);
}

// "4711^^^NORTH&1.2.3"; a segment or group: "".
std::string EditRunner::text_at(NodeId node) const {
  const Node& n = tree_[node];
  if (n.holds == Holds::deleted) return "\"\"";
  if (n.first == no_node) return std::string(n.value());
  if (n.name_size >= 3) return {};
  const bool components = tree_[n.parent].name_size >= 3;
  std::string out;
  int at = 1;
  for (const NodeId child : children(tree_, node)) {
    for (; at < hl7v2::number_of(tree_[child]); ++at) out += components ? '^' : '&';
    out += text_at(child);
  }
  return out;
}

std::string EditRunner::text_at(NodeId segment, int field) const {
  const auto name = std::to_string(field);
  std::string out;
  bool any = false;
  for (const NodeId child : children(tree_, segment)) {
    if (tree_[child].name() != name) continue;
    if (std::exchange(any, true)) out += '~';
    out += text_at(child);
  }
  return out;
}

void EditRunner::changed(EditReport::Deed deed, std::string place, std::string before, std::string after) {
  ++report_.changed;
  if (inputs_.watch) report_.changes.push_back({deed, rule_ + 1, std::move(place), std::move(before), std::move(after)});
}

}  // namespace tombolo::mapping
