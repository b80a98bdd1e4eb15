#include "engine/mapping/runner/names.h"

namespace tombolo::mapping {

RunNames::RunNames(const FhirSchema& schema)
    : concept_type(schema.type("CodeableConcept")),
      coding(schema.member(concept_type, "coding")),
      concept_text(schema.member(concept_type, "text")),
      coding_system(schema.member(coding, "system")),
      coding_code(schema.member(coding, "code")),
      coding_display(schema.member(coding, "display")),
      extension_url(schema.member(schema.type("Extension"), "url")),
      extension_code(schema.member(schema.type("Extension"), "valueCode")),
      extension_string(schema.member(schema.type("Extension"), "valueString")),
      extension_concept(schema.member(schema.type("Extension"), "valueCodeableConcept")) {}

}  // namespace tombolo::mapping
