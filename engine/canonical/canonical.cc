// Building: entries, elements, taking back. What happens after the last rule stands in finish.cc.
#include "engine/canonical/canonical.h"

#include <algorithm>
#include <cassert>

#include "engine/base/text.h"

namespace tombolo {
namespace {

// Separates the parts of a key; no identifier has it.
constexpr std::string_view separator = "\x1f";

Fault wrong(const FhirSchema& schema, ElementId type, std::string_view name, std::string_view what) {
  return {Kind::malformed, std::string(schema[schema[type].type].name) + "." + std::string(name), std::string(what)};
}

}  // namespace

Canonical::Canonical(const FhirSchema& schema, Tree& tree, const Identity& identity)
    : schema_(schema), tree_(tree), identity_(identity) {
  assert(tree[tree.root()].first == no_node);
  const ElementId bundle = schema.type("Bundle");
  tree_[tree_.root()].element = bundle;
  entry_ = schema.member(bundle, "entry");
  full_url_ = schema.member(entry_, "fullUrl");
  resource_ = schema.member(entry_, "resource");
  reference_ = schema.member(schema.type("Reference"), "reference");
  aside_ = tree_.add(tree_.root(), "");
  tree_[aside_].element = bundle;
  tree_.remove(aside_);
  entries_.emplace_back().kept = false;  // Handle::none
}

// ── entries ──

Handle Canonical::new_entry(ElementId resource, NodeId parent) {
  assert(schema_.is_resource(resource) && !schema_.is_abstract(resource));
  Entry entry;
  entry.type = resource;
  entry.node = attach(parent, entry_);
  entry.resource = add_resource(entry.node, resource_, resource);
  entries_.push_back(entry);
  return static_cast<Handle>(entries_.size() - 1);
}

Handle Canonical::entry(ElementId resource, std::string_view place) {
  const Handle handle = new_entry(resource, tree_.root());
  at(handle).place = tree_.arena().copy(place);
  return handle;
}

Handle Canonical::find(ElementId resource, KeyParts key) {
  const Handle handle = new_entry(resource, aside_);
  at(handle).search = true;
  at(handle).key = name_of(resource, key);
  return handle;
}

NodeId Canonical::resource(Handle handle) const { return at(handle).resource; }

ElementId Canonical::type(Handle handle) const { return at(handle).type; }

void Canonical::key(Handle handle, KeyParts parts) {
  assert(handle != Handle::none && !at(handle).search);
  if (!at(handle).key.empty()) return alias(handle, parts);
  const std::string_view name = name_of(at(handle).type, parts);
  if (name.empty()) return;
  at(handle).key = name;
  keys_.push_back(handle);
}

void Canonical::alias(Handle handle, KeyParts parts) {
  const std::string_view name = name_of(at(handle).type, parts);
  assert(handle != Handle::none && !at(handle).search);
  if (!name.empty()) aliases_.push_back({handle, name});
}

std::string_view Canonical::common_key(Handle handle) const {
  const Entry& entry = at(handle);
  if (!entry.search || entry.key.empty()) return entry.key;
  const auto has_it = [&](Handle other) { return at(other).kept && at(other).key == entry.key; };
  if (std::any_of(keys_.begin(), keys_.end(), has_it)) return entry.key;
  const auto known = std::find_if(aliases_.begin(), aliases_.end(), [&](const Alias& alias) { return alias.name == entry.key && at(alias.entry).kept; });
  return known == aliases_.end() || at(known->entry).key.empty() ? entry.key : at(known->entry).key;
}

// The normalised text of a key: type, then the parts without blanks around them; empty parts at the end do not count.
std::string_view Canonical::name_of(ElementId type, KeyParts parts) {
  if (parts.empty() || trim(parts[0]).empty()) return {};
  while (trim(parts.back()).empty()) parts = parts.first(parts.size() - 1);
  name_.assign(schema_[type].name).append(separator).append("key");
  for (const auto part : parts) name_.append(separator).append(trim(part));
  return tree_.arena().copy(name_);
}

// ── elements ──

// Where a node stands among the members of its parent's type.
std::uint16_t Canonical::order_of(NodeId node) const {
  const Element& element = schema_[tree_[node].element];
  return element.owner != untyped ? element.order : schema_[member_of(tree_, schema_, node)].order;
}

// The last child that belongs before a new one of this order.
NodeId Canonical::last_before(NodeId parent, std::uint16_t order) const {
  const NodeId last = tree_[parent].last;
  if (last == no_node || order_of(last) <= order) return last;
  if (order_of(tree_[parent].first) > order) return no_node;
  NodeId before = no_node;
  for (const NodeId child : children(tree_, parent)) {
    if (order_of(child) > order) break;
    before = child;
  }
  return before;
}

NodeId Canonical::attach(NodeId parent, ElementId member) {
  const Element& element = schema_[member];
  assert(element.owner != untyped && element.owner == schema_[tree_[parent].element].type);
  assert(element.list() || this->member(parent, member) == no_node);
  const NodeId after = last_before(parent, element.order);
  NodeId node = no_node;
  if (after == tree_[parent].last) {
    node = tree_.add(parent, element.name);
  } else if (after != no_node) {
    node = tree_.insert_after(after, element.name);
  } else {
    node = tree_.add(parent, element.name);
    tree_.move(node, parent, no_node);
  }
  tree_[node].element = member;
  return node;
}

NodeId Canonical::add(NodeId parent, ElementId member) {
  assert(!schema_.is_resource(member));
  return attach(parent, member);
}

NodeId Canonical::add(NodeId parent, ElementId member, std::string_view value, std::uint32_t lineage) {
  assert(schema_[member].primitive != Primitive::none && !value.empty());
  const NodeId node = attach(parent, member);
  tree_.set_value(node, value);
  tree_[node].lineage = lineage;
  return node;
}

NodeId Canonical::add_resource(NodeId parent, ElementId member, ElementId resource) {
  assert(schema_.is(resource, member));
  const NodeId node = attach(parent, member);
  tree_[node].element = resource;
  return node;
}

NodeId Canonical::add_deleted(NodeId parent, ElementId member) {
  const NodeId node = attach(parent, member);
  tree_.set_deleted(node);
  return node;
}

// Variants of a choice have numbers side by side; what holds a resource has the resource's type for its element.
NodeId Canonical::member(NodeId parent, ElementId member) const {
  const Element& wanted = schema_[member];
  if (wanted.kind == TypeKind::resource) return tree_.child(parent, wanted.name);
  for (const NodeId child : children(tree_, parent)) {
    if (tree_[child].element - wanted.first_variant < wanted.variants) return child;
  }
  return no_node;
}

void Canonical::refer(NodeId reference, Handle to) {
  assert(schema_[schema_[tree_[reference].element].type].name == "Reference");
  ties_.push_back({reference, to});
}

Result<NodeId> Canonical::add(NodeId parent, std::string_view name) {
  const ElementId type = tree_[parent].element;
  const ElementId member = schema_.member(type, name);
  if (member == untyped) return wrong(schema_, type, name, "there is no such element" + suggestion(name, schema_.member_names(type)));
  if (schema_.is_resource(member)) return wrong(schema_, type, name, "expected a resource, found an element");
  if (schema_[member].variants > 1 && name == schema_[member].name) return wrong(schema_, type, name, "expected a name with its type, such as " + std::string(schema_[member].json_name));
  if (!schema_[member].list() && this->member(parent, member) != no_node) return wrong(schema_, type, name, "the element may stand once only");
  return attach(parent, member);
}

Result<NodeId> Canonical::add(NodeId parent, std::string_view name, std::string_view value, std::uint32_t lineage) {
  const ElementId type = tree_[parent].element;
  const Primitive kind = schema_[schema_.member(type, name)].primitive;
  if (schema_.member(type, name) != untyped && !valid(kind, value)) return wrong(schema_, type, name, expected(kind));
  const Result<NodeId> node = add(parent, name);
  if (!node) return node;
  tree_.set_value(*node, value);
  tree_[*node].lineage = lineage;
  return node;
}

// ── taking back ──

Canonical::Mark Canonical::mark() const {
  return {tree_.size(), entries_.size(), keys_.size(), aliases_.size(), ties_.size()};
}

void Canonical::take_back(const Mark& mark) {
  for (auto id = static_cast<NodeId>(mark.nodes); id < tree_.size(); ++id) {
    const NodeId parent = tree_[id].parent;
    if (parent != no_node && parent < mark.nodes) tree_.remove(id);
  }
  for (std::size_t i = mark.keys; i < keys_.size(); ++i) at(keys_[i]).key = {};
  for (std::size_t i = mark.entries; i < entries_.size(); ++i) entries_[i].kept = false;
  keys_.resize(mark.keys);
  aliases_.resize(mark.aliases);
  ties_.resize(mark.ties);
}

bool Canonical::computed(NodeId node) const {
  const Node& at = tree_[node];
  if (at.lineage != 0 && tree_.lineage(at.lineage).count > tree_.lineage(at.lineage).because) return true;
  for (const NodeId child : children(tree_, node)) {
    if (computed(child)) return true;
  }
  return false;
}

}  // namespace tombolo
