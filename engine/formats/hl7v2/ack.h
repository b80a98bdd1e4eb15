// What a v2 acknowledgement says, for whoever sent a message and waits for its answer. No index, no tree: three fields.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace tombolo {

struct Ack {
  std::string code;        // MSA-1: AA AE AR CA CE CR
  std::string control_id;  // MSA-2: MSH-10 of what is answered
  std::string error_code;  // the first ERR's code of table 0357 (ERR-3.1, up to 2.4 ERR-1.4.1), else MSA-6.1; may be empty
};

// Fault{malformed} if the bytes do not begin with MSH, Fault{missing, "MSA"} without MSA, Fault{missing, "MSA-1"} without a code.
Result<Ack> read_ack(std::string_view bytes);

}  // namespace tombolo
