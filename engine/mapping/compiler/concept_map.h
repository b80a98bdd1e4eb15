// A FHIR ConceptMap (R4, JSON) as a code table: each group's elements are rows, the group's `target` their system. Of the
// targets of an element the first counts that is not unmatched or disjoint; an element without one is no row. What a
// ConceptMap may say and a table cannot (dependsOn, product, unmapped other than provided) is refused.
#pragma once

#include "engine/base/diagnostic.h"
#include "engine/base/library.h"
#include "engine/schema/codes.h"

namespace tombolo::mapping {

// Adds the rows of the file; what is wrong is in `diagnostics` with file, line and column.
void read_concept_map(const File& file, CodeTable& table, Diagnostics& diagnostics);

}  // namespace tombolo::mapping
