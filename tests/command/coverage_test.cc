#include "engine/command/coverage.h"

#include <catch2/catch.hpp>

#include <sstream>

#include "engine/base/arena.h"
#include "engine/formats/json/json.h"
#include "tests/command/maps.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

constexpr std::string_view messages =
    "MSH|^~\\&|LAB|NORTH|||20260102030405+0000||ADT^A01^ADT_A01|1|P|2.5.1\r"
    "PID|1||4711^^^NORTH^MR||Berg^Tove~Lind^Tove||19x0|F||||||||SECRET\rPV1|1|I|W3\r"
    "MSH|^~\\&|LAB|NORTH|||20260102030405+0000||ADT^A01^ADT_A01|2|P|2.5.1\r"
    "PID|1||4712^^^NORTH^MR||Holm^Nils||19610101|Q||||||||M|||||||||||||20260101|Y\r"
    "MSH|^~\\&|LAB|NORTH|||20260102030405+0000||SIU^S12^SIU_S12|3|P|2.5.1\r";

struct Covered {
  explicit Covered(bool json = false) {
    maps.write("messages/feed.hl7", messages);
    CoverageOptions options;
    options.path = maps.path("messages");
    options.layers = {"small"};
    options.site = maps.path("");
    options.shipped = TOMBOLO_SOURCE_DIR;
    options.json = json;
    std::ostringstream to;
    status = coverage_command(options, to, err);
    out = to.str();
  }
  MapsFolder maps;
  std::ostringstream err;
  std::string out;
  int status = -1;
};

}  // namespace

TEST_CASE("coverage tells what became of each field", "[coverage]") {
  const Covered covered(true);
  REQUIRE(covered.status == 0);
  Arena arena;
  Tree tree(arena);
  REQUIRE(parse_json(covered.out, tree));
  const auto number = [&](std::string_view field, std::string_view what) {
    for (NodeId at = tree.child(tree.root(), "fields"); at != no_node; at = tree.next_same(at))
      if (tree[tree.child(at, "field")].value() == field) return std::string(tree[tree.child(at, what)].value());
    return std::string("no such field");
  };
  CHECK(number("PID-5", "messages") == "2");
  CHECK(number("PID-5", "valued") == "3");
  CHECK(number("PID-5", "written") == "6");
  CHECK(number("PID-7", "written") == "1");
  CHECK(number("PID-7", "passed over") == "1");  // 19x0: read, and no date
  CHECK(number("PID-29", "decided on") == "1");
  CHECK(number("PID-3", "not mapped") == "4");
  CHECK(number("PV1-3", "decided on") == "1");   // looked for, and not there
  CHECK(number("PID-1", "not mapped") == "2");
  CHECK(tree[tree.child(tree.root(), "messages")].value() == "3");
  CHECK(tree[tree.child(tree.root(), "mapped")].value() == "2");
}

TEST_CASE("coverage names the codes that their table does not have, and no other value", "[coverage]") {
  const Covered covered;
  CHECK(covered.status == 0);
  CHECK_THAT(covered.out, Catch::Contains("marital-status  SECRET  1 times, PID-16"));
  CHECK_THAT(covered.out, Catch::Contains("administrative-sex  Q  1 times, PID-8"));
  CHECK_THAT(covered.out, Catch::Contains("malformed PID-7  1 times"));
  CHECK_THAT(covered.out, Catch::Contains("2 of 3 messages in 1 files were mapped"));
  CHECK_THAT(covered.out, Catch::Contains("and the maps that are loaded have none for "));
  CHECK_THAT(covered.out, Catch::Contains("small.map:22:3: never fired"));
  for (const auto* value : {"Berg", "Tove", "4711", "19x0", "1961", "Holm"}) CHECK_THAT(covered.out, !Catch::Contains(value));
}

TEST_CASE("coverage of an edit tells what it changed, where and by which rule, and no value", "[coverage][edit]") {
  MapsFolder maps("edit ADT_A01\n  PID-8 <- PID-8 via administrative-sex\n  move PV1 after NK1\n  delete PID-16\n");
  maps.write("mappings/north.map", "extend edit ADT_A01\n  replace move PV1 after PID\n");
  maps.write("messages/feed.hl7", messages);
  CoverageOptions options;
  options.path = maps.path("messages");
  options.edit = "small";
  options.site = maps.path("");
  options.shipped = TOMBOLO_SOURCE_DIR;
  std::ostringstream out, err;
  CHECK(coverage_command(options, out, err) == 0);
  CHECK_THAT(out.str(), Catch::Contains("2 of 3 messages in 1 files were edited"));
  CHECK_THAT(out.str(), Catch::Contains("there is no edit for a message of this structure"));
  CHECK_THAT(out.str(), Catch::Contains("PID-8  written           1  "));
  CHECK_THAT(out.str(), Catch::Contains("PID-16  deleted          2  "));
  CHECK_THAT(out.str(), Catch::Contains("administrative-sex  Q  1 times, PID-8"));
  CHECK_THAT(out.str(), Catch::Contains("small.map:3:3: never fired"));
  for (const auto* value : {"Berg", "Tove", "4711", "SECRET", "Holm"}) CHECK_THAT(out.str(), !Catch::Contains(value));

  options.layers = {"north"};
  out.str("");
  CHECK(coverage_command(options, out, err) == 0);
  CHECK_THAT(out.str(), Catch::Contains("north.map:2:3: never fired"));  // PV1 stands there already
  CHECK_THAT(out.str(), Catch::Contains("PID-8  written           1  "));
}
