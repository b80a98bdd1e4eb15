#include "engine/crypto/hkdf.h"

#include <stdexcept>

#include "engine/crypto/hash.h"

namespace tombolo {
namespace {

std::string_view bytes_of(const Sha256& digest) { return {reinterpret_cast<const char*>(digest.data()), digest.size()}; }

}  // namespace

std::string hkdf_sha256(std::string_view secret, std::string_view salt, std::string_view info, std::size_t size) {
  if (size == 0 || size > 255 * sizeof(Sha256)) throw std::invalid_argument("HKDF gives 1 to 8160 bytes");
  const Sha256 extracted = hmac_sha256(salt, secret);
  std::string key, block;
  for (unsigned char counter = 1; key.size() < size; ++counter) {
    block += info;
    block += static_cast<char>(counter);
    const Sha256 next = hmac_sha256(bytes_of(extracted), block);
    block = bytes_of(next);
    key += block;
  }
  key.resize(size);
  return key;
}

}  // namespace tombolo
