// The one list of what this binary can do.
#pragma once

#include "engine/flow/channel.h"
#include "engine/schema/fhir.h"
#include "engine/schema/hl7v2.h"

namespace tombolo {

// dictionary, schema: outlive the shelves.
void stock(Shelves& shelves, const V2Dictionary& dictionary, const FhirSchema& schema);

}  // namespace tombolo
