// FNV-1a with its upper half folded in, for the open-addressed tables of this room. Private to the room.
#pragma once

#include <cstdint>
#include <string_view>

namespace tombolo {

// seed: what else the name stands for; equal texts with different seeds lie apart.
inline std::uint32_t hash(std::string_view text, std::uint32_t seed = 0) {
  std::uint32_t h = 2166136261u ^ seed;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 16777619u;
  return h ^ (h >> 15);
}

}  // namespace tombolo
