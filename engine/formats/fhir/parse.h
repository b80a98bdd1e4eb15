// FHIR R4 JSON into a canonical tree: the JSON tree is typed in place, so a node's `begin` and `length` still say where it was read.
//
// Checked here: every element is one of its type, is an array if and only if it may repeat, has the JSON kind of its type, and is
// not empty; a choice has one type; `_name` companions fit their primitives. The syntax of values, cardinalities, codes and
// references are canonical/check.h's. Elements are put in schema order; a primitive takes the children of its companion.
#pragma once

#include <string_view>

#include "engine/formats/json/json.h"
#include "engine/schema/fhir.h"

namespace tombolo {

// `tree` must be empty; `bytes` must outlive it. The root is the resource. The first fault ends the reading; its `where` is a JSON
// pointer and line:column. The tree is then of no use.
Result<void> parse_fhir(std::string_view bytes, const FhirSchema& schema, Tree& tree, const JsonLimits& limits = {});

}  // namespace tombolo
