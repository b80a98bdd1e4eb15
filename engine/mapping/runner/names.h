// RunNames: the elements that the runner itself writes, looked up once.
#pragma once

#include "engine/schema/fhir.h"

namespace tombolo::mapping {

struct RunNames {
  explicit RunNames(const FhirSchema& schema);

  ElementId concept_type, coding, concept_text;         // CodeableConcept, .coding, .text
  ElementId coding_system, coding_code, coding_display;
  ElementId extension_url, extension_code, extension_string, extension_concept;
};

}  // namespace tombolo::mapping
