#include <catch2/catch.hpp>

#include "tests/flow/walking.h"

using namespace tombolo;

namespace {

std::string channel(const std::string& source, const std::string& destination) {
  return "channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\n  format: fhir\n" + source + "acknowledge: { after: mapped }\ndestinations:\n  out:\n" +
         destination + "    file: { path: out.ndjson, as: ndjson }\n";
}

constexpr const char* person = R"({"resourceType":"Patient","id":"p1","birthDate":"1980-02"})";
constexpr const char* person_xml =
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"p1\"/><birthDate value=\"1980-02\"/></Patient>";

}  // namespace

TEST_CASE("FHIR goes through as it came", "[walk][fhir]") {
  const Walking walk(channel("", ""));
  const auto json = walk(person), xml = walk(person_xml);
  REQUIRE(json.posting.deliveries.size() == 1);
  CHECK_FALSE(json.posting.deliveries[0].body);
  CHECK(json.posting.deliveries[0].content_type == "application/fhir+json");
  CHECK(xml.posting.deliveries[0].content_type == "application/fhir+xml");
}

TEST_CASE("a destination says how FHIR is written", "[walk][fhir]") {
  const Walking xml(channel("", "    fhir: xml\n")), json(channel("", "    fhir: json\n"));
  CHECK(xml(person).posting.deliveries[0].body == person_xml);
  CHECK(xml(person).posting.deliveries[0].content_type == "application/fhir+xml");
  CHECK_FALSE(xml(person_xml).posting.deliveries[0].body);
  CHECK(json(person_xml).posting.deliveries[0].body == person);
}

TEST_CASE("what a map made of HL7 v2 can be written as XML", "[walk][fhir]") {
  const std::string text = "channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\nsteps:\n  - map: hl7v2-to-fhir\ndestinations:\n  out:\n    fhir: xml\n"
                           "    file: { path: out.ndjson, as: ndjson }\n";
  const auto walked = Walking(text)("MSH|^~\\&|ADT|NORTH|T|H|20260102030405+0000||ADT^A01^ADT_A01|1|P|2.5.1\rEVN|A01\rPID|1||4711^^^NORTH^MR||Ahlberg^Tove\rPV1|1|I\r");
  REQUIRE(walked.posting.deliveries.size() == 1);
  CHECK_THAT(*walked.posting.deliveries[0].body, Catch::Contains("<Patient>") && Catch::Contains("<family value=\"Ahlberg\"/>"));
}

TEST_CASE("what is no R4 fails with its place; unknown elements pass if the source says so", "[walk][fhir]") {
  const std::string odd = R"({"resourceType":"Patient","colour":"red"})";
  const auto refused = Walking(channel("", ""))(odd);
  CHECK(refused.posting.status == store::Status::failed);
  CHECK(refused.posting.detail == "/colour 1:36: Patient has no such element");
  CHECK_THAT(*Walking(channel("  unknown: keep\n", "    fhir: xml\n"))(odd).posting.deliveries[0].body, Catch::Contains("<colour value=\"red\"/>"));
}

TEST_CASE("steps that do not fit FHIR are refused when the channel is loaded", "[walk][fhir]") {
  CHECK_THAT(Walking(channel("", "    steps: [ edit: to-lab ]\n")).errors(), Catch::Contains("an edit changes HL7 v2"));
  const std::string v2 = "channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\ndestinations:\n  out:\n    fhir: xml\n    file: { path: o, as: ndjson }\n";
  CHECK_THAT(Walking(v2).errors(), Catch::Contains("t.yaml:6:5: error: 'fhir' says how FHIR is written, and destination out gets none"));
}
