// Parses a map file. The grammar stands in mappings/README.md.
#pragma once

#include "engine/base/diagnostic.h"
#include "engine/mapping/language/source.h"
#include "engine/mapping/language/syntax.h"

namespace tombolo::mapping {

// All faults are added to `diagnostics`; the result holds what could be read. Views into `source`.
FileText parse_map_file(const Source& source, Diagnostics& diagnostics);

}  // namespace tombolo::mapping
