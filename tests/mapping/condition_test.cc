#include "engine/mapping/condition.h"

#include <catch2/catch.hpp>

#include "tests/mapping/fixture.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

constexpr std::string_view message =
    "MSH|^~\\&|LAB|NORTH|||20260102030405+0000||ADT^A01^ADT_A01|1|P|2.5.1\rPID|1||4711^^^NORTH^MR||Berg^Tove||19500101\rPV1|1|I\r";

// Before a map, or after the one below.
bool holds(const std::string& text, Condition::Subject subject) {
  const auto& s = Standards::get();
  Diagnostics diagnostics;
  const auto condition = Condition::compile(text, subject, {"channel.yaml", 1, 1}, text, s.dictionary, s.schema, diagnostics);
  INFO(diagnostics.print());
  REQUIRE(condition);
  Arena source_arena, arena, scratch;
  Tree source(source_arena), bundle(arena);
  std::vector<Complaint> complaints;
  REQUIRE(hl7v2_format(s.dictionary)->parse(message, {}, source, complaints));
  if (subject == Condition::Subject::hl7v2) return condition->holds(source, scratch).value();
  const Site site("map ADT_A01 to Bundle\n  type <- 'message'\n  entry patient: Patient <- PID\n  entry visit: Encounter <- PV1 with subject = %patient\n"
                  "map PID to Patient\n  birthDate <- PID-7\nmap PV1 to Encounter\n  status <- 'unknown'\n  class <- PV1-2.1 via patient-class\n");
  RunReport report;
  REQUIRE(site.maps->run(*site.maps->for_message(source), source, {}, bundle, report));
  return condition->holds(bundle, scratch).value();
}

}  // namespace

TEST_CASE("before a map a condition sees the message", "[mapping]") {
  const auto about = Condition::Subject::hl7v2;
  CHECK(holds("MSH-9.1 = 'ADT' and PV1", about));
  CHECK_FALSE(holds("OBX", about));
  CHECK_FALSE(holds("'VN' in PID-3.5", about));
}

TEST_CASE("after a map a condition sees the Bundle, its resources by type, and where references lead", "[mapping]") {
  const auto about = Condition::Subject::bundle;
  CHECK(holds("Bundle.entry.resource.ofType(Encounter).exists()", about));
  CHECK_FALSE(holds("Bundle.entry.resource.ofType(Observation).exists()", about));
  CHECK(holds("entry.resource.ofType(Patient).birthDate.exists($this < @1960-01-01)", about));
  CHECK(holds("entry.resource.ofType(Encounter).subject.resolve().exists($this is Patient)", about));
}

TEST_CASE("after a map a condition has no segments to read", "[mapping]") {
  const auto& s = Standards::get();
  Diagnostics diagnostics;
  CHECK_FALSE(Condition::compile("PID-3", Condition::Subject::bundle, {"channel.yaml", 1, 1}, "PID-3", s.dictionary, s.schema, diagnostics));
  CHECK_THAT(diagnostics.print(), Catch::Contains("after a map there is a Bundle, and no PID-3"));
}

TEST_CASE("a condition counts segments of one name through the whole message", "[mapping][condition]") {
  const auto& s = Standards::get();
  const auto asked = [&](const std::string& text) {
    Diagnostics diagnostics;
    const auto condition = Condition::compile(text, Condition::Subject::hl7v2, {"channel.yaml", 1, 1}, text, s.dictionary, s.schema, diagnostics);
    REQUIRE(condition);
    Arena arena, scratch;
    Tree tree(arena);
    std::vector<Complaint> complaints;
    const std::string_view results = "MSH|^~\\&|LAB|NORTH|||20260102030405+0000||ORU^R01^ORU_R01|1|P|2.5.1\rPID|1\rOBR|1\rOBX|1|ST|A||x\rOBX|2|ST|B||y\rOBR|2\rOBX|1|ST|C||z\r";
    REQUIRE(hl7v2_format(s.dictionary)->parse(results, {}, tree, complaints));
    return condition->holds(tree, scratch).value();
  };
  CHECK(asked("OBX-3.1 = 'A'"));
  CHECK(asked("OBX[2]-3.1 = 'B'"));
  CHECK(asked("OBX[3]-3.1 = 'C'"));
  CHECK(asked("OBX[3]"));
  CHECK_FALSE(asked("OBX[4]"));
}
