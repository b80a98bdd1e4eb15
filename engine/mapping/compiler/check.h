// What can only be said when all maps are known: required elements that no rule writes, rules that can never run.
#pragma once

#include "engine/mapping/compiler/compile.h"

namespace tombolo::mapping {

void check_required(const Compiler& compiler, Diagnostics& diagnostics);

// After an unconditional constant nothing else for a single element is ever tried; nor after a constant under the same condition.
// Also warns of `with` and `else` behind such a constant.
void check_reachable(const MapEntry& entry, const FhirSchema& schema, Diagnostics& diagnostics);

}  // namespace tombolo::mapping
