#include "engine/filters/deidentify/scrub.h"

#include "tests/filters/deidentify/filtering.h"

using namespace tombolo;
using namespace tombolo::deidentify;

namespace {

// `text` scrubbed of the people of this resource.
std::string scrubbed(const std::string& text, std::string_view resource = R"json({"resourceType":"Patient",
    "identifier":[{"value":"A-4711"}],"name":[{"use":"official","family":"Ahlberg-Quist","given":["Tove"],"prefix":["Dr"]},{"text":"陈小梅"}],
    "telecom":[{"value":"(919) 555-0100"}],"birthDate":"1980-02-03","address":[{"line":["7 Lighthouse Road"],"city":"Sandport","country":"Norway"}]})json") {
  Arena arena;
  Tree tree(arena);
  REQUIRE(parse_fhir(resource, schema(), tree));
  return Scrubber(tree, schema())(text);
}

}  // namespace

TEST_CASE("names go in any case, alone, with 's, and one half of a double name", "[scrub]") {
  CHECK(scrubbed("Seen with AHLBERG, tove and Tove's sister") == "Seen with […], […] and […]'s sister");
  CHECK(scrubbed("Ms Quist came, Ahlberg-Quist left") == "Ms […] came, […] left");
  CHECK(scrubbed("患者陈小梅，收住入院") == "患者[…]，收住入院");
}

TEST_CASE("numbers and addresses of the people go", "[scrub]") {
  CHECK(scrubbed("record a-4711 at 7 lighthouse road, Sandport") == "record […] at […], […]");
  CHECK(scrubbed("on the road to Norway") == "on the road to Norway");
}

TEST_CASE("what looks like a number, a date or an address of anybody goes", "[scrub]") {
  const std::string nobody = R"({"resourceType":"Patient"})";
  CHECK(scrubbed("call 555-123-4567 or +47 22 12 34 56", nobody) == "call […] or […]");
  CHECK(scrubbed("mail a.b@example.org", nobody) == "mail […]");
  CHECK(scrubbed("see https://portal.example/p?mrn=1&u=x now", nobody) == "see […] now");
  CHECK(scrubbed("ssn 987-65-4320", nobody) == "ssn […]");
  CHECK(scrubbed("born 1980-02-03, 19800203, 2/3/1980 or 3 Feb 1980", nobody).find("80") == std::string::npos);
  CHECK(scrubbed("account 00123456", nobody) == "account […]");
}

TEST_CASE("what was found stays", "[scrub]") {
  for (const auto* text : {"Glucose", "provided new numbers", "sodium 139 mmol/L", "pH 7.35", "grade 3 of 4", "mg/dL"}) CHECK(scrubbed(text) == text);
}
