// The nodes of the message: made, filled, copied.
#include <algorithm>
#include <tuple>

#include "engine/formats/hl7v2/grammar.h"
#include "engine/formats/hl7v2/patch.h"
#include "engine/formats/hl7v2/writer.h"
#include "engine/mapping/edit/run.h"

namespace tombolo::mapping {

using hl7v2::Part;

namespace {

Part below(std::uint8_t part) {
  switch (static_cast<Part>(part)) {
    case Part::field: return Part::component;
    case Part::component:
    case Part::subcomponent: return Part::subcomponent;
    default: return Part::field;
  }
}

}  // namespace

// False: the value is there already.
bool EditRunner::set(NodeId node, const Value& value, const V2Type* type) {
  if (value.node != no_node) return set_copy(node, value);
  if (value.row != nullptr && set_row(node, value, type)) return true;
  const bool deleted = value.deleted || value.text == "\"\"";
  const Node& n = tree_[node];
  if (n.first == no_node && (deleted ? n.holds == Holds::deleted : n.holds == Holds::text && n.value() == value.text)) return false;
  clear(node);
  if (deleted) tree_.set_deleted(node);
  else if (!value.text.empty()) tree_.set_value(node, value.text);
  tree_[node].lineage = value.lineage;
  return true;
}

// A row of a table with more than a code fills code, text and coding system. False: there is but the code, or room for it.
bool EditRunner::set_row(NodeId node, const Value& value, const V2Type* type) {
  const auto& row = *value.row;
  if (type == nullptr || type->name != "CWE" || (row.display.empty() && row.system.empty())) return false;
  clear(node);
  int number = 0;
  for (const auto text : {row.code, row.display, row.system}) {
    ++number;
    if (text.empty()) continue;
    const NodeId child = made(node, number, element_below(node, number));
    tree_.set_value(child, text);
    tree_[child].lineage = value.lineage;
  }
  return true;
}

bool EditRunner::set_copy(NodeId node, const Value& value) {
  if (value.node == node || hl7v2::same_content(tree_, node, tree_, value.node)) return false;
  if (tree_[value.node].first == no_node) {
    const Node from = tree_[value.node];
    clear(node);
    tree_[node].lineage = value.lineage;
    copy_leaf(from, node);
    return true;
  }
  const NodeId kept = kept_copy(value.node);  // one may stand in the other
  clear(node);
  copy_below(kept, node);
  return true;
}

// A part that was not received takes over the place in the bytes, and with it the sender's spelling.
void EditRunner::copy_leaf(const Node& from, NodeId to) {
  if (from.holds == Holds::deleted) tree_.set_deleted(to);
  else if (from.holds == Holds::text) tree_.set_value(to, from.value());
  if (tree_[to].length == 0) tree_[to].begin = from.begin, tree_[to].length = from.length;
}

void EditRunner::copy_below(NodeId from, NodeId to) {
  for (NodeId child = tree_[from].first; child != no_node; child = tree_[child].next) {
    const NodeId copy = tree_.add(to, tree_[child].name());
    tree_[copy].flags = static_cast<std::uint8_t>(below(tree_[to].flags));
    tree_[copy].element = tree_[child].element;
    const bool deepest = tree_[copy].flags == static_cast<std::uint8_t>(Part::subcomponent);
    const NodeId leaf = deepest ? first_leaf(child) : child;
    if (leaf == no_node) continue;
    if (tree_[leaf].first != no_node) {
      copy_below(leaf, copy);
      continue;
    }
    const auto from_where = origins(leaf);
    Lineage l;
    l.rule = rule_ + 1;
    tree_[copy].lineage = tree_.add_lineage(l, from_where);
    const Node node = tree_[leaf];
    copy_leaf(node, copy);
  }
}

// With its place in the bytes: it is printed as they are.
void EditRunner::copy_as_received(NodeId from, NodeId to) {
  const Node node = tree_[from];
  Node& copy = tree_[to];
  std::tie(copy.holds, copy.value_text, copy.value_size) = std::tie(node.holds, node.value_text, node.value_size);
  std::tie(copy.flags, copy.element, copy.begin, copy.length) = std::tie(node.flags, node.element, node.begin, node.length);
  if (node.holds != Holds::nothing) {
    const auto from_where = origins(from);
    Lineage l;
    l.rule = rule_ + 1;
    tree_[to].lineage = tree_.add_lineage(l, from_where);
  }
  for (NodeId child = node.first; child != no_node; child = tree_[child].next) copy_as_received(child, tree_.add(to, tree_[child].name()));
}

// A copy outside the message.
NodeId EditRunner::kept_copy(NodeId node) {
  if (attic_ == no_node) {
    attic_ = tree_.add(tree_.root(), "");
    tree_.remove(attic_);
  }
  const NodeId copy = tree_.add(attic_, tree_[node].name());
  tree_[copy].flags = tree_[node].flags;
  tree_[copy].element = tree_[node].element;
  if (tree_[node].first != no_node) {
    copy_below(node, copy);
    return copy;
  }
  const auto from_where = origins(node);
  tree_[copy].lineage = tree_.add_lineage(Lineage{}, from_where);
  const Node from = tree_[node];
  copy_leaf(from, copy);
  return copy;
}

// A new field, component or sub-component, behind those of its number and of smaller ones.
NodeId EditRunner::made(NodeId parent, int number, std::uint32_t element) {
  NodeId after = no_node;
  for (const NodeId child : children(tree_, parent))
    if (hl7v2::number_of(tree_[child]) <= number) after = child;
  const NodeId node = tree_.add(parent, tree_.arena().copy(std::to_string(number)));
  tree_.move(node, parent, after);
  tree_[node].flags = static_cast<std::uint8_t>(below(tree_[parent].flags));
  tree_[node].element = element;
  return node;
}

// A value becomes its own first component, so that others can stand beside it.
void EditRunner::branch(NodeId node) {
  if (tree_[node].first != no_node) return;
  const Node value = tree_[node];
  const auto from = origins(node);
  clear(node);
  if (value.holds != Holds::text) return;
  const NodeId first = made(node, 1, element_below(node, 1));
  copy_leaf(value, first);
  tree_[first].lineage = tree_.add_lineage(Lineage{}, from);
}

void EditRunner::clear(NodeId node) {
  while (tree_[node].first != no_node) tree_.remove(tree_[node].first);
  Node& n = tree_[node];
  n.holds = Holds::nothing;
  n.value_text = "";
  n.value_size = 0;
  n.lineage = 0;
}

std::uint32_t EditRunner::element_below(NodeId node, int number) const {
  const auto* const field = types_.dictionary().field_at(tree_[node].element);
  const auto* const part = field == nullptr ? nullptr : field->type->component(number);
  return part == nullptr ? 0 : part->element;
}

}  // namespace tombolo::mapping
