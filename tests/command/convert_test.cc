#include "engine/command/convert.h"

#include <catch2/catch.hpp>

#include <filesystem>
#include <sstream>

#include "tests/support/temp.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

constexpr std::string_view person = R"({"resourceType":"Patient","id":"p1","name":[{"family":"Ost"}],"birthDate":"1980-02"})";

struct Converting {
  TempFolder folder;
  ConvertOptions options;
  std::string out, err;

  int run(std::string_view file, std::string_view content) {
    options.input = (folder / file).string();
    options.shipped = TOMBOLO_SOURCE_DIR;
    if (!content.empty()) write_file(options.input, content);
    std::ostringstream to, wrong;
    const int status = convert_command(options, to, wrong);
    out = to.str();
    err = wrong.str();
    const std::string place = folder.path().string() + "/";
    for (auto at = err.find(place); at != err.npos; at = err.find(place)) err.erase(at, place.size());
    return status;
  }
};

}  // namespace

TEST_CASE("JSON becomes XML and JSON again", "[convert]") {
  Converting c;
  c.options.to = "xml";
  CHECK(c.run("a.json", person) == 0);
  CHECK(c.out == "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"p1\"/><name><family value=\"Ost\"/></name><birthDate value=\"1980-02\"/></Patient>\n");
  c.options.to = "json";
  CHECK(c.run("b.xml", c.out) == 0);
  CHECK(c.out == std::string(person) + "\n");
}

TEST_CASE("what is no R4 is refused with file, path, line and column, all of it", "[convert]") {
  Converting c;
  CHECK(c.run("a.json", "{\"resourceType\":\"Observation\",\n\"valueDateTime\":\"2020-13-01\"}") == 1);
  CHECK(c.err ==
        "a.json: /valueDateTime 2:17: this is no dateTime: expected YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a zone\n"
        "a.json: 1:1: the required element status is missing\na.json: 1:1: the required element code is missing\n");
  CHECK(c.out.empty());
  CHECK(c.run("a.xml", "<Patient xmlns='http://hl7.org/fhir'><colour value='red'/></Patient>") == 1);
  CHECK(c.err == "a.xml: /Patient/colour 1:38: Patient has no such element\n");
  c.options.unchecked = true;
  CHECK(c.run("b.json", R"({"resourceType":"Patient","birthDate":"today"})") == 0);
}

TEST_CASE("unknown elements and comments go by what the options say", "[convert]") {
  Converting c;
  c.options.unknown = "keep";
  c.options.comments = "skip";
  CHECK(c.run("a.xml", "<Patient xmlns='http://hl7.org/fhir'><!-- x --><colour value='red'/></Patient>") == 0);
  CHECK(c.out == "{\"resourceType\":\"Patient\",\"colour\":\"red\"}\n");
  c.options.unknown = "drop";
  CHECK(c.run("a.xml", "") == 2);
  CHECK(c.err == "tombolo: --unknown: expected refuse or keep, found 'drop'\n");
}

TEST_CASE("a folder is converted file by file, and no result hides another", "[convert]") {
  Converting c;
  write_file(c.folder / "in/a.json", person);
  write_file(c.folder / "in/a.xml", "<Patient xmlns='http://hl7.org/fhir'/>");
  write_file(c.folder / "in/b.xml", "<Basic xmlns='http://hl7.org/fhir'><code><text value='x'/></code></Basic>");
  c.options.out = (c.folder / "out").string();
  CHECK(c.run("in", "") == 1);
  CHECK(c.err == "in/a.xml: in/a.json became a.json already\n");
  CHECK(read_file(c.folder / "out/a.json") == std::string(person) + "\n");
  CHECK(read_file(c.folder / "out/b.json") == "{\"resourceType\":\"Basic\",\"code\":{\"text\":\"x\"}}\n");
}
