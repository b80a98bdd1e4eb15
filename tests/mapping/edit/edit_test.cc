#include <catch2/catch.hpp>

#include "tests/mapping/edit/fixture.h"

using namespace tombolo;
using test::EditSite;

namespace {

const std::string head = "MSH|^~\\&|OLD|HOUSE|REGISTRY|X|20260310094500+0000||ADT^A01^ADT_A01|M1|P|2.5.1\n";
const std::string admission = head +
                              "EVN|A01|20260310094500+0000\n"
                              "PID|1||700^^^NORTH^MR~~800&&^^^WEST&1.2&ISO^SS^||Specimen^Nils\\T\\Co^\\H\\R\\N\\||19511103|M|||||||\"\"|\n"
                              "ZPI|local|\\X41\\\n"
                              "PV1|1|I\n"
                              "OBX|1|ST|A||x||||||F\n"
                              "OBX|2|ST|B||y||||||D\n";

const std::string result =
    "MSH|^~\\&|LAB|HOUSE|WARD|X|20260310094500+0000||ORU^R01^ORU_R01|M2|P|2.5.1\n"
    "PID|1||700^^^NORTH^MR\n"
    "OBR|1|P1|F1|GLU^Sugar^L\n"
    "OBX|1|NM|GLU^Sugar^L||5.4|mmol/L|||||F\n"
    "NTE|1||first\n"
    "OBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\n"
    "NTE|1||second\n"
    "OBR|2|P2|F2|TXT\n"
    "OBX|1|TX|TXT||\\.br\\a\\H\\b\\N\\||||||F\n";

std::string with(std::string text, std::string_view old, std::string_view now) {
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), now);
}

// The message after one statement, or several, of `edit ADT_A01`.
std::string edited(const std::string& statements, const std::string& message = admission, const std::string& structure = "ADT_A01") {
  EditSite site("edit " + structure + "\n" + statements + "\n");
  INFO(site.faults());
  REQUIRE(!site.diagnostics.failed());
  return site.run(message);
}

std::string changed(const std::string& statements, std::string_view old, std::string_view now, const std::string& message = admission,
                    const std::string& structure = "ADT_A01") {
  const auto found = edited(statements, message, structure);
  CHECK(found == with(message, old, now));
  return found;
}

}  // namespace

TEST_CASE("the edit of the design's chapter does what it says", "[mapping][edit]") {
  EditSite site(
      "edit ADT_A01\n"
      "  MSH-5      <- 'LAB'\n"
      "  PID-3.4    <- PID-3.4 via assigners            on miss keep      # per repetition\n"
      "  delete ZPI\n"
      "  delete OBX                                      when OBX-11 = 'D'\n"
      "  add NTE after PID { NTE-3 <- 'from the old system' }\n");
  INFO(site.faults());
  REQUIRE(site.diagnostics.empty());
  auto expected = with(admission, "REGISTRY", "LAB");
  expected = with(expected, "^NORTH^", "^NTH^");
  expected = with(expected, "ZPI|local|\\X41\\\n", "NTE|||from the old system\n");
  expected = with(expected, "OBX|2|ST|B||y||||||D\n", "");
  CHECK(site.run(admission) == expected);
  CHECK(site.report.misses == 1);
  REQUIRE(site.report.changes.size() == 5);
  CHECK(site.report.changes[1].place == "PID-3[1].4");
  CHECK(site.report.changes[1].before == "NORTH");
  CHECK(site.report.changes[1].after == "NTH");
  CHECK(site.edits->rule(site.report.changes[1].rule).ends_with("site.map:3:3"));
}

TEST_CASE("a rule writes a field, a repetition, a component or a sub-component", "[mapping][edit]") {
  changed("PID-8 <- 'F'", "|M|", "|F|");
  changed("PID-3[1] <- '9'", "700^^^NORTH^MR", "9");
  changed("PID-3[1].1 <- '9'", "700^", "9^");
  changed("PID-3[2].4.2 <- '9.9'", "1.2&ISO", "9.9&ISO");
  changed("PID-3[2].1 <- '9'", "800&&", "9&&");
  changed("PID-3[2].1.1 <- '9'", "800&&", "9&&");
  changed("PID-3[3].1 <- '9'", "^SS^|", "^SS^~9|");
  changed("PID-5.7 <- 'L'", "\\H\\R\\N\\|", "\\H\\R\\N\\^^^^L|");
  changed("PID-30 <- 'N'", "\"\"|\nZPI", "\"\"|||||||||||||||N\nZPI");
  changed("PID-8.2 <- 'x'\nPID-18.4.2 <- 'y'", "|M|", "|M^x|", with(admission, "\"\"|\nZPI", "\"\"|||^^^&y\nZPI"));
}

TEST_CASE("the target of a rule is each segment and each repetition, and its own addresses mean the current one", "[mapping][edit]") {
  changed("PID-3.5 <- PID-3.4", "^NORTH^MR~~800&&^^^WEST&1.2&ISO^SS^", "^NORTH^NORTH~~800&&^^^WEST&1.2&ISO^WEST^");
  CHECK(edited("PID-3.5 <- 'PI' when PID-3.4.1 = 'NORTH'") == with(admission, "^MR~", "^PI~"));
  CHECK(edited("PID-3.5 <- 'PI' when CX.4.1 = 'NORTH'") == with(admission, "^MR~", "^PI~"));
  CHECK(edited("OBX-3.1 <- OBX-3.1 & '-' & OBX-1") == with(with(admission, "|A||", "|A-1||"), "|B||", "|B-2||"));
  changed("OBX[2]-5 <- 'z'", "||y|", "||z|");
  CHECK(edited("OBX-4 <- OBR-2.1", result, "ORU_R01") ==
        with(with(with(result, "L||5.4", "L|P1|5.4"), "L||140", "L|P1|140"), "TXT||\\", "TXT|P2|\\"));
}

TEST_CASE("a whole field takes all that a rule gives, and keeps as received what stays", "[mapping][edit]") {
  changed("PID-3 <- PID-3.where(CX.5 = 'SS')", "700^^^NORTH^MR~~800&&", "800&&");
  changed("PID-3 <- PID-3[2], PID-3[1]", "700^^^NORTH^MR~~800&&^^^WEST&1.2&ISO^SS^", "800&&^^^WEST&1.2&ISO^SS^~700^^^NORTH^MR");
  changed("PID-3 <- PID-3, 'new'", "^SS^|", "^SS^~new|");
  changed("PID-4 <- PID-3[2]", "^SS^||", "^SS^|800^^^WEST&1.2&ISO^SS|");
  changed("PID-3 <- 'one'", "700^^^NORTH^MR~~800&&^^^WEST&1.2&ISO^SS^", "one");
  CHECK(edited("PID-3 <- PID-3") == admission);
}

TEST_CASE("what a rule does not find it does not write", "[mapping][edit]") {
  CHECK(edited("PID-8 <- PID-16") == admission);
  CHECK(edited("PID-8 <- PID-16 else PID-20.1") == admission);
  CHECK(edited("PID-8 <- 'F' when PID-16") == admission);
  changed("PID-8 <- PID-16 else 'U'", "|M|", "|U|");
}

TEST_CASE("an empty text empties, two quotes say that there is no value any more", "[mapping][edit]") {
  changed("PID-8 <- ''", "|M|", "||");
  changed("PID-8 <- '\"\"'", "|M|", "|\"\"|");
  changed("PID-3.4 <- ''", "^NORTH^MR~~800&&^^^WEST&1.2&ISO^SS^", "^^MR~~800&&^^^^SS^");
  changed("PID-8 <- PID-15", "|M|", "|\"\"|");
  CHECK(edited("PID-8 <- PID-15 on delete ignore") == admission);
  changed("PID-8 <- PID-15 on delete 'U'", "|M|", "|U|");
  changed("PID-8 <- PID-15 else 'O'", "|M|", "|O|");
  CHECK(edited("PID-15 <- PID-15") == admission);
}

TEST_CASE("what is written is escaped in the sender's delimiters, and copied with the sender's escapes", "[mapping][edit]") {
  changed("PID-5.1 <- 'A|B^C&D~E\\\\F'", "Specimen^", "A\\F\\B\\S\\C\\T\\D\\R\\E\\E\\F^");
  const auto other = with(admission, "MSH|^~\\&|OLD", "MSH|^~!&|OLD");
  EditSite site("edit ADT_A01\nPID-8 <- 'a\\\\b!c'\n");
  CHECK(site.run(other) == with(other, "|M|", "|a\\b!E!c|"));
  changed("add NTE after PID { NTE-3 <- PID-5.3 }", "ZPI|", "NTE|||\\H\\R\\N\\\nZPI|");
}

TEST_CASE("a table translates; what it does not have stays, is left out, or stops the message", "[mapping][edit]") {
  changed("PID-3.4 <- PID-3.4 via assigners", "^NORTH^", "^NTH^");
  changed("PID-3[1].4 <- PID-3[2].4 via assigners", "^NORTH^", "^WEST&1.2&ISO^");
  CHECK(edited("PID-3[1].4 <- PID-3[2].4 via assigners on miss ignore") == admission);
  changed("PID-3[1].4 <- PID-3[2].4 via assigners else 'NONE'", "^NORTH^", "^NONE^");
  EditSite site("edit ADT_A01\nPID-3.4 <- PID-3.4 via assigners on miss fail\n");
  CHECK(site.run(admission) == "PID-3[2].4: the table has no such code");
  CHECK(edited("OBX-3 <- OBX-3 via tests", result, "ORU_R01") == with(result, "NM|GLU^Sugar^L", "NM|2345-7^Glucose^LN"));
}

TEST_CASE("delete takes segments, groups, fields, repetitions and parts of them", "[mapping][edit]") {
  changed("delete ZPI", "ZPI|local|\\X41\\\n", "");
  changed("delete PID-8", "|M|", "||");
  changed("delete PID-3 when PID-3.5 = 'MR'", "700^^^NORTH^MR~~", "");
  changed("delete PID-3[2]", "~800&&^^^WEST&1.2&ISO^SS^", "");
  changed("delete PID-3.4.2", "WEST&1.2&", "WEST&&");
  changed("delete PID-3", "700^^^NORTH^MR~~800&&^^^WEST&1.2&ISO^SS^", "");
  changed("delete OBX[1]", "OBX|1|ST|A||x||||||F\n", "");
  changed("delete OBSERVATION when OBX-11 = 'D'", "OBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\nNTE|1||second\n", "", result, "ORU_R01");
  CHECK(edited("delete NTE", result, "ORU_R01") == with(with(result, "NTE|1||first\n", ""), "NTE|1||second\n", ""));
  CHECK(edited("delete ZZZ") == admission);
}

TEST_CASE("add puts a segment behind or in front of each one, in the order of the text", "[mapping][edit]") {
  changed("add PV2 after PV1 { PV2-3 <- 'x' }", "PV1|1|I\n", "PV1|1|I\nPV2|||x\n");
  changed("add NK1 before PV1 { NK1-1 <- '1' }", "PV1|1|I\n", "NK1|1\nPV1|1|I\n");
  changed("add NTE after PID { NTE-1 <- '1' }\nadd NTE after PID { NTE-1 <- '2' }", "ZPI|", "NTE|1\nNTE|2\nZPI|");
  changed("add AL1 after OBX { AL1-3 <- OBX-3 } when OBX-11 = 'D'", "OBX|2|ST|B||y||||||D\n", "OBX|2|ST|B||y||||||D\nAL1|||B\n");
  changed("add DB1 before OBX when OBX-11 = 'D' { DB1-1 <- '1' }", "OBX|2|", "DB1|1\nOBX|2|");
  CHECK(edited("add NTE after PID { NTE-1 <- '1'\nNTE-3 <- PID-16 }") == admission);
  auto noted = with(with(result, "NTE|1||first", "NTE|||P1\nNTE|1||first"), "NTE|1||second", "NTE|||P1\nNTE|1||second");
  CHECK(edited("add NTE after OBX { NTE-3 <- OBR-2 }", result, "ORU_R01") == noted + "NTE|||P2\n");
  const auto open = admission.substr(0, admission.size() - 1);
  CHECK(edited("add NTE after OBX[2] { NTE-3 <- 'end' }", open) == admission + "NTE|||end\n");
}

TEST_CASE("each, if and let carry statements further", "[mapping][edit]") {
  CHECK(edited("each ORDER_OBSERVATION {\n OBX-4 <- OBR-3.1\n}", result, "ORU_R01") ==
        with(with(with(result, "L||5.4", "L|F1|5.4"), "L||140", "L|F1|140"), "TXT||\\", "TXT|F2|\\"));
  CHECK(edited("each OBX when OBX-11 = 'D' { OBX-8 <- 'gone' }") == with(admission, "||y||||", "||y|||gone|"));
  CHECK(edited("each PID-3 { PID-3.9 <- $index + 1 }") == with(with(admission, "^MR~", "^MR^^^^1~"), "^SS^|", "^SS^^^^2|"));
  CHECK(edited("if PID-8 = 'M' { PID-8 <- '1' }") == with(admission, "|M|", "|1|"));
  CHECK(edited("if PID-8 = 'F' { PID-8 <- '1' }") == admission);
  changed("let old = PID-3[1]\nPID-3[1] <- PID-3[2]\nPID-4 <- %old", "700^^^NORTH^MR~~800&&^^^WEST&1.2&ISO^SS^||",
          "800^^^WEST&1.2&ISO^SS~~800&&^^^WEST&1.2&ISO^SS^|700^^^NORTH^MR|");
}

TEST_CASE("a statement sees the message as those before it left it", "[mapping][edit]") {
  changed("PID-8 <- 'F'\nPV1-2 <- PID-8", "|M|", "|F|", with(admission, "PV1|1|I", "PV1|1|F"));
  CHECK(edited("add PV2 after PV1 { PV2-1 <- 'x' }\nPV2-1.2 <- 'y'") == with(admission, "PV1|1|I\n", "PV1|1|I\nPV2|x^y\n"));
  CHECK(edited("delete OBX when OBX-11 = 'D'\nOBX-8 <- 'here'") == with(with(admission, "OBX|2|ST|B||y||||||D\n", ""), "||x||||", "||x|||here|"));
}

TEST_CASE("times are written as HL7 writes them", "[mapping][edit]") {
  changed("PID-7 <- '1951-11-04'", "19511103", "19511104");
  changed("PID-7 <- @1951-11", "19511103", "195111");
  changed("PID-7 <- later(EVN-2, '90', 'min')", "19511103", "20260310111500+0000");
  changed("PID-30 <- true", "\"\"|\nZPI", "\"\"|||||||||||||||Y\nZPI");
}

TEST_CASE("edits are chosen by structure, or for all, or by name", "[mapping][edit]") {
  EditSite site(
      "edit *\n  MSH-3 <- 'NEW'\n  PID-8 <- 'U' when PID-8 = 'M'\n  delete ZPI\n"
      "edit ADT_A01, ADT_A03\n  MSH-4 <- MSH-3\n"
      "edit ORU_R01 called special\n  MSH-5 <- 'S'\n");
  INFO(site.faults());
  REQUIRE(site.diagnostics.empty());
  auto expected = with(with(admission, "|OLD|HOUSE|", "|NEW|NEW|"), "|M|", "|U|");
  CHECK(site.run(admission) == with(expected, "ZPI|local|\\X41\\\n", ""));
  CHECK(site.run(result) == with(result, "|LAB|", "|NEW|"));
  CHECK(site.run(result, "special") == with(result, "|WARD|", "|S|"));
  CHECK(site.run(admission, "special") == "MSH-9: there is no edit for a message of this structure");
  CHECK(site.edits->names() == std::vector<std::string_view>{"special"});
  EditSite narrow("edit ADT_A03\n  MSH-3 <- 'NEW'\n");
  CHECK(narrow.run(admission) == "MSH-9: there is no edit for a message of this structure");
}

TEST_CASE("a changed leaf knows its rule and what it comes from in the message as received", "[mapping][edit]") {
  EditSite site("edit ADT_A01\nPID-8 <- PID-3[1].4.1\nPV1-2 <- PID-8 when PID-1\nPID-9 <- PID-5\n");
  REQUIRE(site.diagnostics.empty());
  const auto& s = test::Standards::get();
  const auto message = test::segments(admission);
  Arena source_arena, arena;
  Tree source(source_arena), out(arena);
  std::vector<Complaint> complaints;
  REQUIRE(hl7v2_format(s.dictionary)->parse(message, {}, source, complaints));
  EditReport report;
  REQUIRE(site.edits->run(source, {}, {}, out, report));
  CHECK(report.changed == 3);
  CHECK(report.changes.empty());
  const NodeId pid = out.child(out.root(), "PID"), pv1 = out.child(out.root(), "PV1");
  const NodeId assigner = source.child(source.child(pid, "3"), "4");
  const auto& sex = out[out.child(pid, "8")];
  REQUIRE(out.sources(sex.lineage).size() == 1);
  CHECK(out.sources(sex.lineage)[0] == assigner);
  const auto& kind = out.lineage(out[out.child(pv1, "2")].lineage);
  const auto sources = out.sources(out[out.child(pv1, "2")].lineage);
  REQUIRE(sources.size() == 2);
  CHECK(sources[0] == assigner);
  CHECK(sources[1] == source.child(pid, "1"));
  CHECK(kind.because == 1);
  CHECK(site.edits->rule(kind.rule).ends_with(":3:1"));
  const NodeId alias = out.child(pid, "9");
  CHECK(out.sources(out[out.child(alias, "1")].lineage)[0] == source.child(source.child(pid, "5"), "1"));
}
