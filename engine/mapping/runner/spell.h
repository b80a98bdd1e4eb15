// Spelling: a value of a message as the text of a FHIR primitive. The standard conversions of mappings/README.md stand here.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/arena.h"
#include "engine/base/zone.h"
#include "engine/fhirpath/items.h"
#include "engine/schema/primitive.h"

namespace tombolo::mapping {

struct Spelled {
  enum class Quality : std::uint8_t { good, partial, bad, absent };
  Quality quality = Quality::absent;
  std::string_view text;      // in the arena, the tree or a literal
};

// from_hl7: the text stands in an HL7 message, dates look like 20261123154152+0100; else ISO 8601 is read too.
// zone: of times that do not say their own; nullptr: nobody knows, then the time of day is left out
// (partial), since FHIR has no time without a zone.
Spelled spell(std::string_view text, bool from_hl7, Primitive as, const Zone* zone, Arena& arena);

}  // namespace tombolo::mapping
