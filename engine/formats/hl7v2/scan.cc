#include "engine/formats/hl7v2/scan.h"

#include <cstring>

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace tombolo::hl7v2 {
namespace {

void scan_plain(const char* text, std::size_t size, const Wanted& wanted, std::uint64_t* out) {
  std::array<std::uint8_t, 256> table{};
  for (const char c : wanted) table[static_cast<unsigned char>(c)] = 1;
  for (std::size_t block = 0; block < size; block += 64) {
    const std::size_t count = size - block < 64 ? size - block : 64;
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < count; ++i) bits |= std::uint64_t{table[static_cast<unsigned char>(text[block + i])]} << i;
    *out++ = bits;
  }
}

#if defined(__x86_64__)

inline std::uint64_t sixteen(const char* text, const __m128i* wanted) {
  const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text));
  __m128i found = _mm_cmpeq_epi8(bytes, wanted[0]);
  for (int i = 1; i < 6; ++i) found = _mm_or_si128(found, _mm_cmpeq_epi8(bytes, wanted[i]));
  return static_cast<std::uint32_t>(_mm_movemask_epi8(found));
}

void scan_sse2(const char* text, std::size_t size, const Wanted& wanted, std::uint64_t* out) {
  __m128i each[6];
  for (std::size_t i = 0; i < wanted.size(); ++i) each[i] = _mm_set1_epi8(wanted[i]);
  const auto whole = [&each](const char* at) {
    return sixteen(at, each) | sixteen(at + 16, each) << 16 | sixteen(at + 32, each) << 32 | sixteen(at + 48, each) << 48;
  };
  for (; size >= 64; size -= 64, text += 64) *out++ = whole(text);
  if (size > 0) {  // copied to where 64 bytes may be read: nothing beyond the text is touched
    alignas(64) char last[64] = {};
    std::memcpy(last, text, size);
    *out = whole(last);
  }
}

[[gnu::target("avx2"), gnu::always_inline]] inline std::uint64_t thirty_two(const char* text, const __m256i* wanted) {
  const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(text));
  const __m256i first = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, wanted[0]), _mm256_cmpeq_epi8(bytes, wanted[1]));
  const __m256i second = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, wanted[2]), _mm256_cmpeq_epi8(bytes, wanted[3]));
  const __m256i third = _mm256_or_si256(_mm256_cmpeq_epi8(bytes, wanted[4]), _mm256_cmpeq_epi8(bytes, wanted[5]));
  return static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_or_si256(_mm256_or_si256(first, second), third)));
}

[[gnu::target("avx2")]] void scan_avx2(const char* text, std::size_t size, const Wanted& wanted, std::uint64_t* out) {
  __m256i each[6];
  for (std::size_t i = 0; i < wanted.size(); ++i) each[i] = _mm256_set1_epi8(wanted[i]);
  for (; size >= 64; size -= 64, text += 64) *out++ = thirty_two(text, each) | thirty_two(text + 32, each) << 32;
  if (size > 0) {
    alignas(64) char last[64] = {};
    std::memcpy(last, text, size);
    *out = thirty_two(last, each) | thirty_two(last + 32, each) << 32;
  }
}

#endif

}  // namespace

std::vector<std::pair<const char*, Scan>> scans() {
  std::vector<std::pair<const char*, Scan>> found{{"plain", scan_plain}};
#if defined(__x86_64__)
  found.emplace_back("sse2", scan_sse2);
  if (__builtin_cpu_supports("avx2")) found.emplace_back("avx2", scan_avx2);
#endif
  return found;
}

Scan fastest_scan() {
  static const Scan fastest = scans().back().second;
  return fastest;
}

}  // namespace tombolo::hl7v2
