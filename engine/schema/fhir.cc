#include "engine/schema/fhir.h"

#include <algorithm>

#include "engine/schema/hash.h"

namespace tombolo {

std::uint32_t FhirSchema::slot(ElementId owner, std::string_view name) const {
  return hash(name, owner * 0x9e3779b1u) & static_cast<std::uint32_t>(by_name_.size() - 1);
}

ElementId FhirSchema::type(std::string_view name) const {
  for (std::uint32_t at = slot(untyped, name); by_name_[at] != untyped; at = next_slot(at)) {
    const Element& element = elements_[by_name_[at]];
    if (element.owner == untyped && element.name == name) return by_name_[at];
  }
  return untyped;
}

ElementId FhirSchema::member(ElementId of, std::string_view name) const {
  const ElementId owner = elements_[of].type;
  if (owner == untyped) return untyped;
  for (std::uint32_t at = slot(owner, name); by_name_[at] != untyped; at = next_slot(at)) {
    const Element& element = elements_[by_name_[at]];
    if (element.owner != owner) continue;
    if (element.json_name == name) return by_name_[at];
    if (element.name == name) return element.first_variant;
  }
  return untyped;
}

ElementId FhirSchema::variant(ElementId choice, ElementId type) const {
  const Element& element = elements_[choice];
  for (ElementId id = element.first_variant; id < element.first_variant + element.variants; ++id) {
    if (elements_[id].type == type) return id;
  }
  return untyped;
}

std::span<const Element> FhirSchema::members(ElementId of) const {
  const Type& type = types_[elements_[of].type];
  return std::span(elements_).subspan(type.first, type.count);
}

ElementId FhirSchema::base(ElementId type) const { return types_[elements_[type].type].base; }

bool FhirSchema::is(ElementId type, ElementId ancestor) const {
  for (ElementId at = elements_[type].type; at != untyped; at = types_[at].base) {
    if (at == elements_[ancestor].type) return true;
  }
  return false;
}

bool FhirSchema::is_abstract(ElementId type) const { return types_[elements_[type].type].abstract; }

std::span<const ElementId> FhirSchema::targets(ElementId id) const {
  return std::span(targets_).subspan(elements_[id].target_first, elements_[id].target_count);
}

std::uint16_t FhirSchema::value_set(std::string_view url) const {
  const auto found = std::find_if(value_sets_.begin(), value_sets_.end(), [url](const ValueSet& set) { return set.url == url; });
  return url.empty() || found == value_sets_.end() ? std::uint16_t{0} : static_cast<std::uint16_t>(found - value_sets_.begin());
}

std::span<const FhirSchema::Code> FhirSchema::codes(std::uint16_t value_set) const {
  return std::span(codes_).subspan(value_sets_[value_set].first, value_sets_[value_set].count);
}

bool FhirSchema::has_code(std::uint16_t value_set, std::string_view code) const {
  const auto all = codes(value_set);
  const auto found = std::lower_bound(all.begin(), all.end(), code, [](const Code& a, std::string_view b) { return a.code < b; });
  return found != all.end() && found->code == code;
}

bool FhirSchema::has_code(std::uint16_t value_set, std::string_view system, std::string_view code) const {
  const auto all = codes(value_set);
  auto at = std::lower_bound(all.begin(), all.end(), code, [](const Code& a, std::string_view b) { return a.code < b; });
  for (; at != all.end() && at->code == code; ++at) {
    if (at->system == system) return true;
  }
  return false;
}

std::vector<std::string_view> FhirSchema::type_names() const {
  std::vector<std::string_view> names;
  for (ElementId id = 1; id < types_.size(); ++id) names.push_back(elements_[id].name);
  return names;
}

std::vector<std::string_view> FhirSchema::member_names(ElementId of) const {
  std::vector<std::string_view> names;
  for (const Element& member : members(of)) {
    if (names.empty() || names.back() != member.name) names.push_back(member.name);
  }
  return names;
}

}  // namespace tombolo
