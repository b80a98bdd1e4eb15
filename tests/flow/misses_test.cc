#include "engine/flow/misses.h"

#include <catch2/catch.hpp>

using namespace tombolo;

namespace {

const Time noon = from_micros(1'700'000'000'000'000);

}  // namespace

TEST_CASE("misses are counted per sender, table, field and code", "[misses]") {
  MissTally tally;
  const Miss status{"status", "PID-16.1", "XM"};
  tally.add("ADT|NORTH", {status}, noon);
  tally.add("ADT|SOUTH", {status, {"ward", "PV1-3.1", "", true}}, noon);
  tally.add("ADT|SOUTH", {status}, noon + std::chrono::hours(1));
  const auto lines = tally.lines();
  REQUIRE(lines.size() == 3);
  CHECK(lines[0].sender == "ADT|SOUTH");
  CHECK(lines[0].times == 2);
  CHECK(lines[0].last == noon + std::chrono::hours(1));
  CHECK_THAT(tally.print(), Catch::StartsWith("status  XM  2 times, PID-16.1, from ADT|SOUTH, last 2023-11-14T23:13:20.000Z\n") &&
                                Catch::Contains("ward  (no code)  1 times, PV1-3.1, from ADT|SOUTH, last 2023-11-14T22:13:20.000Z (the rule ignores it)\n"));
  CHECK_THAT(tally.print_json(), Catch::Contains("{\"table\":\"ward\",\"times\":1,\"field\":\"PV1-3.1\",\"sender\":\"ADT|SOUTH\""));
}

TEST_CASE("a sender of ever new codes fills no memory", "[misses]") {
  MissTally tally(2);
  for (const auto* code : {"a", "b", "c", "d", "a"}) tally.add("ADT|NORTH", {{"status", "PID-16.1", code}}, noon);
  CHECK(tally.lines().size() == 2);
  CHECK(tally.uncounted() == 2);
  CHECK_THAT(tally.print(), Catch::EndsWith("2 more, of other codes or senders\n"));
}
