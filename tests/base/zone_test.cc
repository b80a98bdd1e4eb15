#include "engine/base/zone.h"

#include <catch2/catch.hpp>

using namespace tombolo;

TEST_CASE("a fixed offset is the same all year", "[zone]") {
  const auto zone = Zone::find("-05:30");
  REQUIRE(zone);
  CHECK(zone->offset({2026, 1, 1, 12, 0, 0}) == -330);
  CHECK(zone->offset({2026, 7, 1, 12, 0, 0}) == -330);
}

TEST_CASE("a place has its summer time", "[zone]") {
  const auto berlin = Zone::find("Europe/Berlin");
  REQUIRE(berlin);
  CHECK(berlin->offset({2026, 1, 1, 12, 0, 0}) == 60);
  CHECK(berlin->offset({2026, 7, 1, 12, 0, 0}) == 120);
}

TEST_CASE("the hour that comes twice, and the one that never comes, have no offset", "[zone]") {
  const auto berlin = Zone::find("Europe/Berlin");
  REQUIRE(berlin);
  CHECK_FALSE(berlin->offset({2026, 10, 25, 2, 30, 0}));
  CHECK(berlin->offset({2026, 10, 25, 3, 0, 0}) == 60);
  CHECK_FALSE(berlin->offset({2026, 3, 29, 2, 30, 0}));
  CHECK(berlin->offset({2026, 3, 29, 1, 59, 59}) == 60);
}

TEST_CASE("what is no offset and no place of the database is no zone, files of the machine least of all", "[zone]") {
  for (const auto* name : {"", "Berlin", "localtime", "Europe/Atlantis", "/etc/localtime", "file:/etc/localtime", "../etc/localtime", "+1", "EST/../../x"})
    CHECK_FALSE(Zone::find(name));
}
