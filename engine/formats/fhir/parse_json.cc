#include "engine/formats/fhir/parse.h"

#include <algorithm>
#include <vector>

#include "engine/base/text.h"

namespace tombolo {
namespace {

std::string_view name(JsonKind kind) {
  switch (kind) {
    case JsonKind::object: return "an object";
    case JsonKind::array: return "an array";
    case JsonKind::string: return "a string";
    case JsonKind::number: return "a number";
    case JsonKind::boolean: return "true or false";
    case JsonKind::null: return "null";
  }
  return "";
}

JsonKind kind_of(Primitive primitive) {
  if (primitive == Primitive::none) return JsonKind::object;
  if (primitive == Primitive::boolean) return JsonKind::boolean;
  return quoted(primitive) ? JsonKind::string : JsonKind::number;
}

// Nodes keep their JSON names until all is checked, so that a fault can say its pointer; finish() gives them the schema's.
class Typer {
 public:
  Typer(std::string_view bytes, const FhirSchema& schema, Tree& tree, bool keep_unknown)
      : bytes_(bytes), schema_(schema), tree_(tree), keep_unknown_(keep_unknown) {}

  // An object with a resourceType. expected: what the place allows (Resource, or untyped at the root).
  Result<void> resource(NodeId node, ElementId expected) {
    if (json_kind(tree_[node]) != JsonKind::object) return fault(node, "expected a resource, found " + std::string(name(json_kind(tree_[node]))));
    const NodeId said = tree_.child(node, "resourceType");
    if (said == no_node) return Fault{Kind::missing, json_place(tree_, node, bytes_), "expected a resourceType"};
    const ElementId type = schema_.type(tree_[said].value());
    const bool known = type != untyped && schema_.is_resource(type) && !schema_.is_abstract(type);
    if (!known || (expected != untyped && !schema_.is(type, expected))) return fault(said, "expected the name of a resource type");
    tree_.remove(said);
    tree_[node].element = type;
    return members(node);
  }

  void finish() {
    for (NodeId id = tree_.root(); id < tree_.size(); ++id) {
      Node& node = tree_[id];
      if (node.element == untyped) continue;  // unknown: its flags say what it is in JSON
      node.flags = 0;
      const Element& element = schema_[node.element];
      if (element.owner == untyped) continue;
      node.name_text = element.name.data();
      node.name_size = static_cast<std::uint16_t>(element.name.size());
    }
  }

 private:
  static bool companion(const Node& node) { return node.name().starts_with('_'); }
  bool unknown(NodeId id) const { return tree_[id].element == untyped; }
  std::uint32_t order(NodeId id) const { return unknown(id) ? UINT16_MAX : schema_[tree_[id].element].order; }

  Result<void> members(NodeId node) {
    bool companions = false, ordered = true;
    std::uint32_t last = 0;
    for (const NodeId child : children(tree_, node)) {
      if (auto typed = type(node, child); !typed) return typed;
      companions |= companion(tree_[child]) && !unknown(child);
      ordered &= order(child) >= last;
      last = order(child);
    }
    if (companions) {
      if (auto paired = pair_companions(node); !paired) return paired;
    }
    if (companions || !ordered) sort(node);
    return below(node);
  }

  // Gives a child its element, if it is one of the parent's and has the right shape.
  Result<void> type(NodeId parent, NodeId id) {
    Node& node = tree_[id];
    const std::string_view name = node.name().substr(companion(node) ? 1 : 0);
    const ElementId member = schema_.member(tree_[parent].element, name);
    const Element& element = schema_[member];
    if (member == untyped || element.json_name != name) return no_such_element(parent, id, name);
    if (companion(node) && element.primitive == Primitive::none) return fault(id, "only a primitive element has a companion with an underscore");
    if (element.variants > 1 && other_variant(parent, id, element)) return fault(id, "the element may have one type only, this is another one");
    if (!json_item(node) && json_kind(node) == JsonKind::array) return fault(id, "an array may not be empty");
    if (element.list() != json_item(node)) return fault(id, element.list() ? "expected an array: the element may repeat" : "expected no array: the element may not repeat");
    node.element = member;
    return companion(node) ? Result<void>{} : kind(id, element);
  }

  Result<void> kind(NodeId id, const Element& element) {
    const JsonKind found = json_kind(tree_[id]), wanted = kind_of(element.primitive);
    if (found == JsonKind::null && json_item(tree_[id]) && element.primitive != Primitive::none) return {};
    if (found != wanted) return fault(id, "expected " + std::string(name(wanted)) + ", found " + std::string(name(found)));
    if (found == JsonKind::string && tree_[id].value().empty()) return fault(id, "a value may not be empty");
    return {};
  }

  Result<void> no_such_element(NodeId parent, NodeId id, std::string_view name) {
    if (keep_unknown_) return {};
    return fault(id, no_such_element_text(schema_, tree_[parent].element, name));
  }

  bool other_variant(NodeId parent, NodeId id, const Element& element) const {
    for (const NodeId sibling : children(tree_, parent)) {
      if (sibling == id) return false;
      const Element& other = schema_[tree_[sibling].element];
      if (other.first_variant == element.first_variant && other.json_name != element.json_name) return true;
    }
    return false;
  }

  // ── `_name` ── What becomes of each companion is only marked; sort() then takes the list apart once, however long it is.
  static constexpr std::uint8_t taken = 0x40;    // its children went to the value beside it
  static constexpr std::uint8_t valueless = 0x20;  // it became a primitive without a value, behind those of its name that have one

  Result<void> pair_companions(NodeId node) {
    for (NodeId child = tree_[node].first; child != no_node;) {
      if (!companion(tree_[child]) || unknown(child)) {
        child = tree_[child].next;
        continue;
      }
      NodeId next = child;
      if (auto paired = pair_run(node, next); !paired) return paired;
      child = next;
    }
    return {};
  }

  // One companion, or the array of them, and the values of that name, item by item. `companion` is left behind the run.
  Result<void> pair_run(NodeId parent, NodeId& companion) {
    const std::string_view name = tree_[companion].name();
    NodeId value = tree_.child(parent, name.substr(1));
    for (; companion != no_node && tree_[companion].name() == name; companion = tree_[companion].next) {
      const bool nothing = json_kind(tree_[companion]) == JsonKind::null && json_item(tree_[companion]);
      if (!nothing && tree_[companion].first == no_node) return fault(companion, "expected an object with an id or extensions");
      if (nothing && value == no_node) return fault(companion, "null has no value of that name beside it");
      if (value == no_node) {
        tree_[companion].flags |= valueless;
        continue;
      }
      adopt(value, companion);
      tree_[companion].flags |= taken;
      value = tree_.next_same(value);
    }
    return {};
  }

  void adopt(NodeId parent, NodeId from) {
    tree_[parent].first = tree_[from].first;
    tree_[parent].last = tree_[from].last;
    for (const NodeId child : children(tree_, parent)) tree_[child].parent = parent;
    tree_[from].first = tree_[from].last = no_node;
  }

  // ── order, and what is below ──
  void sort(NodeId node) {
    std::vector<NodeId> list;
    for (const NodeId child : children(tree_, node)) {
      if (unknown(child) || (tree_[child].flags & taken) == 0) list.push_back(child);
    }
    const auto rank = [&](NodeId id) { return order(id) * 2 + (!unknown(id) && (tree_[id].flags & valueless) != 0 ? 1 : 0); };
    std::stable_sort(list.begin(), list.end(), [&](NodeId a, NodeId b) { return rank(a) < rank(b); });
    NodeId next = no_node;
    for (auto id = list.rbegin(); id != list.rend(); ++id) {
      tree_[*id].next = next;
      next = *id;
    }
    tree_[node].first = list.front();
    tree_[node].last = list.back();
  }

  Result<void> below(NodeId node) {
    for (const NodeId child : children(tree_, node)) {
      if (unknown(child)) continue;
      const Element& element = schema_[tree_[child].element];
      if (element.kind == TypeKind::resource) {
        if (auto read = resource(child, element.type); !read) return read;
      } else if (tree_[child].first != no_node) {
        if (auto read = members(child); !read) return read;
      } else if (element.primitive == Primitive::none) {
        return fault(child, "an element may not be empty");
      } else if (json_kind(tree_[child]) == JsonKind::null) {
        return fault(child, "null has no companion with an underscore here");
      }
    }
    return {};
  }

  Fault fault(NodeId node, std::string what) const { return {Kind::malformed, json_place(tree_, node, bytes_), std::move(what)}; }

  std::string_view bytes_;
  const FhirSchema& schema_;
  Tree& tree_;
  const bool keep_unknown_;
};

}  // namespace

Result<void> parse_fhir_json(std::string_view bytes, const FhirSchema& schema, Tree& tree, const FhirReading& reading) {
  if (auto read = parse_json(bytes, tree, reading.limits); !read) return read;
  Typer typer(bytes, schema, tree, reading.keep_unknown);
  if (auto typed = typer.resource(tree.root(), untyped); !typed) return typed;
  typer.finish();
  return {};
}

}  // namespace tombolo
