#include "engine/fhirpath/parse.h"

#include <catch2/catch.hpp>

using namespace tombolo::fhirpath;

namespace {

std::string read(std::string_view text, Dialect dialect = Dialect::standard) {
  const Parsed parsed = parse(text, dialect);
  return parsed ? print(parsed.expression) : std::to_string(parsed.problem->offset) + ": " + parsed.problem->text;
}
std::string read_map(std::string_view text) { return read(text, Dialect::map); }

}  // namespace

TEST_CASE("literals of every kind are read", "[fhirpath]") {
  CHECK(read("{}") == "{}");
  CHECK(read("true") == "true");
  CHECK(read("'it\\'s\\n'") == "'it\\'s\\n'");
  CHECK(read("'\\u00e4\\uD83D\\uDE00'") == "'\xC3\xA4\xF0\x9F\x98\x80'");
  CHECK(read("12") == "12");
  CHECK(read("12L") == "12L");
  CHECK(read("1.50") == "1.50");
  CHECK(read("@2026") == "@2026");
  CHECK(read("@2026-01-31") == "@2026-01-31");
  CHECK(read("@2026T") == "@2026");
  CHECK(read("@2026-01-31T08:30:00.5+01:00") == "@2026-01-31T08:30:00.5+01:00");
  CHECK(read("@T08:30") == "@T08:30");
  CHECK(read("4.5 'mg/dL'") == "4.5 'mg/dL'");
  CHECK(read("4 days") == "4 days");
}

TEST_CASE("operators hold as tightly as the grammar says", "[fhirpath]") {
  CHECK(read("a or b and c") == "(a or (b and c))");
  CHECK(read("a implies b or c implies d") == "((a implies (b or c)) implies d)");
  CHECK(read("a xor b or c") == "((a xor b) or c)");
  CHECK(read("a and b in c = d") == "(a and (b in (c = d)))");
  CHECK(read("a = b < c") == "(a = (b < c))");
  CHECK(read("a < b | c") == "(a < (b | c))");
  CHECK(read("a | b is C") == "(a | (b is C))");
  CHECK(read("a + b is C") == "((a + b) is C)");
  CHECK(read("a + b * c - d & e") == "(((a + (b * c)) - d) & e)");
  CHECK(read("a div b mod c / d") == "(((a div b) mod c) / d)");
  CHECK(read("-a.b * c") == "((-a.b) * c)");
  CHECK(read("a !~ b != c ~ d") == "(((a !~ b) != c) ~ d)");
  CHECK(read("a >= 1 and b <= 2 and c > 3") == "(((a >= 1) and (b <= 2)) and (c > 3))");
  CHECK(read("a contains b as C") == "(a contains (b as C))");
}

TEST_CASE("paths, calls, indexes and names of every kind are read", "[fhirpath]") {
  CHECK(read("Patient.name[0].given.first()") == "Patient.name[0].given.first()");
  CHECK(read("a.where($this > 1 and $index < 2).select(b, c)") == "a.where((($this > 1) and ($index < 2))).select(b, c)");
  CHECK(read("a.aggregate($total + 1, 0)") == "a.aggregate(($total + 1), 0)");
  CHECK(read("%resource.`b c`.`d`") == "%resource.`b c`.d");
  CHECK(read("%`ext-x`.%'y'").starts_with("9: "));
  CHECK(read("%'us-zip'") == "%`us-zip`");
  CHECK(read("contains.as(FHIR.Quantity).is") == "contains.as(FHIR.Quantity).is");
  CHECK(read("a is System.String") == "(a is System.String)");
  CHECK(read("a // and so on\n + /* b */ c") == "(a + c)");
}

TEST_CASE("what is wrong is told with its place", "[fhirpath]") {
  CHECK(read("a +") == "3: expected an expression, found the end");
  CHECK(read("a..b") == "2: expected an element or a function after the dot, found '.'");
  CHECK(read("a b") == "2: expected an operator or the end, found 'b'");
  CHECK(read("f(a b)") == "4: expected ',' or ')', found 'b'");
  CHECK(read("f(a,)") == "4: expected an argument, found ')'");
  CHECK(read("(a") == "2: expected ')', found the end");
  CHECK(read("'abc") == "0: a text has no end: expected '");
  CHECK(read("'a\\qb'", Dialect::map).starts_with("2: unknown escape"));
  CHECK(read("/* a").starts_with("0: a comment has no end"));
  CHECK(read("@2026-02-30") == "0: there is no such date or time");
  CHECK(read("@26").starts_with("0: a date begins with four digits"));
  CHECK(read("$that") == "0: unknown '$that': expected $this, $index or $total");
  CHECK(read("\"a\"").find("single quotes") != std::string::npos);
  CHECK(read("a is 5") == "5: expected the name of a type, found '5'");
  CHECK(read("") == "0: expected an expression, found the end");
}

TEST_CASE("HL7 addresses are terminals of the map dialect", "[fhirpath]") {
  for (const char* address : {"PID-3", "PID-3.1", "PID-3[1].4.2", "OBX[2]-5", "OBX[2]-5[1].1", "PATIENT_RESULT.PID-5", "NTE", "PV2.ROL",
                              "SCH.NTE-3", "RESOURCES.SERVICE.NTE-3", "CX.4.2", "XPN.1.1", "ZAL-12", "PATIENT_RESULT"}) {
    CHECK(read_map(address) == address);
  }
  CHECK(read_map("PID-3.where(CX.5 = 'MR').first()") == "PID-3.where((CX.5 = 'MR')).first()");
  CHECK(read_map("PID - 3") == "(PID - 3)");
  CHECK(read_map("a - 3") == "(a - 3)");
  CHECK(read_map("a-3") == "(a - 3)");
  CHECK(read_map("value.ofType(CD).first()") == "value.ofType(CD).first()");
  CHECK(read_map("is(HL7.CX)") == "is(HL7.CX)");
  CHECK(read("PID-3") == "(PID - 3)");
}

TEST_CASE("wrong addresses say what is wrong with them", "[fhirpath]") {
  CHECK(read_map("PID-0") == "4: numbers in an address count from 1, found 0");
  CHECK(read_map("PID-3[0]") == "6: numbers in an address count from 1, found 0");
  CHECK(read_map("PID-3[x]").starts_with("5: expected a number counted from 1"));
  CHECK(read_map("PID-3[1") == "7: expected ] after the number");
  CHECK(read_map("PID-3-4").find("a component is written with a dot") != std::string::npos);
  CHECK(read_map("PID-3.4.2.1").find("ends with the subcomponent") != std::string::npos);
  CHECK(read_map("OBX[2].5").find("OBX[2]-5") != std::string::npos);
  CHECK(read_map("PID-9999999").find("too large") != std::string::npos);
}

TEST_CASE("the map dialect departs where it says so", "[fhirpath]") {
  CHECK(read_map("name[0]").find("first(), last() or skip(n)") != std::string::npos);
  CHECK(read_map("not PV1-45") == "(not PV1-45)");
  CHECK(read_map("not XPN.12 and not XPN.13") == "((not XPN.12) and (not XPN.13))");
  CHECK(read_map("not a = b or c") == "((not (a = b)) or c)");
  CHECK(read_map("not not a") == "(not (not a))");
  CHECK(read_map("a = not b").find("in brackets") != std::string::npos);
  CHECK(read_map("a.not()") == "a.not()");
  CHECK(read_map("a as dateTime").starts_with("2: "));
  CHECK(read_map("a is Quantity") == "(a is Quantity)");
  CHECK(read_map("when").find("backticks") != std::string::npos);
  CHECK(read_map("`when`.when") == "when.when");
  CHECK(read_map("a # b\n + c") == "(a + c)");
  CHECK(read("not") == "not");
}

TEST_CASE("the longest expression ends before what cannot continue it", "[fhirpath]") {
  const auto rest = [](std::string_view text, std::size_t start = 0) {
    const Parsed parsed = parse_longest(text, start, Dialect::map);
    return parsed ? print(parsed.expression) + "$" + std::string(text.substr(parsed.end)) : parsed.problem->text;
  };
  CHECK(rest("PID-13  as XTN-ContactPoint with use = 'home'") == "PID-13$  as XTN-ContactPoint with use = 'home'");
  CHECK(rest("value <- OBX-5.1 when OBX-2 = 'NM'", 8) == "OBX-5.1$ when OBX-2 = 'NM'");
  CHECK(rest("PID-2, PID-3 as CX") == "PID-2$, PID-3 as CX");
  CHECK(rest("PV1-7 { a <- b }") == "PV1-7$ { a <- b }");
  CHECK(rest("target <- source") == "target$ <- source");
  CHECK(rest("PID-3\nkey <- PID-4") == "PID-3$\nkey <- PID-4");
  CHECK(rest("PID-3 # comment\n  contains <- x") == "PID-3$ # comment\n  contains <- x");
  CHECK(rest("words(PID-5,\n  PID-6) else 'x'") == "words(PID-5, PID-6)$ else 'x'");
  CHECK(rest("words(a)\n.b") == "words(a)$\n.b");
  CHECK(rest("a +\n b") == "(a + b)$");
  CHECK(rest("a on error drop") == "a$ on error drop");
  CHECK(rest("else 'x'").starts_with("expected an expression, found 'else'"));
}

TEST_CASE("right-hand sides as maps write them are read", "[fhirpath]") {
  for (const char* text :
       {"'message - ' + MSH-9.1 + '^' + MSH-9.2", "together(OBR-3, OBX-3.1, OBX-4)", "find(Observation, together(OBR-29.2, OBR-26.1.1))",
        "iif(%specimen.count() = 1, %specimen)", "OBX-5.count() > 1 and not (OBX-2 = 'NA')", "SCH-10.1.lower() in ('min' | 'm' | 'minutes')",
        "PID-10.where(not (CWE.1 in ('1002-5' | '2028-9')))", "words('+' + XTN.5, XTN.6, XTN.7, 'X' + XTN.8)", "code('v2-0203', 'VN', 'visit number')",
        "entryRelationship.where(typeCode = 'SUBJ').observation.template(ProblemObservation)", "effectiveTime.ofType(IVL_TS).first().low.value",
        "%context.entry.resource.ofType(DiagnosticReport).where(subject.resolve() = %person)", "$index + 1", "value is CodeableConcept",
        "extension('patient-birthTime').value.ofType(dateTime)", "(ED.2 + '/' + ED.3).lower()", "deceased.ofType(dateTime) or deceased.ofType(boolean) = true"}) {
    INFO(text);
    CHECK(parse(text, Dialect::map));
  }
}

TEST_CASE("no text is too deep or too long to be refused", "[fhirpath]") {
  CHECK(read(std::string(5000, '(')).find("nested too deep") != std::string::npos);
  CHECK(read(std::string(5000, '-') + "1").find("nested too deep") != std::string::npos);
  std::string chain = "1";
  for (int i = 0; i < 900; ++i) chain += "|1";
  CHECK(parse(chain, Dialect::standard));
  for (int i = 0; i < 900; ++i) chain += "|1";
  CHECK(read(chain).find("too long") != std::string::npos);
  CHECK(read("a" + std::string(70'000, ' ') + "b").find("64 KiB") != std::string::npos);
}

TEST_CASE("what is printed is read as the same", "[fhirpath]") {
  for (const char* text : {"a.b[1] | -c * 2 'mg' = %`x y` and not(d) is E.F", "a.select($this & '\\t\\'').join(', ') contains @2026-01T or {}"}) {
    const std::string once = read(text);
    CHECK(read(once) == once);
  }
}
