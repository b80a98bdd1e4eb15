#include "engine/crypto/hkdf.h"

#include <catch2/catch.hpp>

#include <stdexcept>

#include "engine/crypto/hash.h"

using namespace tombolo;

namespace {

std::string run(unsigned char first, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += static_cast<char>(first + i);
  return out;
}
std::string hex_of(const std::string& bytes) {
  return hex({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()});
}

}  // namespace

TEST_CASE("HKDF gives the answers of RFC 5869", "[crypto]") {
  CHECK(hex_of(hkdf_sha256(std::string(22, '\x0b'), run(0x00, 13), run(0xf0, 10), 42)) ==
        "3cb25f25faacd57a90434f64d0362f2a2d2d0a90cf1a5a4c5db02d56ecc4c5bf34007208d5b887185865");
  CHECK(hex_of(hkdf_sha256(run(0x00, 80), run(0x60, 80), run(0xb0, 80), 82)) ==
        "b11e398dc80327a1c8e7f78c596a49344f012eda2d4efad8a050cc4c19afa97c59045a99cac7827271cb41c65e590e09da3275600c2f09b836"
        "7793a9aca3db71cc30c58179ec3e87c14c01d5c1f3434f1d87");
  CHECK(hex_of(hkdf_sha256(std::string(22, '\x0b'), "", "", 42)) ==
        "8da4e775a563c18f715f802a063c5a31b8a11f5c5ee1879ec3454e5f3c738d2d9d201395faa4b61a96c8");
}

TEST_CASE("a key for another use is another key", "[crypto]") {
  CHECK(hkdf_sha256("secret", "salt", "shift") != hkdf_sha256("secret", "salt", "token"));
  CHECK(hkdf_sha256("secret", "salt", "shift") != hkdf_sha256("secret!", "salt", "shift"));
  CHECK(hkdf_sha256("secret", "salt", "shift").size() == 32);
}

TEST_CASE("HKDF refuses sizes that it cannot give", "[crypto]") {
  CHECK_THROWS_AS(hkdf_sha256("secret", "", "", 0), std::invalid_argument);
  CHECK_THROWS_AS(hkdf_sha256("secret", "", "", 8161), std::invalid_argument);
  CHECK(hkdf_sha256("secret", "", "", 8160).size() == 8160);
}
