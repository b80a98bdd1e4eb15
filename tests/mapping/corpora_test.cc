// Every message of an outside folder becomes a Bundle that follows R4's structure. Runs where TOMBOLO_CORPORA names the folder.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/canonical/check.h"
#include "tests/mapping/fixture.h"

using namespace tombolo;

TEST_CASE("each message of the corpora becomes a sound Bundle, the same each time", "[mapping][corpora]") {
  const char* const folder = std::getenv("TOMBOLO_CORPORA");
  if (folder == nullptr) return;
  const test::Site site("", {"hl7v2-to-fhir"});
  const auto& s = test::Standards::get();
  const auto format = hl7v2_format(s.dictionary);
  for (const auto& file : std::filesystem::directory_iterator(std::filesystem::path(folder) / "v2" / "messages")) {
    std::ifstream in(file.path(), std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    INFO(file.path().filename().string());
    std::string first;
    for (int turn = 0; turn < 2; ++turn) {
      Arena source_arena, arena;
      Tree source(source_arena), out(arena);
      std::vector<Complaint> complaints;
      if (!format->parse(bytes, {}, source, complaints)) break;
      const auto* const map = site.maps->for_message(source);
      if (map == nullptr) break;
      RunReport report;
      RunInputs inputs;
      inputs.watch = turn == 1;
      REQUIRE(site.maps->run(*map, source, inputs, out, report));
      for (const auto& problem : check(out, s.schema)) {
        INFO(problem.path << ": " << problem.text);
        CHECK(false);
      }
      const auto json = print_fhir(out, s.schema);
      if (turn == 1) CHECK(json == first);
      first = json;
    }
  }
}
