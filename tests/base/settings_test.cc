#include "engine/base/settings.h"

#include <catch2/catch.hpp>

using namespace tombolo;

namespace {

Environment variables(std::vector<std::pair<std::string, std::string>> known) {
  return [known](std::string_view name) -> std::optional<std::string> {
    for (const auto& [key, value] : known) {
      if (key == name) return value;
    }
    return std::nullopt;
  };
}

Setting parse(std::string_view text, Diagnostics& found, Environment environment = variables({})) {
  Setting setting = parse_settings("c.yaml", text, environment, found);
  found.quote("c.yaml", text);
  return setting;
}

}  // namespace

TEST_CASE("a channel file is read with the place of every value", "[settings]") {
  Diagnostics found;
  const Setting top = parse("channel: adt\nsource:\n  mllp: { listen: \"127.0.0.1:0\", max_message: 16MiB }\n", found);
  REQUIRE(found.empty());
  const Setting* mllp = top.find("source")->find("mllp");
  REQUIRE(mllp);
  CHECK(text(mllp->find("listen")->place) == "c.yaml:3:19");
  Reader reader(*mllp, "mllp source", found);
  CHECK(reader.required("listen") == "127.0.0.1:0");
  CHECK(reader.bytes("max_message", 1) == 16u << 20);
  reader.finish();
  CHECK(found.empty());
}

TEST_CASE("an unknown key is refused with its place, its line and the nearest name", "[settings]") {
  Diagnostics found;
  const Setting top = parse("listen: here\nmax_mesage: 5\n", found);
  Reader reader(top, "mllp source", found);
  reader.required("listen");
  reader.bytes("max_message", 1);
  reader.finish();
  found.quote("c.yaml", "listen: here\nmax_mesage: 5\n");
  CHECK(found.print() ==
        "c.yaml:2:1: error: mllp source has no setting 'max_mesage': did you mean 'max_message'?\n"
        "    max_mesage: 5\n    ^\n");
}

TEST_CASE("all faults of a block are found in one reading", "[settings]") {
  Diagnostics found;
  const Setting top = parse("a: soon\nb: 70000\nc: maybe\nd: 5 parsecs\ne: [1]\n", found);
  Reader reader(top, "block", found);
  CHECK(reader.duration("a", std::chrono::seconds(1)) == std::chrono::seconds(1));
  CHECK(reader.number("b", 1, 0, 65535) == 1);
  CHECK(reader.flag("c", true));
  CHECK(reader.bytes("d", 7) == 7);
  CHECK(reader.text("e", "x") == "x");
  reader.required("f");
  reader.finish();
  CHECK(found.list().size() == 6);
}

TEST_CASE("a key that stands twice is an error, and so is a key that may mean true", "[settings]") {
  Diagnostics found;
  parse("a: 1\na: 2\nno: 3\n", found);
  REQUIRE(found.list().size() == 2);
  CHECK(text(found.list()[0].place) == "c.yaml:2:1");
  CHECK(text(found.list()[1].place) == "c.yaml:3:1");
}

TEST_CASE("variables are substituted in values only, with defaults and messages", "[settings]") {
  Diagnostics found;
  const Setting top = parse("url: \"${HOST}:${PORT:-80}/$$x\"\n", found, variables({{"HOST", "lab"}}));
  CHECK(found.empty());
  CHECK(top.find("url")->text == "lab:80/$x");
  parse("url: ${FHIR_URL:?set FHIR_URL}\n", found);
  REQUIRE(found.list().size() == 1);
  CHECK(found.list()[0].text == "FHIR_URL: set FHIR_URL");
  CHECK(text(found.list()[0].place) == "c.yaml:1:6");
}

TEST_CASE("text that is not YAML is an error with its place, not a crash", "[settings]") {
  for (const auto* text : {"a: [1, 2", "a: b: c", "\t- x", "a: *nowhere", "{", "? [a]: b", "!!binary x: y"}) {
    Diagnostics found;
    parse(text, found);
    INFO(text);
    CHECK(found.failed() == (std::string_view(text) != "!!binary x: y"));
  }
}

TEST_CASE("sizes and times are read with their units and without surprises", "[settings]") {
  CHECK(to_bytes("4096") == 4096);
  CHECK(to_bytes("64KiB") == 65536);
  CHECK_FALSE(to_bytes("64 parsecs"));
  CHECK_FALSE(to_bytes("99999999999GiB"));
  CHECK(to_duration("1h30m") == std::chrono::minutes(90));
  CHECK_FALSE(to_duration("5"));
  CHECK_FALSE(to_duration("9999999999999y"));
}
