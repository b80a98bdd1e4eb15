#include "engine/filters/deidentify/dates.h"

#include <catch2/catch.hpp>

using namespace tombolo::deidentify;

namespace {

const Day today = std::chrono::sys_days{std::chrono::year{2026} / 3 / 10};

}  // namespace

TEST_CASE("a shifted date keeps its precision, its time and its zone", "[dates]") {
  CHECK(shifted("2024-02-28", 2) == "2024-03-01");
  CHECK(shifted("2024-01-01T00:30:00.250+08:00", -1) == "2023-12-31T00:30:00.250+08:00");
  CHECK(shifted("2024-03-10T10:00:00Z", 177) == "2024-09-03T10:00:00Z");
}

TEST_CASE("a month and a year are shifted by their middle", "[dates]") {
  CHECK(shifted("2024-02", 10) == "2024-02");
  CHECK(shifted("2024-02", 20) == "2024-03");
  CHECK(shifted("2024-01", -15) == "2023-12");
  CHECK(shifted("2024", 180) == "2024");
  CHECK(shifted("2024", -200) == "2023");
}

TEST_CASE("what is no date, or leaves the calendar, has no shifted date", "[dates]") {
  CHECK_FALSE(shifted("19x4", 1));
  CHECK_FALSE(shifted("2023-02-29", 1));
  CHECK_FALSE(shifted("", 1));
  CHECK_FALSE(shifted("9999-12-31", 1));
  CHECK_FALSE(shifted("0001-01-01", -1));
}

TEST_CASE("of a date the year stays", "[dates]") {
  CHECK(year_of("2024-03-10T10:00:00Z", today) == "2024");
  CHECK(year_of("2015-02", today) == "2015");
  CHECK_FALSE(year_of("March 2015", today));
}

TEST_CASE("a year that tells an age over 89 goes", "[dates]") {
  CHECK(year_of("1936-03-11", today) == "1936");   // 89 until tomorrow
  CHECK_FALSE(year_of("1936-03-10", today));       // 90 today
  CHECK_FALSE(year_of("1936", today));             // perhaps 90
  CHECK_FALSE(year_of("1936-03", today));
  CHECK(year_of("1936-04", today) == "1936");
  CHECK(year_of("1937", today) == "1937");
  CHECK_FALSE(year_of("1901-12-31", today));
}
