#include "engine/canonical/check.h"

#include "engine/canonical/references.h"
#include "engine/canonical/view.h"

namespace tombolo {
namespace {

class Checker {
 public:
  Checker(const Tree& tree, const FhirSchema& schema, std::size_t most) : tree_(tree), schema_(schema), most_(most) {}

  std::vector<Problem> run() {
    const NodeId root = tree_.root();
    if (schema_[tree_[root].element].kind != TypeKind::resource || schema_.is_abstract(tree_[root].element)) {
      problem(root, "the root is no resource");
      return std::move(problems_);
    }
    members(root);
    check_references(tree_, schema_, [&](NodeId node, std::string text) { problem(node, std::move(text), Concern::reference); });
    return std::move(problems_);
  }

 private:
  // The children of a node against the members of its type.
  void members(NodeId node) {
    std::uint16_t order = 0;
    for (NodeId child = tree_[node].first; child != no_node;) {
      const ElementId member = member_of(tree_, schema_, child);
      const Element& element = schema_[member];
      if (member == untyped || element.owner != schema_[tree_[node].element].type || element.name != tree_[child].name()) {
        problem(child, "the type has no such element");
        child = tree_[child].next;
        continue;
      }
      if (element.order < order) problem(child, "the element is not in its place");
      order = element.order;
      child = run(child, element);
    }
    required(node);
  }

  // An element with its repetitions, side by side; the first child that is none of them.
  NodeId run(NodeId first, const Element& element) {
    std::uint32_t count = 0;
    NodeId child = first;
    for (; child != no_node && tree_[child].name() == element.name; child = tree_[child].next) {
      if (tree_[child].holds != Holds::deleted) one(child, element);
      if (++count == element.max + 1u && element.max != Element::many) problem(child, "expected at most " + std::to_string(element.max) + " of this element");
    }
    return child;
  }

  void one(NodeId node, const Element& element) {
    const ElementId id = tree_[node].element;
    if (element.kind == TypeKind::resource) {
      if (schema_[id].owner != untyped || schema_.is_abstract(id) || !schema_.is(id, element.type)) problem(node, "expected a resource");
      else members(node);
      return;
    }
    if (element.primitive != Primitive::none) primitive(node, element);
    else if (tree_[node].holds == Holds::text) problem(node, "expected children, found a value");
    else if (tree_[node].first == no_node) problem(node, "the element is empty");
    members(node);
    binding(node, element);
    if (schema_[element.type].name == "Extension") extension(node);
  }

  void primitive(NodeId node, const Element& element) {
    if (tree_[node].holds != Holds::text) {
      if (tree_[node].first == no_node) problem(node, "the element is empty");
    } else if (!valid(element.primitive, tree_[node].value())) {
      problem(node, std::string("this is no ") + std::string(schema_[element.type].name) + ": " + std::string(expected(element.primitive)));
    }
  }

  void required(NodeId node) {
    const Element* last = nullptr;
    for (const Element& element : schema_.members(tree_[node].element)) {
      if (element.min == 0 || (last != nullptr && last->order == element.order)) continue;
      last = &element;
      std::uint32_t count = 0;
      for (NodeId child = tree_.child(node, element.name); child != no_node; child = tree_.next_same(child)) {
        count += tree_[child].holds != Holds::deleted;
      }
      if (count < element.min) problem(node, "the required element " + std::string(element.name) + " is missing");
    }
  }

  // ── required bindings ──
  void binding(NodeId node, const Element& element) {
    if (element.value_set == 0) return;
    const std::string_view type = schema_[element.type].name;
    if (element.primitive != Primitive::none) {
      if (tree_[node].holds == Holds::text && !schema_.has_code(element.value_set, tree_[node].value())) {
        problem(node, "'" + std::string(tree_[node].value()) + "' is not a code of " + std::string(schema_.value_set(element.value_set).url), Concern::code);
      }
    } else if (type == "Coding" ? !coded(node, element.value_set) : type == "CodeableConcept" && !concept_coded(node, element.value_set)) {
      problem(node, "no code of " + std::string(schema_.value_set(element.value_set).url), Concern::code);
    }
  }

  bool coded(NodeId coding, std::uint16_t value_set) const {
    const NodeId system = tree_.child(coding, "system"), code = tree_.child(coding, "code");
    return schema_.has_code(value_set, tree_[system].value(), tree_[code].value());
  }

  // One coding of the set is enough; an extension (data-absent-reason) excuses that there is none.
  bool concept_coded(NodeId node, std::uint16_t value_set) const {
    const NodeId first = tree_.child(node, "coding");
    if (first == no_node) return tree_.child(node, "extension") != no_node;
    for (NodeId coding = first; coding != no_node; coding = tree_.next_same(coding)) {
      if (coded(coding, value_set)) return true;
    }
    return false;
  }

  void extension(NodeId node) {
    const bool value = tree_.child(node, "value") != no_node, inside = tree_.child(node, "extension") != no_node;
    if (value == inside) problem(node, "an extension has either a value or extensions");
  }

  void problem(NodeId node, std::string text, Concern concern = Concern::structure) {
    if (problems_.size() < most_) problems_.push_back({fhir_path(tree_, schema_, node), std::move(text), concern, node});
  }

  const Tree& tree_;
  const FhirSchema& schema_;
  const std::size_t most_;
  std::vector<Problem> problems_;
};

}  // namespace

std::vector<Problem> check(const Tree& tree, const FhirSchema& schema, std::size_t most) { return Checker(tree, schema, most).run(); }

}  // namespace tombolo
