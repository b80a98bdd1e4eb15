// `each`: in its block the name means the current item, in the maps that are included there too.
#include <catch2/catch.hpp>

#include "tests/mapping/fixture.h"

using namespace tombolo;
using tombolo::test::Site;

namespace {

// What `rules` make of a message, from the first resource's id on.
std::string bundle(const std::string& rules, const std::string& lines, const std::string& structure = "ADT_A01") {
  const auto event = structure == "ADT_A01" ? "ADT^A01^ADT_A01" : "ORU^R01^ORU_R01";
  Site site("map " + structure + " to Bundle\n  type <- 'message'\n" + rules + "\n");
  if (!site.diagnostics.empty()) return site.diagnostics.print();
  const auto json = site.run("MSH|^~\\&|LAB|NORTH|EHR|SOUTH|20261123101500+0100||" + std::string(event) + "|M1|P|2.5.1\n" + lines + "\n");
  const auto id = json.find("\"id\"");
  return id == std::string::npos ? json : json.substr(json.find(',', id) + 1);
}

bool has(const std::string& json, const std::string& part) {
  INFO(json);
  CHECK(json.find(part) != std::string::npos);
  return json.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("an each over a component narrows that component, however it is read", "[mapping][each]") {
  const std::string rules = "entry p: Patient {\n  name each PID-5.2 {\n    text <- PID-5.2\n    given <- PID-5.2.upper()\n    prefix <- $index.toString()\n  }\n}";
  has(bundle(rules, "PID|1||||Ost^Ada~Ost^Eva"),
      R"("name":[{"text":"Ada","given":["ADA"],"prefix":["0"]},{"text":"Eva","given":["EVA"],"prefix":["1"]}])");
}

TEST_CASE("an each over a component of the focus is what that address means in it", "[mapping][each]") {
  const std::string rules = "entry p: Patient { identifier <- PID-3 as CX-Identifier }\n"
                            "map CX to Identifier\n  value <- CX.1\n  assigner each CX.4 {\n    display <- words(CX.4.1, HD.2)\n  }\n";
  has(bundle(rules, "PID|1||A1^^^NORTH&1.2&ISO"), R"("value":"A1","assigner":{"display":"NORTH 1.2"})");
  CHECK(bundle("entry p: Patient { identifier <- PID-3 as CX-Identifier }\nmap CX to Identifier\n  value <- CX.1\n  assigner each CX.4 { display <- CX.1 }\n", "PID|1")
            .find("error: CX.1 needs a CX in focus; the focus is HD") != std::string::npos);
}

TEST_CASE("repetitions are narrowed in included maps, down to their components", "[mapping][each]") {
  const std::string rules = "entry p: Patient {\n  name each PID-5 {\n    include PID as PID-name\n  }\n}\n"
                            "map PID to HumanName called PID-name\n  family <- PID-5.1.1.first()\n  given <- PID-5.2.select(lower())\n  text <- PID-5.where(XPN.2).count().toString()\n";
  has(bundle(rules, "PID|1||||Ost^Ada~West^Eva"),
      R"("name":[{"text":"1","family":"Ost","given":["ada"]},{"text":"1","family":"West","given":["eva"]}])");
}

TEST_CASE("a component is narrowed in included maps", "[mapping][each]") {
  const std::string rules = "entry p: Patient {\n  name each PID-5.2 {\n    include PID as PID-name\n  }\n}\n"
                            "map PID to HumanName called PID-name\n  given <- PID-5.2\n  text <- PID-5.2.count().toString()\n";
  has(bundle(rules, "PID|1||||Ost^Ada~West^Eva"), R"("name":[{"text":"1","given":["Ada"]},{"text":"1","given":["Eva"]}])");
}

TEST_CASE("a filtered each narrows what it begins with, not what its condition reads", "[mapping][each]") {
  has(bundle("entry p: Patient {\n  telecom each PID-13.where(XTN.2 = PID-8.1) {\n    value <- PID-13.1\n    rank <- PID-14.count()\n  }\n}", "PID|1|||||||PRN|||||1^PRN~2^WPN~3^PRN|4~5"),
      R"("telecom":[{"value":"1","rank":2},{"value":"3","rank":2}])");
}

TEST_CASE("an each over items of a group narrows what stands in them", "[mapping][each]") {
  const auto json = bundle("each PATIENT_RESULT {\n  each ORDER_OBSERVATION {\n    each OBSERVATION when OBX-11 = 'F' {\n      entry seen: Observation {\n        status <- 'final'\n"
                           "        code { text <- OBX-3.1 }\n        note { text <- NTE[1]-3.first() }\n      }\n    }\n  }\n}",
                           "PID|1\nOBR|1|||K\nOBX|1|ST|A||1||||||F\nNTE|1||first\nOBX|2|ST|B||2||||||P\nNTE|1||second\nOBX|3|ST|C||3||||||F\nNTE|1||third", "ORU_R01");
  has(json, R"("code":{"text":"A"},"note":[{"text":"first"}])");
  has(json, R"("code":{"text":"C"},"note":[{"text":"third"}])");
  CHECK(json.find("second") == std::string::npos);
}

TEST_CASE("a group's own name means the current one inside its each", "[mapping][each]") {
  const auto json = bundle("each PATIENT_RESULT {\n  each ORDER_OBSERVATION {\n    each OBSERVATION {\n      entry seen: Observation {\n        status <- 'final'\n"
                           "        code { text <- OBX-3.1 }\n        note { text <- OBSERVATION.NTE-3.first() }\n      }\n    }\n  }\n}",
                           "PID|1\nOBR|1|||K\nOBX|1|ST|A||1||||||F\nNTE|1||first\nOBX|2|ST|B||2||||||F", "ORU_R01");
  has(json, R"("code":{"text":"A"},"note":[{"text":"first"}])");
  CHECK(json.find("first", json.find("\"B\"")) == std::string::npos);
}
