#include "engine/crypto/hash.h"

#define OPENSSL_SUPPRESS_DEPRECATED  // SHA1_Init and the like
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>

#include <stdexcept>

namespace tombolo {
namespace {

const unsigned char* octets(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }

// Looking an algorithm up by name costs more than a short digest: each is fetched once and kept for good.
const EVP_MD* fetch(const char* name) {
  const EVP_MD* const found = EVP_MD_fetch(nullptr, name, nullptr);
  if (found == nullptr) throw std::runtime_error(std::string("libcrypto has no ") + name);
  return found;
}

template <class Digest>
Digest digest(std::string_view bytes, const EVP_MD* kind) {
  Digest out{};
  if (EVP_Digest(bytes.data(), bytes.size(), out.data(), nullptr, kind, nullptr) != 1) {
    throw std::runtime_error("libcrypto cannot compute a digest");
  }
  return out;
}

}  // namespace

// The names of a message are many and short: EVP would take longer to make its state than to digest one.
Sha1 sha1(std::initializer_list<std::string_view> parts) {
  Sha1 out{};
  SHA_CTX state;
  SHA1_Init(&state);
  for (const auto part : parts) SHA1_Update(&state, part.data(), part.size());
  SHA1_Final(out.data(), &state);
  return out;
}

Sha256 sha256(std::string_view bytes) {
  static const EVP_MD* const kind = fetch("SHA256");
  return digest<Sha256>(bytes, kind);
}

Sha256 hmac_sha256(std::string_view key, std::string_view bytes) {
  Sha256 out{};
  static constexpr char no_key = 0;  // libcrypto takes a null pointer for "the key of last time"
  const void* const secret = key.empty() ? &no_key : key.data();
  if (HMAC(EVP_sha256(), secret, static_cast<int>(key.size()), octets(bytes), bytes.size(), out.data(), nullptr) == nullptr) {
    throw std::runtime_error("libcrypto cannot compute an HMAC");
  }
  return out;
}

std::string hex(std::span<const std::uint8_t> bytes) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const auto byte : bytes) {
    out += digits[byte >> 4];
    out += digits[byte & 15];
  }
  return out;
}

bool equal_in_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace tombolo
