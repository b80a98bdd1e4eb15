#include "engine/filters/deidentify/links.h"

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/canonical/view.h"
#include "engine/schema/primitive.h"

namespace tombolo::deidentify {
namespace {

// The elements by which R4's resources say whose they are.
constexpr std::array<std::string_view, 6> owners{"subject", "patient", "beneficiary", "individual", "for", "sourcePatientInfo"};

bool is_owner(std::string_view name) { return std::find(owners.begin(), owners.end(), name) != owners.end(); }

std::string_view last_part(std::string_view url) { return url.substr(url.find_last_of("/:") + 1); }

}  // namespace

Links::Links(const Tree& tree, const FhirSchema& schema, bool by_id)
    : tree_(tree), schema_(schema), by_id_(by_id), patient_(schema.type("Patient")), reference_(schema.type("Reference")) {
  collect(tree.root());
}

std::string_view Links::text(NodeId node, std::string_view name) const { return tree_[tree_.child(node, name)].value(); }

bool Links::holds_resource(NodeId node) const {
  const Element& element = schema_[tree_[node].element];
  return tree_[node].element != untyped && element.kind == TypeKind::resource && element.owner == untyped;
}

void Links::collect(NodeId node) {
  if (holds_resource(node)) {
    if (tree_[node].element == patient_) patients_.push_back(node);
    const std::string_view id = id_of(node);
    if (!id.empty() && tree_[node].name() != "contained") by_name_.emplace(std::string(schema_[tree_[node].element].name) + '/' + std::string(id), node);
    if (const NodeId entry = tree_[node].parent; entry != no_node) {
      if (const auto url = text(entry, "fullUrl"); !url.empty() && tree_[node].name() == "resource") by_url_.emplace(url, node);
    }
  }
  for (const NodeId child : children(tree_, node)) collect(child);
}

std::string_view Links::id_of(NodeId resource) const {
  const std::string_view id = text(resource, "id");
  if (!id.empty() || tree_[resource].name() != "resource") return id;
  return last_part(text(tree_[resource].parent, "fullUrl"));
}

Purpose Links::purpose_of(ElementId resource) const {
  const std::string_view name = schema_[resource].name;
  if (name == "Patient" || name == "Person" || name == "RelatedPerson") return Purpose::patient;
  if (name == "Encounter" || name == "EpisodeOfCare") return Purpose::encounter;
  if (name == "Practitioner" || name == "PractitionerRole") return Purpose::practitioner;
  return Purpose::uid;
}

// Of "http://host/fhir/Patient/1/_history/2", "Patient/1", a fullUrl, or "urn:uuid:…" of a resource elsewhere whose type is known.
std::optional<Target> Links::resolve(std::string_view url, NodeId reference, NodeId from) const {
  if (url.empty()) return std::nullopt;
  if (const auto entry = by_url_.find(url); entry != by_url_.end()) return Target{tree_[entry->second].element, id_of(entry->second), entry->second};
  if (url.starts_with("urn:uuid:") || url.starts_with("urn:oid:")) {
    const ElementId said = schema_.type(text(reference, "type"));
    const ElementId type = said != untyped ? said : sole_target(reference);
    if (type == untyped || !schema_.is_resource(type)) return std::nullopt;
    return Target{type, last_part(url), no_node};
  }
  if (url.front() == '#') {
    const NodeId outer = tree_[from].name() == "contained" ? resource_of(tree_, schema_, tree_[from].parent) : from;
    for (NodeId each = tree_.child(outer, "contained"); each != no_node; each = tree_.next_same(each)) {
      if (text(each, "id") == url.substr(1)) return Target{tree_[each].element, {}, each};
    }
    return std::nullopt;
  }
  if (url.find_first_of("?#") != url.npos) return std::nullopt;
  if (const auto history = url.find("/_history/"); history != url.npos) url = url.substr(0, history);
  const std::size_t slash = url.rfind('/');
  if (slash == url.npos || slash == 0) return std::nullopt;
  const std::string_view id = url.substr(slash + 1), before = url.substr(0, slash);
  const ElementId type = schema_.type(last_part(before));
  if (type == untyped || !schema_.is_resource(type) || !valid(Primitive::id, id)) return std::nullopt;
  const auto here = by_name_.find(std::string(schema_[type].name) + '/' + std::string(id));
  return Target{type, id, here == by_name_.end() ? no_node : here->second};
}

ElementId Links::sole_target(NodeId reference) const {
  const auto targets = schema_.targets(tree_[reference].element);
  return targets.size() == 1 ? targets[0] : untyped;
}

std::string Links::contained_id(NodeId outer, std::string_view id) const {
  std::size_t number = 0;
  for (NodeId each = tree_.child(outer, "contained"); each != no_node; each = tree_.next_same(each)) {
    ++number;
    if (text(each, "id") == id) return "c" + std::to_string(number);
  }
  return {};
}

// An identifier in a Reference belongs to what the reference means.
Origin Links::origin_of(NodeId identifier, NodeId resource) const {
  const NodeId above = tree_[identifier].parent;
  const Element& holder = schema_[tree_[above].element];
  const bool referred = holder.type == reference_ && holder.owner != untyped;
  return {referred ? purpose_behind(above) : purpose_of(tree_[resource].element), system_of(identifier, resource)};
}

Purpose Links::purpose_behind(NodeId reference) const {
  const ElementId said = schema_.type(text(reference, "type"));
  if (said != untyped) return purpose_of(said);
  const auto targets = schema_.targets(tree_[reference].element);
  if (is_owner(tree_[reference].name()) && std::find(targets.begin(), targets.end(), patient_) != targets.end()) return Purpose::patient;
  if (targets.empty()) return Purpose::uid;
  const Purpose first = purpose_of(targets[0]);
  const bool one = std::all_of(targets.begin(), targets.end(), [&](ElementId type) { return purpose_of(type) == first; });
  return one ? first : Purpose::uid;
}

// Who gave the number: the system, else the assigner by its own identifier or name.
std::string Links::system_of(NodeId identifier, NodeId from) const {
  if (const auto system = text(identifier, "system"); !system.empty()) return std::string(system);
  const NodeId assigner = tree_.child(identifier, "assigner");
  if (assigner == no_node) return {};
  const auto described = [&](NodeId of) { return std::string(text(of, "system")) + '|' + std::string(text(of, "value")); };
  if (const NodeId own = tree_.child(assigner, "identifier"); own != no_node) return described(own);
  if (const auto target = resolve(text(assigner, "reference"), assigner, from); target && target->node != no_node) {
    if (const NodeId own = tree_.child(target->node, "identifier"); own != no_node) return described(own);
    if (const auto name = text(target->node, "name"); !name.empty()) return std::string(name);
  }
  return std::string(text(assigner, "display"));
}

// The medical record number before other identifiers.
std::optional<std::string> Links::patient_token(NodeId patient, const Keys& keys) const {
  if (by_id_) {
    const auto id = id_of(patient);
    return id.empty() ? std::nullopt : std::optional(keys.token(Purpose::patient, "Patient/", id));
  }
  NodeId chosen = no_node;
  for (NodeId each = tree_.child(patient, "identifier"); each != no_node; each = tree_.next_same(each)) {
    if (text(each, "value").empty()) continue;
    if (chosen == no_node) chosen = each;
    for (NodeId coding = tree_.child(tree_.child(each, "type"), "coding"); coding != no_node; coding = tree_.next_same(coding)) {
      if (text(coding, "code") != "MR") continue;
      return keys.token(Purpose::patient, system_of(each, patient), text(each, "value"));
    }
  }
  if (chosen == no_node) return std::nullopt;
  return keys.token(Purpose::patient, system_of(chosen, patient), text(chosen, "value"));
}

std::optional<std::string> Links::reference_token(NodeId reference, NodeId from, const Keys& keys) const {
  const auto target = resolve(text(reference, "reference"), reference, from);
  if (target && target->type == patient_ && target->node != no_node) return patient_token(target->node, keys);
  if (by_id_) return target && target->type == patient_ ? std::optional(keys.token(Purpose::patient, "Patient/", target->id)) : std::nullopt;
  const NodeId identifier = tree_.child(reference, "identifier");
  if (identifier == no_node || purpose_behind(reference) != Purpose::patient || text(identifier, "value").empty()) return std::nullopt;
  return keys.token(Purpose::patient, system_of(identifier, from), text(identifier, "value"));
}

std::optional<std::string> Links::person_of(NodeId resource, const Keys& keys) const {
  if (tree_[resource].element == patient_) return patient_token(resource, keys);
  std::optional<std::string> found;
  for (const NodeId child : children(tree_, resource)) {
    const Element& element = schema_[tree_[child].element];
    if (element.type != reference_ || element.owner == untyped || !is_owner(tree_[child].name())) continue;
    auto token = reference_token(child, resource, keys);
    if (!token) continue;
    if (found && *found != *token) return std::nullopt;   // of two people
    found = std::move(token);
  }
  if (!found && tree_[resource].name() == "contained") return person_of(resource_of(tree_, schema_, tree_[resource].parent), keys);
  return found;
}

std::optional<std::string> Links::only_person(const Keys& keys) const {
  std::optional<std::string> found;
  for (const NodeId patient : patients_) {
    const auto token = patient_token(patient, keys);
    if (!token || (found && *found != *token)) return std::nullopt;
    found = token;
  }
  return found;
}

}  // namespace tombolo::deidentify
