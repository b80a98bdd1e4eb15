// After the last rule: ids, searches, references, merging. Everything here happens once per message.
#include <algorithm>

#include "engine/canonical/canonical.h"

namespace tombolo {

std::vector<Finding> Canonical::finish() {
  settle();
  name_entries();
  tie_references();
  merge_entries();
  write_ids();
  return take_findings();
}

// ── names ──

// Entries without a key are named by the message and their place in it, and counted where several share the place.
std::string_view Canonical::name_without_key(const Entry& entry, std::uint32_t nth) {
  return tree_.arena().join({schema_[entry.type].name, "\x1fplace\x1f", identity_.message, "\x1f", entry.place, "\x1f", std::to_string(nth)});
}

void Canonical::name_entries() {
  std::unordered_map<std::string_view, std::uint32_t> at_place;
  for (Entry& entry : entries_) {
    if (!entry.kept || entry.search || entry.same != Handle::none) continue;
    std::string_view name = entry.key;
    if (name.empty()) name = name_without_key(entry, at_place[tree_.arena().join({schema_[entry.type].name, "\x1f", entry.place})]++);
    constexpr std::string_view scheme = "urn:uuid:";
    char* const url = tree_.arena().buffer(scheme.size() + 36);
    std::copy(scheme.begin(), scheme.end(), url);
    write(named_uuid(identity_.site, name), url + scheme.size());
    entry.url = {url, scheme.size() + 36};
  }
}

Canonical::Names Canonical::names_of_keys() const {
  Names names;
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.kept && !entry.search && !entry.key.empty()) names.emplace(entry.key, static_cast<Handle>(i));
  }
  return names;
}

// An alias of two different entries names the first of them; this is reported.
Canonical::Names Canonical::names_of_aliases(const Names& keys) {
  Names names;
  const auto real = [&](Handle handle) { return at(handle).key.empty() ? handle : keys.at(at(handle).key); };
  for (const auto& [handle, name] : aliases_) {
    if (!at(handle).kept || at(handle).search) continue;
    const auto [there, fresh] = names.emplace(name, handle);
    if (!fresh && real(there->second) != real(handle)) {
      report(Kind::conflict, "another resource has the same alias; what looks for it finds the first", at(handle).resource, no_node);
    }
  }
  return names;
}

// Finds for each search its entry, by key, else by alias; and for each entry the first one with its key.
void Canonical::settle() {
  const Names keys = names_of_keys();
  const Names aliases = names_of_aliases(keys);
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    Entry& entry = entries_[i];
    if (!entry.kept || entry.key.empty()) continue;
    if (const auto found = keys.find(entry.key); found != keys.end()) {
      if (found->second != static_cast<Handle>(i)) entry.same = found->second;
    } else if (const auto other = aliases.find(entry.key); other != aliases.end()) {
      const std::string_view key = at(other->second).key;
      entry.same = key.empty() ? other->second : keys.at(key);
    }
  }
}

// ── references ──

void Canonical::tie_references() {
  for (const Tie& each : ties_) tie(each);
}

void Canonical::tie(const Tie& tie) {
  if (tree_[tie.node].parent == no_node) return;
  const Entry& to = at(tie.to);
  const Entry& target = to.same == Handle::none ? to : at(to.same);
  if (!target.kept || target.url.empty()) {
    const std::string_view wanted = to.type == untyped ? "resource" : schema_[to.type].name;
    report(Kind::missing, "the reference is left out: the " + std::string(wanted) + " it means is not in the message", tie.node, no_node);
    return drop(tie.node);
  }
  const NodeId before = tree_.child(tie.node, schema_[reference_].name);
  if (before != no_node) return tree_.set_value(before, target.url);
  tree_.set_value(attach(tie.node, reference_), target.url);
}

// Takes a node out, and above it what is empty without it or left with constants.
void Canonical::drop(NodeId node) {
  for (NodeId parent = tree_[node].parent; parent != no_node; node = parent, parent = tree_[node].parent) {
    tree_.remove(node);
    if (schema_[tree_[parent].element].owner == untyped || stands(parent)) return;
  }
}

// Does something in it come from a source, or refer to an entry?
bool Canonical::stands(NodeId node) const {
  if (computed(node)) return true;
  if (std::any_of(ties_.begin(), ties_.end(), [&](const Tie& tie) { return tie.node == node; })) return true;
  for (const NodeId child : children(tree_, node)) {
    if (stands(child)) return true;
  }
  return false;
}

// ── merging ──

void Canonical::merge_entries() {
  for (std::size_t i = 1; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    if (entry.same == Handle::none) {
      if (entry.search && entry.kept && tree_[entry.resource].first != no_node) {
        report(Kind::missing, "what was to be added is left out: the resource is not in the message", entry.resource, no_node);
      }
      continue;
    }
    merge(at(entry.same).resource, entry.resource);
    if (!entry.search) tree_.remove(entry.node);
  }
}

// Single elements keep the first value; list elements are added unless an equal one is there. A list that was deleted is a value.
void Canonical::merge(NodeId into, NodeId from) {
  NodeId next = no_node;
  for (NodeId child = tree_[from].first; child != no_node; child = next) {
    next = tree_[child].next;
    const ElementId member = member_of(tree_, schema_, child);
    const NodeId there = tree_.child(into, tree_[child].name());
    if (there == no_node) tree_.move(child, into, last_before(into, schema_[member].order));
    else if (schema_[member].list() && tree_[there].holds != Holds::deleted && tree_[child].holds != Holds::deleted) merge_list_item(into, child);
    else if (equal(tree_, there, child)) merge_lineage(there, child);
    else report(Kind::conflict, "another value for the same resource was left out: the key is equal, the content is not", there, child);
  }
}

void Canonical::merge_list_item(NodeId into, NodeId item) {
  for (NodeId other = tree_.child(into, tree_[item].name()); other != no_node; other = tree_.next_same(other)) {
    if (equal(tree_, other, item)) return merge_lineage(other, item);
  }
  const std::uint16_t order = order_of(item);
  tree_.move(item, into, last_before(into, order));
}

// Of equal subtrees: each leaf that stays adds the sources of the one that goes.
void Canonical::merge_lineage(NodeId into, NodeId from) {
  const std::uint32_t kept = tree_[into].lineage, added = tree_[from].lineage;
  if (kept == 0) tree_[into].lineage = added;
  else if (added != 0) {
    Lineage both = tree_.lineage(kept);
    const auto all = tree_.sources(kept), more = tree_.sources(added);
    const std::size_t values = all.size() - both.because;
    std::vector<NodeId> sources(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(values));
    sources.insert(sources.end(), more.begin(), more.end() - tree_.lineage(added).because);
    sources.insert(sources.end(), all.begin() + static_cast<std::ptrdiff_t>(values), all.end());
    tree_[into].lineage = tree_.add_lineage(both, sources);
  }
  for (NodeId a = tree_[into].first, b = tree_[from].first; a != no_node; a = tree_[a].next, b = tree_[b].next) merge_lineage(a, b);
}

// ── ids and findings ──

void Canonical::write_ids() {
  const ElementId resource_id = schema_.member(schema_.type("Resource"), "id");
  for (const Entry& entry : entries_) {
    if (!entry.kept || entry.search || entry.same != Handle::none) continue;
    tree_.set_value(attach(entry.node, full_url_), entry.url);
    const ElementId id = schema_.member(entry.type, schema_[resource_id].name);
    if (member(entry.resource, id) == no_node) tree_.set_value(attach(entry.resource, id), entry.url.substr(9));
  }
}

void Canonical::report(Kind kind, std::string text, NodeId node, NodeId second) {
  const NodeId resource = resource_of(tree_, schema_, node);
  std::string below = fhir_path(tree_, schema_, node, resource);
  below.erase(0, std::min(below.find('.'), below.size()));
  found_.push_back({{kind, std::move(below), std::move(text), node, second}, resource});
}

// Paths are made last: only now every entry has its final place.
std::vector<Finding> Canonical::take_findings() {
  std::vector<Finding> findings;
  for (Found& found : found_) {
    const auto its = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& entry) { return entry.resource == found.resource; });
    NodeId resource = found.resource;
    if (its != entries_.end() && its->same != Handle::none) resource = at(its->same).resource;
    const bool nowhere = its != entries_.end() && its->search && its->same == Handle::none;
    found.finding.path = (nowhere ? std::string(schema_[its->type].name) : fhir_path(tree_, schema_, resource)) + found.finding.path;
    findings.push_back(std::move(found.finding));
  }
  return findings;
}

}  // namespace tombolo
