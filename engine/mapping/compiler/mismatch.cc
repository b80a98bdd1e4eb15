// What is said where a source does not become what the target holds: both types, and what would do.
#include <algorithm>

#include "engine/mapping/compiler/compile.h"

namespace tombolo::mapping {

using fhirpath::System;

namespace {

// "CX.1, CX.2, CX.3, …"
std::string listed(const std::vector<std::string>& names) {
  constexpr std::size_t most = 4;
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < most; ++i) text += (i == 0 ? "" : ", ") + names[i];
  return names.size() > most ? text + ", …" : text;
}

}  // namespace

// Maps from one of these types to what the target may be, and components that would become it by themselves.
MapCompiler::Remedies MapCompiler::remedies(const Shape& shape, const std::vector<ElementId>& all) {
  Remedies found;
  for (const auto type : shape.types) {
    for (const auto& entry : world_.entries) {
      if (entry.text.source.text != types_.name(type)) continue;
      for (std::size_t i = 0; i < entry.targets.size(); ++i)
        for (const auto member : all)
          if (entry.targets[i] == schema_[member].type && &entry != &entry_) found.maps.push_back(entry.names[entry.names.size() > i ? i : 0]);
    }
    const auto* const v2 = types_.v2_type(type);
    if (v2 == nullptr) continue;
    for (const auto& component : v2->components) {
      const auto system = types_.system(types_.of(*component.type));
      const auto does = [&](ElementId member) {  // a text might become a date too, but no one means that
        const auto& element = schema_[member];
        return converts(system, element.primitive) && (system != System::string || schema_[element.type].name == "string");
      };
      if (std::any_of(all.begin(), all.end(), does)) found.components.push_back(std::string(v2->name) + "." + std::to_string(component.number));
    }
  }
  return found;
}

void MapCompiler::mismatch(const Expr& value, Words words, const std::vector<ElementId>& all) {
  std::string target;
  for (const auto member : all) target += (target.empty() ? "" : " or ") + std::string(schema_[schema_[member].type].name);
  if (all.size() > 4) target = called(all.front()) + "[x]";
  const auto source = called(value.shape);
  const bool short_words = words.text.size() <= 40 && words.text.find('\n') == words.text.npos;
  auto text = short_words && !value.shape.unknown() ? std::string(words.text) + " is of type " + source + ", " + called(all.front()) + " of type " + target + ": " : "";
  text += source + " does not become " + target + " by itself";
  const auto found = remedies(value.shape, all);
  if (!found.maps.empty()) text += ": say which map with `as`: " + listed(found.maps);
  if (!found.components.empty()) text += (found.maps.empty() ? ": name a component: " : "; or name a component: ") + listed(found.components);
  if (found.maps.empty() && found.components.empty()) text += ", and no map from one to the other is loaded";
  error(words.at, text);
}

}  // namespace tombolo::mapping
