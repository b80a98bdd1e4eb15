#include "engine/command/test.h"

#include <catch2/catch.hpp>

#include "engine/base/arena.h"
#include "engine/crypto/hash.h"
#include "engine/formats/json/json.h"
#include "tests/command/maps.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

// One test of a patient of 1950; `expects` stands below it.
std::string about_tove(std::string_view expects) {
  return "tests:\n"
         "  - test: Tove\n"
         "    segments: |\n"
         "      PID|1||4711^^^NORTH^MR||Berg^Tove||19500101|F||||||||M||||||||||||||Y\n"
         "      PV1|1|I|W3||||||||||||||||||||||||||||||||||||||||||20260102\n" +
         std::string(expects);
}

}  // namespace

TEST_CASE("the tests in the README of the maps pass", "[test]") {
  const auto readme = read_file(std::filesystem::path(TOMBOLO_SOURCE_DIR) / "mappings/README.md");
  std::vector<std::string> yaml;
  std::string edit;
  for (std::size_t at = readme.find("\n```"); at != readme.npos; at = readme.find("\n```", at + 1)) {
    const auto line = readme.find('\n', at + 1), end = readme.find("\n```", line);
    const auto kind = readme.substr(at + 4, line - at - 4), block = readme.substr(line + 1, end - line);
    if (kind == "yaml") yaml.push_back(block);
    if (kind == "map" && block.find("\nedit ADT_A01, ADT_A03") != block.npos) edit = block;
    at = end;
  }
  REQUIRE(yaml.size() == 3);
  MapsFolder maps("");
  maps.write("mappings/small/a.test.yaml", yaml[0]);
  maps.write("mappings/to-lab/to-lab.map", edit);
  maps.write("mappings/to-lab/a.test.yaml", yaml[1]);
  maps.write("mappings/codes/assigners.csv", "source_code,target_system,target_code,target_display\nNORTH,,NTH,\n");
  maps.write("mappings/fhir-to-hl7v2/a.test.yaml", yaml[2]);
  maps.write("mappings/fhir-to-hl7v2/golden/ADT_A01.json",
             R"({"resourceType":"Bundle","type":"message","entry":[{"fullUrl":"urn:uuid:1","resource":{"resourceType":"Patient","id":"1",)"
             R"("identifier":[{"value":"4711"}]}},{"fullUrl":"urn:uuid:2","resource":{"resourceType":"Encounter","id":"2","status":"finished",)"
             R"("class":{"system":"http://terminology.hl7.org/CodeSystem/v3-ActCode","code":"IMP"},"subject":{"reference":"urn:uuid:1"}}}]})");
  maps.run();
  INFO(maps.err);
  CHECK(maps.out == "3 passed, 0 failed\n");
}

TEST_CASE("claims that hold pass", "[test]") {
  MapsFolder maps;
  const int status = maps.run(about_tove("    expect:\n"
                                         "      - Patient.name.family = 'Berg'\n"
                                         "      - Patient.birthDate = @1950-01-01\n"
                                         "      - Patient.birthDate = '1950-01-01'\n"
                                         "      - Patient.gender = 'female' and Patient.deceased = true\n"
                                         "      - Patient.identifier.where(value = '4711').exists()\n"
                                         "      - Encounter.subject.resolve().name.given = 'Tove'\n"
                                         "      - Bundle.entry.count() = 2\n"
                                         "      - Observation.empty()\n"
                                         "      - entry.resource.ofType(Patient).exists()\n"));
  CHECK(maps.out == "1 passed, 0 failed\n");
  CHECK(maps.err.empty());
  CHECK(status == 0);
}

TEST_CASE("a claim that does not hold shows its place and what the path really gives", "[test]") {
  MapsFolder maps;
  CHECK(maps.run(about_tove("    expect:\n"
                            "      - Patient.gender = 'male'\n"
                            "      - Patient.name.exists() and Patient.contact.exists()\n"
                            "      - Patient.name.given.empty()\n"
                            "      - Patient.gender.exists() or 1 = 2\n"
                            "      - \"Bundle.entry.resource.id.count() = 3\"\n")) == 1);
  CHECK(maps.says("a.test.yaml:2:11: failed: Tove"));
  CHECK(maps.says("a.test.yaml:7:9: Patient.gender = 'male'\n    Patient.gender gives 'female'"));
  CHECK(maps.says("Patient.contact gives nothing"));
  CHECK(maps.says("Patient.name.given gives 'Tove'"));
  CHECK(maps.says("Bundle.entry.resource.id gives 2 items: "));
  CHECK_FALSE(maps.says("or 1 = 2"));
  CHECK(maps.says("0 passed, 1 failed"));
}

TEST_CASE("a claim must be about the result", "[test]") {
  MapsFolder maps;
  CHECK(maps.run(about_tove("    expect:\n"
                            "      - 1 = 1\n"
                            "      - Patient.brthDate.exists()\n"
                            "      - Patient.name.family =\n"
                            "      - PID-3.exists()\n")) == 1);
  CHECK(maps.complains("a.test.yaml:7:9: error: this claim reads nothing of the result: it cannot fail"));
  CHECK(maps.complains("a.test.yaml:8:17: error: Patient has no element 'brthDate': did you mean 'birthDate'?"));
  CHECK(maps.complains("a.test.yaml:9:"));
  CHECK(maps.complains("a.test.yaml:10:"));
  CHECK(maps.says("the claim cannot be asked"));
}

TEST_CASE("all that is wrong with a test file is said at once, with the nearest name", "[test]") {
  MapsFolder maps;
  CHECK(maps.run("layer: [small]\n"
                 "tests:\n"
                 "  - test: nothing to map\n"
                 "    expect: [Patient.exists()]\n"
                 "  - test: two messages\n"
                 "    segments: PID|1\n"
                 "    message: MSH|1\n"
                 "    expct: [Patient.exists()]\n"
                 "  - test: no expectation\n"
                 "    segments: PID|1\n"
                 "  - test: no expectation\n"
                 "    message: PID|1\n"
                 "    version: 2.3\n"
                 "    zone: there\n"
                 "    absent: [x]\n"
                 "  - test: a header\n"
                 "    segments: MSH|1\n"
                 "    absent: [x]\n") == 1);
  for (const auto* line : {"a.test.yaml:1:1: error: a test file has no setting 'layer': did you mean 'layers'?",
                           "a.test.yaml:3:5: error: a test has one of `message`, `segments`, `bundle` and `file`",
                           "a.test.yaml:5:5: error: a test has one of `message`, `segments`, `bundle` and `file`",
                           "a.test.yaml:8:5: error: a test has no setting 'expct': did you mean 'expect'?",
                           "a.test.yaml:9:5: error: this test expects nothing: it cannot fail",
                           "a.test.yaml:11:11: error: a test of this name stands above",
                           "a.test.yaml:12:14: error: a message begins with MSH; a part of one is `segments`",
                           "a.test.yaml:13:14: error: 'version' belongs to `segments`; a whole message says it itself",
                           "a.test.yaml:14:11: error: expected +hh:mm, -hh:mm or a place such as Europe/Berlin, found 'there'",
                           "a.test.yaml:17:15: error: the MSH of `segments` is made for you; a message with its own is a `message`"})
    CHECK_THAT(maps.err, Catch::Contains(line));
  CHECK(maps.says("0 passed, 1 failed"));
}

TEST_CASE("an edit is tested with the layers that change it, and its rules are counted", "[test]") {
  MapsFolder maps("edit ADT_A01\n  move ZPI after PV1\n  copy OBX after OBX when OBX-11 = 'X'\n  delete PID-19\n");
  maps.write("mappings/north.map", "extend edit ADT_A01\n  remove delete PID-19\n  replace move ZPI after OBX\n");
  TestOptions options;
  options.coverage = options.approve = true;
  CHECK(maps.run("tests:\n"
                 "  - test: the local segment stands behind the visit\n"
                 "    edit: small\n"
                 "    segments: |\n      PID|1||||||||||||||||||123\n      ZPI|x\n      PV1|1|I\n      OBX|1|ST|A\n"
                 "    expect: [not PID-19]\n"
                 "    golden: small.hl7\n"
                 "  - test: in the north the number stays\n"
                 "    edit: [small, north]\n"
                 "    segments: |\n      PID|1||||||||||||||||||123\n      ZPI|x\n      PV1|1|I\n      OBX|1|ST|A\n"
                 "    expect: [PID-19 = '123']\n"
                 "    golden: north.hl7\n",
                 options) == 0);
  CHECK(maps.read("mappings/small/small.hl7").ends_with("|\rPV1|1|I\rZPI|x\rOBX|1|ST|A\r"));
  CHECK(maps.read("mappings/small/north.hl7").ends_with("|123\rPV1|1|I\rOBX|1|ST|A\rZPI|x\r"));
  CHECK(maps.says("small.map:3:3"));
  CHECK_FALSE(maps.says("small.map:2:3"));
  CHECK_FALSE(maps.says("north.map:3:3"));
}

TEST_CASE("a wrong file does not keep the others from being run", "[test]") {
  MapsFolder maps;
  maps.write("mappings/small/wrong.test.yaml", "tests: 5\n");
  CHECK(maps.run(about_tove("    expect: [Patient.exists()]\n")) == 1);
  CHECK(maps.says("1 passed, 1 failed"));
}

TEST_CASE("the header of a fragment says what the test says, and nothing of it is asked about", "[test]") {
  MapsFolder maps("map ADT_A05 to Bundle\n  type <- 'message'\n  entry header: MessageHeader <- MSH\n"
                  "map MSH to MessageHeader\n  event: Coding { code <- MSH-9.2 }\n  source { software <- MSH-12.1  name <- MSH-3.1 }\n");
  CHECK(maps.run("tests:\n  - test: a pre-admission\n    segments: EVN|A05|20260102\n    as: ADT^A05^ADT_A05\n    version: 2.3\n"
                 "    expect:\n      - MessageHeader.event.code = 'A05'\n    unmapped: [EVN-1, EVN-2]\n") == 1);
  maps.write("mappings/small/small.map", "map ADT_A05 to Bundle\n  type <- 'message'\n  entry header: MessageHeader <- MSH\n"
                                         "map MSH to MessageHeader\n  event: Coding { code <- MSH-9.2 }\n  source {\n"
                                         "    software <- MSH-12.1\n    endpoint <- MSH-3.1 as url\n  }\n");
  CHECK(maps.run("tests:\n  - test: a pre-admission\n    segments: EVN|A05|20260102\n    as: ADT^A05^ADT_A05\n    version: \"2.3\"\n"
                 "    expect:\n      - MessageHeader.event.code = 'A05'\n      - MessageHeader.source.software = '2.3'\n"
                 "    unmapped: [EVN-1, EVN-2]\n") == 0);
}

TEST_CASE("diagnostics are exactly those that a test names", "[test]") {
  MapsFolder maps;
  const std::string broken = "tests:\n  - test: broken\n    segments: PID|1||4711||Berg||19x0|F||||||||XYZ\n    diagnostics: ";
  CHECK(maps.run(broken + "[malformed PID-7, \"miss PID-16: marital-status\"]\n") == 0);
  CHECK(maps.run(broken + "[malformed PID-7]\n") == 1);
  CHECK(maps.says("no other diagnostics\n    reported:\n    miss PID-16"));
  CHECK(maps.run(broken + "[malformed PID-7, miss PID-16, miss PID-8]\n") == 1);
  CHECK(maps.says("diagnostic 'miss PID-8'"));
  CHECK(maps.run(broken + "[]\n") == 1);
  CHECK(maps.run(about_tove("    diagnostics: []\n")) == 1);  // the ward is no Location of the message
  CHECK(maps.says("missing"));
}

TEST_CASE("unmapped names exactly the places that no rule reads", "[test]") {
  MapsFolder maps;
  const std::string fragment = "tests:\n  - test: a patient\n    segments: PID|1||4711^^^NORTH^MR||Berg||19500101\n    unmapped: ";
  CHECK(maps.run(fragment + "[PID-1, PID-3.4, PID-3.5]\n") == 0);
  CHECK(maps.run(fragment + "[PID-1, PID-3.4]\n") == 1);
  CHECK(maps.says("nothing else unmapped\n    no rule reads:\n    PID-3.5"));
  CHECK(maps.run(fragment + "[PID-1, PID-3.4, PID-3.5, PID-7]\n") == 1);
  CHECK(maps.says("unmapped PID-7\n    a rule reads it, or it has no value"));
}

TEST_CASE("a text that must be absent is found wherever it stands", "[test]") {
  MapsFolder maps;
  CHECK(maps.run(about_tove("    absent: [NORTH]\n")) == 0);
  CHECK(maps.run(about_tove("    absent: [Tov]\n")) == 1);
  CHECK(maps.says("absent 'Tov'\n    stands at Bundle.entry[0].resource.name[0].given[0]"));
}

TEST_CASE("a golden is written when asked, and a difference is shown element by element", "[test]") {
  MapsFolder maps;
  const auto tests = about_tove("    golden: tove.json\n");
  CHECK(maps.run(tests) == 1);
  CHECK(maps.says("there is no such file; `tombolo test --approve` writes it"));
  TestOptions approve;
  approve.approve = true;
  CHECK(maps.run(tests, approve) == 0);
  CHECK(maps.says("new "));
  CHECK(maps.says("tove.json\n1 passed, 0 failed"));
  CHECK(maps.run(tests) == 0);
  CHECK(maps.run(tests, approve) == 0);
  CHECK(maps.out == "1 passed, 0 failed\n");

  auto kept = maps.read("mappings/small/tove.json");
  kept.replace(kept.find("\"Berg\""), 6, "\"Borg\"");
  kept.replace(kept.find("\"gender\": \"female\",\n"), 20, "");
  maps.write("mappings/small/tove.json", kept);
  CHECK(maps.run(tests) == 1);
  CHECK(maps.says("entry[0].resource.name[0].family\n      expected \"Borg\"\n      found    \"Berg\""));
  CHECK(maps.says("entry[0].resource.gender\n      expected nothing\n      found    \"female\""));
  CHECK(maps.run(tests, approve) == 0);
  CHECK(maps.says("changed "));
  maps.write("mappings/small/tove.json", maps.read("mappings/small/tove.json") + "\n");
  CHECK(maps.run(tests) == 1);
  CHECK(maps.says("only the layout differs"));
}

TEST_CASE("later layers change earlier ones", "[test]") {
  MapsFolder maps;
  maps.write("mappings/house/house.map", "extend PID to Patient\n  replace deceased <- PID-29 as dateTime\n");
  const std::string expects = "    expect: [Patient.deceased.empty()]\n";
  CHECK(maps.run("layers: [small, house]\n" + about_tove(expects)) == 0);
  CHECK(maps.run(about_tove(expects)) == 1);
  maps.write("loose.test.yaml", about_tove(expects));
  TestOptions loose;
  loose.path = maps.path("loose.test.yaml");
  CHECK(maps.run("", loose) == 1);
  CHECK(maps.complains("which maps?"));
}

TEST_CASE("maps with errors fail all their tests", "[test]") {
  MapsFolder maps("map ADT_A01 to Bundle\n  typ <- 'message'\n");
  CHECK(maps.run(about_tove("    expect: [Patient.exists()]\n")) == 1);
  CHECK(maps.complains("small.map:2:3: error:"));
  CHECK(maps.says("the maps have errors"));
}

TEST_CASE("a rule fired if what it wrote stands at the end", "[test][coverage]") {
  MapsFolder maps;
  TestOptions options;
  options.coverage = true;
  CHECK(maps.run(about_tove("    expect: [Patient.exists()]\n"), options) == 0);
  const auto never = [&](int line) { return maps.says("small.map:" + std::to_string(line) + ":"); };
  for (const int fired : {2, 3, 4, 7, 8, 9, 10, 11, 13, 14, 15, 16, 19, 22, 24}) CHECK_FALSE(never(fired));
  CHECK(never(23));  // an earlier rule won
  CHECK(never(25));  // the place it refers to never came: nothing in the block stands
  CHECK(never(26));
  CHECK(maps.says("rules fired: 16 of 19"));
  CHECK_THAT(maps.out, Catch::Contains("PID-5                1           1           1           2           0"));
}

TEST_CASE("too few rules that fired are a failure where a share is asked for", "[test][coverage]") {
  MapsFolder maps;
  TestOptions options;
  options.rules = 0.8;
  CHECK(maps.run(about_tove("    expect: [Patient.exists()]\n"), options) == 0);
  options.rules = 0.95;
  CHECK(maps.run("", options) == 1);
  CHECK(maps.complains("of the rules 84.2 % fired, fewer than the 95 %"));
}

TEST_CASE("results as JSON and as JUnit's XML say the same", "[test]") {
  MapsFolder maps;
  TestOptions options;
  options.json = options.coverage = true;
  options.junit = maps.path("results.xml");
  CHECK(maps.run(about_tove("    expect: [Patient.gender = 'male']\n") + "  - test: <a & b>\n    segments: PID|1\n    absent: [x]\n", options) == 1);
  Arena arena;
  Tree tree(arena);
  REQUIRE(parse_json(maps.out, tree));
  CHECK(tree[tree.child(tree.root(), "passed")].value() == "1");
  CHECK(tree[tree.child(tree.root(), "failed")].value() == "1");
  const auto failure = tree.child(tree.child(tree.root(), "tests"), "failures");
  CHECK(tree[tree.child(failure, "said")].value() == "Patient.gender = 'male'");
  CHECK(tree[tree.child(failure, "found")].value() == "Patient.gender gives 'female'");
  CHECK(tree.child(tree.root(), "rules") != no_node);
  CHECK(tree.child(tree.root(), "fields") != no_node);
  const auto xml = maps.read("results.xml");
  CHECK_THAT(xml, Catch::Contains("tests=\"2\" failures=\"1\""));
  CHECK_THAT(xml, Catch::Contains("name=\"&lt;a &amp; b&gt;\""));
  CHECK_THAT(xml, Catch::Contains("<failure message=\"Patient.gender = 'male'\">"));
}

TEST_CASE("an edit is tested with claims at HL7 addresses, diagnostics, absent texts and the very bytes", "[test][edit]") {
  MapsFolder maps;
  maps.write("mappings/lab.map", "edit ADT_A01\n  MSH-5 <- 'LAB'\n  PID-3.4 <- PID-3.4 via assigners\n  delete ZPI\nedit * called other\n  PID-8 <- 'O'\n");
  maps.write("tables/assigners.csv", "source_code,target_system,target_code,target_display\nEAST,,E,\n");
  const std::string head =
      "tests:\n"
      "  - test: the laboratory is told\n"
      "    edit: lab\n"
      "    segments: |\n"
      "      PID|1||4711^^^EAST^MR~12^^^WEST^PI||Berg^Tove||19500101|F\n"
      "      ZPI|secret\n"
      "      PV1|1|I\n";
  CHECK(maps.run(head + "    expect:\n      - MSH-5 = 'LAB'\n      - PID-3[1].4 = 'E' and PID-3[2].4 = 'WEST'\n      - not ZPI-1\n"
                        "    diagnostics: [\"miss PID-3[2].4: assigners\"]\n    absent: [secret]\n    golden: lab.hl7\n"
                        "  - test: by name\n    edit: lab/other\n    segments: PID|1\n    expect: [PID-8 = 'O']\n") == 1);
  CHECK(maps.complains("ZPI"));
  const auto good = head + "    expect:\n      - MSH-5 = 'LAB'\n      - PID-3[1].4 = 'E' and PID-3[2].4 = 'WEST'\n"
                           "    diagnostics: [\"miss PID-3[2].4: assigners\"]\n    absent: [secret]\n    golden: lab.hl7\n"
                           "  - test: by name\n    edit: lab/other\n    segments: PID|1\n    expect: [PID-8 = 'O']\n";
  CHECK(maps.run(good) == 1);
  CHECK(maps.says("golden lab.hl7\n    there is no such file"));
  TestOptions approving;
  approving.approve = true;
  CHECK(maps.run(good, approving) == 0);
  CHECK(maps.run(good) == 0);
  CHECK(maps.says("2 passed, 0 failed"));
  CHECK(maps.run(head + "    expect: [\"MSH-5 = 'WARD'\", PID-9]\n    diagnostics: []\n    absent: [Tove]\n") == 1);
  CHECK(maps.says("MSH-5 = 'WARD'\n    MSH-5 'LAB'"));
  CHECK(maps.says("PID-9\n    PID-9 nothing"));
  CHECK(maps.says("no other diagnostics"));
  CHECK(maps.says("stands at PID-5.2"));
  CHECK(maps.run(head + "    unmapped: []\n") == 1);
  CHECK(maps.complains("'unmapped' belongs to a map, and this test is of an edit"));
  CHECK(maps.run("tests:\n  - test: none\n    edit: lab/nothing\n    segments: PID|1\n    expect: [PID-8]\n") == 1);
  CHECK(maps.complains("no edit is called 'nothing'"));
}

TEST_CASE("rules of an edit fired if they changed something", "[test][coverage]") {
  MapsFolder maps("segment ZPI after PID\n  1 kind ID\n\nedit ADT_A01\n  MSH-5 <- 'LAB'\n  PID-8 <- 'U' when not PID-8\n  PID-5.1 <- PID-5.1\n"
                  "  add NTE after PID { NTE-3 <- ZPI-1 }\n  if PV1 {\n    delete PV1\n  }\n");
  TestOptions options;
  options.coverage = true;
  CHECK(maps.run("tests:\n  - test: to the laboratory\n    edit: small\n    segments: |\n      PID|1||4711||Berg^Tove|||F\n      PV1|1|I\n"
                 "    expect: [not PV1, MSH-5 = 'LAB']\n    absent: [TOMBOLO]\n", options) == 0);
  const auto never = [&](int line) { return maps.says("small.map:" + std::to_string(line) + ":"); };
  for (const int fired : {5, 9, 10}) CHECK_FALSE(never(fired));
  for (const int idle : {6, 7, 8}) CHECK(never(idle));
}

TEST_CASE("a claim about an edited message names an address", "[test]") {
  MapsFolder maps("edit ADT_A01\n  MSH-5 <- 'LAB'\n");
  CHECK(maps.run("tests:\n  - test: to the laboratory\n    edit: small\n    segments: PID|1\n    expect: [1 = 1]\n") == 1);
  CHECK(maps.complains("a.test.yaml:5:14: error: this claim reads nothing of the message: it cannot fail"));
}

TEST_CASE("a signed golden that was changed later is listed until somebody reads it again", "[test]") {
  MapsFolder maps;
  const auto tests = about_tove("    golden: tove.json\n");
  TestOptions approve;
  approve.approve = true;
  REQUIRE(maps.run(tests, approve) == 0);
  const auto of = hex(sha256(maps.read("mappings/small/tove.json"))).substr(0, 8);

  CHECK(maps.run(tests + "    signed: R. Lund, 2026-11-23, " + of + "\n") == 0);
  CHECK(maps.out == "1 passed, 0 failed\n");

  CHECK(maps.run(tests + "    signed: R. Lund, 2026-11-23, 00000000\n") == 0);
  CHECK(maps.says("a.test.yaml:7:13: "));
  CHECK(maps.says("tove.json is " + of + " now, and not what was signed by R. Lund, 2026-11-23"));

  CHECK(maps.run(tests + "    signed: R. Lund\n") == 1);
  CHECK(maps.complains("expected `NAME, DATE, ` and the first 8 hex digits of the golden's SHA-256, found 'R. Lund'"));
  CHECK(maps.run(about_tove("    absent: [Nobody]\n    signed: R. Lund, 2026-11-23, " + of + "\n")) == 1);
  CHECK(maps.complains("a golden is signed, and this test has none"));
}
