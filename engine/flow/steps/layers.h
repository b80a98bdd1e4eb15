// The layers of mappings/ that a step names: `hl7v2-to-fhir`, `hl7v2-to-fhir/ADT_A01-Bundle` for one part of it, or a list of which
// later ones change earlier ones.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/flow/step.h"

namespace tombolo {

struct NamedLayers {
  std::vector<std::string> names;
  std::string part;                          // behind the slash of the first; empty: none
  Place place;                               // of the first
  std::string key() const;                   // equal for equal names
};

// nullopt: there is no such folder (or file) of mappings/; that was reported.
std::optional<NamedLayers> named_layers(const Setting& setting, const StepSite& site);

}  // namespace tombolo
