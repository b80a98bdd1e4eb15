#include "engine/mapping/runner/activation.h"

namespace tombolo::mapping {

using fhirpath::Item;
using fhirpath::Items;

namespace {

bool is(const Node& node, const V2Place::Step& step) {
  return step.element != 0 ? node.element == step.element : node.name() == step.name;
}

}  // namespace

Item handle_item(const Canonical& entries, Handle handle) {
  return Item{fhirpath::Handle{static_cast<std::uint64_t>(handle), entries.common_key(handle)}, {}};
}

Activation::Activation(const CompiledMap& m, const Surroundings& a, const Item& in, const Narrow* n)
    : map(m),
      around(a),
      input(in),
      focus(a.arena),
      narrow(n),
      registers(m.registers, no_node, a.arena.resource()),
      locals(m.locals, Items(a.arena), a.arena.resource()),
      reads(m.reads.size(), Items(a.arena), a.arena.resource()),
      tables(m.tables, nullptr, a.arena.resource()),
      starts(m.levels, 0, a.arena.resource()),
      made(a.arena.resource()) {
  focus.add(in);
}

template <class F>
void Activation::below(NodeId node, const V2Place& place, std::size_t step, F&& each) const {
  const Tree& tree = around.source;
  for (NodeId child = tree[node].first; child != no_node; child = tree[child].next) {
    if (!is(tree[child], place.path[step])) continue;
    if (step + 1 == place.path.size()) each(child);
    else below(child, place, step + 1, each);
  }
}

// Segments behind `node`, up to the next one of its own kind.
template <class F>
void Activation::following(NodeId node, const V2Place::Step& step, F&& each) const {
  const Tree& tree = around.source;
  for (NodeId next = tree[node].next; next != no_node && tree[next].element != tree[node].element; next = tree[next].next)
    if (is(tree[next], step)) each(next);
}

void Activation::nodes(const V2Place& place, const Each& each) const {
  switch (place.kind) {
    case V2Place::Kind::input:
      if (const auto* const node = input.node()) each(node->node);
      return;
    case V2Place::Kind::header:
      if (around.header != no_node) each(around.header);
      return;
    case V2Place::Kind::read:
      for (const Item& item : reads[place.index])
        if (const auto* const node = item.node()) each(node->node);
      return;
    case V2Place::Kind::current:
      if (registers[place.index] != no_node) each(registers[place.index]);
      return;
    case V2Place::Kind::below: return nodes(map.places[place.base], [&](NodeId node) { below(node, place, 0, each); });
    case V2Place::Kind::following: return nodes(map.places[place.base], [&](NodeId node) { following(node, place.path[0], each); });
  }
}

// The current item of an `each` over this field or component of the segment.
const Narrow* Activation::current_of(NodeId segment, const ReadSlot& slot) const {
  const Tree& tree = around.source;
  for (const auto* n = narrow; n != nullptr; n = n->outer) {
    if (n->parent == segment && n->name == slot.field_name) return n;
    if (slot.component != 0 && tree[n->parent].parent == segment && tree[n->parent].name() == slot.field_name && n->name == slot.component_name) return n;
  }
  return nullptr;
}

// HL7: a value without components is its own first component.
void Activation::repetition(NodeId node, const ReadSlot& slot, Items& out) const {
  const Tree& tree = around.source;
  if (slot.component == 0 || (slot.component == 1 && tree[node].first == no_node)) return out.add(tree, node);
  if (const NodeId child = tree.child(node, slot.component_name); child != no_node) out.add(tree, child);
}

void Activation::field(const ReadSlot& slot, Items& out) const {
  const Tree& tree = around.source;
  nodes(map.places[slot.number], [&](NodeId segment) {
    const auto* const turn = slot.repetition == 0 ? current_of(segment, slot) : nullptr;
    if (turn != nullptr && turn->parent == segment) return repetition(turn->node, slot, out);
    if (turn != nullptr) return out.add(tree, turn->node);
    std::uint16_t nth = 0;
    for (NodeId child = tree[segment].first; child != no_node; child = tree[child].next)
      if (tree[child].name() == slot.field_name && (slot.repetition == 0 || ++nth == slot.repetition)) repetition(child, slot, out);
  });
}

void Activation::read(std::uint32_t number, Items& out) const {
  const auto& slot = map.slots[number];
  switch (slot.kind) {
    case ReadSlot::Kind::place:
      return nodes(map.places[slot.number], [&](NodeId node) { out.add(around.source, node); });
    case ReadSlot::Kind::field: return field(slot, out);
    case ReadSlot::Kind::focus: return out.append(focus);
    case ReadSlot::Kind::local: return out.append(locals[slot.number]);
    case ReadSlot::Kind::entries:
      for (std::size_t i = starts[slot.level]; i < made.size(); ++i)
        if (made[i].variable == slot.number) out.add(handle_item(around.entries, made[i].handle));
      return;
    case ReadSlot::Kind::index: return out.add(Item{index, {}});
    case ReadSlot::Kind::received: return out.add(Item{around.received, {}});
  }
}

}  // namespace tombolo::mapping
