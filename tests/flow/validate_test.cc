#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/flow/walking.h"

using namespace tombolo;

namespace {

std::string channel(const std::string& step, const std::string& after = "mapped", const std::string& own = "") {
  return "channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\nacknowledge: { after: " + after + ", invalid: AR }\n" +
         (step.empty() ? std::string() : "steps:\n  - validate: " + step + "\n") +
         "destinations:\n  out:\n    file: { path: out.ndjson, as: ndjson }\n" + (own.empty() ? std::string() : "    steps:\n      - validate: " + own + "\n");
}

const std::string sound =
    "MSH|^~\\&|ADT|NORTH|T|H|20260102030405||ADT^A01^ADT_A01|1|P|2.5.1\r"
    "EVN||20260102030405\r"
    "PID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500101|F\r"
    "PV1|1|I\r";
const std::string nameless =
    "MSH|^~\\&|ADT|NORTH|T|H|20260102030405||ADT^A01^ADT_A01|1|P|2.5.1\r"
    "EVN||20260102030405\r"
    "PID|1||4711^^^NORTH^MR|||19500101|F\r"
    "PV1|1|I|||||||||||||||||||||||||||||||||||||||||||||||||||\r"
    "ZPI|1\r";

bool tagged(const Walked& walked) {
  return std::count(walked.posting.keys.begin(), walked.posting.keys.end(), std::pair<std::string, std::string>("tag", "invalid")) == 1;
}

bool says(const Walking& walk, const std::string& what) {
  INFO(walk.errors());
  CHECK(walk.errors().find(what) != std::string::npos);
  return true;
}

}  // namespace

TEST_CASE("a sound message passes a validation and is not tagged", "[walk][validate]") {
  const auto walked = Walking(channel("{ fail: reject }"))(sound);
  CHECK(walked.posting.status == store::Status::posted);
  CHECK(walked.posting.deliveries.size() == 1);
  CHECK_FALSE(tagged(walked));
}

TEST_CASE("fail: reject: the sender hears the channel's verdict with a complaint for each error", "[walk][validate]") {
  const auto walked = Walking(channel("{ severity: { unknown: error }, fail: reject }"))(nameless);
  CHECK(walked.posting.status == store::Status::refused);
  CHECK(walked.posting.deliveries.empty());
  CHECK(walked.posting.detail == "PID-5: required in version 2.5.1 and not there (and 1 more)");
  CHECK(tagged(walked));
  CHECK(walked.answer.verdict == Verdict::rejected);
  REQUIRE(walked.answer.complaints.size() == 2);
  CHECK(walked.answer.complaints[0].location == "PID-5");
  CHECK(walked.answer.complaints[0].code == "101");
  CHECK(walked.answer.complaints[0].severity == "E");
  CHECK(walked.answer.complaints[1].location == "ZPI");
}

TEST_CASE("fail: hold: the message waits, and passes once a person released it", "[walk][validate]") {
  const Walking walk(channel("{ fail: hold }", "stored"));
  const auto held = walk(nameless);
  CHECK(held.posting.status == store::Status::held);
  CHECK(held.posting.detail == "PID-5: required in version 2.5.1 and not there");
  CHECK(held.posting.deliveries.empty());
  const auto released = walk(nameless, true);
  CHECK(released.posting.status == store::Status::posted);
  CHECK(released.posting.deliveries.size() == 1);
  CHECK(tagged(released));
}

TEST_CASE("a validation that says nothing else holds", "[walk][validate]") {
  CHECK(Walking(channel("", "stored", ""))(nameless).posting.status == store::Status::posted);
  CHECK(Walking(channel("{}", "stored"))(nameless).posting.status == store::Status::held);
}

TEST_CASE("fail: pass: the message goes on and is found by its tag", "[walk][validate]") {
  const auto walked = Walking(channel("{ fail: pass }", "stored"))(nameless);
  CHECK(walked.posting.status == store::Status::posted);
  CHECK(walked.posting.deliveries.size() == 1);
  CHECK(tagged(walked));
}

TEST_CASE("in a destination a broken message is left out, or passes", "[walk][validate]") {
  const auto skipped = Walking(channel("", "stored", "{ fail: skip }"))(nameless);
  CHECK(skipped.posting.deliveries.empty());
  CHECK(skipped.posting.status == store::Status::filtered);
  CHECK(tagged(skipped));
  CHECK(Walking(channel("", "stored", "{}"))(nameless).posting.deliveries.empty());
  CHECK(Walking(channel("", "stored", "{ fail: pass }"))(nameless).posting.deliveries.size() == 1);
}

TEST_CASE("a family that is a warning stops nothing", "[walk][validate]") {
  const auto walked = Walking(channel("{ severity: { cardinality: warning }, fail: reject }"))(nameless);
  CHECK(walked.posting.status == store::Status::posted);
  CHECK_FALSE(tagged(walked));
}

TEST_CASE("what a validation cannot do is said when the channel is loaded", "[walk][validate]") {
  says(Walking(channel("{ fail: reject }", "stored")), "t.yaml:6:23: error: fail: reject needs \"acknowledge: { after: mapped }\"");
  says(Walking(channel("", "mapped", "{ fail: reject }")), "t.yaml:9:27: error: reject is for the whole message");
  says(Walking(channel("", "mapped", "{ fail: hold }")), "t.yaml:9:27: error: hold is for the whole message");
  says(Walking(channel("{ fail: skip }")), "t.yaml:6:23: error: skip leaves out one destination");
  says(Walking(channel("{ severity: { structur: error } }")), "did you mean 'structure'");
  says(Walking(channel("{ severity: { structure: eror } }")), "did you mean 'error'");
  says(Walking(channel("{ profile: hl7v3 }")), "did you mean 'hl7v2'");
  says(Walking("channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\nsteps:\n  - map: hl7v2-to-fhir\n  - validate: {}\n"
               "destinations:\n  out:\n    file: { path: o, as: ndjson }\n"),
       "validate checks the message as received: it stands before the map");
}
