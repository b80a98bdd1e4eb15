// What the maps that ship keep of a message on its way to FHIR and back.
#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/mapping/edit/fixture.h"
#include "tests/mapping/to_v2/fixture.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

struct Shipped {
  Shipped() {
    const auto& s = Standards::get();
    Diagnostics found;
    there = Maps::load(s.library, s.dictionary, s.schema, {"hl7v2-to-fhir"}, found);
    back = Messages::load(s.library, s.dictionary, s.schema, {"fhir-to-hl7v2"}, found);
    INFO(found.print());
    REQUIRE(!found.failed());
  }
  std::unique_ptr<const Maps> there;
  std::unique_ptr<const Messages> back;
};

// Lines end with \n here. The Bundle goes through its JSON, as it would on a wire.
std::string came_back(const std::string& message, const std::string& version) {
  static const Shipped maps;
  const auto& s = Standards::get();
  const auto bytes = segments(message);
  Arena source_arena, bundle_arena, again_arena, arena;
  Tree source(source_arena), bundle(bundle_arena), again(again_arena), out(arena);
  std::vector<Complaint> complaints;
  REQUIRE(hl7v2_format(s.dictionary)->parse(bytes, {}, source, complaints));
  RunInputs inputs;
  RunReport report, second;
  REQUIRE(maps.there->run(*maps.there->for_message(source), source, inputs, bundle, report));
  const auto json = print_fhir(bundle, s.schema);
  REQUIRE(parse_fhir(json, s.schema, again));
  const auto done = maps.back->run(again, {"", version}, inputs, out, second);
  if (!done) return text(done.error());
  auto printed = hl7v2::print(out, s.dictionary);
  if (!printed) return text(printed.error());
  std::replace(printed->begin(), printed->end(), '\r', '\n');
  return *printed;
}

}  // namespace

TEST_CASE("an admission comes back as it was sent", "[mapping][to_v2]") {
  const std::string admission =
      "MSH|^~\\&|ADT^2.999.1^ISO|NORTH|LAB^2.999.2^ISO|EAST|20260102030405+0100||ADT^A01^ADT_A01|C1|P|2.5.1||||||UNICODE UTF-8\n"
      "EVN|A01|20260102030400+0100||01\n"
      "PID|1||4711^^^NORTH^MR||Ahlberg^Tove^Å^Jr.^Dr.^^L||19500301|F|||Harbour Street 1^2nd floor^Nordhavn^NO^4001^NOR^H||555 0101^PRN^PH|555 0102^WPN^PH||M^Married^HL70002|||||||N||||||20260101|Y\n"
      "PV1|1|I|W1^12^B^HOUSE||||D1^Holm^Ida|||MED|||||||||V100^^^NORTH^VN|||||||||||||||||||||||||20260102030000+0100\n";
  CHECK(came_back(admission, "2.5.1") == admission);
}

TEST_CASE("results come back as they were sent", "[mapping][to_v2]") {
  const std::string results =
      "MSH|^~\\&|LAB^2.999.1^ISO|NORTH|ADT^2.999.2^ISO|EAST|20260102030405+0100||ORU^R01^ORU_R01|C2|P|2.5.1||||||UNICODE UTF-8\n"
      "PID|1||4711^^^NORTH^MR||Ahlberg^Tove^^^^^L||19500301|F\n"
      "OBR|1|P1^^2.999.3^ISO|F1^^2.999.4^ISO|24323-8^Metabolic panel^LN|||20260102020000+0100|||||||||||||||20260102030000+0100|||F\n"
      "OBX|1|NM|2823-3^Potassium^LN||4.10|mmol/L^^UCUM|3.5-5.1|H|||F|||20260102020000+0100\n"
      "NTE|1||a \\T\\ b\n"
      "OBX|2|SN|10839-9^Troponin^LN||<^0.04|ug/L^^UCUM||N|||F|||20260102020000+0100\n"
      "OBX|3|ST|8251-1^Comment^LN||clear||||||P|||20260102020000+0100\n";
  CHECK(came_back(results, "2.5.1") == results);
}
