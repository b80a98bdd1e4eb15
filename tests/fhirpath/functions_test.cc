// Each function carries an example that must hold.
#include "engine/fhirpath/function.h"

#include <catch2/catch.hpp>

#include "engine/fhirpath/functions/functions.h"
#include "tests/fhirpath/message.h"

using namespace tombolo;
using namespace tombolo::fhirpath;
using namespace tombolo::fhirpath::testing;

TEST_CASE("the examples of FHIRPath's own functions hold", "[fhirpath]") {
  for (const std::string_view name : own_function_names()) {
    const Function* const function = own_function(name);
    INFO(function->example);
    REQUIRE_FALSE(function->example.empty());
    CHECK(ask(function->example, {.dialect = Dialect::standard}).text == "true");
  }
}

TEST_CASE("a function of another room hides FHIRPath's own", "[fhirpath]") {
  static const Function mine[] = {{"upper", 0, 0, "", nullptr, [](Call& call, Items& out) { return out.add(call.text_item("mine", {})), true; }}};
  CHECK(ask("PID-8.upper()", {.functions = mine}).text == "mine");
  CHECK(ask("PID-8.lower()", {.functions = mine}).text == "f");
}

TEST_CASE("text is counted in characters", "[fhirpath]") {
  CHECK(ask("'Zo\xC3\xAB M\xC3\xBCller'.substring(4, 2)").text == "M\xC3\xBC");
  CHECK(ask("'\xC3\xA4\xC3\xB6'.indexOf('\xC3\xB6')").text == "1");
  CHECK(ask("'\xC3\xBF\xD0\xB0\xCE\xB1'.upper()").text == "\xC5\xB8\xD0\x90\xCE\x91");
  CHECK(ask("'a'.substring(5)").text.empty());
  CHECK(ask("'abc'.toChars()").text == "a, b, c");
}

TEST_CASE("encodings go there and back", "[fhirpath]") {
  for (const char* how : {"base64", "urlbase64", "hex"}) {
    CHECK(ask("'subjects?_d>'.encode('" + std::string(how) + "').decode('" + how + "')").text == "subjects?_d>");
  }
  CHECK(ask("'68656c6c6f'.encode('hex-base64')").text == "aGVsbG8=");
  CHECK(ask("'%%%'.decode('base64')").text.starts_with("fault: decode()"));
}
