// HL7 v2 (ER7, "pipes and hats") as a Format. See README.md in this folder.
#pragma once

#include <memory>

#include "engine/formats/format.h"
#include "engine/schema/hl7v2.h"

namespace tombolo {

// The dictionary outlives the format. The format has no state: many threads may use one.
std::unique_ptr<Format> hl7v2_format(const V2Dictionary& dictionary);

}  // namespace tombolo
