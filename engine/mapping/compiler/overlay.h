// Overlays: how `extend` changes the map of an earlier layer.
#pragma once

#include "engine/base/diagnostic.h"
#include "engine/mapping/language/syntax.h"
#include "engine/schema/fhir.h"

namespace tombolo::mapping {

// Works the statements of `change` into `base`, whose result is of the type `target` (untyped: not known, then every target
// counts as single). Rules for single elements go before the base's, for lists to the end; `replace` and `remove` that meet
// nothing are errors.
void extend(MapText& base, const MapText& change, const FhirSchema& schema, ElementId target, Diagnostics& diagnostics);

}  // namespace tombolo::mapping
