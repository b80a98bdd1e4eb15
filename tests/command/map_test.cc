#include "engine/command/map.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <sstream>

#include "tests/command/maps.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

constexpr std::string_view admission =
    "MSH|^~\\&|LAB|NORTH|||20260102030405+0000||ADT^A01^ADT_A01|1|P|2.5.1\rPID|1||4711^^^NORTH^MR||Berg^Tove||19x0|F||||||||XYZ\r";

struct Mapping {
  MapOptions options{{"small"}, "-", "", "", TOMBOLO_SOURCE_DIR, ""};
  MapsFolder maps;
  std::string out, err;

  int run(std::string_view file, std::string_view message) {
    if (!message.empty()) maps.write(file, message);
    options.input = maps.path(file);
    options.site = maps.path("");
    std::ostringstream to, wrong;
    const int status = map_command(options, to, wrong);
    out = to.str(), err = wrong.str();
    return status;
  }
};

}  // namespace

TEST_CASE("a message becomes a Bundle", "[map]") {
  Mapping mapping;
  CHECK(mapping.run("a.hl7", admission) == 0);
  CHECK_THAT(mapping.out, Catch::StartsWith("{\"resourceType\":\"Bundle\",\"type\":\"message\""));
  CHECK_THAT(mapping.out, Catch::Contains("\"family\":\"Berg\""));
  CHECK(mapping.err.empty());
}

TEST_CASE("explain names for each value its source and its rule, and what went wrong", "[map]") {
  Mapping mapping;
  mapping.options.explain = true;
  CHECK(mapping.run("a.hl7", admission) == 0);
  CHECK_THAT(mapping.out, Catch::Contains("Bundle.entry[0].resource.name[0].family = Berg  <- PID-5.1  "));
  CHECK_THAT(mapping.out, Catch::Contains("small.map:10:5"));
  CHECK_THAT(mapping.out, Catch::Contains("malformed: "));
  CHECK_THAT(mapping.out, Catch::Contains("miss: marital-status  <- PID-16"));
}

TEST_CASE("unmapped names the valued fields that no rule reads", "[map]") {
  Mapping mapping;
  mapping.options.unmapped = true;
  CHECK(mapping.run("a.hl7", admission) == 0);
  CHECK_THAT(mapping.out, Catch::EndsWith("PID-1\nPID-3.4\nPID-3.5\n"));
}

TEST_CASE("a message that cannot be mapped is refused with the reason", "[map]") {
  Mapping mapping;
  CHECK(mapping.run("a.hl7", "nothing of HL7\r") == 1);
  CHECK_THAT(mapping.err, Catch::Contains("expected a message that begins with MSH"));
  CHECK(mapping.run("a.hl7", "MSH|^~\\&|LAB|NORTH|||20260102||SIU^S12^SIU_S12|1|P|2.5.1\r") == 1);
  CHECK_THAT(mapping.err, Catch::Contains("MSH-9: found 'SIU^S12^SIU_S12', and the maps that are loaded have none for SIU_S12"));
  CHECK(mapping.run("a.hl7", "MSH|^~\\&|LAB|NORTH|||20260102||ZZZ^Z99|1|P|2.5.1\r") == 1);
  CHECK_THAT(mapping.err, Catch::Contains("MSH-9: found 'ZZZ^Z99', expected a type of message that HL7 knows, such as ADT^A01"));
  CHECK(mapping.run("a.hl7", "MSH|^~\\&|LAB|NORTH|||20260102|||1|P|2.5.1\r") == 1);
  CHECK_THAT(mapping.err, Catch::Contains("MSH-9: it is empty, expected"));
  CHECK(mapping.run("a.hl7", "MSH|^~\\&|LAB|NORTH|||20260102||Tove Berg|1|P|2.5.1\r") == 1);
  CHECK_THAT(mapping.err, Catch::Contains("MSH-9: it holds other text, expected"));   // no content in an error
  CHECK(mapping.run("a.hl7", std::string(admission) + std::string(admission)) == 1);
  CHECK_THAT(mapping.err, Catch::Contains("holds 2 messages"));
  CHECK(mapping.out.empty());
}

TEST_CASE("maps that are not there are an error", "[map]") {
  Mapping mapping;
  mapping.options.layers = {"smal"};
  CHECK(mapping.run("a.hl7", admission) == 1);
  CHECK_THAT(mapping.err, Catch::Contains("no map files are called 'smal'"));
}

TEST_CASE("a folder of messages becomes a folder of Bundles; a bad one does not stop the others", "[map]") {
  Mapping mapping;
  mapping.maps.write("in/a.hl7", admission);
  mapping.maps.write("in/b.hl7", "nothing of HL7\r");
  mapping.maps.write("in/c.hl7", admission);
  CHECK(mapping.run("in", "") == 2);
  CHECK_THAT(mapping.err, Catch::Contains("-o OUT"));
  mapping.options.out = mapping.maps.path("out");
  CHECK(mapping.run("in", "") == 1);
  CHECK_THAT(mapping.err, Catch::Contains("b.hl7"));
  CHECK(std::filesystem::exists(mapping.maps.path("out/a.json")));
  CHECK_FALSE(std::filesystem::exists(mapping.maps.path("out/b.json")));
  CHECK(mapping.maps.read("out/a.json") == mapping.maps.read("out/c.json"));
}

TEST_CASE("a zone that nobody knows is wrong usage", "[map]") {
  Mapping mapping;
  mapping.options.zone = "there";
  CHECK(mapping.run("a.hl7", admission) == 2);
}
