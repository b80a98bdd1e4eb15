// Maps at work: a map, a message, the Bundle.
#include <catch2/catch.hpp>

#include "tests/mapping/fixture.h"

using namespace tombolo;
using tombolo::test::Site;

namespace {

const std::string head = "MSH|^~\\&|LAB|NORTH|EHR|SOUTH|20261123101500+0100||ADT^A01^ADT_A01|M1|P|2.5.1\nEVN|A01|20261123101500\n";

// What a map of PID makes of one PID segment: the Patient without its id.
std::string patient(const std::string& rules, const std::string& pid, Site** keep = nullptr) {
  static std::unique_ptr<Site> site;
  site = std::make_unique<Site>("map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Patient <- PID\nmap PID to Patient\n" + rules + "\n");
  if (keep != nullptr) *keep = site.get();
  if (site->diagnostics.failed()) return site->diagnostics.print();
  const auto json = site->run(head + pid + "\nPV1|1|I\n");
  const auto begin = json.find("\"id\"");
  if (begin == std::string::npos) return "nothing";
  const auto from = json.find(',', begin);
  return from == std::string::npos ? "" : json.substr(from + 1, json.size() - from - 5);
}

}  // namespace

// A PID segment with one field, and the next.
static std::string pid(int field, const std::string& value) { return "PID" + std::string(static_cast<std::size_t>(field), '|') + value; }

TEST_CASE("a value is written with the type of its target", "[mapping][run]") {
  CHECK(patient("birthDate <- PID-7", "PID|1||||||19800229") == R"("birthDate":"1980-02-29")");
  CHECK(patient("birthDate <- PID-7", "PID|1||||||198002") == R"("birthDate":"1980-02")");
  CHECK(patient("deceased <- PID-29 as dateTime else PID-30 as boolean", pid(29, "20261101|Y")) == R"("deceasedDateTime":"2026-11-01")");
  CHECK(patient("deceased <- PID-29 as dateTime else PID-30 as boolean", pid(30, "Y")) == R"("deceasedBoolean":true)");
  CHECK(patient("multipleBirth <- PID-25 as integer", "PID|1||||||||||||||||||||||||02") == R"("multipleBirthInteger":2)");
}

TEST_CASE("a time without zone takes the message's, else it loses its hours and keeps its text", "[mapping][run]") {
  CHECK(patient("deceased <- PID-29 as dateTime", pid(29, "202611010930")) == R"("deceasedDateTime":"2026-11-01T09:30:00+01:00")");
  Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Patient { deceased <- PID-29 as dateTime }\n");
  auto message = head + pid(29, "202611010930") + "\n";
  message.replace(message.find("+0100"), 5, "");
  const auto json = site.run(message);
  CHECK(json.find(R"("deceasedDateTime":"2026-11-01","_deceasedDateTime")") != std::string::npos);
  CHECK(json.find(R"("valueString":"202611010930")") != std::string::npos);
  RunInputs inputs;
  inputs.zone = Zone::find("Z");
  CHECK(site.run(message, "", inputs).find(R"("deceasedDateTime":"2026-11-01T09:30:00Z")") != std::string::npos);
}

TEST_CASE("lists append, single elements take the first that has a value", "[mapping][run]") {
  CHECK(patient("name { given <- PID-5.2, PID-5.3\nfamily <- PID-5.1.1 }", "PID|1||||Doe^Ada^B") == R"("name":[{"family":"Doe","given":["Ada","B"]}])");
  CHECK(patient("birthDate <- PID-29 as date\nbirthDate <- PID-7", "PID|1||||||1980") == R"("birthDate":"1980")");
  CHECK(patient("birthDate <- PID-29 as date else PID-7", "PID|1||||||1980") == R"("birthDate":"1980")");
  CHECK(patient("telecom each PID-13 { value <- XTN.1 }", "PID|1||||||||||||1~2") == R"("telecom":[{"value":"1"},{"value":"2"}])");
}

TEST_CASE("an element of which nothing comes from the message is not there", "[mapping][run]") {
  const std::string rules = "birthDate <- PID-7\nidentifier {\n value <- PID-19\n type <- code('v2-0203', 'SS')\n}";
  CHECK(patient(rules, "PID|1||||||1980") == R"("birthDate":"1980")");
  CHECK(patient(rules, "PID|1||||||1980||||||||||||S1") ==
        R"("identifier":[{"type":{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0203","code":"SS"}]},"value":"S1"}],"birthDate":"1980")");
  CHECK(patient("gender <- 'unknown'", "PID|1") == "nothing");
}

TEST_CASE("conditions: a value counts as true, not turns it round", "[mapping][run]") {
  CHECK(patient("birthDate <- PID-7 when PID-5\ngender <- 'male' when not PID-5", "PID|1||||X||1980") == R"("birthDate":"1980")");
  CHECK(patient("birthDate <- PID-7\ngender <- 'male' when not PID-5", "PID|1||||||1980") == R"("gender":"male","birthDate":"1980")");
}

TEST_CASE("a code table translates; a miss keeps the code beside the element", "[mapping][run]") {
  CHECK(patient("gender <- PID-8.1 via administrative-sex", "PID|1|||||||F") == R"("gender":"female")");
  const auto missed = patient("gender <- PID-8.1 via administrative-sex else 'unknown'", "PID|1|||||||Q");
  CHECK(missed.starts_with(R"("gender":"unknown","_gender":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/alternate-codes")"));
  CHECK(missed.find(R"("code":"Q")") != std::string::npos);
  CHECK(patient("gender <- PID-8.1 via administrative-sex on miss ignore else 'unknown'\nbirthDate <- PID-7", "PID|1||||||1980|Q") == R"("gender":"unknown","birthDate":"1980")");
}

TEST_CASE("a bad value is reported, and the rest of the message stays", "[mapping][run]") {
  Site* site = nullptr;
  CHECK(patient("birthDate <- PID-7\nactive <- PID-24.1 as boolean", "PID|1||||||abc|||||||||||||||||Y", &site) == R"("active":true)");
  REQUIRE(site->report.lines.size() == 1);
  CHECK(site->report.bad_values == 1);
  CHECK(site->maps->rule(site->report.lines[0].rule).ends_with("site.map:5:1"));
  CHECK(patient("birthDate <- PID-7 on error fail", "PID|1||||||abc") == "nothing");
}

TEST_CASE("maps build elements, entries and references between them", "[mapping][run]") {
  Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Patient <- PID\n"
            "map PID to Patient\n  key <- PID-3.1\n  identifier <- PID-3 as CX-Identifier with use = 'usual'\n"
            "map CX to Identifier\n  value <- CX.1\n  assigner <- CX.4 as HD-Organization\n"
            "map HD to Organization\n  key <- HD.1\n  name <- HD.1\n");
  REQUIRE(site.diagnostics.print().find("error") == std::string::npos);
  const auto json = site.run(head + "PID|1||A1^^^NORTH~A2^^^NORTH\n");
  CHECK(json.find(R"("use":"usual","value":"A1","assigner":{"reference":"urn:uuid:)") != std::string::npos);
  std::size_t organizations = 0;
  for (auto at = json.find(R"("resourceType":"Organization")"); at != std::string::npos; at = json.find(R"("resourceType":"Organization")", at + 1)) ++organizations;
  CHECK(organizations == 1);
}

TEST_CASE("an entry's name stands for all of them outside its each, and a map reads what its caller sees", "[mapping][run]") {
  Site site("map ORU_R01 to Bundle\n  type <- 'message'\n  each PATIENT_RESULT {\n    each ORDER_OBSERVATION {\n"
             "      entry report: DiagnosticReport {\n        status <- 'final'\n        code { text <- OBR-4.1 }\n      }\n"
             "      each OBSERVATION { entry seen: Observation <- OBX }\n      %report.result <- %seen\n    }\n  }\n"
             "map OBX to Observation\n  reads OBR\n  status <- 'final'\n  code { text <- OBX-3.1 }\n  method { text <- OBR-4.1 }\n");
  REQUIRE(site.diagnostics.print().find("error") == std::string::npos);
  const auto json = site.run("MSH|^~\\&|LAB|NORTH|||20261123||ORU^R01^ORU_R01|M1|P|2.5.1\nPID|1||A1\nOBR|1|||PANEL\nOBX|1|NM|A||1\nOBX|2|NM|B||2\n");
  std::size_t references = 0;
  for (auto at = json.find("\"reference\""); at != std::string::npos; at = json.find("\"reference\"", at + 1)) ++references;
  CHECK(references == 2);
  CHECK(json.find(R"("method":{"text":"PANEL"})") != std::string::npos);
}

TEST_CASE("what is written to an entry's name goes to all that it stands for, in the map that made them and in one that takes them", "[mapping][run]") {
  Site site("map ORU_R01 to Bundle\n  type <- 'message'\n  each PATIENT_RESULT {\n    each ORDER_OBSERVATION {\n"
             "      each OBSERVATION { entry seen: Observation <- OBX }\n      %seen.method { text <- OBR-4.1 }\n"
             "      include OBR as Late with seen = %seen\n    }\n  }\n"
             "map OBX to Observation\n  status <- 'final'\n  code { text <- OBX-3.1 }\n"
             "map OBR to Bundle called Late\n  takes seen: Observation\n  %seen.note { text <- OBR-39.2 }\n  %seen.issued <- OBR-22\n");
  REQUIRE(site.diagnostics.print().find("error") == std::string::npos);
  const auto json = site.run("MSH|^~\\&|LAB|NORTH|||20261123||ORU^R01^ORU_R01|M1|P|2.5.1\nPID|1||A1\n"
                             "OBR|1|||PANEL||||||||||||||||||20260101120000+0000|||||||||||||||||^haemolytic\nOBX|1|NM|A||1\nOBX|2|NM|B||2\n");
  const auto count = [&](std::string_view wanted) {
    std::size_t found = 0;
    for (auto at = json.find(wanted); at != std::string::npos; at = json.find(wanted, at + 1)) ++found;
    return found;
  };
  CHECK(count(R"("method":{"text":"PANEL"})") == 2);
  CHECK(count("haemolytic") == 2);
  CHECK(count("\"issued\"") == 2);
}

TEST_CASE("each leaf knows its rule, its sources and the row of its table", "[mapping][run]") {
  const auto& s = test::Standards::get();
  Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Patient { gender <- PID-8.1 via administrative-sex when PID-7 }\n");
  std::string message = head + "PID|1||||||1980|F\n";
  for (auto& c : message)
    if (c == '\n') c = '\r';
  Arena source_arena, arena;
  Tree source(source_arena), out(arena);
  std::vector<Complaint> complaints;
  REQUIRE(hl7v2_format(s.dictionary)->parse(message, {}, source, complaints));
  RunReport report;
  REQUIRE(site.maps->run(*site.maps->find("ADT_A01-Bundle"), source, {}, out, report));
  bool met = false;
  for (NodeId id = 1; id < out.size(); ++id) {
    if (out[id].value() != "female") continue;
    met = true;
    const auto& lineage = out.lineage(out[id].lineage);
    CHECK(site.maps->rule(lineage.rule).ends_with("site.map:3:22"));
    CHECK(lineage.table_row != 0);
    CHECK(lineage.count == 2);
    CHECK(lineage.because == 1);
    CHECK(source[out.sources(out[id].lineage)[0]].value() == "F");
  }
  CHECK(met);
}

TEST_CASE("an overlay goes before single elements, behind lists, and replaces", "[mapping][run]") {
  const std::string base = "map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Patient <- PID\nmap PID to Patient\n  gender <- 'other' when PID-8\n  telecom { value <- PID-13.1 }\n"
                           "  birthDate <- PID-7\nextend PID to Patient\n";
  Site site(base + "gender <- 'male' when PID-7\ntelecom { value <- PID-14.1 }\nreplace birthDate <- PID-29 as date\n");
  CHECK(site.diagnostics.print().find("error") == std::string::npos);
  const auto json = site.run(head + "PID|1||||||1980|F|||||111|222\n");
  CHECK(json.find(R"("gender":"male")") != std::string::npos);
  CHECK(json.find("birthDate") == std::string::npos);
}

TEST_CASE("the sender's \"\" is no value and stops no other field", "[mapping][run]") {
  CHECK(patient("birthDate <- PID-7\ngender <- PID-8.1 via administrative-sex", "PID|1||||||\"\"|F") == R"("gender":"female")");
}

TEST_CASE("a map of several results is found, and extended, under each of them", "[mapping][run]") {
  const std::string base = "map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Procedure {\n    status <- 'completed'\n    subject { display <- PID-5[1].1 as FN-string }\n"
                           "    note { text <- PID-5[1].1 }\n  }\nmap FN to string, markdown\n  value <- FN.2\n";
  Site site(base + "extend FN to markdown\n  value <- FN.1\n");
  REQUIRE(site.diagnostics.print() == "");
  const auto json = site.run(head + "PID|1||||Ost&von\n");
  CHECK(json.find(R"("subject":{"display":"Ost"})") != std::string::npos);
  CHECK(json.find(R"("text":"Ost")") != std::string::npos);
  CHECK(site.maps->find("FN-string") != nullptr);
  CHECK(site.maps->find("FN-markdown") != nullptr);
  CHECK(Site(base + "map FN to markdown\n  value <- FN.1\n").first().find("the map FN-markdown stands already at ") != std::string::npos);
}

TEST_CASE("what a table for a uri does not have stays as it was sent, or goes if the rule says so", "[mapping][run]") {
  const auto identifier = [](const std::string& policy) {
    return patient("identifier {\n  value <- PID-2.1\n  system <- PID-4[1].1 via oid-uri " + policy + "\n}", "PID|1|A1||urn:x:NORTH");
  };
  CHECK(identifier("") == R"("identifier":[{"system":"urn:x:NORTH","value":"A1"}])");
  CHECK(identifier("on miss keep") == R"("identifier":[{"system":"urn:x:NORTH","value":"A1"}])");
  CHECK(identifier("on miss ignore") == R"("identifier":[{"value":"A1"}])");
  CHECK(identifier("else 'urn:x:other'") == R"("identifier":[{"system":"urn:x:other","value":"A1"}])");
}

TEST_CASE("of several items for a single target the first is taken, and the rest reported", "[mapping][run]") {
  Site* site = nullptr;
  const auto reported = [&] {
    REQUIRE(site->report.lines.size() == 1);
    CHECK(site->report.lines[0].kind == Kind::conflict);
    CHECK(site->maps->rule(site->report.lines[0].rule).find("site.map:5:") != std::string::npos);
    return site->report.lines[0].text;
  };
  CHECK(patient("birthDate <- PID-7", "PID|1||||||1980~1981~1982", &site) == R"("birthDate":"1980")");
  CHECK(reported() == "one value is used of 3");
  CHECK(patient("maritalStatus { text <- PID-3.1 }", "PID|1||A1~A2", &site) == R"("maritalStatus":{"text":"A1"})");
  CHECK(reported() == "one value is used of 2");
  CHECK(patient("maritalStatus each PID-3 { text <- CX.1 }", "PID|1||A1~A2", &site) == R"("maritalStatus":{"text":"A1"})");
  CHECK(reported() == "one value is used of 2");
  CHECK(patient("active <- PID-7 = @1980", "PID|1||||||1980~1981", &site) == R"("active":true)");
  CHECK(reported() == "one value is used of several");
}

TEST_CASE("the innermost element that is missing says why, not what it stands in", "[mapping][run]") {
  Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry h: MessageHeader {\n    event: Coding { code <- MSH-9.2 }\n    source { endpoint <- MSH-3.2 }\n  }\n");
  INFO(site.diagnostics.print());
  const auto json = site.run(head + "PID|1\n");
  INFO(json);
  CHECK(json.find(R"("source":{"_endpoint":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]}})") != std::string::npos);
}

TEST_CASE("a rule that another one beat reads what it would have read, and no more", "[mapping][run]") {
  Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Patient {\n    birthDate <- PID-7\n    birthDate <- PID-29 as date when PID-8 = 'X'\n    birthDate <- PID-33 as date\n  }\n");
  RunInputs inputs;
  inputs.watch = true;
  site.run(head + "PID|1||||||1980|M" + std::string(21, '|') + "1990||||2000\n", "", inputs);
  for (const auto* place : {"PID-1", "PID-29"}) CHECK(std::count(site.unread.begin(), site.unread.end(), place) == 1);
  for (const auto* place : {"PID-7", "PID-8", "PID-33"}) CHECK(std::count(site.unread.begin(), site.unread.end(), place) == 0);
}

TEST_CASE("a line that begins with a long number costs no more than another", "[mapping][run]") {
  Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Patient <- PID\nmap PID to Patient\n  active <- PID-30 as boolean\n");
  REQUIRE(site.diagnostics.empty());
  for (const std::string line : {"4000000000", "20210322154326", "99999999999999999999", "123"}) {
    const auto json = site.run(head + line + "|x\n" + pid(30, "Y") + "\n");   // a table of 16 GB, once
    CHECK(json.find(R"("active":true)") != json.npos);
  }
}

TEST_CASE("a year that FHIR does not have is reported, not written", "[mapping][run]") {
  Site* site = nullptr;
  for (const std::string time : {"00000101", "000002"}) {
    CHECK(patient("deceased <- PID-29 as dateTime", pid(29, time), &site) == "nothing");
    REQUIRE(site->report.lines.size() == 1);
    CHECK(site->report.lines.front().kind == Kind::malformed);
  }
}

TEST_CASE("text that FHIR cannot hold stands nowhere, and is reported", "[mapping][run]") {
  Site* site = nullptr;
  CHECK(patient("active <- true\ndeceased <- PID-29 as dateTime", "PID|1||||||||||||||||||||||||||||2026031011\x01", &site) == R"("active":true,"deceasedDateTime":"2026-03-10T11:00:00+01:00")");
  REQUIRE(site->report.lines.size() == 1);
  CHECK(site->report.lines.front().text == "only a part of the time could be kept");
  CHECK(patient("birthDate <- PID-7 on error keep text", "PID|1||||||\x01\x02", &site) == "nothing");
  CHECK(patient("maritalStatus <- code('http://x.test', PID-3.1, PID-3.4)", "PID|1||A\x01^^^" "B\x02", &site) == "nothing");
  CHECK(patient("maritalStatus <- code('http://x.test', PID-3.1, PID-3.4)", "PID|1||A^^^" "B\x02", &site) ==
        R"("maritalStatus":{"coding":[{"system":"http://x.test","code":"A"}]})");
}
