// Segments and groups that are put somewhere: moved ones, copies, new ones.
#include <algorithm>

#include "engine/formats/hl7v2/patch.h"
#include "engine/mapping/edit/run.h"

namespace tombolo::mapping {

using hl7v2::Put;

namespace {

bool is_group(const Node& node) { return node.name_size > 3; }

// Of a group all that stand in it, of a segment itself.
std::vector<NodeId> segments_of(const Tree& tree, NodeId node) {
  std::vector<NodeId> list;
  if (is_group(tree[node])) hl7v2::collect_segments(tree, node, list);
  else list.push_back(node);
  return list;
}

}  // namespace

// Each stands behind the one before it, or in front of the one after it: so they keep their order.
void EditRunner::move(const EditOp& op, Activation& act) {
  auto trips = this->trips(op, act);
  if (op.before) std::reverse(trips.begin(), trips.end());
  const auto first = report_.changes.size();
  Trip last;
  for (const auto& trip : trips) {
    const NodeId beside = trip.beside == last.beside ? last.node : trip.beside;
    last = trip;
    if (stands(trip.node, beside, op.before)) continue;
    changed(EditReport::Deed::moved, told(trip.node), {}, where(op, trip.beside));
    take_out(trip.node);
    tree_[trip.node].element = op.element;
    put(trip.node, beside, op.before);
  }
  if (op.before) std::reverse(report_.changes.begin() + static_cast<std::ptrdiff_t>(first), report_.changes.end());
}

void EditRunner::copy(const EditOp& op, Activation& act) {
  const NodeId current = act.current;
  Trip last;
  for (const auto& trip : trips(op, act)) {
    rule_ = op.rule;
    const NodeId copy = tree_.add(tree_[trip.beside].parent, tree_[trip.node].name());
    copy_as_received(trip.node, copy);
    tree_[copy].element = op.element;
    put(copy, !op.before && trip.beside == last.beside ? last.node : trip.beside, op.before);
    last = {copy, trip.beside};
    changed(EditReport::Deed::copied, told(trip.node), {}, where(op, trip.beside));
    act.registers[op.place.number] = act.current = trip.node;
    body(op, copy, act);
  }
  act.current = current;
}

// Which go, and next to what: settled before the first one goes.
std::vector<EditRunner::Trip> EditRunner::trips(const EditOp& op, Activation& act) {
  std::vector<NodeId> chosen;
  occurrences(op.place, act, [&](NodeId node, NodeId) {
    if (holds(op.when, act)) chosen.push_back(node);
  });
  std::vector<bool> leaving(tree_.size());
  if (op.kind == EditOp::Kind::move)
    for (const NodeId node : chosen) leaving[node] = true;
  std::vector<Trip> trips;
  std::size_t next = 0;
  occurrences(op.place, act, [&](NodeId node, NodeId) {
    if (next == chosen.size() || chosen[next] != node) return;
    ++next;
    const NodeId beside = anchor(op, leaving, act);
    if (beside != no_node && (beside != node || op.kind == EditOp::Kind::copy)) trips.push_back({node, beside});
  });
  return trips;
}

// The last one behind which, or the first one in front of which, that does not leave itself. no_node: there is none.
NodeId EditRunner::anchor(const EditOp& op, const std::vector<bool>& leaving, Activation& act) const {
  const std::size_t nth = op.anchor.occurrence;
  std::size_t count = 0;
  NodeId found = no_node;
  act.visit(op.anchor.slot, [&](NodeId node) {
    ++count;
    const bool wanted = nth != 0 ? count == nth : !leaving[node] && (!op.before || found == no_node);
    if (wanted) found = node;
  });
  return found;
}

// Is it there already, in the tree and in the bytes?
bool EditRunner::stands(NodeId node, NodeId beside, bool before) const {
  const NodeId first = before ? node : beside, second = before ? beside : node;
  if (tree_[first].next != second) return false;
  const Node& front = tree_[segments_of(tree_, first).back()];
  const Node& back = tree_[segments_of(tree_, second).front()];
  if (hl7v2::is_put(front) || hl7v2::is_put(back)) return true;
  std::vector<NodeId> received;
  hl7v2::collect_segments(source_, source_.root(), received);
  return front.begin < back.begin && std::none_of(received.begin(), received.end(), [&](NodeId id) {
           return source_[id].begin > front.begin && source_[id].begin < back.begin;
         });
}

// What stands next to something that was put itself stands with it.
void EditRunner::put(NodeId node, NodeId beside, bool before) {
  const auto neighbours = segments_of(tree_, beside);
  const Node& neighbour = tree_[before ? neighbours.front() : neighbours.back()];
  const auto flags = hl7v2::is_put(neighbour) ? neighbour.flags : static_cast<std::uint8_t>(before ? Put::in_front : Put::behind);
  tree_.move(node, tree_[beside].parent, before ? in_front_of(beside) : beside);
  for (const NodeId segment : segments_of(tree_, node)) tree_[segment].flags = flags;
}

NodeId EditRunner::in_front_of(NodeId node) const {
  NodeId before = no_node;
  for (NodeId at = tree_[tree_[node].parent].first; at != node; at = tree_[at].next) before = at;
  return before;
}

// The last of those that were put behind it, or it.
NodeId EditRunner::last_behind(NodeId node) const {
  const auto flags = hl7v2::is_put(tree_[node]) ? tree_[node].flags : static_cast<std::uint8_t>(Put::behind);
  while (tree_[node].next != no_node && tree_[tree_[node].next].flags == flags) node = tree_[node].next;
  return node;
}

// A group is told by its first segment too: "ORDER_OBSERVATION (OBR[2])".
std::string EditRunner::told(NodeId node) const {
  if (!inputs_.watch || !is_group(tree_[node])) return inputs_.watch ? place_of(node) : std::string();
  return std::string(tree_[node].name()) + " (" + place_of(segments_of(tree_, node).front()) + ")";
}

std::string EditRunner::where(const EditOp& op, NodeId beside) const { return (op.before ? "before " : "after ") + told(beside); }

}  // namespace tombolo::mapping
