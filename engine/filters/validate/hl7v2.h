// Validation of an HL7 v2 message by the standard, as its own version (MSH-12) has it. Pure: the tree is only read.
//
// What is checked is what the dictionary (schema/hl7v2.h) knows: the message structure of MSH-9, the fields of each segment
// with their components, the forms of primitive values, code tables, OBX-5 by OBX-2. "" counts as valued. Conditional usage
// is not known, so a conditional field is never missed, but for OBX-2 where OBX-5 is valued.
#pragma once

#include "engine/filters/validate/findings.h"
#include "engine/schema/hl7v2.h"
#include "engine/tree/tree.h"

namespace tombolo {

// message: as formats/hl7v2 parsed it, with this dictionary; it may have been edited. Findings come in the order of the message.
Findings validate_hl7v2(const Tree& message, const V2Dictionary& dictionary, const Weights& weights = usual_weights);

}  // namespace tombolo
