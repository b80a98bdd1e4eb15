// How far a text can be copied into JSON as it is. One question, asked for every string that is written, so it has a version per
// instruction set; all give the same answer. plain_prefix takes the best one for this processor.
#pragma once

#include <cstddef>
#include <string_view>

namespace tombolo {

// The number of bytes at the front that need no escape: none below 0x20, no quote, no backslash.
std::size_t plain_prefix(std::string_view text);

namespace json_scan {
std::size_t portable(std::string_view text);
#if defined(__x86_64__)
std::size_t sse2(std::string_view text);
std::size_t avx2(std::string_view text);  // only where has_avx2()
bool has_avx2();
#endif
}  // namespace json_scan

}  // namespace tombolo
