// Fit: a message that was built for all versions, cut to what one version has. Nothing goes without a word.
#pragma once

#include "engine/mapping/mapping.h"
#include "engine/schema/hl7v2.h"
#include "engine/tree/tree.h"

namespace tombolo::mapping::to_v2 {

// Takes out the segments, fields, components and repetitions that the version (an index of V2Dictionary::versions()) does not have,
// each with a line in the report (`unsupported`); then says what the version requires and is not there (`missing`).
void fit(Tree& message, const V2Structure& structure, int version, const V2Dictionary& dictionary, RunReport& report);

}  // namespace tombolo::mapping::to_v2
