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
      extension_concept(schema.member(schema.type("Extension"), "valueCodeableConcept")) {
  for (ElementId type = 0; type < schema.size() && (type == untyped || schema[type].owner == untyped); ++type) {
    auto& must = required_.emplace_back();
    if (type == untyped) continue;
    for (const auto& member : schema.members(type)) {
      const auto id = schema.id(member);
      if (member.min > 0 && id == member.first_variant && !schema.is_resource(id) && !schema.is_abstract(member.type)) must.push_back(id);
    }
  }
}

}  // namespace tombolo::mapping
