#include "engine/command/edit.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <sstream>

#include "tests/support/temp.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

const std::string admission =
    "MSH|^~\\&|ADT|NORTH|T|H|20260102030405||ADT^A01^ADT_A01|1|P|2.5.1\r"
    "PID|1||4711^^^NORTH^MR||Berg^Tove||19500101|F\r"
    "ZPI|x\r"
    "PV1|1|I\r";

struct Editing {
  Editing() {
    write_file(folder / "mappings/lab.map",
               "edit ADT_A01\n  MSH-5 <- 'LAB'\n  PID-3.4 <- PID-3.4 via assigners\n  delete ZPI\n  PID-8 <- ''\n"
               "edit * called other\n  MSH-3 <- 'OTHER'\n");
    write_file(folder / "tables/assigners.csv", "source_code,target_system,target_code,target_display\nEAST,,E,\n");
    options.site = folder.path().string();
    options.shipped = TOMBOLO_SOURCE_DIR;
    options.layers = {"lab"};
  }
  int run(const std::string& message) {
    write_file(folder / "a.hl7", message);
    options.input = (folder / "a.hl7").string();
    return again();
  }
  int again() {
    std::ostringstream to, wrong;
    const int status = edit_command(options, to, wrong);
    out = to.str(), err = wrong.str();
    return status;
  }
  TempFolder folder;
  EditOptions options;
  std::string out, err;
};

std::string with(std::string text, std::string_view old, std::string_view now) { return text.replace(text.find(old), old.size(), now); }

std::string lab(const std::string& message) { return with(with(with(message, "|T|", "|LAB|"), "ZPI|x\r", ""), "|F\r", "|\r"); }

}  // namespace

TEST_CASE("edit prints the changed message, byte for byte", "[edit]") {
  Editing editing;
  CHECK(editing.run(admission) == 0);
  CHECK(editing.out == lab(admission));
  CHECK(editing.err.empty());
  editing.options.name = "other";
  CHECK(editing.run(admission) == 0);
  CHECK(editing.out == with(admission, "|ADT|", "|OTHER|"));
}

TEST_CASE("each message of a batch is changed in its place", "[edit]") {
  Editing editing;
  const auto batch = "FHS|^~\\&\rBHS|^~\\&\r" + admission + "\n\n" + admission + "BTS|2\rFTS|1\r";
  CHECK(editing.run(batch) == 0);
  CHECK(editing.out == "FHS|^~\\&\rBHS|^~\\&\r" + lab(admission) + "\n\n" + lab(admission) + "BTS|2\rFTS|1\r");
}

TEST_CASE("explain tells place, before, after and rule, and what was missed", "[edit]") {
  Editing editing;
  editing.options.explain = true;
  CHECK(editing.run(admission) == 0);
  const auto map = (editing.folder / "mappings/lab.map").string();
  CHECK(editing.out == "MSH-5  T → LAB  " + map + ":2:3\n" +
                           "ZPI  → deleted  " + map + ":4:3\n" +
                           "PID-8  F → deleted  " + map + ":5:3\n" +
                           "miss PID-3.4: assigners has no such code  " + map + ":3:3\n");
}

TEST_CASE("explain tells what moved and what was copied, and next to what", "[edit]") {
  Editing editing;
  editing.options.explain = true;
  write_file(editing.folder / "mappings/lab.map", "edit ADT_A01\n  move ZPI after PV1\n  copy ZPI before PID { ZPI-1 <- 'y' }\nsegment ZPI\n  1 kind ID\n");
  CHECK(editing.run(admission) == 0);
  const auto map = (editing.folder / "mappings/lab.map").string();
  CHECK(editing.out == "ZPI  → moved after PV1  " + map + ":2:3\n" +
                           "ZPI  → copied before PID  " + map + ":3:3\n" +
                           "ZPI[1]-1  x → y  " + map + ":3:25\n");
}

TEST_CASE("a folder of messages becomes a folder of edited ones; what cannot be edited stops nothing", "[edit]") {
  Editing editing;
  write_file(editing.folder / "in/a.hl7", admission);
  write_file(editing.folder / "in/b.hl7", with(admission, "ADT^A01^ADT_A01", "ORU^R01^ORU_R01"));
  editing.options.input = (editing.folder / "in").string();
  CHECK(editing.again() == 2);
  editing.options.out = (editing.folder / "out").string();
  CHECK(editing.again() == 1);
  CHECK(read_file(editing.folder / "out/a.hl7") == lab(admission));
  CHECK_THAT(editing.err, Catch::Contains("b.hl7: MSH-9: there is no edit for a message of this structure"));
}

TEST_CASE("edit says what is wrong with an edit, or with its name", "[edit]") {
  Editing editing;
  editing.options.name = "othr";
  CHECK(editing.run(admission) == 2);
  CHECK_THAT(editing.err, Catch::Contains("lab has no edit called 'othr': did you mean 'other'?"));
  editing.options.name = "";
  write_file(editing.folder / "mappings/lab.map", "edit ADT_A01\n  PID-99 <- 'x'\n");
  CHECK(editing.run(admission) == 1);
  CHECK_THAT(editing.err, Catch::Contains("lab.map:2:3: error: PID has the fields 1 to 40, no 99"));
}
