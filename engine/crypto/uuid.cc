#include "engine/crypto/uuid.h"

#include <algorithm>

#include "engine/base/letters.h"
#include "engine/crypto/hash.h"

namespace tombolo {
namespace {

constexpr bool dash_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

}  // namespace

Uuid named_uuid(const Uuid& name_space, std::string_view name) {
  const Sha1 digest = sha1({{reinterpret_cast<const char*>(name_space.bytes.data()), name_space.bytes.size()}, name});
  Uuid uuid;
  std::copy_n(digest.begin(), uuid.bytes.size(), uuid.bytes.begin());
  uuid.bytes[6] = static_cast<std::uint8_t>((uuid.bytes[6] & 0x0f) | 0x50);  // version 5
  uuid.bytes[8] = static_cast<std::uint8_t>((uuid.bytes[8] & 0x3f) | 0x80);  // the variant of the RFC
  return uuid;
}

void write(const Uuid& uuid, char* out) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::size_t at = 0;
  for (const auto byte : uuid.bytes) {
    if (dash_at(at)) out[at++] = '-';
    out[at++] = digits[byte >> 4];
    out[at++] = digits[byte & 15];
  }
}

std::string text(const Uuid& uuid) {
  std::string out(36, '\0');
  write(uuid, out.data());
  return out;
}

std::optional<Uuid> to_uuid(std::string_view s) {
  if (s.size() != 36) return std::nullopt;
  Uuid uuid;
  std::size_t byte = 0;
  for (std::size_t i = 0; i < s.size();) {
    if (dash_at(i)) {
      if (s[i++] != '-') return std::nullopt;
      continue;
    }
    const int high = hex_value(s[i]), low = hex_value(s[i + 1]);
    if (high < 0 || low < 0) return std::nullopt;
    uuid.bytes[byte++] = static_cast<std::uint8_t>(high << 4 | low);
    i += 2;
  }
  return uuid;
}

}  // namespace tombolo
