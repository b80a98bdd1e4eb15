#include "engine/formats/place.h"

#include <algorithm>

#include "engine/base/diagnostic.h"
#include "engine/base/text.h"

namespace tombolo {

std::string line_and_column(std::string_view bytes, std::size_t offset) {
  const Place place = place_of("", bytes, std::min(offset, bytes.size()));
  return std::to_string(place.line) + ":" + std::to_string(place.column);
}

std::size_t not_utf8(std::string_view bytes) {
  const std::size_t nul = bytes.find('\0');
  if (valid_utf8(bytes.substr(0, nul))) return nul;
  std::size_t at = 0;
  for (;;) {
    const auto lead = static_cast<unsigned char>(bytes[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (!valid_utf8(bytes.substr(at, size))) return at;
    at += size;
  }
}

}  // namespace tombolo
