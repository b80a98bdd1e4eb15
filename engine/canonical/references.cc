#include "engine/canonical/references.h"

#include <unordered_map>

namespace tombolo {
namespace {

class References {
 public:
  using Report = std::function<void(NodeId, std::string)>;
  References(const Tree& tree, const FhirSchema& schema, const Report& problem)
      : tree_(tree), schema_(schema), problem_(problem), reference_(schema.type("Reference")), bundle_(schema.type("Bundle")) {}

  void run() {
    collect(tree_.root());
    walk(tree_.root(), tree_.root());
  }

 private:
  bool holds_resource(NodeId node) const {
    const Element& element = schema_[tree_[node].element];
    return element.kind == TypeKind::resource && element.owner == untyped;
  }

  std::string_view value(NodeId node, std::string_view name) const { return tree_[tree_.child(node, name)].value(); }

  std::string_view version(NodeId resource) const { return value(tree_.child(resource, "meta"), "versionId"); }

  // The entries of a Bundle by fullUrl, and of Bundles inside it. A history repeats urls; elsewhere only their versions may.
  void collect(NodeId bundle) {
    if (tree_[bundle].element != bundle_) return;
    const bool history = value(bundle, "type") == "history";
    for (NodeId entry = tree_.child(bundle, "entry"); entry != no_node; entry = tree_.next_same(entry)) {
      const NodeId resource = tree_.child(entry, "resource"), url = tree_.child(entry, "fullUrl");
      if (url != no_node && resource != no_node) {
        const auto [other, fresh] = by_url_.emplace(tree_[url].value(), resource);
        if (!fresh && !history && version(other->second) == version(resource)) problem_(url, "the same fullUrl stands twice");
      }
      if (resource != no_node) collect(resource);
    }
  }

  // outer: the resource that contained ones are contained in.
  void walk(NodeId node, NodeId outer) {
    if (holds_resource(node) && tree_[node].name() != "contained") {
      outer = node;
      contained_twice(node);
    }
    const Element& element = schema_[tree_[node].element];
    if (element.type == reference_ && element.owner != untyped) check(node, outer);
    for (const NodeId child : children(tree_, node)) walk(child, outer);
  }

  void contained_twice(NodeId resource) {
    std::unordered_map<std::string_view, NodeId> ids;
    for (NodeId each = tree_.child(resource, "contained"); each != no_node; each = tree_.next_same(each)) {
      const NodeId id = tree_.child(each, "id");
      if (id != no_node && !ids.emplace(tree_[id].value(), each).second) problem_(id, "another contained resource has this id");
    }
  }

  void check(NodeId node, NodeId outer) {
    const std::string_view url = value(node, "reference");
    if (url.empty()) return;
    if (url.front() == '#') return check_contained(node, url.substr(1), outer);
    const auto entry = by_url_.find(url);
    if (entry != by_url_.end()) return check_type(node, tree_[entry->second].element);
    const bool in_bundle = tree_[tree_.root()].element == bundle_;
    if (in_bundle && (url.starts_with("urn:uuid:") || url.starts_with("urn:oid:"))) return problem_(node, "the reference points to no entry of the Bundle");
    check_type(node, type_in(url));
  }

  void check_contained(NodeId node, std::string_view id, NodeId outer) {
    if (id.empty()) return check_type(node, tree_[outer].element);
    for (NodeId each = tree_.child(outer, "contained"); each != no_node; each = tree_.next_same(each)) {
      if (value(each, "id") == id) return check_type(node, tree_[each].element);
    }
    problem_(node, "the reference points to no contained resource");
  }

  void check_type(NodeId node, ElementId type) {
    const auto targets = schema_.targets(tree_[node].element);
    if (type == untyped || targets.empty()) return;
    for (const ElementId target : targets) {
      if (schema_.is(type, target)) return;
    }
    problem_(node, std::string(schema_[type].name) + " is not among the types this may refer to");
  }

  // "…/Patient/1", "…/Patient/1/_history/2": the type before the id, if it is a resource type.
  ElementId type_in(std::string_view url) const {
    if (const std::size_t history = url.find("/_history/"); history != url.npos) url = url.substr(0, history);
    const std::size_t id = url.rfind('/');
    if (id == url.npos || id == 0) return untyped;
    url = url.substr(0, id);
    const std::size_t before = url.rfind('/');
    const ElementId type = schema_.type(before == url.npos ? url : url.substr(before + 1));
    return schema_.is_resource(type) ? type : untyped;
  }

  const Tree& tree_;
  const FhirSchema& schema_;
  const Report& problem_;
  const ElementId reference_, bundle_;
  std::unordered_map<std::string_view, NodeId> by_url_;
};

}  // namespace

void check_references(const Tree& tree, const FhirSchema& schema, const std::function<void(NodeId, std::string)>& problem) {
  References(tree, schema, problem).run();
}

}  // namespace tombolo
