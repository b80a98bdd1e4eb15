#include "engine/fhirpath/evaluate.h"

#include <catch2/catch.hpp>

#include "tests/fhirpath/message.h"

using namespace tombolo;
using namespace tombolo::fhirpath;
using namespace tombolo::fhirpath::testing;

namespace {

std::string answer(std::string_view expression) { return ask(expression).text; }
std::string standard(std::string_view expression) { return ask(expression, {.dialect = Dialect::standard}).text; }

// A function as another room brings it.
bool joined(Call& call, Items& out) {
  std::string text;
  Items all(call.arena());
  for (std::size_t i = 0; i < call.count(); ++i) {
    Items items(call.arena());
    if (!call.argument(i, items)) return false;
    std::optional<std::string_view> part;
    if (!call.text(items, part)) return false;
    if (part) text += (text.empty() ? "" : " ") + std::string(*part);
    all.append(items);
  }
  if (!all.empty()) out.add(call.text_item(text, {&all}));
  return true;
}
const Function words[] = {{"words", 1, Function::any, "v", nullptr, joined, false, "words('a', 'b') = 'a b'"}};

}  // namespace

TEST_CASE("an address reads fields, repetitions and components", "[fhirpath]") {
  CHECK(answer("PID-3.1") == "4711, 0815");
  CHECK(answer("PID-3[2].1") == "0815");
  CHECK(answer("PID-3[1].4.2") == "1.2.3");
  CHECK(answer("PID-3[3]").empty());
  CHECK(answer("PID-7") == "197203041530");
  CHECK(answer("OBX[2]-5") == "fine");
  CHECK(answer("OBX-3.1") == "GLU, NOTE");
  CHECK(answer("OBX-3.4").empty());
}

TEST_CASE("the first component of a value without components is the value", "[fhirpath]") {
  CHECK(answer("PID-3[2].4.1") == "TOWN");
  CHECK(answer("PID-5.1.1") == "Winter, Sommer");
  CHECK(answer("PID-8.1.1") == "F");
  CHECK(answer("PID-8.2") == "error at 0: PID-8.2: ST has no component 2");
}

TEST_CASE("a data type's address looks at the focus", "[fhirpath]") {
  CHECK(answer("PID-3.where(CX.5 = 'PI').select(CX.1)") == "0815");
  CHECK(ask("CX.4.2", {.focus_is_cx = true}).text == "1.2.3");
  CHECK(answer("CX.1") == "error at 0: there is no CX here");
}

TEST_CASE("HL7's empty quotes are absent, and asked for", "[fhirpath]") {
  const Asking how{.segments = {"PID|1||||\"\"||\"\""}};
  CHECK(ask("PID-7", how).text.empty());
  CHECK(ask("PID-7", how).met_deleted);
  CHECK(ask("PID-7.exists()", how).text == "false");
  CHECK(ask("PID-7.deleted()", how).text == "true");
  CHECK(ask("PID-8.deleted()", how).text == "false");
  CHECK(ask("not PID-7", how).text == "true");
}

TEST_CASE("where a condition is due, anything else means has a value", "[fhirpath]") {
  CHECK(answer("PID-8 and PID-3") == "true");
  CHECK(answer("iif(PID-8, 'yes', 'no')") == "yes");
  CHECK(answer("iif(PID-1 and OBX-9, 'yes', 'no')") == "error at 14: OBX-9: OBX has no field 9");
  CHECK(answer("not (PID-8 = 'F')") == "false");
  CHECK(answer("not {}") == "true");
  CHECK(answer("not PID-3[3]") == "true");
  CHECK(answer("PID-3.where(CX.4.2).select(CX.1)") == "4711");
}

TEST_CASE("equality on what may repeat is an error, inequality on what may be absent a warning", "[fhirpath]") {
  CHECK(answer("PID-3.1 = '4711'").starts_with("error at 8: '=' takes one value, and this may repeat"));
  CHECK(answer("'4711' in PID-3.1") == "true");
  CHECK(answer("PID-3.1 contains '1'") == "false");
  const Parsed parsed = parse("PID-8 != 'F'", Dialect::map);
  const MessageTypes types;
  const Bound bound = bind(parsed.expression, MessageScope(types, {}, {}));
  REQUIRE(bound);
  REQUIRE(bound.problems.size() == 1);
  CHECK(bound.problems[0].severity == Severity::warning);
}

TEST_CASE("a field that may not repeat but does is its first, and that is reported", "[fhirpath]") {
  const Asking how{.segments = {"PID|1|||||||F~M"}};
  CHECK(ask("PID-8 = 'F'", how).text == "true");
  CHECK(ask("PID-8 = 'F'", how).took_first);
  CHECK(ask("PID-8.lower()", how).text == "f");
  CHECK(ask("PID-8 is System.String", how).took_first);
  CHECK(ask("PID-8", how).text == "F, M");
}

TEST_CASE("HL7 text meets numbers and dates as what it means", "[fhirpath]") {
  CHECK(answer("PID-1 = 1") == "true");
  CHECK(answer("PID-1 = '1'") == "true");
  CHECK(answer("OBX[1]-5.first() > 5") == "true");
  CHECK(answer("PID-7 < @1980-01-01") == "true");
  CHECK(answer("PID-7.toDateTime()") == "1972-03-04T15:30");
  CHECK(answer("PID-7.toDate()") == "1972-03-04");
  CHECK(answer("'20260131120000+0100'.toDateTime()") == "2026-01-31T12:00:00+01:00");
  CHECK(answer("PID-7.length() > 8") == "true");
  CHECK(answer("OBX[1]-5.first().toDecimal() + 1") == "6.40");
}

TEST_CASE("a result knows the nodes it was computed from", "[fhirpath]") {
  const Asking how{.functions = words};
  CHECK(ask("PID-8", how).sources == std::vector<std::string>{"F"});
  CHECK(ask("words(PID-5[1].2, PID-5[1].1.1)", how).text == "Ada Winter");
  CHECK(ask("words(PID-5[1].2, PID-5[1].1.1)", how).sources == std::vector<std::string>{"Ada", "Winter"});
  CHECK(ask("'urn:oid:' + PID-3[1].4.2", how).sources == std::vector<std::string>{"1.2.3"});
  CHECK(ask("PID-5.first().exists()", how).sources.size() == 1);
  CHECK(ask("'constant'", how).sources.empty());
  CHECK(ask("PID-3.select(CX.1 & '/' & CX.5)", how).sources == std::vector<std::string>{"4711", "MR"});
}

TEST_CASE("what an expression reads is written down", "[fhirpath]") {
  Arena arena;
  Tree tree(arena);
  const MessageTypes types;
  for (const std::string_view segment : message) add_segment(tree, segment);
  const Parsed parsed = parse("PID-3.where(CX.5 = 'PI').select(CX.1)", Dialect::map);
  const Bound bound = bind(parsed.expression, MessageScope(types, {}, {}));
  REQUIRE(bound);
  CHECK(bound.program.slots().size() == 1);
  const MessageFrame frame(types, tree);
  std::vector<NodeId> reads;
  Run run{frame, arena, &reads};
  Items focus(arena);
  Items out(arena);
  REQUIRE(evaluate(bound.program, run, focus, out));
  CHECK(reads.size() == 5);  // two PID-3, two CX.5, one CX.1
}

TEST_CASE("variables and positions come from the caller", "[fhirpath]") {
  CHECK(answer("%room & '!'") == "room 12!");
  CHECK(answer("$index + 1") == "8");
  CHECK(answer("PID-3.select($index)") == "0, 1");
  CHECK(answer("%rom") == "error at 0: unknown variable '%rom': did you mean 'room'?");
  CHECK(answer("%loinc") == "http://loinc.org");
  CHECK(answer("now()") == "2026-02-03T10:11:12Z");
  CHECK(answer("today()") == "2026-02-03");
}

TEST_CASE("unknown names come with a suggestion", "[fhirpath]") {
  CHECK(answer("PID-8.lenght()") == "error at 6: unknown function 'lenght': did you mean 'length'?");
  CHECK(answer("PID-8.substring()") == "error at 6: substring() takes 1 to 2 arguments, found 0");
  CHECK(answer("PID-8.encode('bas64')").find("did you mean 'base64'") != std::string::npos);
  CHECK(answer("PID-8.matches('(')").find("regular expression") != std::string::npos);
  CHECK(answer("PID-8.ofType(Foo)").find("unknown type 'Foo'") != std::string::npos);
  CHECK(answer("PID-99") == "error at 0: PID-99: PID has no field 99");
  CHECK(answer("PID-5.lower()").find("may repeat") != std::string::npos);
}

TEST_CASE("wrong operands are a fault, not a crash", "[fhirpath]") {
  CHECK(standard("1 + 'a'").starts_with("fault: '+' cannot take"));
  CHECK(standard("(1 | 2) + 1").starts_with("fault: '+' takes one item"));
  CHECK(standard("true < false").starts_with("fault: "));
  CHECK(standard("@2026-01-31 + 1 'cm'").starts_with("fault: a date moves by"));
  CHECK(standard("'a'.substring('b')") == "error at 14: expected an integer as this argument");
  CHECK(answer("'a'.substring('b')").starts_with("fault: substring(): expected an integer"));
  CHECK(standard("1 / 0").empty());
  CHECK(standard("9223372036854775807 + 1").empty());
}

TEST_CASE("logic has three values", "[fhirpath]") {
  CHECK(standard("true and {}").empty());
  CHECK(standard("false and {}") == "false");
  CHECK(standard("{} or true") == "true");
  CHECK(standard("{} or false").empty());
  CHECK(standard("true xor {}").empty());
  CHECK(standard("{} implies true") == "true");
  CHECK(standard("false implies {}") == "true");
}

TEST_CASE("each item has a collection of its own", "[fhirpath]") {
  CHECK(standard("(1 | 2).select($this | 1)") == "1, 2, 1");
  CHECK(standard("(3 | 4).aggregate(iif($total.empty(), $this, $total + $this))") == "7");
  CHECK(standard("(1 | 2 | 3).where($index = 1)") == "2");
}

TEST_CASE("a run that takes too long ends with a fault", "[fhirpath]") {
  Arena arena;
  Tree tree(arena);
  const MessageTypes types;
  const Parsed parsed = parse("(1|2|3|4|5|6|7|8).select($this.repeatAll($this))", Dialect::standard);
  const Bound bound = bind(parsed.expression, MessageScope(types, {}, {}));
  REQUIRE(bound);
  const MessageFrame frame(types, tree);
  Run run{frame, arena};
  run.steps_left = 1000;
  Items focus(arena);
  Items out(arena);
  const auto done = evaluate(bound.program, run, focus, out);
  REQUIRE_FALSE(done);
  CHECK(done.error().kind == Kind::too_large);
}
