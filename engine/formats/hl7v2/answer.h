// The acknowledgement (chapter 2.9): built for any bytes at all, so that a sender always hears something well formed.
#pragma once

#include <string>
#include <string_view>

#include "engine/formats/format.h"

namespace tombolo::hl7v2 {

// Sender and receiver change places; MSH-11, 12, 18, 21 and the delimiters are the sender's; MSH-9 is ACK, from 2.3.1 on
// ACK^event^ACK. MSA-1 is AA AE AR or CA CE CR. Up to 2.4 one ERR with ERR-1 (ELD) for all complaints and MSA-3 for the
// first, from 2.5 one ERR each with ERR-2 (location), ERR-3 (table 0357), ERR-4 (severity) and ERR-8 (text).
// answer.relayed, another system's acknowledgement, goes out as it came but for MSA-2, which becomes the sender's MSH-10.
// Bytes without a readable MSH are answered as version 2.5.1 with the usual delimiters and an empty MSA-2.
std::string answer(std::string_view message, const Answer& answer, Time now, std::string_view id);

// The text of a code of table 0357 ("101" → "Required field missing"), empty for one it does not have.
std::string_view error_text(std::string_view code);

}  // namespace tombolo::hl7v2
