#include "engine/canonical/view.h"

#include <vector>

namespace tombolo {

ElementId member_of(const Tree& tree, const FhirSchema& schema, NodeId node) {
  const Node& at = tree[node];
  return at.parent == no_node ? untyped : schema.as_member(at.element, tree[at.parent].element, at.name());
}

NodeId resource_of(const Tree& tree, const FhirSchema& schema, NodeId node) {
  while (node != no_node) {
    const Element& element = schema[tree[node].element];
    if (element.kind == TypeKind::resource && element.owner == untyped && tree[node].element != untyped) return node;
    node = tree[node].parent;
  }
  return no_node;
}

std::string fhir_path(const Tree& tree, const FhirSchema& schema, NodeId node, NodeId from) {
  std::vector<NodeId> way;
  for (; node != from && tree[node].parent != no_node; node = tree[node].parent) way.push_back(node);
  std::string path(schema[tree[node].element].name);
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    const Node& at = tree[*step];
    path += '.';
    path += at.name();
    if (!schema[member_of(tree, schema, *step)].list()) continue;
    std::size_t index = 0;
    for (NodeId before = tree.child(at.parent, at.name()); before != *step; before = tree.next_same(before)) ++index;
    path += '[' + std::to_string(index) + ']';
  }
  return path;
}

bool equal(const Tree& tree, NodeId a, NodeId b) {
  const Node& one = tree[a];
  const Node& other = tree[b];
  if (one.element != other.element || one.holds != other.holds || one.value() != other.value()) return false;
  NodeId x = one.first, y = other.first;
  for (; x != no_node && y != no_node; x = tree[x].next, y = tree[y].next) {
    if (!equal(tree, x, y)) return false;
  }
  return x == y;
}

}  // namespace tombolo
