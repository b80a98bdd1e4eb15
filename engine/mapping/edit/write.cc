// Writing into the message, and taking out of it.
#include <algorithm>

#include "engine/formats/hl7v2/patch.h"
#include "engine/formats/hl7v2/writer.h"
#include "engine/mapping/edit/run.h"

namespace tombolo::mapping {

namespace {

std::vector<NodeId> repetitions_of(const Tree& tree, NodeId segment, int field) {
  const auto name = std::to_string(field);
  std::vector<NodeId> found;
  for (const NodeId child : children(tree, segment))
    if (tree[child].name() == name) found.push_back(child);
  return found;
}

}  // namespace

void EditRunner::write(const EditPlace& place, NodeId segment, NodeId repetition, const std::vector<Value>& values) {
  if (values.empty() || failed_) return;
  if (place.list) write_field(place, segment, values);
  else write_part(place, segment, repetition, values.front());
}

// A whole field: what it already has stays as it is, in the order of the values; what is no longer among them goes.
void EditRunner::write_field(const EditPlace& place, NodeId segment, const std::vector<Value>& values) {
  const auto before = inputs_.watch ? text_at(segment, place.field) : std::string();
  const auto old = repetitions_of(tree_, segment, place.field);
  const bool in_place = values.size() == old.size() && std::none_of(values.begin(), values.end(), [&](const Value& v) {
                          const auto at = std::find(old.begin(), old.end(), v.node);
                          return at != old.end() && at - old.begin() != &v - values.data();
                        });
  NodeId after = no_node;
  for (const NodeId child : children(tree_, segment))
    if (hl7v2::number_of(tree_[child]) < place.field) after = child;
  bool any = !in_place && old.size() != values.size();
  std::vector<NodeId> now;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const bool stays = std::find(old.begin(), old.end(), values[i].node) != old.end();
    const NodeId node = in_place ? old[i] : stays && std::find(now.begin(), now.end(), values[i].node) == now.end() ? values[i].node : made(segment, place.field, place.element);
    any = set(node, values[i], place.type) || any || (!in_place && (i >= old.size() || old[i] != node));
    now.push_back(node);
  }
  for (const NodeId node : old)
    if (std::find(now.begin(), now.end(), node) == now.end()) tree_.remove(node);
  if (!in_place)
    for (const NodeId node : now) tree_.move(node, segment, after), after = node;
  for (const NodeId node : now)
    if (tree_[node].holds == Holds::nothing && tree_[node].first == no_node) tree_.remove(node);  // ''
  if (any) changed(EditReport::Deed::written, place_of(segment) + "-" + std::to_string(place.field), before, inputs_.watch ? text_at(segment, place.field) : "");
}

void EditRunner::write_part(const EditPlace& place, NodeId segment, NodeId repetition, const Value& value) {
  NodeId field = repetition;
  if (field == no_node && !place.by_repetition)
    if (const auto all = repetitions_of(tree_, segment, place.field); !all.empty()) {
      field = all.front();
      if (place.component == 0 && value.node == field) return;  // however often it is there
      for (auto more = all.begin() + 1; more != all.end(); ++more) erase(place, segment, *more);
    }
  const bool nothing = value.node == no_node && value.row == nullptr && !value.deleted && value.text.empty();
  if (nothing) return field == no_node ? void() : erase(place, segment, field);
  const NodeId known = field == no_node ? no_node : find_part(place, field);
  const auto before = known == no_node || !inputs_.watch ? std::string() : text_at(known);
  if (field == no_node) field = made(segment, place.field, place.element);
  const NodeId node = make_part(place, field);
  if (!set(node, value, place.type)) return;
  if (inputs_.watch) changed(EditReport::Deed::written, place_of(node), before, text_at(node));
  else changed(EditReport::Deed::written, {}, {}, {});
}

// The part of a field that a place names; no_node: it is not there. A value without components is its own first one.
NodeId EditRunner::find_part(const EditPlace& place, NodeId field) const {
  NodeId node = field;
  for (const int number : {place.component, place.subcomponent}) {
    if (number == 0 || (number == 1 && tree_[node].first == no_node)) continue;
    node = tree_.child(node, std::to_string(number));
    if (node == no_node) return no_node;
  }
  return node;
}

NodeId EditRunner::make_part(const EditPlace& place, NodeId field) {
  NodeId node = field;
  const bool first_of_all = place.component <= 1 && place.subcomponent <= 1;
  if (place.component == 0 || (first_of_all && tree_[node].first == no_node)) return node;
  for (const int number : {place.component, place.subcomponent}) {
    if (number == 0 || (node != field && number == 1 && tree_[node].first == no_node)) continue;
    branch(node);
    const NodeId child = tree_.child(node, std::to_string(number));
    node = child != no_node ? child : made(node, number, element_below(node, number));
  }
  return node;
}

void EditRunner::erase(const EditPlace& place, NodeId segment, NodeId repetition) {
  if (place.field != 0 && repetition == no_node) return;
  const NodeId node = place.field == 0 ? segment : find_part(place, repetition);
  if (node == no_node || tree_[node].parent == no_node) return;
  if (inputs_.watch) changed(EditReport::Deed::deleted, place_of(node), text_at(node), {});
  else changed(EditReport::Deed::deleted, {}, {}, {});
  take_out(node);
}

// With whatever it leaves empty around it, up to the outermost group.
void EditRunner::take_out(NodeId node) {
  while (true) {
    const NodeId parent = tree_[node].parent;
    tree_.remove(node);
    const bool part = tree_[node].name_size < 3;
    if (parent == tree_.root() || tree_[parent].first != no_node || (part && tree_[parent].name_size >= 3)) return;
    node = parent;
  }
}

}  // namespace tombolo::mapping
