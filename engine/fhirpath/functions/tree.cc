// Down the tree, and types: children descendants type.
#include <array>

#include "engine/fhirpath/functions/functions.h"

namespace tombolo::fhirpath {
namespace {

bool absent(const Tree& tree, NodeId node) {
  return tree[node].holds == Holds::deleted || (tree[node].holds == Holds::nothing && tree[node].first == no_node);
}

bool child_items(Call& call, Items& out) {
  for (const Item& item : call.input()) {
    const NodeRef* const ref = item.node();
    if (ref == nullptr) continue;
    for (const NodeId child : children(*ref->tree, ref->node)) {
      if (!absent(*ref->tree, child)) out.add(*ref->tree, child);
    }
  }
  return true;
}

// In the order of the text: each node before what is below it. Without recursion: trees are as deep as their bytes say.
void descend(const Tree& tree, NodeId top, Items& out) {
  NodeId at = tree[top].first;
  while (at != no_node) {
    if (!absent(tree, at)) out.add(tree, at);
    if (tree[at].first != no_node) {
      at = tree[at].first;
      continue;
    }
    while (at != top && tree[at].next == no_node) at = tree[at].parent;
    if (at == top) return;
    at = tree[at].next;
  }
}

bool descendants(Call& call, Items& out) {
  for (const Item& item : call.input()) {
    if (const NodeRef* const ref = item.node()) descend(*ref->tree, ref->node, out);
  }
  return true;
}

bool type(Call& call, Items& out) {
  const Types& types = call.types();
  for (const Item& item : call.input()) {
    if (const NodeRef* const ref = item.node()) {
      const TypeId type = ref->type != unknown_type ? ref->type : types.type_of_node(*ref->tree, ref->node);
      if (type != unknown_type) out.add(Item{TypeName{types.model(type), types.name(type)}, {}});
    } else {
      out.add(Item{TypeName{"System", name(system_of(item, types))}, {}});
    }
  }
  return true;
}

Shape check_anything(Checking& c) { return {{}, c.input().many, true}; }
Shape check_unordered(Checking&) { return {{}, true, true, false}; }

constexpr std::array functions = {
    Function{"children", 0, 0, "", check_unordered, child_items, false, "1.children().empty()"},
    Function{"descendants", 0, 0, "", check_unordered, descendants, false, "1.descendants().empty()"},
    Function{"type", 0, 0, "", check_anything, type, false, "1.type().name = 'Integer'"},
};

}  // namespace

std::span<const Function> tree_functions() { return functions; }

}  // namespace tombolo::fhirpath
