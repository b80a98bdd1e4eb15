// Finds delimiters, 64 bytes at a time. Compiled for AVX2 and for SSE2, chosen when first used; elsewhere a plain loop.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace tombolo::hl7v2 {

using Wanted = std::array<char, 6>;  // the bytes looked for; no NUL; may name one twice

// Sets bit i of out[b] where text[64 * b + i] is wanted. Reads `size` bytes, writes (size + 63) / 64 words.
using Scan = void (*)(const char* text, std::size_t size, const Wanted& wanted, std::uint64_t* out);

Scan fastest_scan();

// All that run on this machine, with their names; the first is the plain loop.
std::vector<std::pair<const char*, Scan>> scans();

}  // namespace tombolo::hl7v2
