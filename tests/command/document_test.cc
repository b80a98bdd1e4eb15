#include "engine/command/document.h"

#include <catch2/catch.hpp>

#include <sstream>

#include "engine/plugs.h"
#include "tests/support/temp.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

struct Describing {
  TempFolder folder;
  std::string out, err;

  int run(const std::string& name, const std::string& channel) {
    write_file(folder / "channels/a.yaml", channel);
    write_file(folder / "mappings/small/a.map",
               "map ADT_A01 to Bundle\n  type <- 'message'\n  entry patient: Patient <- PID\n\nmap PID to Patient\n  gender <- PID-8.1 via sexes\n");
    write_file(folder / "tables/sexes.json",
               R"({"resourceType":"ConceptMap","group":[{"element":[{"code":"F","target":[{"code":"female","display":"Female"}]}]}]})");
    std::ostringstream to, wrong;
    Desk desk{stock, to, wrong, 0, TOMBOLO_SOURCE_DIR};
    const int status = document_command({name, folder.path().string(), ""}, desk);
    out = to.str();
    err = wrong.str();
    return status;
  }
};

const std::string adt = "channel: adt\nsource:\n  mllp: { listen: \"127.0.0.1:2575\" }\nacknowledge: { after: mapped, invalid: AR }\nsteps:\n  - filter: MSH-9.1 = 'ADT'\n"
                        "  - map: small\ndestinations:\n  out:\n    file: { path: out.ndjson, as: ndjson }\n";

}  // namespace

TEST_CASE("the document of a channel says what its senders must know", "[describe]") {
  Describing d;
  const int status = d.run("adt", adt);
  INFO(d.err);
  REQUIRE(status == 0);
  for (const auto* part : {"# Interface adt\n", "| this engine listens on | 127.0.0.1:2575 |\n", "ADT_A01.\n", "`MSH-9.1 = 'ADT'`",
                           "| ADT_A01 | MSH, EVN, PID, PV1", "PID-3 ", "### sexes\n| code | becomes | |\n|---|---|---|\n| F | female | Female |\n",
                           "| it cannot be read, or lacks what every message must have | AR |\n", "Answer:\n```\nMSH|^~\\&|TOMBOLO|HOUSE|WARD|NORTH|",
                           "MSA|AA|1001", "MSA|AR"}) {
    CHECK_THAT(d.out, Catch::Contains(part));
  }
}

TEST_CASE("the same files give the same document", "[describe]") {
  Describing one, two;
  REQUIRE(one.run("adt", adt) == 0);
  REQUIRE(two.run("adt", adt) == 0);
  CHECK(one.out == two.out);
}

TEST_CASE("a channel that receives FHIR has samples and answers in FHIR", "[describe]") {
  Describing d;
  const int status = d.run("in", "channel: in\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\n  format: fhir\ndestinations:\n  out:\n    file: { path: o, as: ndjson }\n");
  INFO(d.err);
  REQUIRE(status == 0);
  CHECK_THAT(d.out, Catch::Contains("FHIR R4 (4.0.1)") && Catch::Contains("\"diagnostics\":\"accepted\"") && Catch::Contains("/colour 1:46: Patient has no such element"));
}

TEST_CASE("an unknown channel is said, with the nearest name", "[describe]") {
  Describing d;
  CHECK(d.run("atd", adt) == 1);
  CHECK_THAT(d.err, Catch::EndsWith("is called 'atd': did you mean 'adt'?\n"));
}
