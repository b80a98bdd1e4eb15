#include "engine/flow/walk.h"

#include <catch2/catch.hpp>

#include "tests/flow/walking.h"
#include "tests/support/temp.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

// One destination called out; `more` stands before it, `steps` in it.
std::string channel(const std::string& more, const std::string& steps = "") {
  return "channel: t\n" + (more.find("source:") == std::string::npos ? "source:\n  mllp: { listen: \"127.0.0.1:0\" }\n" : std::string()) + more +
         "destinations:\n  out:\n    file: { path: out.ndjson, as: ndjson }\n" + steps;
}

const std::string admission =
    "MSH|^~\\&|ADT|NORTH|T|H|20260102030405||ADT^A01^ADT_A01|1|P|2.5.1\r"
    "EVN|A01|20260102030405\r"
    "PID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500101|F\r"
    "PV1|1|I|W1^^^NORTH||||||||||||||||V1|||||||||||||||||||||||||20260102030405\r";

std::string only_body(const Walked& walked) {
  REQUIRE(walked.posting.deliveries.size() == 1);
  REQUIRE(walked.posting.deliveries[0].body);
  return *walked.posting.deliveries[0].body;
}

}  // namespace

TEST_CASE("a route without steps delivers the very bytes", "[walk]") {
  const Walking walk(channel(""));
  const auto walked = walk(admission);
  REQUIRE(walked.posting.deliveries.size() == 1);
  CHECK_FALSE(walked.posting.deliveries[0].body);
  CHECK(walked.posting.deliveries[0].control_id == "1");
}

TEST_CASE("what one destination's filter refuses still goes to the others", "[walk]") {
  const Walking walk(channel("", "    when: PID-8 = 'M'\n  women:\n    file: { path: w.ndjson, as: ndjson }\n    steps: [ filter: PID-8 = 'F' ]\n"));
  const auto walked = walk(admission);
  REQUIRE(walked.posting.deliveries.size() == 1);
  CHECK(walked.posting.deliveries[0].destination == "women");
}

TEST_CASE("a time without a zone keeps its time of day only if the channel says its zone", "[walk]") {
  const std::string steps = "steps: [ map: hl7v2-to-fhir ]\n";
  const Walking without(channel(steps));
  const Walking with(channel("source:\n  mllp: { listen: \"127.0.0.1:0\" }\n  zone: \"+01:00\"\n" + steps));
  CHECK(only_body(without(admission)).find("03:04:05+01:00") == std::string::npos);
  CHECK(only_body(with(admission)).find("\"start\":\"2026-01-02T03:04:05+01:00\"") != std::string::npos);
}

TEST_CASE("a place's zone follows its summer time, message by message", "[walk]") {
  const Walking walk(channel("source:\n  mllp: { listen: \"127.0.0.1:0\" }\n  zone: Europe/Berlin\nsteps: [ map: hl7v2-to-fhir ]\n"));
  std::string summer = admission;
  for (std::size_t at = summer.find("20260102"); at != std::string::npos; at = summer.find("20260102")) summer.replace(at, 8, "20260702");
  CHECK(only_body(walk(admission)).find("\"start\":\"2026-01-02T03:04:05+01:00\"") != std::string::npos);
  CHECK(only_body(walk(summer)).find("\"start\":\"2026-07-02T03:04:05+02:00\"") != std::string::npos);
}

TEST_CASE("two messages without a control id make two visits, not one", "[walk]") {
  const Walking walk(channel("steps: [ map: hl7v2-to-fhir ]\n"));
  const auto visit = [&](const std::string& number) {
    const std::string body = only_body(walk("MSH|^~\\&|ADT|NORTH|T|H|20260102030405||ADT^A01^ADT_A01||P|2.5.1\rPID|1||" + number +
                                            "^^^NORTH^MR\rPV1|1|I|W1\r"));
    const auto at = body.find("\"resourceType\":\"Encounter\",\"id\":");
    REQUIRE(at != std::string::npos);
    return body.substr(at, 80);
  };
  CHECK(visit("4711") != visit("4712"));
  CHECK(visit("4711") == visit("4711"));
}

TEST_CASE("a zone that is none is refused with its place", "[walk]") {
  const Walking walk(channel("source:\n  mllp: { listen: \"127.0.0.1:0\" }\n  zone: Berlin\n"));
  INFO(walk.errors());
  CHECK(walk.errors().find("t.yaml:4:9: error: expected an offset from UTC such as +01:00, or a place such as Europe/Berlin, found 'Berlin'") != std::string::npos);
}

TEST_CASE("a site's layer changes the shipped maps, in the order the channel names them", "[walk]") {
  TempFolder site;
  write_file(site / "mappings/north/PID.map", "extend PID to Patient\n  replace gender <- 'other' when PID-3\n");
  const Walking walk(channel("steps: [ map: [hl7v2-to-fhir, north] ]\n"), site.path().string());
  CHECK(only_body(walk(admission)).find("\"gender\":\"other\"") != std::string::npos);
  CHECK(only_body(Walking(channel("steps: [ map: hl7v2-to-fhir ]\n"))(admission)).find("\"gender\":\"female\"") != std::string::npos);
}

TEST_CASE("a layer that nobody has is refused with the name that was meant", "[walk]") {
  const Walking walk(channel("steps: [ map: [hl7v2-to-fhir, hl7v2-to-fire] ]\n"));
  INFO(walk.errors());
  CHECK(walk.errors().find("t.yaml:4:31: error: no folder of maps is called 'hl7v2-to-fire': did you mean 'hl7v2-to-fhir'?") != std::string::npos);
}

TEST_CASE("a code that no table has is told once, however many destinations get the message", "[walk][misses]") {
  const Walking walk(channel("steps: [ map: hl7v2-to-fhir ]\n", "  two:\n    file: { path: two.ndjson, as: ndjson }\n"));
  std::string unknown = admission;
  unknown.insert(unknown.find("|F\r") + 2, "||||||||QQ");
  const auto walked = walk(unknown);
  CHECK(walked.posting.deliveries.size() == 2);
  CHECK(walked.sender == "ADT|NORTH");
  std::vector<std::string> codes;
  for (const auto& miss : walked.misses)
    if (miss.table == "marital-status") codes.push_back(miss.field + " " + miss.code);
  CHECK(codes == std::vector<std::string>{"PID-16 QQ"});
}
