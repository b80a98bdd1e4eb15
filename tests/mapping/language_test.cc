#include "engine/mapping/language/parse.h"

#include <catch2/catch.hpp>

#include <string>

using namespace tombolo;
using namespace tombolo::mapping;

namespace {

// A parsed file together with the text its views point into.
struct Parsed {
  explicit Parsed(std::string_view text) : source("x.map", text), file(parse_map_file(source, diagnostics)) {}
  const Statement& first() const { return file.maps.at(0).body.at(0); }
  std::string faults() const { return diagnostics.print(); }

  Diagnostics diagnostics;
  Source source;
  FileText file;
};

// The first line of what is said about one statement of a map.
std::string fault(const std::string& statement) {
  const Parsed p("map PID to Patient\n" + statement + "\n");
  const auto& list = p.diagnostics.list();
  if (list.empty()) return "";
  return text(list[0].place) + ": " + list[0].text;
}

Statement::Kind kind(const std::string& statement) {
  const Parsed p("map PID to Patient\n" + statement);
  INFO(p.faults());
  REQUIRE(p.faults().empty());
  REQUIRE(p.file.maps.at(0).body.size() == 1);
  return p.first().kind;
}

}  // namespace

TEST_CASE("a map's head names input, results, name, what it reads and what it takes", "[mapping][language]") {
  const Parsed p("map OBX to Observation, Observation.component called OBX-value\n  reads OBR, NTE\n  takes patient: Patient, codes: table\n"
                 "  value <- OBX-5\n");
  REQUIRE(p.faults().empty());
  const auto& m = p.file.maps.at(0);
  CHECK(m.source.text == "OBX");
  REQUIRE(m.targets.size() == 2);
  CHECK(m.targets[1].text == "Observation.component");
  CHECK(m.called.text == "OBX-value");
  REQUIRE(m.reads.size() == 2);
  CHECK(m.reads[1].text == "NTE");
  REQUIRE(m.takes.size() == 2);
  CHECK(m.takes[0].name.text == "patient");
  CHECK(m.takes[1].type.text == "table");
  CHECK(m.body.size() == 1);
}

TEST_CASE("a rule has alternatives, each with its sources and clauses", "[mapping][language]") {
  const Parsed p("map PID to Patient\n  name <- PID-5, PID-9 as XPN-HumanName via t with use = 'home', rank = 1 when PID-8 on error try next\n"
                 "    on miss keep on delete 'gone' else %other.name via %codes else 'unknown' # why\n");
  REQUIRE(p.faults().empty());
  const auto& chain = p.first().chain;
  REQUIRE(chain.size() == 3);
  REQUIRE(chain[0].sources.size() == 2);
  CHECK(chain[0].sources[1].text == "PID-9");
  const auto& c = chain[0].clauses;
  CHECK(c.as.text == "XPN-HumanName");
  CHECK(c.via.text == "t");
  REQUIRE(c.with.size() == 2);
  CHECK(c.with[1].name.text == "rank");
  CHECK(c.with[1].value.text == "1");
  CHECK(c.when.text == "PID-8");
  CHECK(c.on_error == OnError::try_next);
  CHECK(c.on_miss == OnMiss::keep);
  CHECK(c.on_delete == OnDelete::text);
  CHECK(c.delete_text.text == "'gone'");
  CHECK(chain[1].clauses.via.text == "%codes");
  CHECK(chain[2].sources[0].text == "'unknown'");
}

TEST_CASE("each kind of statement is told by its first word", "[mapping][language]") {
  using K = Statement::Kind;
  CHECK(kind("birthDate <- PID-7") == K::rule);
  CHECK(kind("address { city <- 'x' }") == K::element);
  CHECK(kind("value: Quantity each OBX-5 when OBX-2 = 'NM' on error try next {\n}") == K::element);
  CHECK(kind("entry patient: Patient <- PID, PD1") == K::entry_rule);
  CHECK(kind("entry bed: Location when PL.3 { name <- PL.3 }") == K::entry);
  CHECK(kind("each PATIENT_RESULT {\n}") == K::each);
  CHECK(kind("if OBX-2 = 'NM' {\n}") == K::condition);
  CHECK(kind("include OBX as OBX-value when OBX-5.count() <= 1 or OBX-2 = 'NA'") == K::include);
  CHECK(kind("let only = iif(%specimen.count() = 1, %specimen)") == K::let);
  CHECK(kind("gives %bed else %room") == K::gives);
}

TEST_CASE("a word of the language in backticks, or with an arrow behind it, is an element", "[mapping][language]") {
  CHECK(kind("`when` <- event.code") == Statement::Kind::rule);
  CHECK(kind("`entry` each PID-3 {\n}") == Statement::Kind::element);
  CHECK(kind("include <- PID-3") == Statement::Kind::rule);
  const Parsed p("map A to B\n`when` <- event.`as` as code\n");
  CHECK(p.first().target.steps.at(0).name.text == "when");
  CHECK(p.first().chain.at(0).sources.at(0).text == "event.`as`");
}

TEST_CASE("targets are paths, extensions, entries' elements or addresses", "[mapping][language]") {
  const Parsed p("map A to B\n%report.result <- %seen\nbirthDate.extension('patient-birthTime') <- PID-7\nPID-3[1].4.2 <- x\nXPN.1.1 <- family\n");
  REQUIRE(p.faults().empty());
  const auto& body = p.file.maps.at(0).body;
  CHECK(body[0].target.variable.text == "%report");
  CHECK(body[0].target.whole.text == "%report.result");
  CHECK(body[1].target.steps.at(1).kind == Step::Kind::extension);
  CHECK(body[1].target.steps.at(1).name.text == "'patient-birthTime'");
  const auto& address = body[2].target.steps;
  REQUIRE(address.size() == 4);
  CHECK(address[1].kind == Step::Kind::field);
  CHECK(address[1].repeat == 1);
  CHECK(address[3].number == 2);
  CHECK(body[2].target.whole.text == "PID-3[1].4.2");
  CHECK(body[3].target.steps.at(2).kind == Step::Kind::component);
}

TEST_CASE("an expression ends at a comma, a brace or a clause's word outside brackets and quotes", "[mapping][language]") {
  const Parsed p("map A to B\nx <- words(a, 'b, { when', c.where(when = {}).as(Quantity)) when not (a in ('x' | 'y')) else {} as z\n");
  REQUIRE(p.faults().empty());
  const auto& chain = p.first().chain;
  CHECK(chain[0].sources[0].text == "words(a, 'b, { when', c.where(when = {}).as(Quantity))");
  CHECK(chain[0].clauses.when.text == "not (a in ('x' | 'y'))");
  CHECK(chain[1].sources[0].text == "{}");
}

TEST_CASE("a line goes on after a comma or with a clause's word, past comments and empty lines", "[mapping][language]") {
  const Parsed p("map A to B # head\nx <- a, # one\n\n   b   # two\n  # three\n  when c\n  else d\ny <- e\n");
  REQUIRE(p.faults().empty());
  REQUIRE(p.file.maps[0].body.size() == 2);
  CHECK(p.first().chain.size() == 2);
  CHECK(p.first().chain[0].sources.size() == 2);
  CHECK(p.first().chain[0].clauses.when.text == "c");
}

TEST_CASE("an overlay replaces, removes and continues", "[mapping][language]") {
  const Parsed p("extend PID to Patient called PID-Patient\n  replace maritalStatus <- PID-16\n  remove telecom <- PID-40\n  remove gender\n  each PID-3 {\n  }\n");
  REQUIRE(p.faults().empty());
  const auto& m = p.file.maps.at(0);
  CHECK(m.extends);
  CHECK(m.body[0].replace);
  CHECK(m.body[1].kind == Statement::Kind::remove);
  CHECK(m.body[1].over.text == "PID-40");
  CHECK(m.body[2].over.empty());
}

TEST_CASE("an edit names structures, or all, and changes them by statements of its own", "[mapping][language]") {
  using K = Statement::Kind;
  const Parsed p("edit ADT_A01, ADT_A03 called to-lab\n  MSH-5 <- 'LAB'\n  delete OBX when OBX-11 = 'D'\n"
                 "  add NTE after PID[1] { NTE-3 <- 'x' } when PID-8\n  add PV2 before PV1 when not PV2 { }\n"
                 "  each PID-3 {\n    delete PID-3.5\n  }\nedit *\n  let x = 3\nmap PID to Patient\n  edit <- PID-3\n");
  REQUIRE(p.faults().empty());
  REQUIRE(p.file.edits.size() == 2);
  const auto& e = p.file.edits[0];
  REQUIRE(e.structures.size() == 2);
  CHECK(e.structures[1].text == "ADT_A03");
  CHECK(e.called.text == "to-lab");
  REQUIRE(e.body.size() == 5);
  CHECK(e.body[1].kind == K::erase);
  CHECK(e.body[1].over.text == "OBX");
  CHECK(e.body[1].clauses.when.text == "OBX-11 = 'D'");
  CHECK(e.body[2].kind == K::add);
  CHECK(e.body[2].name.text == "NTE");
  CHECK(e.body[2].over.text == "PID[1]");
  CHECK(e.body[2].clauses.when.text == "PID-8");
  CHECK(e.body[2].body.size() == 1);
  CHECK(e.body[3].before);
  CHECK(e.body[3].clauses.when.text == "not PV2");
  CHECK(e.body[4].body.at(0).kind == K::erase);
  CHECK(p.file.edits[1].structures.at(0).text == "*");
  CHECK(p.file.maps.at(0).body.size() == 1);
}

TEST_CASE("segments and templates are declared, and values named, at the left edge", "[mapping][language]") {
  const Parsed p("let zone = '+0100'\nsegment ZAL after AL1 repeats\n  1  snapshot      ID\n  3  allergy id    EI\n  12 recorded by XCN repeats\n"
                 "template ProblemConcern: Act            2.16.840.1.113883.10.20.22.4.3\n");
  REQUIRE(p.faults().empty());
  REQUIRE(p.file.lets.size() == 1);
  CHECK(p.file.lets[0].over.text == "'+0100'");
  const auto& z = p.file.segments.at(0);
  CHECK(z.after.text == "AL1");
  CHECK(z.repeats);
  REQUIRE(z.fields.size() == 3);
  CHECK(z.fields[1].number == 3);
  CHECK(z.fields[1].name.text == "allergy id");
  CHECK(z.fields[1].type.text == "EI");
  CHECK(z.fields[2].repeats);
  CHECK(p.file.templates.at(0).id.text == "2.16.840.1.113883.10.20.22.4.3");
}

TEST_CASE("a fault says its place, what was found and what was expected", "[mapping][language]") {
  CHECK(fault("birthDate PID-7") == "x.map:2:11: expected '<-' or '{', found 'PID'");
  CHECK(fault("birthDate <-") == "x.map:2:13: expected an expression, but the line ends");
  CHECK(fault("birthDate <- when x") == "x.map:2:14: expected an expression, found 'when'");
  CHECK(fault("birthDate <- PID-7 as") == "x.map:2:22: expected a map or a type, but the line ends");
  CHECK(fault("birthDate <- PID-7 via") == "x.map:2:23: expected a table, but the line ends");
  CHECK(fault("birthDate <- PID-7 with x 3") == "x.map:2:27: expected '=', found '3'");
  CHECK(fault("birthDate <- PID-7 on error explode") ==
        "x.map:2:29: expected 'keep partial', 'keep text', 'data absent', 'drop', 'try next' or 'fail', found 'explode'");
  CHECK(fault("birthDate <- PID-7 on error keep all") == "x.map:2:34: expected 'partial' or 'text', found 'all'");
  CHECK(fault("birthDate <- PID-7 on miss drop") == "x.map:2:28: expected 'keep', 'ignore' or 'fail', found 'drop'");
  CHECK(fault("birthDate <- PID-7 on delete 3") == "x.map:2:30: expected 'ignore' or a text in quotes, found '3'");
  CHECK(fault("birthDate <- PID-7 on rain x") == "x.map:2:23: expected 'error', 'miss' or 'delete', found 'rain'");
  CHECK(fault("birthDate <- PID-7 when a when b") == "x.map:2:31: a second 'when' in one alternative");
  CHECK(fault("birthDate <- (PID-7") == "x.map:2:14: the bracket ( is not closed on its line");
  CHECK(fault("birthDate <- 'PID-7") == "x.map:2:14: the quote ' is not closed on its line");
  CHECK(fault("address {") == "x.map:2:9: the block is not closed: '}' is missing");
  CHECK(fault("}") == "x.map:2:1: this '}' closes nothing");
  CHECK(fault("address: { }") == "x.map:2:10: expected a type, found '{'");
  CHECK(fault("entry Patient <- PID") == "x.map:2:15: expected ':' and the entry's type, found '<'");
  CHECK(fault("entry p: Patient") == "x.map:2:17: expected '<-' or '{', but the line ends");
  CHECK(fault("let = 3") == "x.map:2:5: expected a name, found '='");
  CHECK(fault("%p <- 3") == "x.map:2:4: expected '.' and an element of %p, found '<'");
  CHECK(fault("extension(3) <- 3") == "x.map:2:11: expected the extension's name in quotes, found '3'");
  CHECK(fault("PID-x <- 3") == "x.map:2:5: expected a field's number, found 'x'");
  CHECK(fault("x <- 1 2 }") == "x.map:2:10: this '}' closes nothing");
}

TEST_CASE("all faults of a file are found in one go", "[mapping][language]") {
  const Parsed p("mapp A to B\nmap A to\nmap A B\n  x <- \n  block {\n    y - 3\n    z <- 1\n  }\n  w <- 2 on miss x\n");
  CHECK(p.diagnostics.list().size() == 6);
  CHECK(p.diagnostics.list()[0].text == "expected 'map', 'extend', 'edit', 'segment', 'template' or 'let': did you mean 'map'?");
  CHECK(p.faults().find("w <- 2 on miss x") != std::string::npos);
}

TEST_CASE("a file may be nested only so deeply", "[mapping][language]") {
  std::string deep = "map A to B\n";
  for (int i = 0; i < 50; ++i) deep += "a { ";
  CHECK(Parsed(deep).faults().find("blocks nest more than 40 deep") != std::string::npos);
  CHECK(Parsed("map A to B\nx <- " + std::string(1000, '(')).faults().find("brackets nest too deeply") != std::string::npos);
}
