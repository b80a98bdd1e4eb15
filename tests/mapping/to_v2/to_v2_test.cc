#include <catch2/catch.hpp>

#include "tests/mapping/to_v2/fixture.h"

using namespace tombolo;
using test::MessageSite;

namespace {

constexpr std::string_view message = "map Bundle to ADT_A01\nPID <- entry.resource.ofType(Patient).first()\nMSH-10 <- %message\nmap Patient to PID\n";

// The PID that these rules make of a patient; with `MSH` left out.
std::string pid(const std::string& rules, const std::string& patient, const std::string& version = "2.5.1") {
  MessageSite site(std::string(message) + rules + "\n");
  if (!site.diagnostics.empty()) return site.faults();
  const auto text = site.run({R"({"resourceType":"Patient",)" + patient + "}"}, {"ADT_A01", version});
  return text.substr(text.find('\n') + 1);
}

}  // namespace

TEST_CASE("a patient becomes a PID, its rules in any order", "[mapping][to_v2]") {
  CHECK(pid("PID-8 <- gender via sex\nPID-3.5 <- 'MR'\nPID-3.1 <- identifier.value.first()", R"("identifier":[{"value":"4711"}],"gender":"female")") == "PID|||4711^^^^MR|||||F\n");
  CHECK(pid("PID-1 <- '1'\nPID-8 <- gender via sex", R"("active":true)") == "");
}

TEST_CASE("values take the form that HL7 gives them", "[mapping][to_v2]") {
  CHECK(pid("PID-7 <- birthDate", R"("birthDate":"1950-03")") == "PID|||||||195003\n");
  CHECK(pid("PID-29 <- deceased.ofType(dateTime)", R"("deceasedDateTime":"2026-01-31T09:45:00.25+01:00")") == "PID|||||||||||||||||||||||||||||20260131094500.25+0100\n");
  CHECK(pid("PID-29 <- deceased.ofType(dateTime)", R"("deceasedDateTime":"2026-01-31T09:45:00Z")") == "PID|||||||||||||||||||||||||||||20260131094500+0000\n");
  CHECK(pid("PID-30 <- deceased.ofType(boolean)", R"("deceasedBoolean":false)") == "PID||||||||||||||||||||||||||||||N\n");
  CHECK(pid("PID-25 <- multipleBirth.ofType(integer)", R"("multipleBirthInteger":2)") == "PID|||||||||||||||||||||||||2\n");
  CHECK(pid("PID-23 <- name.text.first()", R"("name":[{"text":"a|b^c\\d"}])") == "PID|||||||||||||||||||||||a\\F\\b\\S\\c\\E\\d\n");
}

TEST_CASE("a value that is absent with a reason is none", "[mapping][to_v2]") {
  const auto absent = R"("gender":"female","_birthDate":{"extension":[{"url":"http://hl7.org/fhir/StructureDefinition/data-absent-reason","valueCode":"unknown"}]})";
  CHECK(pid("PID-7 <- birthDate\nPID-8 <- gender", absent) == "PID||||||||female\n");
}

TEST_CASE("a field that repeats takes every value, another the first", "[mapping][to_v2]") {
  const std::string two = R"("identifier":[{"value":"1","system":"urn:a"},{"value":"2"}],"name":[{"family":"Ahlberg"}])";
  const std::string maps = "\nmap Identifier to CX\nCX.1 <- value\nCX.4.1 <- system\n";
  CHECK(pid("PID-3 <- identifier" + maps, two) == "PID|||1^^^urn:a~2\n");
  CHECK(pid("PID-3 each identifier { CX.1 <- value }", two) == "PID|||1~2\n");
  CHECK(pid("PID-2 <- identifier.first()" + maps, two) == "PID||1^^^urn:a\n");
  CHECK(pid("PID-3 { CX.1 <- name.family.first() }\nPID-3 { CX.5 <- 'MR' }", two) == "PID|||Ahlberg\n");
  CHECK(pid("PID-3[2].1 <- name.family.first()", two) == "PID|||~Ahlberg\n");
  CHECK(pid("PID-18 { CX.1 <- name.family.first() }\nPID-18 { CX.5 <- 'MR' }", two) == "PID||||||||||||||||||Ahlberg^^^^MR\n");
  CHECK(pid("PID-8 <- gender\nPID-8 <- name.family.first()\nPID-8 <- 'U'", two) == "PID||||||||Ahlberg\n");
}

TEST_CASE("tables are read backwards, the first row of several unless another file says which", "[mapping][to_v2]") {
  CHECK(pid("PID-8 <- gender via sex", R"("gender":"other")") == "PID||||||||A\n");
  CHECK(pid("PID-8 <- gender via sex", R"("gender":"male")") == "PID||||||||male\n");
  CHECK(pid("PID-8 <- gender via sex on miss ignore else 'U'\nPID-23 <- id", R"("id":"x","gender":"male")") == "PID||||||||U|||||||||||||||x\n");
  const auto marital = [](const std::string& codings) { return pid("PID-16.1 <- maritalStatus via marital", R"("maritalStatus":{"coding":[)" + codings + "]}"); };
  CHECK(marital(R"({"system":"urn:m","code":"T"})") == "PID||||||||||||||||P\n");
  CHECK(marital(R"({"system":"urn:other","code":"T"},{"system":"urn:m","code":"S"})") == "PID||||||||||||||||S\n");
  CHECK(marital(R"({"system":"urn:m","code":"T"},{"code":"G"})") == "PID||||||||||||||||G\n");
  CHECK(marital(R"({"system":"http://terminology.hl7.org/CodeSystem/v2-0002","code":"G"})") == "PID||||||||||||||||G\n");
}

TEST_CASE("segments and groups come out in the grammar's order, numbered", "[mapping][to_v2]") {
  MessageSite site(
      "map Bundle to ORU_R01\n"
      "PATIENT_RESULT {\n"
      "  ORDER_OBSERVATION each entry.resource.ofType(DiagnosticReport) {\n"
      "    OBSERVATION each result.resolve().ofType(Observation) {\n"
      "      NTE each note { NTE-1 <- %position\nNTE-3 <- text }\n"
      "      OBX { OBX-1 <- %position\nOBX-3.1 <- code.coding.code.first()\nOBX-5 <- value.ofType(string) }\n"
      "    }\n"
      "    OBR { OBR-1 <- %position\nOBR-4.1 <- code.coding.code.first() }\n"
      "  }\n"
      "  PATIENT.PID { PID-3.1 <- %context.entry.resource.ofType(Patient).first().id }\n"
      "}\n");
  REQUIRE(site.faults() == "");
  const auto report = [](const std::string& code, const std::string& results) {
    return R"({"resourceType":"DiagnosticReport","status":"final","code":{"coding":[{"code":")" + code + R"("}]},"result":[)" + results + "]}";
  };
  const auto seen = [](const std::string& id, const std::string& more) {
    return R"({"resourceType":"Observation","id":")" + id + R"(","status":"final","code":{"coding":[{"code":")" + id + R"("}]})" + more + "}";
  };
  const auto text = site.run({report("R1", R"({"reference":"Observation/a"},{"reference":"Observation/gone"},{"reference":"Observation/b"})"), report("R2", R"({"reference":"Observation/b"})"),
                              seen("a", R"(,"note":[{"text":"one"},{"text":"two"}])"), seen("b", R"(,"valueString":"5")"), R"({"resourceType":"Patient","id":"p"})"},
                             {"ORU_R01", "2.5.1"});
  CHECK(text.substr(text.find('\n') + 1) ==
        "PID|||p\nOBR|1|||R1\nOBX|1||a\nNTE|1||one\nNTE|2||two\nOBX|2||b||5\nOBR|2|||R2\nOBX|1||b||5\n");
  CHECK(site.lines.find("missing  <- Bundle.entry[0].resource.result[1].reference: the Bundle has no resource that this refers to\n") == 0);
}

TEST_CASE("constants alone make no segment, unless the structure requires it", "[mapping][to_v2]") {
  MessageSite site("map Bundle to ADT_A01\nMSH-3 <- 'A'\nPV1-2 <- 'N'\nPD1-4.1 <- 'x'\nNK1 { NK1-1 <- '1' }\nPID-3.1 <- entry.resource.ofType(Patient).id.first()\n");
  REQUIRE(site.faults() == "");
  CHECK(site.run({R"({"resourceType":"Patient","id":"p"})"}) == "MSH|^~\\&|A||||||ADT^A01^ADT_A01|||2.5.1\nPID|||p\nPV1||N\n");
}

TEST_CASE("what a version does not have is left out, and said", "[mapping][to_v2]") {
  const std::string rules = "map Bundle to ADT_A01\nMSH-10 <- %message\nPID { PID-3.1 <- entry.resource.ofType(Patient).id.first()\nPID-3.9.1 <- 'X'\nPID-39.1 <- 'T' }\nARV-1 <- '1'\nARV-2.1 <- entry.resource.ofType(Patient).id.first()\n";
  MessageSite site(rules);
  REQUIRE(site.faults() == "");
  const std::vector<std::string> bundle{R"({"resourceType":"Patient","id":"p"})"};
  CHECK(site.run(bundle, {"ADT_A04", "2.3.1"}) == "MSH|^~\\&|||||||ADT^A04^ADT_A01|C1||2.3.1\nPID|||p\n");
  CHECK(site.lines.find("unsupported PID-3.9: CX of HL7 2.3.1 has no component 9: left out\n") != std::string::npos);
  CHECK(site.lines.find("HL7 2.3.1 has no PID-39: left out\n") != std::string::npos);
  CHECK(site.lines.find("ARV is not in ADT_A01 of HL7 2.3.1: left out\n") != std::string::npos);
  CHECK(site.lines.find("missing PV1: ADT_A01 of HL7 2.3.1 requires it\n") != std::string::npos);
  CHECK(site.run(bundle, {"ADT_A04", "2.8"}).find("^^^^^^^^X") != std::string::npos);
  CHECK(site.run(bundle, {"ADT_A04", "2.2"}).find("|ADT^A04|") != std::string::npos);
}

TEST_CASE("which message it becomes is asked for, or said by the MessageHeader", "[mapping][to_v2]") {
  MessageSite site("map Bundle to ADT_A01\nPID-3.1 <- entry.resource.ofType(Patient).id.first()\nEVN-1 <- %event\nmap Bundle to ADT_A05\nPID-3.1 <- entry.resource.ofType(Patient).id.first()\n");
  REQUIRE(site.faults() == "");
  const std::string patient = R"({"resourceType":"Patient","id":"p"})";
  const auto header = [](const std::string& event) { return R"({"resourceType":"MessageHeader","source":{"endpoint":"urn:x"},)" + event + "}"; };
  const auto type = [](const std::string& text) { return text.substr(0, text.find('\n')); };
  CHECK(type(site.run({patient}, {"ADT^A08", "2.5.1"})) == "MSH|^~\\&|||||||ADT^A08^ADT_A01|||2.5.1");
  CHECK(type(site.run({header(R"("eventCoding":{"code":"A31"})"), patient}, {"", "2.5.1"})) == "MSH|^~\\&|||||||ADT^A31^ADT_A05|||2.5.1");
  CHECK(type(site.run({header(R"("eventCoding":{"code":"A31"})"), patient}, {"", "2.3.1"})) == "MSH|^~\\&|||||||ADT^A31^ADT_A01|||2.3.1");
  CHECK(site.run({patient}, {"", "2.5.1"}).find("MessageHeader.event: it says which message this becomes") == 0);
  CHECK(site.run({header(R"("eventCoding":{"code":"Q99"})")}, {"", "2.5.1"}) == "MessageHeader.event: no map builds a message of this event");
  CHECK(site.run({patient}, {"ADT_A40", "2.5.1"}) == "no map builds ADT^A40: there is no Bundle-ADT_A39");
  CHECK(site.run({patient}, {"ADT_Q99", "2.5.1"}) == "HL7 v2 knows no message ADT^Q99");
  CHECK(site.run({patient}, {"ADT", "2.5.1"}) == "expected a kind of message such as ADT_A04, found 'ADT'");
  CHECK(site.run({patient}, {"ADT_A01", "2.9"}).find("HL7 v2 has no version 2.9, only 2.1,") == 0);
  CHECK(site.run({patient}, {"OML_O21", "2.3.1"}) == "HL7 2.3.1 has no OML_O21");
}

TEST_CASE("what no rule reads is told", "[mapping][to_v2]") {
  MessageSite site(std::string(message) + "PID-8 <- gender via sex\nPID-3.1 <- identifier.where(use = 'usual').value.first()\n");
  REQUIRE(site.faults() == "");
  site.run({R"({"resourceType":"Patient","identifier":[{"use":"usual","value":"1"},{"use":"old","value":"2"}],"gender":"female","birthDate":"1950"})"});
  CHECK(site.unread == "Bundle.entry[0].resource.identifier[1].value\nBundle.entry[0].resource.birthDate\n");
}

TEST_CASE("a declared segment stands behind what was written before it", "[mapping][to_v2]") {
  MessageSite site("segment ZAL\n  1  number  ST\n  2  kinds  ID repeats\nmap Bundle to ADT_A01\nPID-3.1 <- entry.resource.ofType(Patient).id.first()\n"
                   "ZAL-1 <- entry.resource.ofType(Patient).id.first()\nZAL-2 <- entry.resource.ofType(Patient).name.given\nPV1-2 <- 'N'\n");
  REQUIRE(site.faults() == "");
  const auto text = site.run({R"({"resourceType":"Patient","id":"p","name":[{"given":["A","B"]}]})"});
  CHECK(text.substr(text.find('\n') + 1) == "PID|||p\nZAL|p|A~B\nPV1||N\n");
}
