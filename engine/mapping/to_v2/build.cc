// The message while it is built: groups, segments, fields and their parts, made where they belong or found again.
#include <algorithm>

#include "engine/formats/hl7v2/grammar.h"
#include "engine/formats/hl7v2/writer.h"
#include "engine/mapping/to_v2/run.h"

namespace tombolo::mapping::to_v2 {

using hl7v2::Part;

namespace {

Part part_of(const Node& node) { return static_cast<Part>(node.flags); }

Part below(Part part) { return part == Part::segment ? Part::field : part == Part::field ? Part::component : Part::subcomponent; }

}  // namespace

// The last one of this item below `parent`, or one more. Siblings stand in the order of the grammar; a segment that no
// structure knows stands behind what was written before it.
NodeId Runner::item(NodeId parent, const V2Item& item, bool fresh, NodeId& made) {
  NodeId after = no_node, last = no_node;
  for (const NodeId child : children(tree_, parent)) {
    if (tree_[child].name() == item.name && tree_[child].element == item.element) last = child;
    if (item.element == 0 || tree_[child].element <= item.element) after = child;
  }
  if (last != no_node && !fresh) return last;
  const NodeId node = tree_.add(parent, item.name);
  tree_.move(node, parent, after);
  tree_[node].element = item.element;
  tree_[node].flags = static_cast<std::uint8_t>(item.group() ? Part::group : Part::segment);
  if (made == no_node) made = node;
  return node;
}

// The last child of this number, or one more behind those of its number and of smaller ones.
NodeId Runner::numbered(NodeId parent, int number, bool fresh, NodeId& made) {
  NodeId after = no_node, last = no_node;
  for (const NodeId child : children(tree_, parent)) {
    const int n = hl7v2::number_of(tree_[child]);
    if (n == number) last = child;
    if (n <= number) after = child;
  }
  if (last != no_node && !fresh) return last;
  const NodeId node = tree_.add(parent, tree_.arena().copy(std::to_string(number)));
  tree_.move(node, parent, after);
  const auto kind = part_of(tree_[parent]);
  tree_[node].flags = static_cast<std::uint8_t>(below(kind));
  if (kind == Part::segment) {
    const auto* const segment = dictionary_.segment(tree_[parent].name());
    const auto* const field = segment == nullptr ? nullptr : segment->field(number);
    tree_[node].element = field == nullptr ? 0 : field->element;
  } else if (const auto* const field = dictionary_.field_at(tree_[parent].element)) {
    const auto* const component = field->type->component(number);
    tree_[node].element = component == nullptr ? 0 : component->element;
  }
  if (made == no_node) made = node;
  return node;
}

// A value becomes its own first part, so that others can stand beside it.
void Runner::branch(NodeId node) {
  if (tree_[node].first != no_node || tree_[node].holds == Holds::nothing) return;
  const Node value = tree_[node];
  NodeId made = no_node;
  const NodeId first = numbered(node, 1, true, made);
  tree_[first].holds = value.holds, tree_[first].value_text = value.value_text, tree_[first].value_size = value.value_size;
  tree_[first].lineage = value.lineage;
  Node& n = tree_[node];
  n.holds = Holds::nothing, n.value_text = "", n.value_size = 0, n.lineage = 0;
}

NodeId Runner::part(NodeId node, int number, NodeId& made) {
  branch(node);
  return numbered(node, number, false, made);
}

Runner::Opened Runner::open(const Goal& goal, NodeId from) {
  Opened opened;
  NodeId at = from;
  for (std::size_t i = 0; i < goal.items.size(); ++i) {
    const bool last = i + 1 == goal.items.size() && goal.field == 0;
    at = item(at, *goal.items[i], last && goal.list, opened.fresh);
  }
  if (goal.field != 0) {
    int there = 0;
    NodeId nth = no_node;
    for (const NodeId child : children(tree_, at))
      if (hl7v2::number_of(tree_[child]) == goal.field && ++there == goal.repetition) nth = child;
    while (goal.repetition > there + 1) {  // empty repetitions before the one that is meant
      NodeId made = no_node;
      numbered(at, goal.field, true, made);
      ++there;
    }
    at = nth != no_node ? nth : numbered(at, goal.field, goal.list || goal.repetition > there, opened.fresh);
  }
  for (const int number : {goal.component, goal.subcomponent})
    if (number != 0) at = part(at, number, opened.fresh);
  opened.node = at;
  return opened;
}

// What stands at a goal; no_node: nothing yet.
NodeId Runner::find(const Goal& goal, NodeId from) const {
  NodeId at = from;
  for (const auto* const wanted : goal.items) {
    NodeId hit = no_node;
    for (const NodeId child : children(tree_, at))
      if (tree_[child].element == wanted->element && tree_[child].name() == wanted->name) hit = child;
    if (hit == no_node) return no_node;
    at = hit;
  }
  int wanted = std::max<int>(goal.repetition, 1);
  if (goal.field != 0) {
    NodeId hit = no_node;
    for (const NodeId child : children(tree_, at))
      if (hl7v2::number_of(tree_[child]) == goal.field && --wanted == 0) hit = child;
    if (hit == no_node) return no_node;
    at = hit;
  }
  for (const int number : {goal.component, goal.subcomponent}) {
    if (number == 0 || (number == 1 && tree_[at].first == no_node && tree_[at].holds != Holds::nothing)) continue;
    at = tree_.child(at, std::to_string(number));
    if (at == no_node) return no_node;
  }
  return at;
}

bool Runner::holds_value(NodeId node) const {
  if (tree_[node].holds != Holds::nothing) return true;
  for (const NodeId child : children(tree_, node))
    if (holds_value(child)) return true;
  return false;
}

bool Runner::filled(const Goal& goal, NodeId from) const {
  if (goal.list) return false;
  const NodeId there = find(goal, from);
  return there != no_node && (goal.type == nullptr || holds_value(there));
}

bool Runner::computed(NodeId node) const {
  if (const auto index = tree_[node].lineage; index != 0 && tree_.sources(index).size() > tree_.lineage(index).because) return true;
  for (const NodeId child : children(tree_, node))
    if (computed(child)) return true;
  return false;
}

// Takes out what nothing from the Bundle stands in: groups, and segments that the structure does not require where they stand.
void Runner::prune(NodeId node) {
  for (NodeId child = tree_[node].first; child != no_node;) {
    const NodeId next = tree_[child].next;
    const auto* const item = dictionary_.item_at(tree_[child].element);
    const bool required = item != nullptr && !item->group() && (item->required & V2Dictionary::bit(facts_.version_index)) != 0;
    if (tree_[child].name() != "MSH" && !computed(child) && !(required && holds_value(child))) tree_.remove(child);
    else if (part_of(tree_[child]) == Part::group) prune(child);
    child = next;
  }
}

// The number of what is being built among its like: of a segment that repeats, or of the nearest group around it that does.
std::int64_t Runner::position(NodeId node) const {
  while (node != tree_.root() && part_of(tree_[node]) > Part::segment) node = tree_[node].parent;
  const auto repeats = [&](NodeId at) {
    const auto* const item = dictionary_.item_at(tree_[at].element);
    return item == nullptr || item->repeats();
  };
  while (node != tree_.root() && !repeats(node)) node = tree_[node].parent;
  if (node == tree_.root()) return 1;
  std::int64_t n = 0;
  for (const NodeId child : children(tree_, tree_[node].parent)) {
    if (tree_[child].name() == tree_[node].name()) ++n;
    if (child == node) break;
  }
  return n;
}

}  // namespace tombolo::mapping::to_v2
