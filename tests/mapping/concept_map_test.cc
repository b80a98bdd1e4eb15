#include "engine/mapping/compiler/concept_map.h"

#include <catch2/catch.hpp>

using namespace tombolo;

namespace {

struct Reading {
  explicit Reading(std::string_view text) { mapping::read_concept_map(File{"wards.json", "wards.json", text}, table, found); }
  CodeTable table;
  Diagnostics found;
};

}  // namespace

TEST_CASE("a ConceptMap is a table: codes, the target's system, its display", "[codes]") {
  const Reading r(R"({"resourceType":"ConceptMap","status":"active","group":[
    {"source":"urn:north","target":"http://house.example/wards","element":[
      {"code":"W1","target":[{"code":"x","equivalence":"unmatched"},{"code":"surgery","display":"Surgery","equivalence":"wider"}]},
      {"code":"W2","target":[{"equivalence":"unmatched"}]},
      {"code":"W3"}]},
    {"target":"http://house.example/rooms","element":[{"code":"R1","target":[{"code":"room-1","equivalence":"equal"}]}],"unmapped":{"mode":"provided"}}]})");
  CHECK(r.found.print() == "");
  REQUIRE(r.table.find("W1") != 0);
  const CodeRow& row = r.table.row(r.table.find("W1"));
  CHECK(row.code == "surgery");
  CHECK(row.system == "http://house.example/wards");
  CHECK(row.display == "Surgery");
  CHECK(text(r.table.place(r.table.find("W1"))) == "wards.json:3:1");
  CHECK(r.table.row(r.table.find("R1")).system == "http://house.example/rooms");
  CHECK(r.table.find("W2") == 0);
  CHECK(r.table.find("W3") == 0);
}

TEST_CASE("a ConceptMap that is none, or that a table cannot hold, is refused with its place", "[codes]") {
  const auto first = [](std::string_view text) {
    const Reading r(text);
    const auto& one = r.found.list().at(0);
    return tombolo::text(one.place) + ": " + one.text;
  };
  CHECK(first("{\"resourceType\":\"ConceptMap\",\n \"group\":[{]}") == "wards.json:2:12: Missing a name for object member.");
  CHECK(first(R"({"resourceType":"ValueSet"})") == "wards.json:1:1: expected a ConceptMap");
  CHECK(first(R"({"resourceType":"ConceptMap","group":[{"element":[{"target":[]}]}]})") == "wards.json:1:51: expected a code");
  CHECK(first(R"({"resourceType":"ConceptMap","group":[{"element":[{"code":"a","target":[{"code":"b","dependsOn":[{}]}]}]}]})").find("no conditions") != std::string::npos);
  CHECK(first(R"({"resourceType":"ConceptMap","group":[{"element":[{"code":"a","target":[{"code":"b"}]},{"code":"a","target":[{"code":"c"}]}]}]})") ==
        "wards.json:1:88: a is translated already in line 1");
  CHECK(first(R"({"resourceType":"ConceptMap","group":[{"element":[],"unmapped":{"mode":"fixed","code":"x"}}]})").find("codes that it does not have") != std::string::npos);
}
