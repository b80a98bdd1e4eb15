#include "engine/store/fingerprint.h"

#include <bit>
#include <cstring>

namespace tombolo::store {
namespace {

std::uint64_t read8(const char* from) {
  std::uint64_t n = 0;
  std::memcpy(&n, from, sizeof n);
  if constexpr (std::endian::native == std::endian::big) n = __builtin_bswap64(n);
  return n;
}

// The two halves of a 128-bit product, folded: every bit of both factors reaches every bit of the result.
std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

constexpr std::uint64_t first = 0xA0761D6478BD642F, second = 0xE7037ED1A0B428DB, third = 0x8EBC6AF09C88C6E3;

}  // namespace

std::uint64_t fingerprint(std::string_view bytes) {
  std::uint64_t state = first ^ bytes.size();
  std::string_view rest = bytes;
  for (; rest.size() >= 16; rest.remove_prefix(16)) state = fold(read8(rest.data()) ^ second, read8(rest.data() + 8) ^ state);
  char tail[16] = {};
  if (!rest.empty()) std::memcpy(tail, rest.data(), rest.size());
  state = fold(read8(tail) ^ second, read8(tail + 8) ^ state);
  return fold(state ^ third, bytes.size() ^ second);
}

std::string short_key(std::string_view key) {
  constexpr std::size_t longest = 64, kept = 40;
  if (key.size() <= longest) return std::string(key);
  static constexpr char digits[] = "0123456789abcdef";
  std::string out(key.substr(0, kept));
  const std::uint64_t hash = fingerprint(key);
  for (int shift = 60; shift >= 0; shift -= 4) out += digits[(hash >> shift) & 15];
  return out;
}

}  // namespace tombolo::store
