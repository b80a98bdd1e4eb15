#include <catch2/catch.hpp>

#include "tests/flow/walking.h"
#include "tests/support/temp.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

const std::string admission =
    "MSH|^~\\&|ADT|NORTH|T|H|20260102030405||ADT^A01^ADT_A01|1|P|2.5.1\r"
    "EVN|A01|20260102030405\r"
    "PID|1||4711^^^NORTH^MR~~||Ahlberg^Tove||19500101|F\r"
    "ZPI|x\r"
    "PV1|1|I\r";

// A channel with these steps and destinations, and mappings/lab.map.
struct House {
  explicit House(const std::string& steps, const std::string& destinations = "  out: { file: { path: out.ndjson, as: ndjson } }\n") {
    write_file(folder / "mappings/lab.map",
               "edit ADT_A01\n  MSH-5 <- 'LAB'\n  delete ZPI\n"
               "edit * called other\n  MSH-10 <- MSH-10 & '-b'\n"
               "edit * called later\n  MSH-9.2 <- 'A04'\n  PID-8 <- 'M'\n");
    walk = std::make_unique<Walking>("channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\n" + steps + "destinations:\n" + destinations, folder.path().string());
  }
  TempFolder folder;
  std::unique_ptr<Walking> walk;
};

std::string with(std::string text, std::string_view old, std::string_view now) { return text.replace(text.find(old), old.size(), now); }

}  // namespace

TEST_CASE("an edited message goes on as HL7 v2, changed only where the edit says so", "[walk][edit]") {
  const House house("steps: [ edit: lab ]\n");
  const auto walked = (*house.walk)(admission);
  REQUIRE(walked.posting.deliveries.size() == 1);
  const auto& out = walked.posting.deliveries[0];
  CHECK(out.body == with(with(admission, "|T|", "|LAB|"), "ZPI|x\r", ""));
  CHECK(out.content_type == "application/hl7-v2");
  CHECK(out.control_id == "1");
}

TEST_CASE("each destination gets its own edit, and the reply is known by the control id that was sent", "[walk][edit]") {
  const House house("",
                    "  a: { steps: [ edit: lab ], file: { path: a.ndjson, as: ndjson } }\n"
                    "  b: { steps: [ edit: lab/other ], file: { path: b.ndjson, as: ndjson } }\n"
                    "  c: { file: { path: c.ndjson, as: ndjson } }\n");
  const auto walked = (*house.walk)(admission);
  REQUIRE(walked.posting.deliveries.size() == 3);
  CHECK(walked.posting.deliveries[0].body->find("|LAB|") != std::string::npos);
  CHECK(walked.posting.deliveries[1].body == with(admission, "|1|P|", "|1-b|P|"));
  CHECK(walked.posting.deliveries[1].control_id == "1-b");
  CHECK_FALSE(walked.posting.deliveries[2].body);
  CHECK(walked.posting.deliveries[2].control_id == "1");
}

TEST_CASE("what comes after an edit sees the edited message", "[walk][edit]") {
  const House house("steps: [ edit: lab/later, filter: PID-8 = 'M', edit: lab, map: hl7v2-to-fhir ]\n");
  const auto walked = (*house.walk)(admission);
  REQUIRE(walked.posting.deliveries.size() == 1);
  const auto& body = *walked.posting.deliveries[0].body;
  CHECK(body.find("\"gender\":\"male\"") != std::string::npos);
  CHECK(body.find("\"code\":\"A04\"") != std::string::npos);
}

TEST_CASE("a message that no edit fits goes nowhere", "[walk][edit]") {
  const House house("steps: [ edit: lab ]\n");
  const auto walked = (*house.walk)(with(admission, "ADT^A01^ADT_A01", "ADT^A60^ADT_A60"));
  CHECK(walked.posting.status == store::Status::failed);
  CHECK(walked.posting.deliveries.empty());
  CHECK(walked.posting.detail == "MSH-9: there is no edit for a message of this structure");
}

TEST_CASE("a wrong edit step is said where it stands", "[walk][edit]") {
  const auto errors = [](const std::string& steps) { return House(steps).walk->errors(); };
  CHECK(errors("steps: [ edit: lap ]\n").find("t.yaml:4:16: error: no folder of maps is called 'lap': did you mean 'lab'?") != std::string::npos);
  CHECK(errors("steps: [ edit: lab/othr ]\n").find("lab has no edit called 'othr': did you mean 'other'?") != std::string::npos);
  CHECK(errors("steps: [ map: hl7v2-to-fhir, edit: lab ]\n").find("an edit changes HL7 v2: put it before the map") != std::string::npos);
  CHECK(errors("steps: [ edit: hl7v2-to-fhir ]\n").find("hl7v2-to-fhir has no `edit`") != std::string::npos);
}
