// Values as HL7 v2 writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/fhirpath/value.h"
#include "engine/schema/hl7v2.h"

namespace tombolo::mapping {

// The digits of a moment: 20260131, 20260131094500.25+0100, 0945. A fraction has four digits at most.
std::string hl7_text(const fhirpath::Moment& moment);

// The text of a time or date in ISO 8601 as a DT, DTM or TM wants it; nullopt: it is none.
std::optional<std::string> hl7_time_text(std::string_view iso, const V2Type& type);

}  // namespace tombolo::mapping
