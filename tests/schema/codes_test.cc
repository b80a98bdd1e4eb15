#include "engine/schema/codes.h"

#include <catch2/catch.hpp>

using namespace tombolo;

namespace {
constexpr std::string_view head = "source_code,target_system,target_code,target_display\n";
CodeTable table(const std::string& rows, Diagnostics& diagnostics) {
  static std::deque<std::string> texts;
  CodeTable read;
  read.read(File{"t.csv", "t.csv", texts.emplace_back(std::string(head) + rows)}, diagnostics);
  return read;
}
}  // namespace

TEST_CASE("a source code finds its row", "[codes]") {
  Diagnostics diagnostics;
  const CodeTable sex = table("# of table 0001\nF,http://hl7.org/fhir/administrative-gender,female,Female\r\nM,http://hl7.org/fhir/administrative-gender,male,\n\nU,,unknown,\n", diagnostics);
  REQUIRE(diagnostics.empty());
  REQUIRE(sex.find("M") == 2);
  CHECK(sex.row(2).code == "male");
  CHECK(sex.row(2).display.empty());
  CHECK(sex.row(1).display == "Female");
  CHECK(sex.row(sex.find("U")).system.empty());
  CHECK(sex.find("X") == 0);
  CHECK(sex.find("") == 0);
  CHECK(sex.find("m") == 0);
  CHECK(text(sex.place(2)) == "t.csv:4:1");
  CHECK(CodeTable().find("F") == 0);
}

TEST_CASE("quoted fields keep commas, quotes and line ends", "[codes]") {
  Diagnostics diagnostics;
  const CodeTable odd = table("\"a,b\",s,c,\"He said \"\"no\"\"\"\n\"two\nlines\",s,d,\n", diagnostics);
  REQUIRE(diagnostics.empty());
  CHECK(odd.row(odd.find("a,b")).display == "He said \"no\"");
  CHECK(odd.find("two\nlines") == 2);
}

TEST_CASE("a later file replaces rows by source code", "[codes]") {
  Diagnostics diagnostics;
  CodeTable sex = table("F,s,female,\nM,s,male,\n", diagnostics);
  sex.read(File{"site.csv", "site.csv", "source_code,target_system,target_code,target_display\nM,s,other,\nW,s,female,\n"}, diagnostics);
  REQUIRE(diagnostics.empty());
  CHECK(sex.row(sex.find("M")).code == "other");
  CHECK(sex.row(sex.find("W")).code == "female");
  CHECK(sex.row(sex.find("F")).code == "female");
  CHECK(text(sex.place(sex.find("M"))) == "site.csv:2:1");
}

TEST_CASE("a table of many rows finds each of them", "[codes]") {
  std::string rows;
  for (int i = 0; i < 5000; ++i) rows += std::to_string(i) + ",s,c" + std::to_string(i) + ",\n";
  Diagnostics diagnostics;
  const CodeTable many = table(rows, diagnostics);
  REQUIRE(diagnostics.empty());
  for (int i = 0; i < 5000; ++i) CHECK(many.find(std::to_string(i)) == static_cast<std::uint32_t>(i + 1));
}

TEST_CASE("what is wrong with a table is said with file, line and column", "[codes]") {
  Diagnostics diagnostics;
  const CodeTable wrong = table("F,s,female\n,s,c,\nM,s,,\nA,s,b,\nA,s,c,\n\"x,s,c,\n", diagnostics);
  std::vector<std::string> found;
  for (const auto& diagnostic : diagnostics.list()) found.push_back(text(diagnostic.place) + " " + diagnostic.text);
  CHECK(found == std::vector<std::string>{"t.csv:2:1 expected 4 fields, found 3", "t.csv:3:1 expected a source code", "t.csv:4:5 expected a target code",
                                          "t.csv:6:1 A is translated already in line 5", "t.csv:7:1 this quoted field does not end"});
  CHECK(wrong.find("A") == 1);
  Diagnostics heads;
  CodeTable none;
  none.read(File{"t.csv", "t.csv", "code,system\n"}, heads);
  none.read(File{"e.csv", "e.csv", ""}, heads);
  CHECK(heads.list().size() == 2);
}

TEST_CASE("an extension is found by name", "[codes]") {
  Diagnostics diagnostics;
  ExtensionTable extensions;
  extensions.read(File{"e.csv", "e.csv", "name,url,type\npatient-religion,http://example.org/religion,CodeableConcept\nnote,http://example.org/note,string|Annotation\nnested,http://example.org/nested,\n"}, diagnostics);
  REQUIRE(diagnostics.empty());
  REQUIRE(extensions.find("note") != nullptr);
  CHECK(extensions.find("note")->types == std::vector<std::string_view>{"string", "Annotation"});
  CHECK(extensions.find("patient-religion")->url == "http://example.org/religion");
  CHECK(extensions.find("nested")->types.empty());
  CHECK(extensions.find("religion") == nullptr);
  CHECK(extensions.names() == std::vector<std::string_view>{"nested", "note", "patient-religion"});
}
