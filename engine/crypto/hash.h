// Hashes and keyed hashes (libcrypto). Results are values; nothing is kept between calls.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string>
#include <string_view>

namespace tombolo {

using Sha1 = std::array<std::uint8_t, 20>;
using Sha256 = std::array<std::uint8_t, 32>;

Sha1 sha1(std::initializer_list<std::string_view> parts); // of the parts, one after the other; for name-based UUIDs only
Sha256 sha256(std::string_view bytes);
Sha256 hmac_sha256(std::string_view key, std::string_view bytes);

std::string hex(std::span<const std::uint8_t> bytes);     // lower case

// Compares in time that depends on the lengths only: for tags and tokens that a stranger sent.
bool equal_in_constant_time(std::string_view a, std::string_view b);

}  // namespace tombolo
