#include "engine/crypto/uuid.h"

#include <catch2/catch.hpp>

using namespace tombolo;

TEST_CASE("a name-based UUID is the one of RFC 9562", "[crypto]") {
  const Uuid dns = *to_uuid("6ba7b810-9dad-11d1-80b4-00c04fd430c8");
  CHECK(text(named_uuid(dns, "www.example.com")) == "2ed6657d-e927-568b-95e1-2665a8aea6a2");
  CHECK(named_uuid(dns, "a") == named_uuid(dns, "a"));
  CHECK_FALSE(named_uuid(dns, "a") == named_uuid(Uuid{}, "a"));
}

TEST_CASE("a UUID is read in either case and written in lower case", "[crypto]") {
  const auto uuid = to_uuid("6BA7B810-9DAD-11D1-80B4-00C04FD430C8");
  REQUIRE(uuid);
  CHECK(text(*uuid) == "6ba7b810-9dad-11d1-80b4-00c04fd430c8");
}

TEST_CASE("what is no UUID is refused", "[crypto]") {
  for (const auto* wrong : {"", "6ba7b8109dad11d180b400c04fd430c8", "6ba7b810-9dad-11d1-80b4-00c04fd430cg", "6ba7b810-9dad-11d1-80b4000c04fd430c8",
                            "6ba7b810-9dad-11d1-80b4-00c04fd430c81"}) {
    CHECK_FALSE(to_uuid(wrong));
  }
}
