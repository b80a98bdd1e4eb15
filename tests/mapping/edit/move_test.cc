// Segments and groups that move, and copies of them.
#include <catch2/catch.hpp>

#include "tests/mapping/edit/fixture.h"

using namespace tombolo;
using test::EditSite;

namespace {

const std::string head = "MSH|^~\\&|OLD|HOUSE|REGISTRY|X|20260310094500+0000||";
const std::string admission = head + "ADT^A01^ADT_A01|M1|P|2.5.1\n"
                                     "EVN|A01|20260310094500+0000\n"
                                     "PID|1||700^^^NORTH^MR||Specimen^Nils||19511103|M\n"
                                     "ZPI|local~|\\X41\\^^|\\H\\x\\N\\|\n"
                                     "PV1|1|I\n"
                                     "OBX|1|ST|A||x||||||F\n"
                                     "OBX|2|ST|B||y||||||D\n";
const std::string local = "ZPI|local~|\\X41\\^^|\\H\\x\\N\\|\n";

const std::string result = head + "ORU^R01^ORU_R01|M2|P|2.5.1\n"
                                  "PID|1||700^^^NORTH^MR\n"
                                  "OBR|1|P1|F1|GLU^Sugar^L\n"
                                  "OBX|1|NM|GLU^Sugar^L||5.4|mmol/L|||||F\n"
                                  "NTE|1||first\n"
                                  "OBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\n"
                                  "NTE|1||second\n"
                                  "OBR|2|P2|F2|TXT\n"
                                  "OBX|1|TX|TXT||\\.br\\a\\H\\b\\N\\||||||F\n";
const std::string first_order = "OBR|1|P1|F1|GLU^Sugar^L\n"
                                "OBX|1|NM|GLU^Sugar^L||5.4|mmol/L|||||F\n"
                                "NTE|1||first\n"
                                "OBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\n"
                                "NTE|1||second\n";
const std::string second_order = "OBR|2|P2|F2|TXT\nOBX|1|TX|TXT||\\.br\\a\\H\\b\\N\\||||||F\n";

std::string with(std::string text, std::string_view old, std::string_view now) {
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), now);
}

std::string without(const std::string& text, std::string_view part) { return with(text, part, ""); }

std::string edited(const std::string& statements, const std::string& message = admission, const std::string& structure = "ADT_A01") {
  EditSite site("edit " + structure + "\n" + statements + "\n");
  INFO(site.faults());
  REQUIRE(!site.diagnostics.failed());
  return site.run(message);
}

std::string faults(const std::string& statements, const std::string& structure = "ADT_A01") {
  return EditSite("edit " + structure + "\n" + statements + "\n").faults();
}

}  // namespace

TEST_CASE("a segment moves behind or in front of another, as it was received", "[mapping][edit]") {
  CHECK(edited("move ZPI after PV1") == with(without(admission, local), "PV1|1|I\n", "PV1|1|I\n" + local));
  CHECK(edited("move ZPI before PID") == with(without(admission, local), "PID|", local + "PID|"));
  CHECK(edited("move ZPI after MSH") == with(without(admission, local), "EVN|", local + "EVN|"));
  CHECK(edited("move ZPI before OBX[2]") == with(without(admission, local), "OBX|2", local + "OBX|2"));
  CHECK(edited("move OBX[1] after OBX[2]") == without(admission, "OBX|1|ST|A||x||||||F\n") + "OBX|1|ST|A||x||||||F\n");
  CHECK(edited("move ZPI after PV1", admission, "*") == edited("move ZPI after PV1"));
}

TEST_CASE("of several it is the last one behind which, and the first one in front of which", "[mapping][edit]") {
  CHECK(edited("move ZPI after OBX") == without(admission, local) + local);
  CHECK(edited("move ZPI before OBX") == with(without(admission, local), "OBX|1", local + "OBX|1"));
}

TEST_CASE("segments that move together keep their order", "[mapping][edit]") {
  const auto three = with(admission, "PV1|1|I\n", "PV1|1|I\nZPI|2\n") + "ZPI|3\n";
  const auto none = without(without(without(three, local), "ZPI|2\n"), "ZPI|3\n");
  const auto all = local + "ZPI|2\nZPI|3\n";
  CHECK(edited("move ZPI after OBX[1]", three) == with(none, "OBX|2", all + "OBX|2"));
  CHECK(edited("move ZPI before PID", three) == with(none, "PID|", all + "PID|"));
  CHECK(edited("move ZPI after OBX", three) == none + all);
  CHECK(edited("move ZPI[2] before PID", three) == with(without(three, "ZPI|2\n"), "PID|", "ZPI|2\nPID|"));
}

TEST_CASE("a condition says which of them move", "[mapping][edit]") {
  const std::string open = "OBX|3|ST|C||z||||||D\nOBX|4|ST|D||z||||||F\n";
  const std::string first = "OBX|1|ST|A||x||||||F\n", second = "OBX|2|ST|B||y||||||D\n";
  const auto base = without(without(admission, first), second);
  CHECK(edited("move OBX after OBX when OBX-11 = 'D'", admission + open) ==
        base + first + "OBX|4|ST|D||z||||||F\n" + second + "OBX|3|ST|C||z||||||D\n");
  CHECK(edited("move OBX before OBX when OBX-11 = 'D'", admission + open) ==
        base + second + "OBX|3|ST|C||z||||||D\n" + first + "OBX|4|ST|D||z||||||F\n");
  CHECK(edited("move OBX before OBX when OBX-11", admission) == admission);
  CHECK(edited("move ZPI after PV1 when PID-8 = 'M'") == edited("move ZPI after PV1"));
  CHECK(edited("move ZPI after PV1 when PID-8 = 'F'") == admission);
  CHECK(edited("if PID-8 = 'M' { move ZPI after PV1 }") == edited("move ZPI after PV1"));
}

TEST_CASE("where there is nothing to move, or nothing to stand next to, the message stays", "[mapping][edit]") {
  for (const auto* const statement : {"move PV2 after PV1", "move ZPI after PV2", "move ZPI after OBX[3]", "move ZPI[2] after PV1", "move ZPI after PID",
                                      "move ZPI before PV1", "move OBX[1] before OBX[2]", "move OBX before OBX[3]", "copy PV2 after PV1"}) {
    INFO(statement);
    EditSite site("edit ADT_A01\n" + std::string(statement) + "\n");
    REQUIRE(!site.diagnostics.failed());
    CHECK(site.run(admission) == admission);
    CHECK(site.report.changed == 0);
  }
}

TEST_CASE("in a group a segment moves within its own", "[mapping][edit]") {
  auto noted = with(result, "OBX|1|NM|GLU^Sugar^L||5.4|mmol/L|||||F\nNTE|1||first\n", "NTE|1||first\nOBX|1|NM|GLU^Sugar^L||5.4|mmol/L|||||F\n");
  noted = with(noted, "OBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\nNTE|1||second\n", "NTE|1||second\nOBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\n");
  CHECK(edited("move NTE before OBX", result, "ORU_R01") == noted);
  CHECK(edited("each OBSERVATION when OBX-1 = '2' { move NTE before OBX }", result, "ORU_R01") ==
        with(result, "OBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\nNTE|1||second\n", "NTE|1||second\nOBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\n"));
  CHECK(edited("move NTE after OBR", result, "ORU_R01") ==
        with(without(without(result, "NTE|1||first\n"), "NTE|1||second\n"), "GLU^Sugar^L\nOBX|1|NM", "GLU^Sugar^L\nNTE|1||first\nNTE|1||second\nOBX|1|NM"));
}

TEST_CASE("a segment that can stand in several groups finds its neighbour in its own", "[mapping][edit]") {
  CHECK(edited("each ORDER_OBSERVATION when OBR-1 = '2' { copy OBX[1] before OBX { OBX-11 <- 'C' } }", result, "ORU_R01") ==
        with(result, "OBX|1|TX", "OBX|1|TX|TXT||\\.br\\a\\H\\b\\N\\||||||C\nOBX|1|TX"));
  const auto noted = with(result, "OBR|1", "NTE|1||of the patient\nOBR|1");
  CHECK(edited("move NTE after OBR", noted, "ORU_R01") == with(edited("move NTE after OBR", result, "ORU_R01"), "OBR|1", "NTE|1||of the patient\nOBR|1"));
}

TEST_CASE("a group moves with all its segments", "[mapping][edit]") {
  const auto swapped = without(result, first_order) + first_order;
  CHECK(edited("move ORDER_OBSERVATION[1] after ORDER_OBSERVATION[2]", result, "ORU_R01") == swapped);
  CHECK(edited("move ORDER_OBSERVATION before ORDER_OBSERVATION when OBR-4.1 = 'TXT'", result, "ORU_R01") == swapped);
  CHECK(edited("each ORDER_OBSERVATION when OBR-4.1 = 'TXT' { move ORDER_OBSERVATION before ORDER_OBSERVATION[1] }", result, "ORU_R01") == swapped);
  const auto back = edited("move OBSERVATION before OBSERVATION when OBX-1 = '2'", result, "ORU_R01");
  CHECK(back == with(without(result, "OBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\nNTE|1||second\n"), "OBX|1|NM",
                     "OBX|2|NM|NA^Sodium^L||140|mmol/L|||||D\nNTE|1||second\nOBX|1|NM"));
  CHECK(edited("move ORDER_OBSERVATION[1] after ORDER_OBSERVATION[2]\nOBX-4 <- OBR-2.1", result, "ORU_R01") ==
        with(with(with(swapped, "TXT||\\", "TXT|P2|\\"), "L||5.4", "L|P1|5.4"), "L||140", "L|P1|140"));
}

TEST_CASE("a segment stands next to a group: behind all of it, in front of all of it", "[mapping][edit]") {
  const auto local_result = with(result, "OBR|1", "ZPI|1\nOBR|1");
  CHECK(edited("move ZPI after ORDER_OBSERVATION", local_result, "ORU_R01") == result + "ZPI|1\n");
  CHECK(edited("move ZPI after ORDER_OBSERVATION[1]", local_result, "ORU_R01") == with(result, "OBR|2", "ZPI|1\nOBR|2"));
  CHECK(edited("move ZPI before ORDER_OBSERVATION[2]", local_result, "ORU_R01") == with(result, "OBR|2", "ZPI|1\nOBR|2"));
}

TEST_CASE("a copy is a further segment or group, with rules of its own", "[mapping][edit]") {
  CHECK(edited("copy ZPI after PV1") == with(admission, "PV1|1|I\n", "PV1|1|I\n" + local));
  CHECK(edited("copy OBX[1] after OBX[1] { OBX-1 <- '3' }") == with(admission, "OBX|2", "OBX|3|ST|A||x||||||F\nOBX|2"));
  CHECK(edited("copy OBX after OBX { OBX-11 <- 'C' } when OBX-11 = 'D'") == admission + "OBX|2|ST|B||y||||||C\n");
  CHECK(edited("copy OBX before OBX { OBX-5 <- PID-8 }") == with(admission, "OBX|1", "OBX|1|ST|A||M||||||F\nOBX|2|ST|B||M||||||D\nOBX|1"));
  CHECK(edited("copy ORDER_OBSERVATION[2] before ORDER_OBSERVATION {\n  OBR-1 <- '0'\n  OBX-11 <- 'C'\n}", result, "ORU_R01") ==
        with(result, "OBR|1", with(with(second_order, "OBR|2", "OBR|0"), "||F\n", "||C\n") + "OBR|1"));
  CHECK(edited("copy ZPI after PV1\nmove ZPI[1] before PID") == edited("copy ZPI before PID\nmove ZPI[2] after PV1"));
}

TEST_CASE("statements on one place: moves stand right next to it, what is added behind what was", "[mapping][edit]") {
  const auto base = without(admission, local);
  CHECK(edited("add NTE after PID { NTE-1 <- '1' }\nmove ZPI after PV1\nadd NTE after PV1 { NTE-1 <- '2' }") ==
        with(with(base, "PV1|1|I\n", "PV1|1|I\n" + local + "NTE|2\n"), "PV1|1", "NTE|1\nPV1|1"));
  CHECK(edited("add NTE after PV1 { NTE-1 <- '1' }\nmove ZPI after PV1") == with(base, "PV1|1|I\n", "PV1|1|I\n" + local + "NTE|1\n"));
  CHECK(edited("move ZPI after PV1\nmove PV1 after OBX", admission, "*") == without(admission, "PV1|1|I\n") + "PV1|1|I\n");
  CHECK(edited("move ZPI after PV1\ndelete PV1 when PID-8") == without(with(base, "PV1|1|I\n", "PV1|1|I\n" + local), "PV1|1|I\n"));
  CHECK(edited("move ZPI before PV1\nmove OBX[2] before ZPI", admission, "*") == with(without(admission, "OBX|2|ST|B||y||||||D\n"), "ZPI|", "OBX|2|ST|B||y||||||D\nZPI|"));
  CHECK(edited("move ZPI after PV1\nmove ZPI after PID") == admission);
}

TEST_CASE("segments that were received out of order come into order", "[mapping][edit]") {
  const auto late = without(admission, "PID|1||700^^^NORTH^MR||Specimen^Nils||19511103|M\n") + "PID|1||700^^^NORTH^MR||Specimen^Nils||19511103|M\n";
  CHECK(edited("move PID after EVN", late) == admission);
  const std::string event = "EVN|A01|20260310094500+0000\n";
  CHECK(edited("move EVN before PID", late) == with(without(late, event), "PID|", event + "PID|"));
}

TEST_CASE("every byte of other segments stays, whatever delimiters and line ends there are", "[mapping][edit]") {
  const std::string odd =
      "MSH|^~!&|OLD\xE9||||||ADT^A01^ADT_A01|M1|P|2.5.1||||||8859/1\r\nEVN|||\r\n\r\nPID|1||a!T!b~~||\"\"|\r\nZPI|\xE9!Z9!||\r\nPV1|1|I|||";
  EditSite site("edit ADT_A01\nmove ZPI before EVN\n");
  CHECK(site.bytes(odd) ==
        "MSH|^~!&|OLD\xE9||||||ADT^A01^ADT_A01|M1|P|2.5.1||||||8859/1\r\nZPI|\xE9!Z9!||\r\nEVN|||\r\n\r\nPID|1||a!T!b~~||\"\"|\r\nPV1|1|I|||");
  EditSite last("edit ADT_A01\nmove PV1 before ZPI\ncopy ZPI after EVN\n");
  CHECK(last.bytes(odd) ==
        "MSH|^~!&|OLD\xE9||||||ADT^A01^ADT_A01|M1|P|2.5.1||||||8859/1\r\nEVN|||\r\n\r\nZPI|\xE9!Z9!||\r\nPID|1||a!T!b~~||\"\"|\r\nPV1|1|I|||\r\nZPI|\xE9!Z9!||\r\n");
}

TEST_CASE("what moved and what was copied is told with place and rule", "[mapping][edit]") {
  EditSite site("edit ORU_R01\n  move ORDER_OBSERVATION before ORDER_OBSERVATION when OBR-1 = '2'\n  copy PID after PID when PID-1 { PID-1 <- '2' }\n");
  REQUIRE(!site.diagnostics.failed());
  site.run(result);
  const auto& changes = site.report.changes;
  REQUIRE(changes.size() == 3);
  CHECK(changes[0].deed == EditReport::Deed::moved);
  CHECK(changes[0].place == "ORDER_OBSERVATION (OBR[2])");
  CHECK(changes[0].after == "before ORDER_OBSERVATION (OBR[1])");
  CHECK(site.edits->rule(changes[0].rule).ends_with("site.map:2:3"));
  CHECK(changes[1].deed == EditReport::Deed::copied);
  CHECK(changes[1].place == "PID");
  CHECK(changes[1].after == "after PID");
  CHECK(changes[2].place == "PID[2]-1");
  CHECK(site.report.fired.at(changes[0].rule));
  CHECK(site.report.fired.at(changes[1].rule));
}

TEST_CASE("a copy's values come from where its original's came", "[mapping][edit]") {
  EditSite site("edit *\ncopy PID after PID { PID-8 <- 'U' }\n");
  const auto& s = test::Standards::get();
  const auto message = test::segments(admission);
  Arena source_arena, arena;
  Tree source(source_arena), out(arena);
  std::vector<Complaint> complaints;
  REQUIRE(hl7v2_format(s.dictionary)->parse(message, {}, source, complaints));
  EditReport report;
  REQUIRE(site.edits->run(source, {}, {}, out, report));
  CHECK(report.changed == 2);
  const NodeId original = source.child(source.root(), "PID");
  const NodeId copy = out.next_same(out.child(out.root(), "PID"));
  REQUIRE(copy != no_node);
  CHECK(out.sources(out[out.child(copy, "7")].lineage)[0] == source.child(original, "7"));
  CHECK(out.sources(out[out.child(copy, "8")].lineage).empty());
}

TEST_CASE("what cannot move, and where it cannot stand, is said when the edit is loaded", "[mapping][edit]") {
  CHECK(faults("move PV2 after PV1\nmove ZPI before PV1\nmove NTE after DG1") == "");
  CHECK(faults("move PIV after PV1") == "2:6: ADT_A01 has no PIV: did you mean 'PID'?\n");
  CHECK(faults("move ZPI after PVI") == "2:16: ADT_A01 has no PVI: did you mean 'PV1'?\n");
  CHECK(faults("move PVI after PIX") == "2:6: ADT_A01 has no PVI: did you mean 'PV1'?\n2:16: ADT_A01 has no PIX: did you mean 'PID'?\n");
  CHECK(faults("move OBR after PID") == "2:6: ADT_A01 has no OBR\n");
  CHECK(faults("move PV2 after OBX") == "2:6: PV2 cannot stand after OBX in ADT_A01; it stands after PV1\n");
  CHECK(faults("copy DG1 before PV1") == "2:6: DG1 cannot stand before PV1 in ADT_A01; it stands after AL1\n");
  CHECK(faults("copy PID after EVN") == "2:6: PID does not repeat there\n");
  CHECK(faults("copy OBX after OBR\ncopy OBX after OBX", "ORU_R01") == "");
  CHECK(faults("copy PV1 after PV1") == "2:6: PV1 does not repeat in ADT_A01\n");
  CHECK(faults("move PID-3 after PV1") == "2:6: expected a segment or a group to move, found PID-3\n");
  CHECK(faults("copy PID-3 after PV1") == "2:6: expected a segment or a group to copy, found PID-3\n");
  CHECK(faults("move ZPI after PID-3") == "2:16: expected a segment or a group to stand next to, found PID-3\n");
  CHECK(faults("move MSH after PID") == "2:6: a message begins with its one MSH\n");
  CHECK(faults("move ZPI before MSH") == "2:17: nothing stands before MSH\n");
  CHECK(faults("move PV1 after PV1") == "2:16: PV1 cannot stand next to itself\n");
  CHECK(faults("move OBX[1] before OBX[1] when PID-8") == "2:20: OBX[1] cannot stand next to itself\n");
  CHECK(faults("move ZPI PV1") == "2:10: expected 'after' or 'before' and a segment, found 'PV1'\n");
  CHECK(faults("move ZPI after PV1 via assigners") == "2:24: `via` belongs to a rule\n");
  CHECK(faults("delete ZPI\nmove ZPI after PV1") == "3:6: ZPI was deleted in line 2: nothing is there any more\n");
  CHECK(faults("delete PV2\nmove ZPI after PV2") == "3:16: PV2 was deleted in line 2: nothing is there any more\n");
  CHECK(faults("copy OBX after OBX { OBX-99 <- 'x' }") == "2:22: OBX has the fields 1 to 30, no 99\n");
  CHECK(EditSite("map PID to Patient\n  move PID after PV1\n").faults() != "");
}

TEST_CASE("a group moves between its like only", "[mapping][edit]") {
  CHECK(faults("move ORDER_OBSERVATION after OBX", "ORU_R01") ==
        "2:30: ORDER_OBSERVATION is a group: expected a segment or a group that stands beside it, found OBX\n");
  CHECK(faults("move ORDER_OBSERVATION after ZPI", "ORU_R01") ==
        "2:30: ORDER_OBSERVATION is a group: expected a segment or a group that stands beside it, found ZPI\n");
  CHECK(faults("move OBSERVATION after NTE", "ORU_R01").find("OBSERVATION is a group: ") != std::string::npos);
  CHECK(faults("move OBX after NTE", "ORU_R01").find("2:6: OBX begins the group OBSERVATION: ") != std::string::npos);
  CHECK(faults("move ORDER_OBSERVATION after ORDER_OBSERVATIN", "ORU_R01") ==
        "2:30: ORU_R01 has no ORDER_OBSERVATIN: did you mean 'ORDER_OBSERVATION'?\n");
  CHECK(faults("move PATIENT_RESULT after PATIENT_RESULT when PID-8", "ORU_R01") == "");
}
