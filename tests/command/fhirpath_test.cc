#include "engine/command/fhirpath.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/support/temp.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

const std::string patient = R"({"resourceType":"Patient","id":"p1","name":[{"use":"official","family":"Berg","given":["Tove","Lin"]},
  {"family":"Dahl"}],"telecom":[{"system":"phone","value":"0101"}],"birthDate":"1950-01-01"})";

struct Asked {
  int status = 0;
  std::string out, err;
};

Asked asked(const FhirpathOptions& options) {
  std::ostringstream out, err;
  FhirpathOptions with = options;
  with.shipped = TOMBOLO_SOURCE_DIR;
  const int status = fhirpath_command(with, out, err);
  return {status, out.str(), err.str()};
}

Asked about_patient(const std::string& expression, fhirpath::Checks checks = fhirpath::Checks::usual) {
  const TempFolder folder;
  write_file(folder / "p.json", patient);
  return asked({expression, (folder / "p.json").string(), {}, checks, {}});
}

}  // namespace

TEST_CASE("an expression prints its results with their types", "[command]") {
  CHECK(about_patient("name.given").out ==
        R"({"name":"name.given","result":[{"type":"string","value":"Tove"},{"type":"string","value":"Lin"}]})" "\n");
  CHECK(about_patient("birthDate + 1 month").out == R"({"name":"birthDate + 1 month","result":[{"type":"Date","value":"@1950-02-01"}]})" "\n");
  CHECK(asked({"1 + 1", {}, {}, {}, {}}).out == R"({"name":"1 + 1","result":[{"type":"Integer","value":"2"}]})" "\n");
}

TEST_CASE("an element without a value of its own is printed as JSON", "[command]") {
  CHECK(about_patient("name.last()").out == R"~({"name":"name.last()","result":[{"type":"HumanName","value":{"family":"Dahl"}}]})~" "\n");
}

TEST_CASE("an error says line and column", "[command]") {
  const Asked unknown = about_patient("name\n .givn");
  CHECK(unknown.status == 1);
  CHECK(unknown.out.find(R"("error":"2:3: HumanName has no element 'givn')") != std::string::npos);
  CHECK(about_patient("name. ").out.find(R"("error":"1:)") != std::string::npos);
  CHECK(about_patient("1 + name.single().count()").out.find("\"error\":\"1:10: single(): expected one item, found 2\"") != std::string::npos);
}

TEST_CASE("checks are lenient or strict", "[command]") {
  CHECK(about_patient("name.givn", fhirpath::Checks::lenient).out == R"({"name":"name.givn","result":[]})" "\n");
  CHECK(about_patient("children().skip(1).empty()").status == 0);
  CHECK(about_patient("children().skip(1).empty()", fhirpath::Checks::strict).out.find("1:12: skip(): what stands before it has no order") !=
        std::string::npos);
  CHECK(about_patient("name.family + 'x'", fhirpath::Checks::strict).out.find("1:13: '+' takes one value") != std::string::npos);
  CHECK(about_patient("name.family = 'x'", fhirpath::Checks::strict).status == 0);
}

TEST_CASE("what trace shows goes to the error stream", "[command]") {
  CHECK(about_patient("name.given.trace('given').count()").err == "given: Tove\ngiven: Lin\n");
}

TEST_CASE("a batch of cases reads its inputs beside it", "[command]") {
  const TempFolder folder;
  std::filesystem::create_directory(folder / "inputs");
  write_file(folder / "inputs/p.json", patient);
  write_file(folder / "inputs/bad.json", R"({"resourceType":"Patient","nam":1})");
  write_file(folder / "cases.json", R"~([
    {"name":"a","expression":"name.family","inputjson":"p.json","predicate":false,"mode":null},
    {"name":"b","expression":"name","inputjson":"p.json","predicate":true},
    {"name":"c","expression":"id","inputjson":"bad.json","inputfile":"p.json"},
    {"name":"d","expression":"id","inputjson":"bad.json"},
    {"name":"e","expression":"2 * 3","inputjson":null},
    {"name":"f","expression":"children().first()","inputjson":"p.json","mode":"strict"}])~");
  const Asked done = asked({{}, {}, (folder / "cases.json").string(), {}, {}});
  CHECK(done.status == 0);
  std::istringstream lines(done.out);
  std::string line;
  std::getline(lines, line);
  CHECK(line == R"({"name":"a","result":[{"type":"string","value":"Berg"},{"type":"string","value":"Dahl"}]})");
  std::getline(lines, line);
  CHECK(line == R"({"name":"b","result":[{"type":"boolean","value":"true"}]})");
  std::getline(lines, line);
  CHECK(line == R"({"name":"c","result":[{"type":"id","value":"p1"}]})");
  std::getline(lines, line);
  CHECK(line.starts_with(R"({"name":"d","error":)"));
  std::getline(lines, line);
  CHECK(line == R"({"name":"e","result":[{"type":"Integer","value":"6"}]})");
  std::getline(lines, line);
  CHECK(line.starts_with(R"~({"name":"f","error":"1:12: first(): )~"));
}

TEST_CASE("HL7's official FHIRPath suite runs, where its folder is named", "[command]") {
  const char* const folder = std::getenv("TOMBOLO_FHIRPATH");
  if (folder == nullptr) return;
  const Asked done = asked({{}, {}, (std::filesystem::path(folder) / "cases.json").string(), {}, {}});
  CHECK(done.status == 0);
  if (const char* const file = std::getenv("TOMBOLO_FHIRPATH_RESULTS")) std::ofstream(file) << done.out;
}
