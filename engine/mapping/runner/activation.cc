#include "engine/mapping/runner/activation.h"

#include <algorithm>
#include <memory>
#include <type_traits>

namespace tombolo::mapping {

using fhirpath::Item;
using fhirpath::Items;

namespace {

bool is(const Node& node, const V2Place::Step& step) {
  return step.element != 0 ? node.element == step.element : node.name() == step.name;
}

// Nothing in the arena is destroyed, so nothing in it may need to be.
template <class T>
std::span<T> array(Arena& arena, std::size_t size, const T& value) {
  static_assert(std::is_trivially_destructible_v<T>);
  if (size == 0) return {};
  auto* const begin = static_cast<T*>(arena.resource()->allocate(size * sizeof(T), alignof(T)));
  std::uninitialized_fill_n(begin, size, value);
  return {begin, size};
}

}  // namespace

Item handle_item(const Canonical& entries, Handle handle) {
  return Item{fhirpath::Handle{static_cast<std::uint64_t>(handle), entries.common_key(handle)}, {}};
}

Activation::Activation(const CompiledMap& m, const Surroundings& a, const Item& in, const Narrow* n)
    : map(m),
      around(a),
      input(in),
      input_node(in.is_node() ? in.node()->node : no_node),
      focus(a.arena),
      narrow(n),
      registers(array(a.arena, m.registers, no_node)),
      locals(array(a.arena, m.locals, Items(a.arena))),
      reads(array(a.arena, m.reads.size(), Items(a.arena))),
      tables(array<const CodeTable*>(a.arena, m.tables, nullptr)),
      starts(array(a.arena, m.levels, std::uint32_t{0})),
      made(a.arena.resource()) {
  look_at(in);
  if (input_node != no_node) input_valued = a.numbers.valued(input_node);
}

void Activation::look_at(const Item& item) {
  focus.clear();
  focus.add(item);
  focus_valued = ~Valued{0};  // a value that was computed may be asked for anything
  if (const auto* const ref = item.node()) {
    focus_valued = around.numbers.valued(ref->node);
    if (around.source[ref->node].first == no_node) focus_valued |= 2;  // it is its own first component
  }
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

// Looks through groups; fields have short names. True: that was enough.
bool Activation::anywhere(NodeId node, const V2Place& place, const Each& each) const {
  const Tree& tree = around.source;
  for (NodeId child = tree[node].first; child != no_node; child = tree[child].next) {
    if (tree[child].name() == place.path[0].name) {
      each(child);
      if (place.index == 1) return true;
    } else if (tree[child].name_size > 3 && anywhere(child, place, each)) {
      return true;
    }
  }
  return false;
}

void Activation::above(NodeId node, const V2Place::Step& step, const Each& each) const {
  const Tree& tree = around.source;
  for (NodeId at = tree[node].parent; at != no_node; at = tree[at].parent)
    if (is(tree[at], step)) return each(at);
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
    case V2Place::Kind::anywhere: return nodes(map.places[place.base], [&](NodeId node) { anywhere(node, place, each); });
    case V2Place::Kind::either: {
      bool around_it = false;
      nodes(map.places[map.places[place.base].base], [&](NodeId) { around_it = true; });
      return nodes(map.places[around_it ? place.base : place.index], each);
    }
    case V2Place::Kind::above: return nodes(map.places[place.base], [&](NodeId node) { above(node, place.path[0], each); });
  }
}

// The node of a place that is one node at most.
std::optional<NodeId> Activation::single(const V2Place& place) const {
  switch (place.kind) {
    case V2Place::Kind::input: return input_node;
    case V2Place::Kind::header: return around.header;
    case V2Place::Kind::current: return registers[place.index];
    default: return std::nullopt;
  }
}

// The current item of an `each` over this field or component of the segment.
const Narrow* Activation::current_of(NodeId segment, const ReadSlot& slot) const {
  const Tree& tree = around.source;
  for (const auto* n = narrow; n != nullptr; n = n->outer) {
    if (n->parent == segment && n->number == slot.field) return n;
    const bool part = slot.component != 0 && n->number == slot.component && tree[n->parent].parent == segment;
    if (part && Numbered::number(tree[n->parent].name()) == slot.field) return n;
  }
  return nullptr;
}

NodeId Activation::component(NodeId node, std::uint16_t number) const {
  if (number == 0 || (number == 1 && around.source[node].first == no_node)) return node;
  return around.numbers.first(node, number);
}

void Activation::fields(NodeId segment, const ReadSlot& slot, const Each& each) const {
  if (segment == no_node) return;
  const auto add = [&](NodeId node) {
    if (node != no_node) each(node);
  };
  NodeId node = around.numbers.first(segment, slot.field);
  if (slot.repetition != 0) {
    for (std::uint16_t nth = 1; nth < slot.repetition && node != no_node; ++nth) node = around.numbers.next(node);
    if (node != no_node) add(component(node, slot.component));
    return;
  }
  if (const auto* const turn = narrow != nullptr && node != no_node ? current_of(segment, slot) : nullptr)
    return add(turn->parent == segment ? component(turn->node, slot.component) : turn->node);
  for (; node != no_node; node = around.numbers.next(node)) add(component(node, slot.component));
}

bool Activation::lacks_component(NodeId node, const Need& need) const {
  while (node != no_node && component(node, need.component) == no_node) node = around.numbers.next(node);
  return node == no_node;
}

bool Activation::lacks_other(const Need& need) const {
  switch (need.kind) {
    case Need::Kind::reads: return reads[need.number].empty();
    case Need::Kind::focus:
      return std::all_of(focus.begin(), focus.end(), [&](const Item& item) { return item.is_node() && component(item.node()->node, need.component) == no_node; });
    case Need::Kind::entries:
      return std::none_of(made.begin() + starts[need.level], made.end(), [&](const Made& m) { return m.variable == need.number; });
    default: return false;
  }
}

bool Activation::visit(std::uint32_t number, const Each& each) const {
  const auto& slot = map.slots[number];
  switch (slot.kind) {
    case ReadSlot::Kind::place: return nodes(map.places[slot.number], each), true;
    case ReadSlot::Kind::field: {
      const auto& place = map.places[slot.number];
      if (const auto segment = single(place)) return fields(*segment, slot, each), true;
      return nodes(place, [&](NodeId segment) { fields(segment, slot, each); }), true;
    }
    case ReadSlot::Kind::focus:
      if (!std::all_of(focus.begin(), focus.end(), [](const Item& item) { return item.is_node(); })) return false;
      for (const Item& item : focus) each(item.node()->node);
      return true;
    default: return false;
  }
}

void Activation::read(std::uint32_t number, Items& out) const {
  const auto& slot = map.slots[number];
  switch (slot.kind) {
    case ReadSlot::Kind::place:
    case ReadSlot::Kind::field: visit(number, [&](NodeId node) { out.add(around.source, node); }); return;
    case ReadSlot::Kind::focus: return out.append(focus);
    case ReadSlot::Kind::local: return out.append(locals[slot.number]);
    case ReadSlot::Kind::entries:
      for (std::size_t i = starts[slot.level]; i < made.size(); ++i)
        if (made[i].variable == slot.number) out.add(handle_item(*around.entries, made[i].handle));
      return;
    case ReadSlot::Kind::index: return out.add(Item{index, {}});
    case ReadSlot::Kind::received: return out.add(Item{around.received, {}});
  }
}

}  // namespace tombolo::mapping
