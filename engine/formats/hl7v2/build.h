// Bytes → tree: decode, index, place the segments in groups, hang fields, components and sub-components below them.
// Values are unescaped UTF-8: views where nothing changed, else in the tree's arena. begin and length are places in the
// bytes as received, or in the decoded text where the character set cannot be cut before it is decoded.
// The root holds the bytes themselves as its value_text and the character set as its flags: print needs both.
#pragma once

#include <vector>

#include "engine/formats/format.h"
#include "engine/schema/hl7v2.h"

namespace tombolo::hl7v2 {

Result<void> build(std::string_view bytes, const Reading& reading, const V2Dictionary& dictionary, Tree& tree,
                   std::vector<Complaint>& complaints);

// What makes a message an error whatever it carries: MSH-9, MSH-10, MSH-11 or MSH-12 missing (code 101, severity E).
// bytes must begin with MSH (after a preamble); else nothing is found: build gives the Fault.
std::vector<Complaint> header_errors(std::string_view bytes);

}  // namespace tombolo::hl7v2
