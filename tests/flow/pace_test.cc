#include "engine/flow/pace.h"

#include <catch2/catch.hpp>

using namespace tombolo;
using namespace std::chrono_literals;

namespace {

Pace pace(const std::string& send, std::string* faults = nullptr) {
  Diagnostics found;
  const Setting block = parse_settings("test.yaml", send, [](std::string_view) { return std::nullopt; }, found);
  const PacePlan plan = read_pace(block, found);
  if (faults != nullptr) *faults = found.print();
  else REQUIRE_FALSE(found.failed());
  return Pace(plan);
}

Time at(std::string_view s) { return *from_iso8601(s); }

}  // namespace

TEST_CASE("without hours and rate everything goes at once", "[pace]") {
  Pace always = pace("{}");
  always.sent(at("2026-11-24T03:00:00Z"));
  CHECK(always.next(at("2026-11-24T03:00:00Z")) == at("2026-11-24T03:00:00Z"));
}

TEST_CASE("hours are those of the zone's wall clock, and a message that comes after them waits for the morning", "[pace]") {
  Pace day = pace(R"({ hours: "06:00-22:00", zone: Europe/Berlin })");
  CHECK(day.next(at("2026-11-24T05:00:00Z")) == at("2026-11-24T05:00:00Z"));  // 06:00 in Berlin
  CHECK(day.next(at("2026-11-24T20:59:59Z")) == at("2026-11-24T20:59:59Z"));
  CHECK(day.next(at("2026-11-24T21:00:00Z")) == at("2026-11-25T05:00:00Z"));
  Pace again = pace(R"({ hours: "06:00-22:00", zone: Europe/Berlin })");
  CHECK(again.next(at("2026-07-01T21:30:00Z")) == at("2026-07-02T04:00:00Z"));  // summer time
}

TEST_CASE("hours over midnight, and several spans", "[pace]") {
  Pace night = pace(R"({ hours: "22:00-06:00", zone: "+00:00" })");
  CHECK(night.next(at("2026-11-24T23:30:00Z")) == at("2026-11-24T23:30:00Z"));
  CHECK(night.next(at("2026-11-25T05:59:00Z")) == at("2026-11-25T05:59:00Z"));
  CHECK(night.next(at("2026-11-25T06:00:00Z")) == at("2026-11-25T22:00:00Z"));
  Pace twice = pace(R"({ hours: ["06:00-08:00", "20:00-24:00"], zone: "+00:00" })");
  CHECK(twice.next(at("2026-11-24T08:00:30Z")) == at("2026-11-24T20:00:00Z"));
  CHECK(twice.next(at("2026-11-24T23:59:59Z")) == at("2026-11-24T23:59:59Z"));
}

TEST_CASE("days: a span over midnight belongs to the day it began on", "[pace]") {
  Pace week = pace(R"({ hours: "06:00-22:00", days: mon-fri, zone: "+00:00" })");
  CHECK(week.next(at("2026-11-27T22:00:00Z")) == at("2026-11-30T06:00:00Z"));  // Friday night to Monday morning
  Pace nights = pace(R"({ hours: "22:00-06:00", days: [fri, sat], zone: "+00:00" })");
  CHECK(nights.next(at("2026-11-29T05:00:00Z")) == at("2026-11-29T05:00:00Z"));  // Sunday, of Saturday's night
  CHECK(nights.next(at("2026-11-29T22:00:00Z")) == at("2026-12-04T22:00:00Z"));
  Pace over = pace(R"({ days: sat-mon, zone: "+00:00" })");
  CHECK(over.next(at("2026-11-24T12:00:00Z")) == at("2026-11-28T00:00:00Z"));
}

TEST_CASE("in the night that the clock is put forward or back the hours begin by the clock", "[pace]") {
  Pace spring = pace(R"({ hours: "02:30-03:30", zone: Europe/Berlin })");
  CHECK(spring.next(at("2026-03-29T00:00:00Z")) == at("2026-03-29T01:00:00Z"));  // 02:30 never comes: 03:00 is the first
  Pace autumn = pace(R"({ hours: "06:00-22:00", zone: Europe/Berlin })");
  CHECK(autumn.next(at("2026-10-24T21:00:00Z")) == at("2026-10-25T05:00:00Z"));
}

TEST_CASE("a rate spaces the sends evenly, whatever the timers do", "[pace]") {
  Pace fifty = pace("{ rate: 50/s }");
  Time now = at("2026-11-24T12:00:00Z");
  const Time begin = now;
  for (int i = 0; i < 500; ++i) {
    now = fifty.next(now) + 700us;  // a timer that is always a little late
    fifty.sent(now);
  }
  CHECK(now - begin >= 499 * 20ms - 3ms);
  CHECK(now - begin <= 499 * 20ms + 3ms);
  SECTION("after a rest nothing is caught up") {
    now += 1h;
    CHECK(fifty.next(now) == now);
    fifty.sent(now);
    CHECK(fifty.next(now) >= now + 18ms);
  }
}

TEST_CASE("what is no span, day, zone or rate is refused with its place", "[pace]") {
  std::string faults;
  pace(R"({ hours: "6-22", zone: "+00:00" })", &faults);
  CHECK(faults.find("expected a span of the day such as \"06:00-22:00\", found '6-22'") != std::string::npos);
  pace(R"({ hours: "25:00-26:00", zone: "+00:00" })", &faults);
  CHECK(faults.find("found '25:00-26:00'") != std::string::npos);
  pace(R"({ hours: "06:00-22:00" })", &faults);
  CHECK(faults.find("hours and days need a 'zone'") != std::string::npos);
  pace("{ days: monday, zone: Mars/Olympus }", &faults);
  CHECK(faults.find("found 'monday'") != std::string::npos);
  CHECK(faults.find("found 'Mars/Olympus'") != std::string::npos);
  for (const auto* rate : {"50", "0/s", "fast", "50/d", "10001/s", "-1/s"}) {
    pace(std::string("{ rate: ") + rate + " }", &faults);
    CHECK(faults.find("expected a rate such as 50/s") != std::string::npos);
  }
  pace("{ hour: x }", &faults);
  CHECK(faults.find("hour") != std::string::npos);
}
