// MLLP, the wire of HL7 v2: a source that takes messages in and a destination that sends them and checks the answer.
// See README.md in this folder.
#pragma once

#include "engine/connectors/connector.h"

namespace tombolo {

SourcePlug mllp_source();
DestinationPlug mllp_destination();

}  // namespace tombolo
