#include "engine/filters/validate/primitives.h"

#include <catch2/catch.hpp>

using namespace tombolo;

TEST_CASE("a number has digits, perhaps a sign and a point, and nothing else", "[validate]") {
  for (const char* good : {"0", "12", "-12.50", "+3", "5.", ".5", " 7 "}) {
    INFO(good);
    CHECK(is_number(good));
  }
  for (const char* bad : {"", "-", ".", "1,5", "1e5", "< 5", "12a", "1.2.3", "--1"}) {
    INFO(bad);
    CHECK_FALSE(is_number(bad));
  }
}

TEST_CASE("a date is one of the calendar", "[validate]") {
  for (const char* good : {"1950", "195002", "19500228", "20240229"}) {
    INFO(good);
    CHECK(is_date(good));
  }
  for (const char* bad : {"", "50", "19501", "19500230", "20230229", "19501301", "1950-02-28", "00000000", "19500228T"}) {
    INFO(bad);
    CHECK_FALSE(is_date(bad));
  }
}

TEST_CASE("a moment is a date, perhaps with a time of day and a zone", "[validate]") {
  for (const char* good : {"2026", "2026+0100", "2026010203", "202601020304", "20260102030405", "20260102030405.1234-0530", "202601020304+1400"}) {
    INFO(good);
    CHECK(is_moment(good));
  }
  for (const char* bad : {"20260102030", "202601022400", "202601020360", "20260102030405.", "20260102030405.12345", "20260102030405+01",
                          "20260102030405+1500", "2026-01-02T03:04", "2026010203Z"}) {
    INFO(bad);
    CHECK_FALSE(is_moment(bad));
  }
}

TEST_CASE("a time of day goes to 23:59", "[validate]") {
  for (const char* good : {"00", "2359", "235959.9", "0800+0100"}) CHECK(is_time(good));
  for (const char* bad : {"", "24", "8", "8:00", "080060"}) CHECK_FALSE(is_time(bad));
}

TEST_CASE("a sequence number is digits", "[validate]") {
  CHECK(is_sequence("0001"));
  CHECK_FALSE(is_sequence("1.0"));
  CHECK_FALSE(is_sequence("-1"));
}

TEST_CASE("a type without a form takes any value", "[validate]") {
  CHECK(unlike("ST", "19x4").empty());
  CHECK(unlike("NM", "19x4") == "no number (NM)");
}
