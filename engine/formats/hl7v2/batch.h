// Batches (chapter 2.10.3) and several messages in a row: [FHS] { [BHS] { MSH … } [BTS] } [FTS], all headers optional.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/formats/format.h"

namespace tombolo::hl7v2 {

struct Batch {                                // views into the bytes that were read
  std::string_view file_header;               // FHS, without its line end; empty: none
  std::string_view header;                    // the first BHS
  std::vector<std::string_view> messages;     // with their line ends, without headers and trailers
  std::vector<Complaint> complaints;          // BTS-1 or FTS-1 does not agree: severity W
  bool framed() const { return !file_header.empty() || !header.empty(); }
};

// Bytes that begin with MSH and hold no other message are one message, all of them. Fault{malformed} if there is no
// message at all. MLLP frame bytes between the messages of a file are passed over.
Result<Batch> read_batch(std::string_view bytes);

// The answer to a batch: its own headers turned round, with a new date and control id, around the answers to its messages.
// id: of the new BHS-11 (and FHS-11).
std::string answer_batch(std::string_view batch, const std::vector<std::string>& answers, Time now, std::string_view id);

}  // namespace tombolo::hl7v2
