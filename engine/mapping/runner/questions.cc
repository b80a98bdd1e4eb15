// Conditions that ask about places of the message, answered as the evaluator would: with the same truth, having read the same nodes
// in the same order.
#include <algorithm>

#include "engine/mapping/runner/run.h"

namespace tombolo::mapping {

using fhirpath::Presence;

// Follows a way to the nodes that have a value. What it meets counts as read, "" too.
Runner::Met Runner::meet(const Way& way, const Activation& act) {
  Met met;
  met.all = act.visit(way.slot, [&](NodeId node) {
    node = act.component(node, way.component);
    if (node != no_node) node = act.component(node, way.subcomponent);
    const auto found = node == no_node ? Presence::absent : fhirpath::presence(source_, node);
    if (found == Presence::absent) return;
    reads_.push_back(node);
    if (found == Presence::deleted) return;
    if (met.count++ == 0) met.first = node;
  });
  return met;
}

Runner::Answer Runner::valued(const Way& way, const Activation& act) {
  const auto met = meet(way, act);
  if (met.all) return met.count != 0 ? Answer::yes : Answer::unknown;
  const auto kind = act.map.slots[way.slot].kind;
  if (kind != ReadSlot::Kind::local && kind != ReadSlot::Kind::entries) return Answer::open;
  Items items(tree_.arena());
  act.read(way.slot, items);
  keep_valued(items, 0);
  const auto* const truth = items.size() == 1 ? std::get_if<bool>(&items[0].held) : nullptr;
  if (truth != nullptr) return *truth ? Answer::yes : Answer::no;
  return items.empty() ? Answer::unknown : Answer::yes;
}

Runner::Answer Runner::equals(const Question& q, const Activation& act) {
  const auto met = meet(q.way, act);
  if (!met.all || met.count > 1) return Answer::open;
  if (met.count == 0) return Answer::unknown;
  const Node& node = source_[met.first];
  if (node.holds != Holds::text) return Answer::open;
  const auto value = node.value();
  return std::any_of(q.texts.begin(), q.texts.end(), [&](const std::string& text) { return text == value; }) ? Answer::yes : Answer::no;
}

Runner::Answer Runner::parted(const Way& way, const Activation& act) {
  const auto met = meet(way, act);
  if (!met.all || met.count > 1) return Answer::open;
  if (met.count == 0) return Answer::unknown;
  for (const NodeId child : children(source_, met.first))
    if (source_[child].holds == Holds::text || source_[child].first != no_node) return Answer::yes;
  return Answer::unknown;
}

Runner::Answer Runner::answer(const Question& q, const Activation& act) {
  switch (q.kind) {
    case Question::Kind::valued: return valued(q.way, act);
    case Question::Kind::equals: return equals(q, act);
    case Question::Kind::parted: return parted(q.way, act);
    case Question::Kind::negated: {
      const auto part = answer(q.parts[0], act);
      return part == Answer::open ? part : part == Answer::yes ? Answer::no : Answer::yes;
    }
    case Question::Kind::both:
    case Question::Kind::either: {
      const auto decisive = q.kind == Question::Kind::both ? Answer::no : Answer::yes;  // the rest is not read then
      const auto left = answer(q.parts[0], act);
      if (left == decisive || left == Answer::open) return left;
      const auto right = answer(q.parts[1], act);
      if (right == decisive || right == Answer::open) return right;
      return left == Answer::unknown ? left : right;
    }
  }
  return Answer::open;
}

}  // namespace tombolo::mapping
