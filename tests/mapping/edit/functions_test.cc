// What expressions and tables can do in maps they can do in edits.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "engine/base/text.h"
#include "engine/mapping/edit/compile.h"
#include "engine/mapping/functions/functions.h"
#include "tests/mapping/edit/fixture.h"

using namespace tombolo;
using test::EditSite;

namespace {

const std::string admission =
    "MSH|^~\\&|OLD|HOUSE|REGISTRY|X|20260310094500+0000||ADT^A01^ADT_A01|M1|P|2.5.1\n"
    "EVN|A01|20260310094500+0000\n"
    "PID|1||700^^^NORTH^MR~800^^^WEST^SS||Specimen^Nils^Otto^Jr||19511103|M|||7 Lighthouse Road^^Sandport||\"\"\n"
    "PV1|1|I\n"
    "OBX|1|NM|A||<5.20|mg\n"
    "OBX|2|SN|B||>^100\n";

// PID-23 after the rule `PID-23 <- …`, empty if it wrote nothing; or what is wrong with it.
std::string gives(const std::string& chain) {
  EditSite site("let house = 'NORTH'\nedit ADT_A01\nPID-23 <- " + chain + "\n");
  if (site.diagnostics.failed()) return site.faults();
  const auto line = site.run(admission);
  const auto begin = line.find("PID|");
  const auto fields = split(std::string_view(line).substr(begin, line.find('\n', begin) - begin), '|');
  return fields.size() > 23 ? std::string(fields[23]) : "";
}

}  // namespace

TEST_CASE("every function of maps works in edits, but those that are about resources", "[mapping][edit][functions]") {
  std::size_t count = 0;
  for (const auto& function : mapping::functions()) {
    INFO(function.name << ": " << function.example);
    const bool resources = function.name == "find" || function.name == "code" || function.name == "together";
    const auto known = mapping::edit_functions();
    CHECK(std::any_of(known.begin(), known.end(), [&](const auto& f) { return f.name == function.name; }) == !resources);
    if (resources) continue;
    CHECK(gives("'yes' when " + std::string(function.example)) == "yes");
    ++count;
  }
  CHECK(count >= 8);
}

TEST_CASE("functions read the message that is changed", "[mapping][edit][functions]") {
  CHECK(gives("words(PID-5.2, PID-5.3, PID-5.1.1)") == "Nils Otto Specimen");
  CHECK(gives("lines('a', PID-5.2)") == "a\\.br\\Nils");
  CHECK(gives("later(EVN-2, '90', 'min')") == "20260310111500+0000");
  CHECK(gives("earliest(EVN-2, PID-7)") == "19511103");
  CHECK(gives("OBX[1]-5.numberOf()") == "5.20");
  CHECK(gives("OBX[1]-5.comparatorOf()") == "<");
  CHECK(gives("PID-5.2.encode('base64')") == "Tmlscw==");
  CHECK(gives("'yes' when PID-13.deleted()") == "yes");
}

TEST_CASE("FHIRPath is whole in edits", "[mapping][edit][functions]") {
  CHECK(gives("PID-5[1].1.1.upper()") == "SPECIMEN");
  CHECK(gives("PID-5[1].2.replace('s', 'z')") == "Nilz");
  CHECK(gives("PID-5[1].2.replaceMatches('[A-Z]', '*')") == "*ils");
  CHECK(gives("PID-3.where(CX.5 = 'SS').select(CX.1).first()") == "800");
  CHECK(gives("PID-3.count().toString()") == "2");
  CHECK(gives("iif(PID-8 = 'M', 'male', 'other')") == "male");
  CHECK(gives("PID-3.select(CX.1).join('-')") == "700-800");
  CHECK(gives("PID-3.select(CX.1).aggregate($this & $total, '')") == "800700");
  CHECK(gives("PID-11[1].1.split(' ').last()") == "Road");
  CHECK(gives("PID-11[1].1.indexOf('Light').toString()") == "2");
  CHECK(gives("PID-3.skip(1).select(CX.4.1)") == "WEST");
  CHECK(gives("(PID-1.toInteger() + 41).toString()") == "42");
  CHECK(gives("'yes' when PID-3.exists(CX.5 = 'SS') and PID-3.all(CX.1 > '1') and not PID-19") == "yes");
  CHECK(gives("'yes' when PID-7.toDate() < @1960-01-01") == "yes");
  CHECK(gives("'yes' when PID-3[1].4 = %house") == "yes");
  CHECK(gives("'yes' when PV1-2 in ('I' | 'E')") == "yes");
  CHECK(gives("'yes' when PID-5.2 ~ 'nils'") == "yes");
  CHECK(gives("'yes' when 5 'mg' < 1 'g'") == "yes");
}

TEST_CASE("a function that does not exist is said with the nearest name, one of resources with what it is for", "[mapping][edit][functions]") {
  CHECK(gives("wrds(PID-5.2)").find("3:11: ") == 0);
  CHECK(gives("together(PID-3[1].1, PID-3[1].4)") == "3:11: together() is about resources: it belongs into a map\n");
  CHECK(gives("'x' when code('v2-0203', 'VN')") == "3:20: code() is about resources: it belongs into a map\n");
  CHECK(gives("find(Patient, PID-3[1])") == "3:11: find() is about resources: it belongs into a map\n");
}

TEST_CASE("every code table translates in edits as it does in maps", "[mapping][edit][functions]") {
  const std::filesystem::path codes = TOMBOLO_SOURCE_DIR "/mappings/codes";
  std::string text;
  std::vector<std::pair<std::string, std::string>> tables;  // name, the first code
  for (const auto& entry : std::filesystem::directory_iterator(codes)) {
    const auto file = entry.path().filename().string();
    if (entry.path().extension() != ".csv" || file == "extensions.csv" || file.ends_with(".back.csv")) continue;
    const auto name = entry.path().stem().string();
    text += "edit * called " + name + "\n  PID-8 <- PID-8 via " + name + " on miss fail\n";
    std::ifstream in(entry.path());
    std::string row;
    while (std::getline(in, row) && (row.starts_with('#') || row.starts_with("source_code"))) {
    }
    tables.emplace_back(name, row.substr(0, row.find(',')));
  }
  EditSite site(text);
  INFO(site.faults());
  REQUIRE(site.diagnostics.empty());
  CHECK(tables.size() > 50);
  for (const auto& [name, code] : tables) {
    INFO(name << " " << code);
    auto message = admission;
    site.run(message.replace(message.find("|M|"), 3, "|" + code + "|"), name);
    CHECK(site.report.misses == 0);
  }
}

TEST_CASE("a row's text and coding system come along into a composed field", "[mapping][edit][functions]") {
  EditSite site("edit *\n  PID-10 <- PID-8 via administrative-sex\n  PID-23 <- PID-8 via administrative-sex\n");
  REQUIRE(site.diagnostics.empty());
  CHECK(site.run(admission).find("|M||male^Male^http://hl7.org/fhir/administrative-gender|7 Lighthouse") != std::string::npos);
  CHECK(site.run(admission).find("|\"\"||||||||||male\n") != std::string::npos);
}
