// Doors: what each operation of a map cannot do without, worked out once, so that running asks a short list of numbers and passes
// over what has nothing to do.
#pragma once

#include "engine/mapping/compiler/program.h"

namespace tombolo::mapping {

void hang_doors(CompiledMap& map);

}  // namespace tombolo::mapping
