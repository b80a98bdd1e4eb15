#include "engine/filters/deidentify/keys.h"

#include <algorithm>
#include <bitset>

#include "engine/base/letters.h"
#include "engine/base/text.h"
#include "engine/crypto/hash.h"
#include "engine/crypto/hkdf.h"

namespace tombolo::deidentify {
namespace {

constexpr std::string_view salt = "tombolo deidentify 1";
constexpr std::array<std::string_view, purposes> names{"token:patient", "token:encounter", "token:practitioner", "uid", "shift", "text", "lineage"};

// A secret of four different characters is a placeholder.
bool varied(std::string_view secret) {
  std::bitset<256> seen;
  for (const char c : secret) seen.set(static_cast<unsigned char>(c));
  return seen.count() >= 8;
}

std::string base32(const Sha256& digest, std::size_t size) {
  constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
  std::string out;
  std::uint32_t bits = 0;
  int held = 0;
  for (std::size_t i = 0; out.size() < size; ++i) {
    bits = bits << 8 | digest[i];
    for (held += 8; held >= 5 && out.size() < size; held -= 5) out += digits[bits >> (held - 5) & 31];
  }
  return out;
}

}  // namespace

Result<Keys> Keys::derive(std::string_view secret, std::string_view project) {
  if (trim(project).empty()) return Fault{Kind::refused, "project", "expected a name, found none"};
  const bool hexadecimal = std::all_of(secret.begin(), secret.end(), [](char c) { return hex_value(c) >= 0; });
  if (secret.size() < (hexadecimal ? 64 : 32)) {
    return Fault{Kind::refused, "key", "expected a secret of 256 bits (32 bytes, or 64 hexadecimal digits), found " + std::to_string(secret.size()) + " characters"};
  }
  if (!varied(secret)) return Fault{Kind::refused, "key", "expected a random secret, found the same few characters over and over"};
  Keys keys;
  for (std::size_t i = 0; i < purposes; ++i) keys.keys_[i] = hkdf_sha256(secret, salt, std::string(project) + '\x1f' + std::string(names[i]));
  return keys;
}

std::string Keys::token(Purpose purpose, std::string_view system, std::string_view value) const {
  std::string named(trim(system));
  named += '\x1f';
  named += trim(value);
  return base32(hmac_sha256(key(purpose), named), 26);
}

std::string Keys::uid(std::string_view value) const {
  const Sha256 digest = hmac_sha256(key(Purpose::uid), value);
  unsigned __int128 number = 0;
  for (std::size_t i = 0; i < 16; ++i) number = number << 8 | digest[i];
  std::string digits;
  for (; number != 0; number /= 10) digits += static_cast<char>('0' + static_cast<int>(number % 10));
  std::reverse(digits.begin(), digits.end());
  return "2.25." + digits;
}

int Keys::shift(std::string_view person, int range) const {
  const Sha256 digest = hmac_sha256(key(Purpose::shift), person);
  std::uint64_t number = 0;
  for (std::size_t i = 0; i < 8; ++i) number = number << 8 | digest[i];
  const int drawn = static_cast<int>(number % (2 * static_cast<std::uint64_t>(range)));   // 0 … 2·range - 1; the bias is below 2^-50
  return drawn < range ? drawn - range : drawn - range + 1;
}

std::string Keys::fingerprint(std::string_view value) const { return hex(hmac_sha256(key(Purpose::lineage), value)).substr(0, 16); }

}  // namespace tombolo::deidentify
