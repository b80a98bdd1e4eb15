// Repeats and groups: which segments and repetitions a statement means, and what the names in it mean there.
#include <catch2/catch.hpp>

#include "tests/mapping/edit/fixture.h"

using namespace tombolo;
using test::EditSite;

namespace {

// A segment that can stand in several groups of a report: OBX and PRT below the order, and below its specimen.
const std::string report =
    "MSH|^~\\&|A|B|||20260310||ORU^R01^ORU_R01|1|P|2.8.1\n"
    "PID|1\n"
    "NTE|1||of Tove\n"
    "OBR|1|P1||GLU\n"
    "OBX|1|ST|A||a||||||F\n"
    "PRT|1|UC\n"
    "NTE|1||early\n"
    "OBR|2|P2||NA\n"
    "OBX|1|ST|B||b||||||F\n"
    "SPM|1|S77\n"
    "OBX|1|ST|C||c||||||F\n"
    "PRT|2|XX\n"
    "ZBX|1|local\n";

std::string with(std::string text, std::string_view old, std::string_view now) {
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), now);
}

std::string edited(const std::string& statements, const std::string& message = report) {
  EditSite site("segment ZBX\n  1 number SI\n  2 text ST\nedit ORU_R01\n" + statements + "\n");
  INFO(site.faults());
  REQUIRE(!site.diagnostics.failed());
  return site.run(message);
}

}  // namespace

TEST_CASE("a name means the segment of the group around, whichever of several it is", "[mapping][edit][groups]") {
  const auto read = with(with(report, "||a||||||F", "||a|||UC|||F"), "||c||||||F", "||c|||XX|||F");
  CHECK(edited("OBX-8 <- PRT-2") == read);
  CHECK(edited("OBX-8 <- PRT-2 when PRT-1") == read);
  CHECK(edited("each OBX { OBX-8 <- PRT-2 }") == read);
  CHECK(edited("each OBSERVATION { OBX-8 <- PRT-2 }") == with(report, "||a||||||F", "||a|||UC|||F"));
  CHECK(edited("each OBX when OBX-3 = 'A' { PRT-4 <- OBX-3 }") == with(report, "PRT|1|UC", "PRT|1|UC||A"));
  CHECK(edited("each OBX { PRT-4 <- OBX-3.1 }") == with(with(report, "PRT|1|UC", "PRT|1|UC||A"), "PRT|2|XX", "PRT|2|XX||C"));
  CHECK(edited("delete PRT when OBX-3 = 'C'") == with(report, "PRT|2|XX\n", ""));
  CHECK(edited("move PRT before OBX") ==
        with(with(report, "OBX|1|ST|A||a||||||F\nPRT|1|UC\n", "PRT|1|UC\nOBX|1|ST|A||a||||||F\n"), "OBX|1|ST|C||c||||||F\nPRT|2|XX\n", "PRT|2|XX\nOBX|1|ST|C||c||||||F\n"));
}

TEST_CASE("what stands in no group around is not sought in others", "[mapping][edit][groups]") {
  CHECK(edited("NTE-4 <- OBX-3.1") == with(report, "NTE|1||early", "NTE|1||early|A"));
  CHECK(edited("NTE-4 <- OBR-2.1") == with(report, "NTE|1||early", "NTE|1||early|P1"));
  CHECK(edited("OBX-8 <- SPM-2.1.1") == with(report, "||c||||||F", "||c|||S77|||F"));
  CHECK(edited("each NTE { ZBX-2 <- 'x' }") == report);
  const auto local = with(report, "NTE|1||early", "ZBX|2|local\nNTE|1||early");
  CHECK(edited("OBX-8 <- ZBX-2", local) == with(with(local, "||a||||||F", "||a|||local|||F"), "||c||||||F", "||c|||local|||F"));
  CHECK(edited("each OBX when OBX-3 = 'A' { ZBX-2 <- 'x' }", local) == with(local, "ZBX|2|local", "ZBX|2|x"));
  CHECK(edited("each OBX when OBX-3 = 'C' { ZBX-2 <- 'x' }") == with(report, "ZBX|1|local", "ZBX|1|x"));
}

TEST_CASE("groups stand in each other, and each sees those around it", "[mapping][edit][groups]") {
  CHECK(edited("each ORDER_OBSERVATION { each OBSERVATION { OBX-1 <- $index + 1\n OBX-8 <- OBR-2.1 } }") ==
        with(with(report, "||a||||||F", "||a|||P1|||F"), "||b||||||F", "||b|||P2|||F"));
  CHECK(edited("each SPECIMEN { OBR-3.1 <- SPM-2.1.1 }") == with(report, "OBR|2|P2||", "OBR|2|P2|S77|"));
  CHECK(edited("each PATIENT_RESULT { each NTE { NTE-2 <- PID-1 } }") == with(with(report, "NTE|1||of", "NTE|1|1|of"), "NTE|1||early", "NTE|1|1|early"));
  CHECK(edited("delete SPECIMEN") == with(report, "SPM|1|S77\nOBX|1|ST|C||c||||||F\nPRT|2|XX\nZBX|1|local\n", ""));
  CHECK(edited("delete ORDER_OBSERVATION[1]") == with(report, "OBR|1|P1||GLU\nOBX|1|ST|A||a||||||F\nPRT|1|UC\nNTE|1||early\n", ""));
  CHECK(edited("delete OBSERVATION when OBX-3 = 'A' and PRT") == with(report, "OBX|1|ST|A||a||||||F\nPRT|1|UC\nNTE|1||early\n", ""));
}

TEST_CASE("each goes over repetitions of a field too, and over those of each segment", "[mapping][edit][groups]") {
  const auto numbers = with(report, "PID|1", "PID|1||7^^^N~8^^^W~9");
  CHECK(edited("each PID-3 when CX.4 { PID-3.5 <- CX.4.1\n PID-3.1 <- PID-3.1 & '-' & $index }", numbers) == with(numbers, "7^^^N~8^^^W~9", "7-0^^^N^N~8-1^^^W^W~9"));
  CHECK(edited("each PID-3 when $index = 1 { delete PID-3.4 }", numbers) == with(numbers, "8^^^W", "8^^^"));
  CHECK(edited("PID-3[4].1 <- 'new'", numbers) == with(numbers, "~9", "~9~new"));
  CHECK(edited("PID-3 <- PID-3.where(CX.4), PID-3[1]", numbers) == with(numbers, "7^^^N~8^^^W~9", "7^^^N~8^^^W~7^^^N"));
  CHECK(edited("each PID-3 { PID-3 <- CX.1 }", numbers) == with(numbers, "7^^^N~8^^^W~9", "7~8~9"));
  CHECK(edited("each PID-3 when not CX.4 { delete PID-3 }", numbers) == with(numbers, "~9", ""));
  CHECK(edited("each OBX { each OBX-5 { OBX-5 <- OBX-3.1 & OBX-5 } }", with(report, "||a||", "||a~d||")) ==
        with(with(with(report, "||a||", "||Aa~Ad||"), "||b||", "||Bb||"), "||c||", "||Cc||"));
}
