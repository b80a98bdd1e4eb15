#include "engine/fhirpath/resource.h"

#include <algorithm>

namespace tombolo::fhirpath {
namespace {

std::string_view leaf(const Tree& tree, NodeId parent, std::string_view name) {
  const NodeId child = tree.child(parent, name);
  return child == no_node ? std::string_view() : tree[child].value();
}

std::string_view without_version(std::string_view canonical) { return canonical.substr(0, canonical.find('|')); }

// "http://north.example/fhir/Patient/12" is called "Patient/12" too.
bool names(std::string_view full_url, std::string_view reference) {
  if (full_url == reference) return true;
  return reference.find(':') == std::string_view::npos && full_url.size() > reference.size() && full_url.ends_with(reference) &&
         full_url[full_url.size() - reference.size() - 1] == '/';
}

}  // namespace

Result<AddressSlot> ResourceScope::address(const Address& address) const {
  return Fault{Kind::unsupported, {}, "this is a FHIR resource: there is no " + text(address)};
}

std::optional<Slot> ResourceScope::variable(std::string_view name) const {
  const auto known = variables();
  return std::find(known.begin(), known.end(), name) == known.end() ? std::nullopt : std::optional(Slot{1, focus()});
}

void ResourceFrame::read(std::uint32_t, Items& out) const {
  if (resource_ != nullptr) out.add(*resource_, resource_->root());
}

// The resource that a node belongs to; of a contained one, what contains it.
NodeId ResourceFrame::around(const Tree& tree, NodeId node) const {
  for (; node != tree.root(); node = tree[node].parent) {
    const ElementId element = tree[node].element;
    const bool resource = element != untyped && types_.schema()[element].owner == untyped && types_.schema().is_resource(element);
    if (resource && tree[node].name() != "contained") return node;
  }
  return node;
}

void ResourceFrame::resolve(const Item& reference, Items& out) const {
  if (resource_ == nullptr) return;
  const Tree& tree = *resource_;
  const NodeRef* const ref = reference.node();
  if (ref != nullptr && ref->tree != resource_) return;
  std::string_view url;
  if (ref != nullptr) url = tree[ref->node].holds == Holds::text ? tree[ref->node].value() : leaf(tree, ref->node, "reference");
  if (const auto* const text = std::get_if<std::string_view>(&reference.held)) url = *text;
  if (url.starts_with('#')) {
    const NodeId owner = around(tree, ref != nullptr ? ref->node : tree.root());
    if (url.size() == 1) return out.add(tree, owner);
    for (const NodeId child : children(tree, owner)) {
      if (tree[child].name() == "contained" && leaf(tree, child, "id") == url.substr(1)) return out.add(tree, child);
    }
    return;
  }
  if (url.empty()) return;
  for (const NodeId entry : children(tree, tree.root())) {
    const NodeId resource = tree[entry].name() == "entry" ? tree.child(entry, "resource") : no_node;
    if (resource != no_node && names(leaf(tree, entry, "fullUrl"), without_version(url))) return out.add(tree, resource);
  }
}

std::optional<bool> ResourceFrame::member(const Item& item, std::string_view value_set) const {
  const FhirSchema& schema = types_.schema();
  const std::uint16_t set = schema.value_set(without_version(value_set));
  if (set == 0) return std::nullopt;
  if (const auto* const code = std::get_if<std::string_view>(&item.held)) return schema.has_code(set, *code);
  const NodeRef* const ref = item.node();
  if (ref == nullptr) return std::nullopt;
  const Tree& tree = *ref->tree;
  if (tree[ref->node].holds == Holds::text) return schema.has_code(set, tree[ref->node].value());
  const auto coded = [&](NodeId coding) { return schema.has_code(set, leaf(tree, coding, "system"), leaf(tree, coding, "code")); };
  if (tree.child(ref->node, "coding") == no_node) return coded(ref->node);
  for (const NodeId child : children(tree, ref->node)) {
    if (tree[child].name() == "coding" && coded(child)) return true;
  }
  return false;
}

std::optional<bool> ResourceFrame::conforms(const Item& item, std::string_view url) const {
  constexpr std::string_view base = "http://hl7.org/fhir/StructureDefinition/";
  const auto wanted = url.starts_with(base) ? types_.find("FHIR", without_version(url.substr(base.size()))) : std::nullopt;
  const NodeRef* const ref = item.node();
  if (!wanted || ref == nullptr) return std::nullopt;
  const TypeId mine = ref->type != unknown_type ? ref->type : types_.type_of_node(*ref->tree, ref->node);
  return mine != unknown_type && types_.is(mine, *wanted);
}

}  // namespace tombolo::fhirpath
