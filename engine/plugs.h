// The one list of what this binary can do.
#pragma once

#include "engine/flow/channel.h"
#include "engine/schema/hl7v2.h"

namespace tombolo {

// dictionary: outlives the shelves.
void stock(Shelves& shelves, const V2Dictionary& dictionary);

}  // namespace tombolo
