#include "engine/base/json_scan.h"

#include <bit>
#include <cstdint>
#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tombolo {
namespace json_scan {
namespace {

bool plain(char c) { return static_cast<unsigned char>(c) >= 0x20 && c != '"' && c != '\\'; }

// Eight bytes at once: is one of them special? It may cry wolf (a borrow from the byte below) but misses none.
bool special(std::uint64_t word) {
  constexpr std::uint64_t ones = 0x0101010101010101, highs = 0x8080808080808080;
  const auto zero_in = [&](std::uint64_t x) { return (x - ones) & ~x & highs; };
  const std::uint64_t control = (word - ones * 0x20) & ~word & highs;
  return (control | zero_in(word ^ (ones * '"')) | zero_in(word ^ (ones * '\\'))) != 0;
}

std::size_t byte_by_byte(std::string_view text, std::size_t from) {
  while (from < text.size() && plain(text[from])) ++from;
  return from;
}

}  // namespace

std::size_t portable(std::string_view text) {
  std::size_t at = 0;
  for (; text.size() - at >= 8; at += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + at, 8);
    if (special(word)) break;
  }
  return byte_by_byte(text, at);
}

#if defined(__x86_64__)

std::size_t sse2(std::string_view text) {
  const __m128i quote = _mm_set1_epi8('"'), backslash = _mm_set1_epi8('\\'), last_control = _mm_set1_epi8(0x1f);
  std::size_t at = 0;
  for (; text.size() - at >= 16; at += 16) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + at));
    const __m128i control = _mm_cmpeq_epi8(_mm_min_epu8(block, last_control), block);
    const __m128i found = _mm_or_si128(control, _mm_or_si128(_mm_cmpeq_epi8(block, quote), _mm_cmpeq_epi8(block, backslash)));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(found));
    if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(mask));
  }
  return at + portable(text.substr(at));
}

__attribute__((target("avx2"))) std::size_t avx2(std::string_view text) {
  const __m256i quote = _mm256_set1_epi8('"'), backslash = _mm256_set1_epi8('\\'), last_control = _mm256_set1_epi8(0x1f);
  std::size_t at = 0;
  for (; text.size() - at >= 32; at += 32) {
    const __m256i block = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text.data() + at));
    const __m256i control = _mm256_cmpeq_epi8(_mm256_min_epu8(block, last_control), block);
    const __m256i found = _mm256_or_si256(control, _mm256_or_si256(_mm256_cmpeq_epi8(block, quote), _mm256_cmpeq_epi8(block, backslash)));
    const auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(found));
    if (mask != 0) return at + static_cast<std::size_t>(std::countr_zero(mask));
  }
  return at + sse2(text.substr(at));
}

bool has_avx2() { return __builtin_cpu_supports("avx2") != 0; }

#endif

}  // namespace json_scan

std::size_t plain_prefix(std::string_view text) {
#if defined(__x86_64__)
  if (text.size() < 64) return json_scan::sse2(text);
  static const bool wide = json_scan::has_avx2();
  return wide ? json_scan::avx2(text) : json_scan::sse2(text);
#else
  return json_scan::portable(text);
#endif
}

}  // namespace tombolo
