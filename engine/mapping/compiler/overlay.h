// Overlays: how `extend` changes the map, or the edit, of an earlier layer.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/mapping/language/syntax.h"
#include "engine/schema/fhir.h"

namespace tombolo::mapping {

// Works the statements of `change` into `base`, whose result is of the type `target` (untyped: not known, then every target
// counts as single). Rules for single elements go before the base's, for lists to the end; `replace` and `remove` that meet
// nothing are errors.
void extend(MapText& base, const MapText& change, const FhirSchema& schema, ElementId target, Diagnostics& diagnostics);

// The same for edits, of which there may be several: `replace` and `remove` take all statements in them that are meant, new
// statements go to the end of the last one, or of its block with the same head.
void extend(const std::vector<EditText*>& bases, const EditText& change, Diagnostics& diagnostics);

// A piece of a map file without its blanks: two that differ in nothing else say the same.
std::string squeezed(std::string_view text);

}  // namespace tombolo::mapping
