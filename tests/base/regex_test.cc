#include "engine/base/regex.h"

#include <catch2/catch.hpp>

using tombolo::Regex;

TEST_CASE("a regular expression is sought anywhere, or matched whole", "[regex]") {
  const auto digits = Regex::compile("[0-9]+");
  REQUIRE(digits.has_value());
  CHECK(digits->found_in("room 12"));
  CHECK_FALSE(digits->found_in("room"));
  CHECK(digits->matches("12"));
  CHECK_FALSE(digits->matches("room 12"));
}

TEST_CASE("a replacement names groups by number and by name", "[regex]") {
  const auto date = Regex::compile("(?P<month>\\d\\d)/(?P<day>\\d\\d)/(\\d{4})");
  REQUIRE(date.has_value());
  CHECK(date->replace_all("born 11/30/1972", "$3-${month}-${day}") == "born 1972-11-30");
  CHECK(Regex::compile("a")->replace_all("banana", "$$\\$7") == "b$\\n$\\n$\\");
}

TEST_CASE("a wrong regular expression says so", "[regex]") {
  const auto wrong = Regex::compile("(a");
  REQUIRE_FALSE(wrong.has_value());
  CHECK(wrong.error().kind == tombolo::Kind::malformed);
}

TEST_CASE("a point in a regular expression matches the end of a line", "[regex]") { CHECK(Regex::compile("a.b")->matches("a\nb")); }
