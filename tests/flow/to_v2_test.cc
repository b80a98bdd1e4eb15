#include "engine/flow/walk.h"

#include <catch2/catch.hpp>

#include "tests/flow/walking.h"

using namespace tombolo;

namespace {

std::string channel(const std::string& common, const std::string& own) {
  return "channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\nsteps: [ " + common + " ]\ndestinations:\n  out:\n    file: { path: out.ndjson, as: ndjson }\n    steps: [ " + own + " ]\n";
}

const std::string admission =
    "MSH|^~\\&|ADT|NORTH|T|H|20260102030405+0100||ADT^A08^ADT_A01|C77|P|2.5.1\r"
    "EVN||20260102030405+0100\r"
    "PID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500101|F\r"
    "PV1|1|I|W1^^^NORTH||||||||||||||||V1\r";

}  // namespace

TEST_CASE("a destination gets HL7 v2 of another version, by way of the canonical model", "[walk][to_v2]") {
  const Walking walk(channel("map: hl7v2-to-fhir", "map: fhir-to-hl7v2/2.3.1, filter: PID-8 = 'F'"));
  const auto walked = walk(admission);
  REQUIRE(walked.posting.deliveries.size() == 1);
  const auto& sent = walked.posting.deliveries[0];
  CHECK(sent.content_type == "application/hl7-v2");
  CHECK(sent.control_id == "C77");
  REQUIRE(sent.body);
  CHECK(sent.body->find("MSH|^~\\&|ADT|NORTH|T|H|20260102030405+0100||ADT^A08^ADT_A01|C77|P|2.3.1|") == 0);
  CHECK(sent.body->find("\rPID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500101|F") != std::string::npos);
}

TEST_CASE("the message may be named in the step, and what no map builds is an error of the channel", "[walk][to_v2]") {
  CHECK(Walking(channel("map: hl7v2-to-fhir", "map: fhir-to-hl7v2/ADT_A01-2.8")).errors() == "");
  CHECK(Walking(channel("map: hl7v2-to-fhir", "map: fhir-to-hl7v2/ADT_Q99")).errors().find("t.yaml:8:19: error: HL7 v2 knows no message ADT^Q99") == 0);
  CHECK(Walking(channel("map: hl7v2-to-fhir", "map: fhir-to-hl7v2/OML_O21-2.3.1")).errors().find("HL7 2.3.1 has no OML_O21") != std::string::npos);
  CHECK(Walking(channel("map: hl7v2-to-fhir", "map: hl7v2-to-fhir")).errors().find("hl7v2-to-fhir has no map from FHIR to HL7 v2, and here stands the canonical model") != std::string::npos);
  CHECK(Walking(channel("map: hl7v2-to-fhir", "map: fhir-to-hl7v2, map: fhir-to-hl7v2")).errors().find("HL7 v2 stands here already") != std::string::npos);
}
