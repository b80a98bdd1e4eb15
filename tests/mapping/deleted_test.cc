// HL7's "": the sender says that there is no such value any more. It is neither a value nor absent.
#include <catch2/catch.hpp>

#include "engine/canonical/check.h"
#include "engine/canonical/view.h"
#include "engine/formats/hl7v2/address.h"
#include "tests/mapping/fixture.h"

using namespace tombolo;
using tombolo::test::Site;

namespace {

// The deleted leaves of what `rules` make of a PID: "gender <- PID-8 2:3", a line each. (Patient is built in a map at line 4.)
std::string deletions(const std::string& rules, const std::string& pid) {
  Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Patient <- PID\nmap PID to Patient\n  active <- PID-1.exists()\n" + rules + "\n");
  if (site.diagnostics.failed()) return site.diagnostics.print();
  const auto& s = test::Standards::get();
  const std::string message = "MSH|^~\\&|LAB|NORTH|EHR|SOUTH|20261123101500+0100||ADT^A01^ADT_A01|M1|P|2.5.1\r" + pid + "\r";
  Arena source_arena, arena;
  Tree source(source_arena), out(arena);
  std::vector<Complaint> complaints;
  REQUIRE(hl7v2_format(s.dictionary)->parse(message, {}, source, complaints));
  RunReport report;
  REQUIRE(site.maps->run(*site.maps->for_message(source), source, {}, out, report));
  for (const auto& problem : check(out, s.schema)) FAIL_CHECK(problem.path << ": " << problem.text);
  std::string text;
  for (NodeId id = 1; id < out.size(); ++id) {
    if (out[id].holds != Holds::deleted) continue;
    const auto path = fhir_path(out, s.schema, id);
    text += (text.empty() ? "" : "; ") + path.substr(path.find("resource") + 9);
    for (const NodeId from : out.sources(out[id].lineage)) text += " <- " + hl7v2::place(source, from);
    const auto rule = site.maps->rule(out.lineage(out[id].lineage).rule);
    text += " line " + rule.substr(rule.find("site.map") + 9);
  }
  return text;
}

std::string written(const std::string& rules, const std::string& pid) {
  Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry p: Patient <- PID\nmap PID to Patient\n" + rules + "\n");
  if (site.diagnostics.failed()) return site.diagnostics.print();
  const auto json = site.run("MSH|^~\\&|LAB|NORTH|EHR|SOUTH|20261123101500+0100||ADT^A01^ADT_A01|M1|P|2.5.1\n" + pid + "\n");
  const auto at = json.find("\"Patient\"");
  return at == std::string::npos ? "no patient" : json.substr(json.find(',', json.find("\"id\"", at)));
}

}  // namespace

TEST_CASE("a single element is marked as deleted, with rule and source", "[mapping][deleted]") {
  CHECK(deletions("  gender <- PID-8.1 via administrative-sex", "PID|1|||||||\"\"") == "gender <- PID-8 line 6:3");
  CHECK(deletions("  birthDate <- PID-7.where(true)", "PID|1||||||\"\"") == "birthDate <- PID-7 line 6:3");
  CHECK(deletions("  maritalStatus <- PID-16 as CWE-CodeableConcept\nmap CWE to CodeableConcept\n  text <- CWE.1", "PID|1|||||||||||||||\"\"^\"\"") ==
        "maritalStatus <- PID-16 line 6:3");
}

TEST_CASE("no alternative and no later rule may have a value", "[mapping][deleted]") {
  CHECK(deletions("  birthDate <- PID-7 else PID-29 as date", "PID|1||||||\"\"||||||||||||||||||||||1980") == "");
  CHECK(deletions("  birthDate <- PID-7\n  birthDate <- PID-29 as date", "PID|1||||||\"\"||||||||||||||||||||||1980") == "");
  CHECK(deletions("  deceased <- PID-30 as boolean\n  deceased <- PID-29 as dateTime", "PID|1||||||||||||||||||||||||||||1980|\"\"") == "");
  CHECK(written("  birthDate <- PID-7\n  birthDate <- PID-29 as date", "PID|1||||||\"\"||||||||||||||||||||||1980").find(R"("birthDate":"1980")") != std::string::npos);
}

TEST_CASE("a field that fills a list deletes the list, a component among others nothing", "[mapping][deleted]") {
  const std::string telecom = "  telecom <- PID-13 as XTN-ContactPoint\n  telecom <- PID-14 as XTN-ContactPoint\nmap XTN to ContactPoint\n  value <- XTN.1\n  use <- 'home'";
  CHECK(deletions(telecom, "PID|1||||||||||||\"\"") == "telecom[0] <- PID-13 line 6:3");
  CHECK(deletions(telecom, "PID|1||||||||||||\"\"|555") == "");
  CHECK(deletions("  address each PID-11 { city <- XAD.3 }", "PID|1||||||||||\"\"") == "address[0] <- PID-11 line 6:3");
  CHECK(deletions("  name { family <- PID-5[1].1.1\n    given <- PID-5[1].2, PID-5[1].3 }", "PID|1||||Ost^\"\"^\"\"") == "");
  CHECK(deletions("  name { family <- PID-5[1].1.1\n    given <- PID-5[1].2 }", "PID|1||||\"\"^Ada") == "name[0].family <- PID-5.1 line 6:10");
}

TEST_CASE("a single element with rules in it is deleted if all it has is \"\"", "[mapping][deleted]") {
  const std::string rules = "  maritalStatus {\n    include PID-16 as CWE-CodeableConcept\n    text <- PID-40[1].1\n  }\nmap CWE to CodeableConcept\n  text <- CWE.1";
  CHECK(deletions(rules, "PID|1|||||||||||||||\"\"") == "maritalStatus <- PID-16 line 6:3");
  CHECK(deletions(rules, "PID|1|||||||||||||||W") == "");
  CHECK(deletions(rules, "PID|1") == "");
}

TEST_CASE("\"\" makes no resource and no list item stand, and a default does not count as a value", "[mapping][deleted]") {
  CHECK(written("  birthDate <- PID-7", "PID|1||||||\"\"") == "no patient");
  CHECK(deletions("  identifier { value <- PID-19\n    use <- 'usual' }", "PID|1||||||||||||||||||\"\"") == "");
  CHECK(deletions("  name { period.start <- PID-7\n    text <- PID-1 }", "PID|1||||||\"\"") == "name[0].period.start <- PID-7 line 6:10");
}

TEST_CASE("on delete says otherwise", "[mapping][deleted]") {
  CHECK(deletions("  gender <- PID-8.1 via administrative-sex on delete ignore", "PID|1|||||||\"\"") == "");
  CHECK(deletions("  gender <- PID-8.1 via administrative-sex on delete 'unknown'", "PID|1|||||||\"\"") == "");
  CHECK(written("  gender <- PID-8.1 via administrative-sex on delete 'unknown'", "PID|1|||||||\"\"").find(R"("gender":"unknown")") != std::string::npos);
  CHECK(written("  name { period.start <- PID-7 on delete '1900'\n text <- PID-1 }", "PID|1||||||\"\"").find(R"("period":{"start":"1900"})") != std::string::npos);
  CHECK(deletions("  gender <- PID-8.1 via administrative-sex on delete 'nobody'", "PID|1").find(":6:54: error: Patient.gender has no code 'nobody'") != std::string::npos);
  CHECK(deletions("  maritalStatus <- PID-16 as CWE-CodeableConcept on delete 'x'\nmap CWE to CodeableConcept\n  text <- CWE.1", "PID|1")
            .find("holds no text") != std::string::npos);
}
