#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/mapping/edit/fixture.h"

using namespace tombolo;
using test::EditSite;

namespace {

// What is said about statements of `edit ADT_A01`; places count from its second line.
std::string faults(const std::string& statements, const std::string& structure = "ADT_A01") {
  return EditSite("edit " + structure + "\n" + statements + "\n").faults();
}

}  // namespace

TEST_CASE("an edit's addresses exist in its structure, on both sides", "[mapping][edit]") {
  CHECK(faults("PID-40 <- 'x'") == "");
  CHECK(faults("PID-99 <- 'x'") == "2:1: PID has the fields 1 to 40, no 99\n");
  CHECK(faults("PID-3.40 <- 'x'") == "2:1: CX has the components 1 to 12, no 40\n");
  CHECK(faults("PID-1.2 <- 'x'") == "2:1: SI has no components\n");
  CHECK(faults("PIF-3 <- 'x'") == "2:1: ADT_A01 has no PIF: did you mean 'PID'?\n");
  CHECK(faults("OBR-3 <- 'x'") == "2:1: ADT_A01 has no OBR\n");
  CHECK(faults("PID-8 <- PIT-8") == "2:10: no segment, group or data type is called 'PIT': did you mean 'PID'?\n");
  CHECK(faults("PID-8 <- PID-99").find("2:10: ") == 0);
  CHECK(faults("PID-8 <- 'x' when PID-99").find("2:19: ") == 0);
  CHECK(faults("delete PIX") == "2:8: ADT_A01 has no PIX: did you mean 'PID'?\n");
  CHECK(faults("delete OBX-99") == "2:8: OBX has the fields 1 to 30, no 99\n");
  CHECK(faults("each PV3 { PV1-2 <- 'x' }") == "2:6: ADT_A01 has no PV3: did you mean 'PV1'?\n");
  CHECK(faults("ZPI-2 <- 'x'") == "2:1: declare the fields of ZPI: segment ZPI …\n");
  CHECK(faults("PID-8 <- 'x' when ZPI") == "2:19: declare the fields of ZPI: segment ZPI …\n");
  CHECK(faults("PROCEDURE-2 <- 'x'").find("2:1: ") == 0);
  CHECK(faults("PID <- 'x'") == "2:1: PID is no field: a rule writes to a field or a part of it, such as PID-1\n");
  CHECK(faults("name <- 'x'") == "2:1: expected an HL7 address, such as PID-3.4, found 'name'\n");
  CHECK(faults("MSH-2 <- '^~\\\\&'") == "2:1: MSH-1 and MSH-2 are the delimiters of the message: they stay\n");
}

TEST_CASE("declared segments have fields", "[mapping][edit]") {
  EditSite site("segment ZPI after PID\n  1 kind ID\n  2 bed PL\nedit ADT_A01\nZPI-2.1 <- ZPI-1\nadd ZPI after PV1 { ZPI-1 <- 'x' }\nZPI-3 <- 'y'\n");
  CHECK(site.faults() == "7:1: ZPI has the fields 1 to 2, no 3\n");
}

TEST_CASE("structures are those of the dictionary", "[mapping][edit]") {
  CHECK(faults("PID-8 <- 'F'", "ADT_A00").find("1:6: HL7 v2 has no message structure 'ADT_A00': did you mean 'ADT_A0") == 0);
  CHECK(faults("OBX-11 <- 'F'", "ORU_R01, ADT_A01") == "");
  CHECK(faults("OBR-4 <- 'F'", "ORU_R01, ADT_A01") == "2:1: ADT_A01 has no OBR\n");
  CHECK(faults("OBR-4 <- 'F'\nPIF-2 <- 'x'", "*") == "3:1: no segment is called 'PIF': did you mean 'PID'?\n");
}

TEST_CASE("a new segment stands where the structure has a place for it", "[mapping][edit]") {
  CHECK(faults("add PV2 after PV1 when not PV2 { PV2-1 <- 'x' }") == "");
  CHECK(faults("add PV2 after PV1 { PV2-1 <- 'x' }") == "2:5: PV2 does not repeat there: say `when not PV2`\n");
  CHECK(faults("delete PV2\nadd PV2 after PV1 { PV2-1 <- 'x' }") == "");
  CHECK(faults("add PR1 after DG1 { PR1-1 <- '1' }") == "2:5: PR1 does not repeat there: say `when not PR1`\n");
  CHECK(faults("add PID after OBX { PID-1 <- '1' }") == "2:5: PID cannot stand after OBX in ADT_A01; it stands after EVN\n");
  CHECK(faults("add DG1 before PV1 { DG1-1 <- '1' }") == "2:5: DG1 cannot stand before PV1 in ADT_A01; it stands after AL1\n");
  CHECK(faults("add OBR after PID { OBR-1 <- '1' }") == "2:5: ADT_A01 has no OBR\n");
  CHECK(faults("add ZPI after PID { }") == "2:5: declare the fields of ZPI: segment ZPI …\n");
  CHECK(faults("add QQQ after PID { }").find("2:5: no segment is called 'QQQ'") == 0);
  CHECK(faults("add NTE after PROCEDURE { }") == "2:15: expected a segment to stand next to, found PROCEDURE\n");
  CHECK(faults("add NTE before MSH { }") == "2:16: nothing stands before MSH\n");
  CHECK(faults("add OBR after PID when not OBR { OBR-1 <- '1' }", "ORU_R01").find("error") == std::string::npos);
}

TEST_CASE("tables exist, and values fit", "[mapping][edit]") {
  CHECK(faults("PID-3.4 <- PID-3.4 via asigners") == "2:24: there is no code table 'asigners': did you mean 'assigners'?\n");
  CHECK(faults("PID-8 <- PID-5[1]") == "2:10: PID-5[1] is a XPN, PID-8 a CWE: name a component, such as PID-5[1].1\n");
  CHECK(faults("PID-7 <- 'yesterday'") == "2:10: PID-7 is a DTM: expected a time, such as 20260131 or 20260131094500\n");
  CHECK(faults("PID-7 <- '19510102'\nPID-7 <- '1951-01-02'\nPID-7 <- ''\nPID-7 <- '\"\"'") == "");
  CHECK(faults("OBX-1 <- 'one'") == "2:10: OBX-1 is a SI: expected a number\n");
  CHECK(faults("PID-8 <- PV1") == "2:10: PV1 is no value: name a field, as in PV1-1\n");
  CHECK(faults("PID-8 <- PID-3.1") == "2:10: PID-3.1 may be several values, and PID-8 takes one: say first()\n");
  CHECK(faults("PID-8 <- PID-8 as code") == "2:19: an edit writes values as they are: there is no `as`\n");
  CHECK(faults("PID-8 <- PID-8 with a = 'x'") == "2:21: an edit calls no maps: there is no `with`\n");
  CHECK(faults("PID-8 <- PID-8 on error keep text") == "2:10: of an edit `on error` can be 'drop', 'try next' or 'fail'\n");
  CHECK(faults("PID-8 <- find(Patient, PID-3)").find("2:10: ") == 0);
}

TEST_CASE("what can never do anything is an error", "[mapping][edit]") {
  CHECK(faults("delete PDA\nPID-8 <- 'x' when PDA") == "3:19: PDA was deleted in line 2: nothing is there any more\n");
  CHECK(faults("delete PV2\nPV2-3 <- 'x'") == "3:1: PV2 was deleted in line 2: nothing is there any more\n");
  CHECK(faults("delete PID-19\nPID-3 <- PID-19") == "3:10: PID-19 was deleted in line 2: nothing is there any more\n");
  CHECK(faults("delete PID-19\nPID-19 <- 'x'\nPID-4 <- PID-19") == "");
  CHECK(faults("delete PROCEDURE\neach PR1 { PR1-1 <- '1' }") == "3:6: PR1 was deleted in line 2: nothing is there any more\n");
  CHECK(faults("delete PDA when PID-8 = 'M'\nPID-4 <- PID-3 when PDA") == "");
  CHECK(faults("PID-8 <- 'x' else PID-15") == "2:19: this can never be used: the alternative before it always gives a value\n");
}

TEST_CASE("what a message needs stays in it", "[mapping][edit]") {
  CHECK(faults("delete MSH") == "2:8: a message begins with its MSH: it cannot be deleted\n");
  CHECK(faults("delete MSH-10") == "2:8: MSH-10 is needed in every message: it cannot be deleted\n");
  CHECK(faults("delete PID") == "2:8: ADT_A01 requires PID\n");
  CHECK(faults("delete OBX when OBX-11 = 'D'", "ORU_R01").find("begins the group") != std::string::npos);
}

TEST_CASE("an edit knows its own statements only", "[mapping][edit]") {
  CHECK(faults("entry p: Patient <- PID").find("2:1: this belongs into a map") == 0);
  CHECK(faults("include PID as X").find("2:1: this belongs into a map") == 0);
  CHECK(EditSite("map PID to Patient\n  delete PID\n").faults() == "2:10: expected '<-' or '{', found 'PID'\n");
  CHECK(faults("add NTE PID { }") == "2:9: expected 'after' or 'before' and a segment, found 'PID'\n");
  CHECK(faults("delete PID-8 via assigners") == "2:18: `via` belongs to a rule\n");
  CHECK(faults("each OBX on miss fail { OBX-8 <- 'x' }") == "2:6: `on …` belongs to a rule\n");
  CHECK(faults("if PID-8 when PID-7 { PID-8 <- 'F' }") == "2:15: a condition has no condition: say `and`\n");
  CHECK(faults("delete") == "2:7: expected '<-' or '{', but the line ends\n");
  CHECK(EditSite("edit\n  PID-8 <- 'F'\n").faults().find("1:1: expected 'map', 'extend', 'edit'") == 0);
  CHECK(EditSite("edit ADT_A01,\n  PID-8 <- 'F'\n").faults() != "");
}

TEST_CASE("all faults of an edit are found in one go", "[mapping][edit]") {
  const auto all = faults("PID-99 <- 'x'\nPID-8 <- PID-8 via nothing\ndelete PIX\nadd OBR after PID { OBR-99 <- '1' }\nif PID-98 { PID-7 <- 'x' }");
  CHECK(std::count(all.begin(), all.end(), '\n') == 7);
}
