// Any text with any delimiters: unescaping never crashes, and what is escaped reads back.
// The first byte chooses the delimiters, the rest is the text.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/base/text.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/escape.h"

using namespace tombolo;
using namespace tombolo::hl7v2;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 1) return 0;
  static constexpr Delimiters choices[] = {{}, {'$', '%', '*', '!', '@', '#'}, {'|', '^', '~', 0, 0, 0}, {'|', '^', '~', '|', '^', 0}};
  const Delimiters& d = choices[data[0] % 4];
  const std::string_view text(reinterpret_cast<const char*>(data + 1), size - 1);
  Arena arena;
  (void)unescape(text, d, arena);
  (void)unescape(text, d, arena, "ISO-8859-1");
  std::string escaped;
  append_escaped(escaped, text, d);
  const bool plain = data[0] % 4 < 2 && text.find('\0') == text.npos;
  if (plain && unescape(escaped, d, arena) != text) std::abort();
  if (const auto address = parse_address(text)) {
    if (hl7v2::text(*address) != text) {  // leading zeros are the only other spelling
      if (parse_address(hl7v2::text(*address)).value() != *address) std::abort();
    }
  }
  return 0;
}
