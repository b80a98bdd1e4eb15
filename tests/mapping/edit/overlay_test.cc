// A site's layer changes the edits of the layers below it.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/mapping/edit/fixture.h"

using namespace tombolo;
using test::EditSite;

namespace {

const std::string head = "MSH|^~\\&|OLD|HOUSE|REGISTRY|X|20260310094500+0000||";
const std::string admission = head + "ADT^A01^ADT_A01|M1|P|2.5.1\n"
                                     "EVN|A01|20260310094500+0000\n"
                                     "PID|1||700^^^NORTH^MR||Specimen^Nils||19511103|M\n"
                                     "ZPI|local\n"
                                     "PV1|1|I|W1\n"
                                     "OBX|1|ST|A||x||||||F\n"
                                     "OBX|2|ST|B||y||||||D\n";

// What the country's edit does, line by line.
const std::string country =
    "edit ADT_A01, ADT_A03\n"
    "  MSH-5   <- 'LAB'\n"
    "  PID-3.4 <- PID-3.4 via assigners\n"
    "  PID-8   <- 'U' when PID-8 = 'M'\n"
    "  PID-8   <- PV1-2 when PV1-2 = 'O'\n"
    "  delete ZPI\n"
    "  delete OBX when OBX-11 = 'D'\n"
    "  add NTE after PID { NTE-3 <- 'from the old system' }\n"
    "  each OBX when OBX-2 = 'ST' {\n"
    "    OBX-8  <- 'checked'\n"
    "    OBX-13 <- 'x'\n"
    "  }\n"
    "edit * called masked\n"
    "  PID-5 <- 'masked'\n";

std::string with(std::string text, std::string_view old, std::string_view now) {
  const auto at = text.find(old);
  REQUIRE(at != std::string::npos);
  return text.replace(at, old.size(), now);
}

std::string edited(const std::string& overlay, std::string_view name = {}) {
  EditSite site(country, overlay);
  INFO(site.faults());
  REQUIRE(!site.diagnostics.failed());
  return site.run(admission, name);
}

// What the country's edit makes of the admission, and the overlay after it.
const std::string base = [] {
  auto text = EditSite(country).run(admission);
  return text;
}();

std::string faults(const std::string& overlay) { return EditSite(country, overlay).faults(); }

}  // namespace

TEST_CASE("a later layer takes out rules, deletions and additions of an edit", "[mapping][edit][overlay]") {
  CHECK(base.find("|LAB|") != std::string::npos);
  CHECK(edited("extend edit ADT_A01\n  remove MSH-5\n") == with(base, "|LAB|", "|REGISTRY|"));
  CHECK(edited("extend edit ADT_A01\n  remove PID-8 <- 'U'\n") == with(base, "|19511103|U", "|19511103|M"));
  CHECK(edited("extend edit ADT_A01\n  remove delete ZPI\n") == with(base, "PV1|", "ZPI|local\nPV1|"));
  CHECK(edited("extend edit ADT_A01\n  remove delete OBX when OBX-11 = 'D'\n") == base + "OBX|2|ST|B||y|||checked|||D||x\n");
  CHECK(edited("extend edit ADT_A01\n  remove add NTE\n") == with(base, "NTE|||from the old system\n", ""));
  CHECK(edited("extend edit ADT_A01\n  remove add NTE after PID\n") == edited("extend edit ADT_A01\n  remove add NTE\n"));
  CHECK(edited("extend edit ADT_A01\n  remove each OBX\n") == with(base, "|checked|||F||x", "||||F"));
}

TEST_CASE("replace stands where the first of the statements it is about stood", "[mapping][edit][overlay]") {
  CHECK(edited("extend edit ADT_A01\n  replace MSH-5 <- 'NORTH LAB'\n") == with(base, "|LAB|", "|NORTH LAB|"));
  CHECK(edited("extend edit ADT_A01\n  replace delete OBX when OBX-11 = 'F'\n") ==
        with(base, "OBX|1|ST|A||x|||checked|||F||x", "OBX|2|ST|B||y|||checked|||D||x"));
  CHECK(edited("extend edit ADT_A01\n  replace add NTE after PID { NTE-3 <- 'new' }\n") == with(base, "from the old system", "new"));
  CHECK(edited("extend edit ADT_A01\n  replace each OBX { OBX-8 <- 'all' }\n") == with(base, "|checked|||F||x", "|all|||F"));
  // PID-8 has two rules: this one stands for both, and behind it the deletion still runs
  CHECK(edited("extend edit ADT_A01\n  replace PID-8 <- 'F'\n") == with(base, "|19511103|U", "|19511103|F"));
  const EditSite once(country, "extend edit ADT_A01\n  replace PID-8 <- 'F'\n  remove PID-8\n");
  CHECK(!once.diagnostics.failed());
}

TEST_CASE("new statements run after those of the layers below, in a block with the same head too", "[mapping][edit][overlay]") {
  CHECK(edited("extend edit ADT_A01\n  MSH-5 <- 'SITE'\n  PID-4 <- '9'\n") == with(with(base, "|LAB|", "|SITE|"), "NTH^MR||", "NTH^MR|9|"));
  CHECK(edited("extend edit ADT_A01\n  each OBX when OBX-2 = 'ST' { OBX-8 <- 'twice' }\n") == with(base, "|checked|", "|twice|"));
  CHECK(edited("extend edit ADT_A01\n  each OBX when OBX-2 = 'ST' {\n    remove OBX-13\n    replace OBX-8 <- 'z'\n  }\n") ==
        with(base, "|checked|||F||x", "|z|||F"));
  CHECK(edited("extend edit ADT_A01\n  if PV1-2 = 'I' { PV1-3 <- 'W2' }\n  move NTE after PV1\n  add NTE after PV1 { NTE-1 <- '2' }\n") ==
        with(with(base, "NTE|||from the old system\n", ""), "PV1|1|I|W1\n", "PV1|1|I|W2\nNTE|||from the old system\nNTE|2\n"));
}

TEST_CASE("moves, copies and lets are replaced and removed too", "[mapping][edit][overlay]") {
  const std::string moving = "edit ADT_A01\n  let ward = PV1-3.1.1\n  move ZPI after PV1\n  copy OBX[1] after OBX\n  PID-4 <- %ward\n";
  const auto run = [&](const std::string& overlay) {
    EditSite site(moving, overlay);
    INFO(site.faults());
    REQUIRE(!site.diagnostics.failed());
    return site.run(admission);
  };
  const auto all = EditSite(moving).run(admission);
  CHECK(run("extend edit ADT_A01\n  replace move ZPI before EVN\n") == with(with(all, "ZPI|local\n", ""), "EVN|", "ZPI|local\nEVN|"));
  CHECK(run("extend edit ADT_A01\n  remove move ZPI\n") == with(with(all, "ZPI|local\n", ""), "PV1|", "ZPI|local\nPV1|"));
  CHECK(run("extend edit ADT_A01\n  remove copy OBX[1] after OBX\n") + "OBX|1|ST|A||x||||||F\n" == all);
  CHECK(run("extend edit ADT_A01\n  replace let ward = PV1-1\n") == with(all, "^MR|W1|", "^MR|1|"));
  CHECK(EditSite(moving, "extend edit ADT_A01\n  remove let ward\n").diagnostics.failed());
}

TEST_CASE("an overlay is about the structures and the name that it says", "[mapping][edit][overlay]") {
  EditSite site(country, "extend edit ADT_A03\n  remove MSH-5\nextend edit * called masked\n  replace PID-5 <- 'nobody'\n");
  REQUIRE(!site.diagnostics.failed());
  CHECK(site.run(admission) == base);
  const auto discharge = with(with(admission, "ADT^A01^ADT_A01", "ADT^A03^ADT_A03"), "EVN|A01", "EVN|A03");
  CHECK(site.run(discharge) == with(with(with(base, "ADT^A01^ADT_A01", "ADT^A03^ADT_A03"), "EVN|A01", "EVN|A03"), "|LAB|", "|REGISTRY|"));
  CHECK(site.run(admission, "masked") == with(admission, "Specimen^Nils", "nobody"));
}

TEST_CASE("where several edits are about a structure, all of them are changed", "[mapping][edit][overlay]") {
  EditSite site("edit ADT_A01\n  MSH-5 <- 'A'\nedit ADT_A01\n  MSH-5 <- 'B'\n  MSH-6 <- 'C'\n", "extend edit ADT_A01\n  remove MSH-5\n  MSH-6 <- MSH-6 & '!'\n");
  REQUIRE(!site.diagnostics.failed());
  CHECK(site.run(admission) == with(admission, "REGISTRY|X", "REGISTRY|C!"));
}

TEST_CASE("each change is told with the file and the line that it stands in", "[mapping][edit][overlay]") {
  EditSite site(country, "extend edit ADT_A01\n  replace MSH-5 <- 'NORTH LAB'\n  PID-4 <- '9'\n");
  site.run(admission);
  const auto rule_of = [&](std::string_view place) {
    const auto found = std::find_if(site.report.changes.begin(), site.report.changes.end(), [&](const auto& c) { return c.place == place; });
    return found == site.report.changes.end() ? std::string() : site.edits->rule(found->rule);
  };
  CHECK(rule_of("MSH-5").ends_with("later.map:2:3"));
  CHECK(rule_of("PID-4").ends_with("later.map:3:3"));
  CHECK(rule_of("ZPI").ends_with("site.map:6:3"));
}

TEST_CASE("an overlay that meets nothing is an error, so that no upgrade passes unseen", "[mapping][edit][overlay]") {
  CHECK(faults("extend edit ADT_A04\n  MSH-5 <- 'x'\n") == "1:13: there is no edit ADT_A04 to extend: did you mean 'ADT_A01'?\n");
  CHECK(faults("extend edit ADT_A01 called maskd\n  MSH-5 <- 'x'\n") == "1:13: there is no edit ADT_A01 called maskd to extend\n");
  CHECK(faults("extend edit ADT_A01\n  remove MSH-6\n") == "2:3: remove meets nothing: the edit ADT_A01 has no `MSH-6`: did you mean 'MSH-5'?\n");
  CHECK(faults("extend edit ADT_A01, ADT_A03\n  remove PID-8 <- PID-9\n") ==
        "2:3: remove meets nothing: the edit ADT_A01 has no `PID-8` that reads PID-9\n"
        "2:3: remove meets nothing: the edit ADT_A03 has no `PID-8` that reads PID-9\n");
  CHECK(faults("extend edit ADT_A01\n  remove delete ZPX\n") == "2:3: remove meets nothing: the edit ADT_A01 has no `delete ZPX`: did you mean 'delete ZPI'?\n");
  CHECK(faults("extend edit ADT_A01\n  remove delete OBX when OBX-11 = 'F'\n") ==
        "2:3: remove meets nothing: the edit ADT_A01 has no `delete OBX` as it is said here\n");
  CHECK(faults("extend edit ADT_A01\n  replace add NTE before PID { NTE-3 <- 'x' }\n") ==
        "2:3: replace meets nothing: the edit ADT_A01 has no `add NTE` as it is said here\n");
  CHECK(faults("extend edit ADT_A01\n  each OBX { remove OBX-8 }\n") == "2:14: the edit ADT_A01 has no `each OBX` with this condition to change\n");
  CHECK(faults("extend edit ADT_A01\n  remove\n").find("2:") == 0);
  CHECK(faults("extend edit ADT_A01\n  remove MSH-6\n  remove MSH-7\n  PID-99 <- 'x'\n").find("PID has the fields 1 to 40") != std::string::npos);
  CHECK(EditSite("edit ADT_A01\n  remove PID-8\n").faults().find("2:") == 0);
}
