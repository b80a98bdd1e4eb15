// HKDF (RFC 5869) with HMAC-SHA256: many keys from one secret, each for one use. Who learns one of them learns nothing of the
// secret nor of the others.
#pragma once

#include <string>
#include <string_view>

namespace tombolo {

// secret: what the keys come from, as random as the keys should be. info: what this key is for.
// size: bytes of key, 1 to 8160. Throws std::invalid_argument for another size.
std::string hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info, std::size_t size = 32);

}  // namespace tombolo
