// Relaying: an acknowledgement that another system gave, passed on to the sender of the message it stands for.
#pragma once

#include <string>
#include <string_view>

namespace tombolo::hl7v2 {

// `reply` with MSA-2 naming `message` (its MSH-10); every other byte stays. A reply without MSA comes back as it is.
std::string relay(std::string_view reply, std::string_view message);

}  // namespace tombolo::hl7v2
