// RunNames: the elements that the runner itself writes, and those that a type must have, looked up once.
#pragma once

#include <vector>

#include "engine/schema/fhir.h"

namespace tombolo::mapping {

struct RunNames {
  explicit RunNames(const FhirSchema& schema);

  // Members that an element of this type must have and may be told to lack: no resources, nothing abstract.
  const std::vector<ElementId>& required(ElementId type) const { return required_[type]; }

  ElementId concept_type, coding, concept_text;         // CodeableConcept, .coding, .text
  ElementId coding_system, coding_code, coding_display;
  ElementId extension_url, extension_code, extension_string, extension_concept;

 private:
  std::vector<std::vector<ElementId>> required_;  // by type
};

}  // namespace tombolo::mapping
