// Tree → bytes. A parsed tree that nobody changed prints as the very bytes that were read. In a changed one only the parts
// that were changed are written anew, in the sender's delimiters and character set; every other byte stays as received.
// If MSH-18 was changed to another set that is known, the whole message is written in that set.
// A tree that a map built prints in order: "|^~\&" unless MSH-1 and MSH-2 say otherwise, CR after each segment.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/schema/hl7v2.h"
#include "engine/tree/tree.h"

namespace tombolo::hl7v2 {

// Fault{malformed} for a tree that is no message: a segment without three letters, a field that is no number; for a
// character that the message's set cannot hold. Fault{too_large} for a field number beyond 9999.
Result<std::string> print(const Tree& tree, const V2Dictionary& dictionary);

}  // namespace tombolo::hl7v2
