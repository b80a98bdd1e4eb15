#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <fstream>
#include <iterator>
#include <set>
#include <string>
#include <vector>

#include "engine/mapping/language/parse.h"
#include "tests/mapping/edit/fixture.h"
#include "tests/mapping/fixture.h"
#include "tests/mapping/to_v2/fixture.h"

using namespace tombolo;
using tombolo::test::Site;

namespace {

// The blocks of mappings/README.md that begin with ```kind.
std::vector<std::string> blocks(const std::string& kind) {
  std::ifstream in(TOMBOLO_SOURCE_DIR "/mappings/README.md");
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  std::vector<std::string> found;
  for (auto at = text.find("```" + kind + "\n"); at != std::string::npos; at = text.find("```" + kind + "\n", at + 1)) {
    const auto begin = text.find('\n', at) + 1;
    found.push_back(text.substr(begin, text.find("```", begin) - begin));
  }
  return found;
}

}  // namespace

TEST_CASE("every map in the README parses", "[mapping][language]") {
  const auto maps = blocks("map");
  REQUIRE(maps.size() == 6);
  for (const auto& map : maps) {
    Diagnostics diagnostics;
    const mapping::Source source("README.md", map);
    const auto file = mapping::parse_map_file(source, diagnostics);
    INFO(diagnostics.print());
    CHECK(diagnostics.empty());
    CHECK(!(file.maps.empty() && file.edits.empty()));
  }
}

TEST_CASE("the first map in the README makes the patient it promises", "[mapping][language]") {
  Site site(blocks("map")[0] + R"(
map CX to Identifier
  value <- CX.1
map XPN to HumanName
  family <- XPN.1.1
map ADT_A01 to Bundle
  entry patient: Patient <- PID
)");
  REQUIRE(site.diagnostics.print() == "");
  const auto bundle = site.run("MSH|^~\\&|A|B|||20260310||ADT^A01^ADT_A01|1|P|2.5.1\nPID|1||81^^^NORTH^PI~82^^^NORTH^MR||Ahlberg^Tove|Lind^Eva|20~1|X\n");
  CHECK(bundle.find(R"("identifier":[{"value":"81"},{"value":"82"}])") != bundle.npos);
  CHECK(bundle.find(R"("contact":[{"name":{"family":"Lind"}}])") != bundle.npos);
  CHECK(bundle.find(R"("gender":"unknown")") != bundle.npos);
}

TEST_CASE("the statements in the README do what stands beside them", "[mapping][language]") {
  Site site(R"(
map PID to Patient
  key           <- PID-3.1
  telecom       <- PID-40
  telecom       <- PID-13
  maritalStatus <- PID-16.first() as CWE-text
map XTN to ContactPoint
  value <- XTN.1
map CWE to CodeableConcept
  text <- CWE.2
map CWE to CodeableConcept called CWE-text
  text <- CWE.1
map PD1 to Patient
  active <- PD1-12 as boolean
map OBR to DiagnosticReport
  key    <- OBR-3.1
  code   <- OBR-4
  status <- 'final'
map OBX to Observation
  reads OBR
  alias  <- together(OBR-3.1, OBX-3.1)
  key    <- OBX-21.1
  code   <- OBX-3
  status <- 'final'
  include OBX as OBX-value
map NM to Quantity called NM-Quantity
  value <- $this
)" + blocks("map")[1]);
  REQUIRE(site.diagnostics.print() == "");
  const auto bundle = site.run(
      "MSH|^~\\&|A|B|||20260310||ORU^R01^ORU_R01|1|P|2.5.1\nPID|1||81|||||W||||||||M~S||||||||||||||||||||||||x\nPD1||||||||||||Y\n"
      "OBR|1||9|K^Culture\nOBX|1|NM|K^Count||4.1\nOBR|2||10|S^Panel||||||||||||||||||||||K|||^9\nOBX|1|ST|A^Ampicillin||low\n");
  CHECK(bundle.find(R"("active":true)") != bundle.npos);                     // entry patient: Patient <- PID, PD1
  CHECK(bundle.find(R"("valueQuantity":{"value":4.1})") != bundle.npos);
  CHECK(bundle.find(R"("valueString":"low")") != bundle.npos);
  CHECK(bundle.find(R"("hasMember":[{"reference":)") != bundle.npos);        // find() and alias
  CHECK(bundle.find(R"("maritalStatus":{"text":"M"})") == bundle.npos);     // replaced by the map CWE-CodeableConcept …
  CHECK(bundle.find(R"("telecom")") == bundle.npos);                         // … and removed
}

TEST_CASE("the grammar in the README names every word of the language, and every rule it uses", "[mapping][language]") {
  const auto grammars = blocks("ebnf");
  REQUIRE(grammars.size() == 1);
  const auto& grammar = grammars.front();
  for (const std::string word : {"map", "extend", "edit", "delete", "add", "move", "copy", "before", "segment", "template", "reads", "takes", "called", "after", "repeats", "remove", "replace", "each",
                                 "entry", "if", "include", "let", "gives", "else", "as", "via", "when", "with", "on", "error", "miss", "delete", "keep",
                                 "partial", "text", "data", "absent", "drop", "try", "next", "fail", "ignore", "extension"})
    CHECK(grammar.find('"' + word + '"') != std::string::npos);
  std::set<std::string> defined{"expr", "ID", "NL", "NUMBER", "STRING"};
  std::set<std::string> used;
  std::string word;
  bool quoted = false;
  for (std::size_t i = 0; i <= grammar.size(); ++i) {
    const char c = i < grammar.size() ? grammar[i] : ' ';
    if (c == '"') quoted = !quoted;
    const bool letter = !quoted && c != '"' && std::isalpha(static_cast<unsigned char>(c));
    if (letter) word += c;
    else if (!word.empty()) {
      auto next = grammar.find_first_not_of(' ', i);
      (next != std::string::npos && grammar[next] == '=' ? defined : used).insert(word);
      word.clear();
    }
  }
  for (const auto& name : used) {
    INFO(name);
    CHECK(defined.contains(name));
  }
}

TEST_CASE("the maps to HL7 v2 in the README make a message", "[mapping][to_v2]") {
  const auto all = blocks("map");
  const auto maps = std::find_if(all.begin(), all.end(), [](const auto& block) { return block.find("map Bundle to ADT_A01") != std::string::npos; });
  REQUIRE(maps != all.end());
  test::MessageSite site(*maps);
  CHECK(site.faults() == "");
  const auto text = site.run({R"({"resourceType":"Patient","identifier":[{"system":"http://hl7.org/fhir/sid/us-ssn","value":"1"}],"gender":"female"})"});
  CHECK(text.find("\nPID|||1^^^&2.16.840.1.113883.4.1|||||F\nPV1||N\n") != std::string::npos);
}

namespace {

std::string with_receiver(std::string message, const std::string& receiver) {
  const std::string before = "|B|||";
  return message.replace(message.find(before), before.size(), "|B|" + receiver + "|");
}

}  // namespace

TEST_CASE("the edits in the README are sound, and do what it says", "[mapping][edit]") {
  const auto all = blocks("map");
  const auto with = [&](std::string_view text) {
    const auto found = std::find_if(all.begin(), all.end(), [&](const auto& block) { return block.find(text) != std::string::npos; });
    REQUIRE(found != all.end());
    return *found;
  };
  test::EditSite overlaid(with("edit ADT_A01, ADT_A03"), with("extend edit ADT_A01"));
  CHECK(overlaid.faults() == "");
  const std::string admission = "MSH|^~\\&|A|B|||20260310||ADT^A01^ADT_A01|1|P|2.5.1\n";
  CHECK(overlaid.run(admission + "PID|1||7^^^NORTH|||||X\nZPI|1\nPV1|1|I|W1\nOBX|1|ST|A||||||||X\nIN1|1|OLD\n") ==
        with_receiver(admission, "NORTHLAB|MAINLAB") + "PID|1||7^^^NORTH|||||X\nZPI|1\nPV1|1|I|UNKNOWN\nIN1|1|NEW\n");
  test::EditSite moving(with("edit ORU_R01"));
  CHECK(moving.faults() == "");
  const std::string head = "MSH|^~\\&|A|B|||20260310||ORU^R01^ORU_R01|1|P|2.5.1\n";
  const std::string first = "OBR|1|||A\n", second = "OBR|2|||B|||||||||||||||||||||X\n";
  CHECK(moving.run(head + "ZPI|1\nPID|1\n" + first + "OBX|1|ST|A||a||||||F\nNTE|1\n" + second + "OBX|1|ST|B||b||||||F\nNTE|2\nNTE|3\nZPI|2\n") ==
        head + "PID|1\nZPI|1\nZPI|2\n" + second + "NTE|2\nNTE|3\nOBX|1|ST|B||order cancelled||||||X\nOBX|1|ST|B||b||||||F\n" + first +
            "NTE|1\nOBX|1|ST|A||a||||||F\n");
}
