// `tombolo check` on misspellings: each is found at its very place, with the name that was meant.
#include <catch2/catch.hpp>

#include "tests/support/engine.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

const std::string map_file = "mappings/hl7v2-to-fhir/segments/AL1-AllergyIntolerance.map";

std::string channel(const std::string& steps = "[ map: hl7v2-to-fhir ]", const std::string& listen = "listen", const std::string& more = "") {
  return "channel: adt\n"
         "source:\n"
         "  mllp: { " + listen + ": \"127.0.0.1:2575\" }\n" + more +
         "steps: " + steps + "\n"
         "destinations:\n"
         "  archive:\n"
         "    file: { path: out.ndjson, as: ndjson }\n";
}

std::string allergies(const std::string& line, const std::string& type = "AllergyIntolerance") {
  return "# This site's own reading of AL1.\n"
         "map AL1 to " + type + "\n"
         "  type <- AL1-2 as CWE-code via allergy-type on miss ignore\n"
         "  " + line + "\n";
}

struct Misspelling {
  std::string what, file, text, meant;  // « stands before the word that is wrong
  std::size_t errors = 1;               // with those that follow from it, at least
};

const std::string mark = "«";

const std::vector<Misspelling>& misspellings() {
  static const std::vector<Misspelling> all{
      {"a key of the channel", "channels/adt.yaml", channel("[]", "listen", "«acknowlege: { after: stored }\n"), "acknowledge"},
      {"a key of a wire", "channels/adt.yaml", channel("[]", "«lisen"), "listen", 2},
      {"a folder of maps", "channels/adt.yaml", channel("[ map: «hl7v2-to-fihr ]"), "hl7v2-to-fhir"},
      {"a map of a folder", "channels/adt.yaml", channel("[ map: «hl7v2-to-fhir/AL1-AllergyIntolerence ]"), "AL1-AllergyIntolerance"},
      {"a field number in a filter", "channels/adt.yaml", channel("[ filter: «MSH-99 = 'ADT' ]"), ""},
      {"a segment in a filter", "channels/adt.yaml", channel("[ filter: MSH-9.1 = 'ADT' and «OBXX-3.exists() ]"), "OBX"},
      {"a function in a filter", "channels/adt.yaml", channel("[ filter: PID-3.«exits() ]"), "exists"},
      {"a kind of step", "channels/adt.yaml", channel("[ «mapp: hl7v2-to-fhir ]"), "map"},
      {"a rule of order", "channels/adt.yaml", channel("[]") + "    head_of_line: «hold_keys\n", "hold_key"},
      {"a table of a map", map_file, allergies("criticality <- AL1-4 as CWE-code via «allergy-critcality on miss ignore"), "allergy-criticality"},
      {"an element of a map", map_file, allergies("«criticalty <- AL1-4 as CWE-code via allergy-criticality on miss ignore"), "criticality"},
      {"a type of a map", map_file, allergies("onset <- AL1-6.first() as dateTime", "«AllergyIntolerence"), "AllergyIntolerance", 2},
      {"a function of a map", map_file, allergies("onset <- AL1-6.«frist() as dateTime"), "first"},
      {"a variable of a map", map_file, allergies("let severe = AL1-4\n  criticality <- «%sever as CWE-code via allergy-criticality on miss ignore"), "severe"},
      {"a map that a map names", map_file, allergies("code <- AL1-3 as «CWE-CodeableConcpt"), "CWE-CodeableConcept"},
      {"a field of a map", map_file, allergies("onset <- «AL1-66 as dateTime"), ""},
  };
  return all;
}

// "line:col" of the mark, which it takes out of the text.
std::string place_of_mark(std::string& text) {
  const std::size_t at = text.find(mark);
  REQUIRE(at != text.npos);
  text.erase(at, mark.size());
  const std::size_t line_begin = at == 0 ? 0 : text.rfind('\n', at - 1) + 1;
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(at), '\n');
  return std::to_string(line) + ":" + std::to_string(at - line_begin + 1);
}

std::size_t errors_in(const std::string& text) {
  std::size_t n = 0;
  for (std::size_t at = text.find(": error: "); at != text.npos; at = text.find(": error: ", at + 1)) ++n;
  return n;
}

}  // namespace

TEST_CASE("check finds a misspelling at its place and says what was meant", "[check]") {
  for (const auto& wrong : misspellings()) {
    TempFolder folder;
    std::string text = wrong.text;
    const std::string place = place_of_mark(text);
    write_file(folder / "channels/adt.yaml", channel());
    write_file(folder / wrong.file, text);
    Process check({binary, "check", folder.path().string()}, folder.path(), "check");
    const int status = check.wait();
    const std::string said = check.err();
    INFO(wrong.what << "\n" << said);
    CHECK(status == 1);
    CHECK(check.out() == "");
    if (wrong.errors == 1) CHECK(errors_in(said) == 1);
    else CHECK(errors_in(said) >= wrong.errors);
    const std::size_t at = said.find(wrong.file + ":" + place + ": error: ");
    CHECK(at != said.npos);
    if (!wrong.meant.empty()) CHECK(said.find("did you mean '" + wrong.meant + "'?") != said.npos);
  }
}

TEST_CASE("check without fault says how many channels there are", "[check]") {
  TempFolder folder;
  write_file(folder / "channels/adt.yaml", channel());
  write_file(folder / map_file, allergies("code <- AL1-3 as CWE-CodeableConcept"));
  Process check({binary, "check", folder.path().string()}, folder.path(), "check");
  const int status = check.wait();
  INFO(check.err());
  CHECK(status == 0);
  CHECK(check.out() == "1 channel, no errors\n");
  CHECK(check.err() == "");
}

TEST_CASE("check prints all errors of all files at once", "[check]") {
  TempFolder folder;
  write_file(folder / "channels/a.yaml", "channel: a\nsource:\n  mllp: { listen: \"127.0.0.1:2575\", conections: 3 }\nsteps:\n  - filter: MHS-9 = 'ADT'\n"
                                         "destinations:\n  out:\n    file: { path: a.ndjson, as: njson }\n");
  write_file(folder / "channels/b.yaml", "channel: b\nchanel: c\nsource:\n  mllp: { listen: \"127.0.0.1:2576\" }\ndestinations:\n  out:\n    file: { path: b.ndjson, as: ndjson }\n");
  Process check({binary, "check", folder.path().string()}, folder.path(), "check");
  CHECK(check.wait() == 1);
  const std::string said = check.err();
  INFO(said);
  CHECK(said.find("a.yaml:3:") != said.npos);
  CHECK(said.find("a.yaml:8:") != said.npos);
  CHECK(said.find("b.yaml:2:1: error: ") != said.npos);
}
