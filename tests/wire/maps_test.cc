// The real binary over folders of maps with tests beside them, and the script that mutates them.
#include <catch2/catch.hpp>

#include <filesystem>

#include "engine/base/library.h"
#include "tests/command/maps.h"
#include "tests/support/engine.h"

using namespace tombolo::test;

namespace {

constexpr std::string_view two_tests =
    "tests:\n"
    "  - test: a name\n"
    "    segments: PID|1||4711||Berg^Tove\n"
    "    expect: [Patient.name.family = 'Berg', Patient.name.given = 'Tove']\n"
    "  - test: a day of birth\n"
    "    segments: PID|1||4711||Berg||19500101\n"
    "    expect: [Patient.birthDate = @1950-01-01]\n";

struct Ran {
  Ran(std::vector<std::string> words, const TempFolder& folder) {
    Process process(std::move(words), folder.path());
    status = process.wait();
    out = process.out(), err = process.err();
  }
  int status = -1;
  std::string out, err;
};

}  // namespace

TEST_CASE("tombolo test ends with a count, and with the status that the count asks for", "[wire][test]") {
  const TempFolder folder;
  MapsFolder maps;
  maps.write("mappings/small/a.test.yaml", two_tests);
  const Ran good({binary, "--shipped", TOMBOLO_SOURCE_DIR, "test", maps.path()}, folder);
  CHECK(good.out == "2 passed, 0 failed\n");
  CHECK(good.status == 0);
  maps.write("mappings/small/small.map", "map ADT_A01 to Bundle\n  type <- 'message'\n");
  const Ran bad({binary, "--shipped", TOMBOLO_SOURCE_DIR, "test", maps.path("mappings/small/a.test.yaml")}, folder);
  CHECK_THAT(bad.out, Catch::EndsWith("0 passed, 2 failed\n"));
  CHECK(bad.status == 1);
  CHECK(Ran({binary, "test", maps.path(), "--rules", "many"}, folder).status == 2);
  CHECK(Ran({binary, "test", maps.path("nowhere")}, folder).status == 3);
  CHECK(Ran({binary, "coverage", maps.path("nowhere")}, folder).status == 3);
}

TEST_CASE("what is packed into the binary has no tests in it", "[wire][test]") {
  const tombolo::Library packed;
  const auto names = packed.list("mappings");
  CHECK(names.size() > 50);
  for (const auto& name : names) CHECK_FALSE(name.ends_with(".yaml"));
}

TEST_CASE("a tree with schemas beside its maps stands in for what is packed", "[wire][test]") {
  const TempFolder folder;
  MapsFolder maps("map ADT_A01 to Bundle\n  entry patient: Patient <- PID\nmap PID to Patient\n  include PID as ours\n");
  maps.write("mappings/small/a.test.yaml", two_tests);
  maps.write("mappings/codes/extensions.csv", "name,url,type\n");
  std::filesystem::create_directory_symlink(TOMBOLO_SOURCE_DIR "/schemas", maps.path("schemas"));
  const Ran listed({binary, "test", maps.path()}, folder);
  CHECK_THAT(listed.err, Catch::Contains("there is no map 'ours'"));
  CHECK_THAT(listed.err, !Catch::Contains("shipped:"));
}

TEST_CASE("the script that mutates maps finds the rule that no test asks about", "[wire][test]") {
  const TempFolder folder;
  MapsFolder maps("map ADT_A01 to Bundle\n  type <- 'message'\n  entry patient: Patient <- PID\n\n"
                  "map PID to Patient\n  name each PID-5 {\n    family <- XPN.1.1\n    given  <- XPN.2\n  }\n"
                  "  birthDate <- PID-7\n  active <- PID-31 as boolean\n");
  maps.write("mappings/small/a.test.yaml", two_tests);
  maps.write("mappings/codes/extensions.csv", tombolo::test::read_file(TOMBOLO_SOURCE_DIR "/mappings/codes/extensions.csv"));
  std::filesystem::create_directory_symlink(TOMBOLO_SOURCE_DIR "/schemas", maps.path("schemas"));
  const std::vector<std::string> words{"/usr/bin/env", "python3", TOMBOLO_SOURCE_DIR "/tests/mutate", "7", "12", "--tombolo", binary, "--maps", maps.path()};
  const Ran first(words, folder);
  REQUIRE(first.status == 0);
  CHECK_THAT(first.out, Catch::Contains("mappings/small/small.map:11: "));
  CHECK_THAT(first.out, Catch::Contains("killed "));
  CHECK_THAT(first.out, Catch::Contains(" of 12\n"));
  CHECK_THAT(first.out, !Catch::Contains("small.map:7: rule"));
  CHECK(Ran(words, folder).out == first.out);
}
