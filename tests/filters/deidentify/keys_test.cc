#include "engine/filters/deidentify/keys.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>

#include "engine/schema/primitive.h"

using namespace tombolo;
using namespace tombolo::deidentify;

namespace {

const std::string secret = "a lighthouse keeper counts gulls at dusk";

Keys keys(const std::string& project = "coast", const std::string& from = secret) { return Keys::derive(from, project).value(); }
std::string refusal(const std::string& from, const std::string& project = "coast") { return text(Keys::derive(from, project).error()); }

}  // namespace

TEST_CASE("a token is 26 letters and digits that make a legal id", "[keys]") {
  const std::string token = keys().token(Purpose::patient, "urn:oid:1.2.3", "4711");
  CHECK(token.size() == 26);
  CHECK(std::all_of(token.begin(), token.end(), [](char c) { return (c >= 'A' && c <= 'Z') || (c >= '2' && c <= '7'); }));
  CHECK(valid(Primitive::id, token));
  CHECK(token == keys().token(Purpose::patient, " urn:oid:1.2.3", "4711 "));
}

TEST_CASE("tokens differ by purpose, system, value, project and secret", "[keys]") {
  const std::string token = keys().token(Purpose::patient, "A", "B");
  CHECK(token != keys().token(Purpose::encounter, "A", "B"));
  CHECK(token != keys().token(Purpose::patient, "A", "C"));
  CHECK(token != keys().token(Purpose::patient, "", "AB"));
  CHECK(token != keys().token(Purpose::patient, "AB", ""));
  CHECK(token != keys("hills").token(Purpose::patient, "A", "B"));
  CHECK(token != keys("coast", secret + "!").token(Purpose::patient, "A", "B"));
}

TEST_CASE("a shift is a person's own, within the range, and never nothing", "[keys]") {
  const Keys made = keys();
  std::map<int, int> drawn;
  for (int i = 0; i < 4000; ++i) {
    const int days = made.shift("person " + std::to_string(i), 5);
    CHECK(days == made.shift("person " + std::to_string(i), 5));
    ++drawn[days];
  }
  CHECK(drawn.size() == 10);
  CHECK(drawn.begin()->first == -5);
  CHECK(drawn.rbegin()->first == 5);
  CHECK(drawn.count(0) == 0);
  for (const auto& [days, times] : drawn) {   // 400 are expected, with a standard deviation of 19
    CHECK(times > 300);
    CHECK(times < 500);
  }
  CHECK(made.shift("a", 1) * made.shift("a", 1) == 1);
}

TEST_CASE("the token of an OID is an OID", "[keys]") {
  const std::string uid = keys().uid("1.2.840.1.1");
  CHECK(valid(Primitive::oid, "urn:oid:" + uid));
  CHECK(uid.starts_with("2.25."));
  CHECK(uid.size() <= 44);
  CHECK(uid != keys().uid("1.2.840.1.2"));
}

TEST_CASE("a secret that is none is refused, and not repeated", "[keys]") {
  CHECK(refusal("") == "key: expected a secret of 256 bits (32 bytes, or 64 hexadecimal digits), found 0 characters");
  CHECK(refusal("short but sweet").find("short") == std::string::npos);
  CHECK_FALSE(Keys::derive("0123456789abcdef0123456789abcdef", "coast").has_value());   // 32 hexadecimal digits are 128 bits
  CHECK(Keys::derive("0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "coast").has_value());
  CHECK(refusal(std::string(64, 'x')) == "key: expected a random secret, found the same few characters over and over");
  CHECK(refusal(secret, " ") == "project: expected a name, found none");
}
