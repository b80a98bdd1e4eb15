// Same type and key twice is one resource, wherever in the message its parts come from.
#include <catch2/catch.hpp>

#include <set>

#include "engine/formats/hl7v2/address.h"
#include "tests/mapping/fixture.h"

using namespace tombolo;
using tombolo::test::Site;

namespace {

const std::string adt = "MSH|^~\\&|LAB|NORTH|EHR|SOUTH|20261123101500+0100||ADT^A01^ADT_A01|M1|P|2.5.1\n";
const std::string oru = "MSH|^~\\&|LAB|NORTH|EHR|SOUTH|20261123101500+0100||ORU^R01^ORU_R01|M1|P|2.5.1\n";

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// What stands between `before` and the next quote, everywhere.
std::vector<std::string> all(const std::string& json, const std::string& before) {
  std::vector<std::string> found;
  for (auto at = json.find(before); at != std::string::npos; at = json.find(before, at + 1)) {
    const auto begin = at + before.size();
    found.push_back(json.substr(begin, json.find('"', begin) - begin));
  }
  return found;
}

// No two entries have the same id, and what is referred to is there.
void check_sound(const std::string& json) {
  const auto urls = all(json, R"("fullUrl":")");
  const std::set<std::string> known(urls.begin(), urls.end());
  CHECK(known.size() == urls.size());
  for (const auto& reference : all(json, R"("reference":")")) CHECK(known.contains(reference));
}

const std::string two_patients =
    "map ADT_A01 to Bundle\n  type <- 'message'\n"
    "  entry patient: Patient <- PID\n"
    "  entry before: Patient <- PD1 as PD1-Before\n"
    "  %patient.link {\n    other <- %before when not (%before = %patient)\n    type <- 'replaces'\n  }\n"
    "map PID to Patient\n  key <- PID-3.1\n  identifier { value <- PID-3[1].1 }\n  gender <- PID-8.1 via administrative-sex\n  birthDate <- PID-7\n"
    "map PD1 to Patient called PD1-Before\n  key <- PD1-2.1\n  identifier { value <- PD1-2.1 }\n  identifier { value <- PD1-11.1 }\n  gender <- PD1-12.first() via administrative-sex\n";

}  // namespace

TEST_CASE("two patients of a message with different keys stay two, tied by a link", "[mapping][merge]") {
  Site site(two_patients);
  REQUIRE(site.diagnostics.print() == "");
  const auto json = site.run(adt + "PID|1||A1||||1980|F\nPD1||B2\n");
  CHECK(count(json, R"("resourceType":"Patient")") == 2);
  CHECK(count(json, R"("link":[{"other":{"reference":"urn:uuid:)") == 1);
  check_sound(json);
}

TEST_CASE("two patients of a message with the same key are one, and handles to them are equal", "[mapping][merge]") {
  Site site(two_patients);
  const auto json = site.run(adt + "PID|1||A1||||1980|F\nPD1||A1|||||||||S9|M\n");
  CHECK(count(json, R"("resourceType":"Patient")") == 1);
  CHECK(json.find(R"("identifier":[{"value":"A1"},{"value":"S9"}])") != std::string::npos);
  CHECK(json.find(R"("gender":"female")") != std::string::npos);
  CHECK(json.find("link") == std::string::npos);
  check_sound(json);
}

TEST_CASE("another value for the same resource is reported with both places", "[mapping][merge]") {
  Site site(two_patients);
  site.run(adt + "PID|1||A1||||1980|F\nPD1||A1|||||||||S9|M\n");
  REQUIRE(site.report.lines.size() == 1);
  const auto& line = site.report.lines[0];
  CHECK(line.kind == Kind::conflict);
  CHECK(line.path == "Bundle.entry[0].resource.gender");
  CHECK(site.maps->rule(line.rule).ends_with("site.map:12:3"));
  CHECK(site.maps->rule(line.other_rule).ends_with("site.map:18:3"));
  CHECK(line.source != no_node);
  CHECK(line.other_source > line.source);
}

TEST_CASE("results of one patient in several groups refer to one Patient", "[mapping][merge]") {
  Site site("map ORU_R01 to Bundle\n  type <- 'message'\n  each PATIENT_RESULT {\n    entry patient: Patient {\n      key <- PID-3.1\n"
            "      name { family <- PID-5[1].1.1 }\n      telecom { value <- PID-13[1].1 }\n    }\n"
            "    each ORDER_OBSERVATION {\n      entry report: DiagnosticReport {\n        status <- 'final'\n        code { text <- OBR-4.1 }\n        subject <- %patient\n      }\n    }\n  }\n");
  REQUIRE(site.diagnostics.print() == "");
  const auto json = site.run(oru + "PID|1||A1||Ost^Ada||||||||1\nOBR|1|||K\nPID|2||A1||Ost^Ada||||||||2\nOBR|1|||N\n");
  CHECK(count(json, R"("resourceType":"Patient")") == 1);
  CHECK(json.find(R"("name":[{"family":"Ost"}],"telecom":[{"value":"1"},{"value":"2"}])") != std::string::npos);
  const auto references = all(json, R"("reference":")");
  REQUIRE(references.size() == 2);
  CHECK(references[0] == references[1]);
  CHECK(site.report.lines.empty());
  check_sound(json);
}

TEST_CASE("a practitioner named in many fields, more or less fully, is one resource", "[mapping][merge]") {
  Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry visit: Encounter {\n    status <- 'finished'\n    class <- code('v3-ActCode', 'IMP')\n"
            "    participant each PV1-7 { individual <- PV1-7 as XCN-Practitioner }\n    participant each PV1-8 { individual <- PV1-8 as XCN-Practitioner }\n"
            "    participant each PV1-9 { individual <- PV1-9 as XCN-Practitioner }\n  }\n"
            "map XCN to Practitioner\n  key <- together(XCN.1, XCN.9.1)\n  identifier { value <- XCN.1 }\n  name when XCN.2 { family <- XCN.2.1\n    given <- XCN.3 }\n");
  REQUIRE(site.diagnostics.print() == "");
  const auto json = site.run(adt + "PID|1\nPV1|1|I|||||77^Ohm^Eva|77^Ohm^Eva~78^Volt^Ole|77\n");
  CHECK(count(json, R"("resourceType":"Practitioner")") == 2);
  CHECK(count(json, R"("family":"Ohm")") == 1);
  CHECK(count(json, R"("individual":)") == 4);
  check_sound(json);
}

TEST_CASE("an alias alone never makes two resources one", "[mapping][merge]") {
  Site site("map ORU_R01 to Bundle\n  type <- 'message'\n  each PATIENT_RESULT {\n    each ORDER_OBSERVATION {\n      each OBSERVATION {\n"
            "        entry seen: Observation {\n          alias <- OBX-3.1\n          status <- 'final'\n          code { text <- OBX-3.1 }\n          value <- OBX-5[1] as string\n        }\n      }\n    }\n  }\n");
  REQUIRE(site.diagnostics.print() == "");
  const auto json = site.run(oru + "PID|1||A1\nOBR|1|||K\nOBX|1|ST|K||one\nOBX|2|ST|K||two\n");
  CHECK(count(json, R"("resourceType":"Observation")") == 2);
  REQUIRE(site.report.lines.size() == 1);
  CHECK(site.report.lines[0].kind == Kind::conflict);
  check_sound(json);
}

TEST_CASE("an element that is left with constants goes with its reference", "[mapping][merge]") {
  Site site("map ORU_R01 to Bundle\n  type <- 'message'\n  each PATIENT_RESULT {\n    entry patient: Patient {\n      birthDate <- PID-7\n"
            "      link {\n        other <- find(Patient, PID-4.1)\n        type <- 'seealso'\n      }\n    }\n  }\n");
  REQUIRE(site.diagnostics.print() == "");
  const auto json = site.run(oru + "PID|1|||B2|||1980\nOBR|1|||K\n");
  CHECK(json.find("link") == std::string::npos);
  REQUIRE(site.report.lines.size() == 1);
  CHECK(site.report.lines[0].kind == Kind::missing);
}
