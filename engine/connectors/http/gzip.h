// Unpacking a body that came compressed (Content-Encoding: gzip, RFC 1952), with limits before anything is believed.
#pragma once

#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace tombolo::http {

// The unpacked body. Fault: Kind::malformed for what is no gzip, is cut, or has anything behind it; Kind::too_large for more than
// `most` bytes, or for more than 200 times what was sent (1 MiB is always allowed): what grows like that was made to harm.
Result<std::string> gunzip(std::string_view packed, std::size_t most);

}  // namespace tombolo::http
