#include "engine/schema/hl7v2.h"

#include <catch2/catch.hpp>

#include <chrono>

#include "tests/support/temp.h"

using namespace tombolo;

namespace {
const V2Dictionary& dictionary() {
  static const Library library;
  static const V2Dictionary d(library);
  return d;
}
std::string names(const V2Structure& structure, const V2Item& group) {
  std::string out;
  for (std::size_t at = structure.index(group) + 1u; at < group.end; at = structure.items[at].end) {
    out.append(out.empty() ? "" : " ").append(structure.items[at].name);
  }
  return out;
}
}  // namespace

TEST_CASE("a field has the widest type that any version gives it", "[schema]") {
  const auto& d = dictionary();
  REQUIRE(d.segment("PID") != nullptr);
  const V2Field& id = *d.segment("PID")->field(3);
  CHECK(id.name == "Patient Identifier List");
  CHECK(id.type->name == "CX");
  CHECK(id.repeats());
  CHECK(id.spelled == "CK:1 CM_PAT_ID:2 CX:ffc");
  CHECK(d.segment("PID")->field(10)->type->name == "CWE");
  CHECK(d.segment("PID")->field(10)->table == "0005");
  CHECK(d.segment("PID")->field(7)->type->name == "DTM");
  CHECK(d.segment("OBX")->field(5)->type->name == "varies");
  CHECK(d.segment("ORC")->field(7)->type->name == "TQ");
  CHECK(d.segment("PID")->field(999) == nullptr);
  CHECK(d.segment("PID")->field(0) == nullptr);
  CHECK(d.segment("ZPI") == nullptr);
}

TEST_CASE("each version spells the type of a field its own way", "[schema]") {
  const auto& d = dictionary();
  const auto in = [&](const char* segment, int field, const char* version) {
    return d.segment(segment)->field(field)->spelled_in(V2Dictionary::bit(d.nearest(version)));
  };
  CHECK(in("PID", 3, "2.1") == "CK");
  CHECK(in("PID", 3, "2.8") == "CX");
  CHECK(in("PID", 7, "2.3") == "TS");
  CHECK(in("PID", 8, "2.5.1") == "IS");
  CHECK(in("PID", 24, "2.3") == "ID");    // one for all
  CHECK(in("PID", 24, "2.1") == "");      // not there yet
  CHECK(d.segment("OBR")->field(17)->most == 2);
  CHECK(d.segment("PID")->field(3)->most == 0);
}

TEST_CASE("what one type of a family requires and another does not is not required of the family", "[schema]") {
  CHECK(dictionary().type("CWE")->component(1)->required == 0);
  CHECK(dictionary().type("CX")->component(1)->required != 0);
}

TEST_CASE("a code table knows its codes whole and who defines it", "[schema]") {
  const V2Table* const status = dictionary().table("0085");
  REQUIRE(status != nullptr);
  CHECK(status->by_hl7);
  CHECK(status->has("F"));
  CHECK_FALSE(status->has("E"));
  CHECK_FALSE(status->has(""));
  CHECK_FALSE(status->has("F I"));
  CHECK(dictionary().table("0119")->has("NW"));
  CHECK_FALSE(dictionary().table("0119")->has("W"));
  CHECK_FALSE(dictionary().table("0001")->by_hl7);
  CHECK(dictionary().table("0399") == nullptr);  // countries: others keep that table
}

TEST_CASE("the spellings of a family are one data type", "[schema]") {
  const auto& d = dictionary();
  for (const char* name : {"CE", "CNE", "CF"}) CHECK(d.type(name) == d.type("CWE"));
  CHECK(d.type("TS") == d.type("DTM"));
  CHECK(d.type("CN") == d.type("XCN"));
  CHECK(d.type("DTM")->primitive);
  CHECK(d.type("DTM")->component(2)->name == "Degree of Precision");
  CHECK_FALSE(d.type("XPN")->primitive);
  CHECK(d.type("XPN")->component(1)->type->name == "FN");
  CHECK(d.type("ST")->primitive);
  CHECK(d.type("XYZ") == nullptr);
}

TEST_CASE("one grammar per structure serves all versions, under the newest names", "[schema]") {
  const V2Structure& oru = *dictionary().structure("ORU_R01");
  const V2Item* const pid = oru.find("PATIENT_RESULT.PATIENT.PID");
  REQUIRE(pid != nullptr);
  CHECK(pid->known == 0xfff);
  CHECK(oru.items[pid->parent].name == "PATIENT");
  CHECK(oru.find("PATIENT_RESULT.ORDER_OBSERVATION")->repeats());
  CHECK(oru.find("RESPONSE") == nullptr);
  CHECK(names(oru, oru.items[0]) == "MSH SFT UAC PATIENT_RESULT DSC");
  CHECK(names(oru, *oru.find("PATIENT_RESULT.ORDER_OBSERVATION.OBSERVATION")) == "OBX PRT NTE");
  CHECK(names(*dictionary().structure("ORM_O01"), *dictionary().structure("ORM_O01")->find("ORDER.ORDER_DETAIL")) ==
        "OBR ORO RX1 RQD RQ1 RXO ODS ODT NTE PRT CTD DG1 OBSERVATION SPM");
}

TEST_CASE("where MSH-9.3 is missing the event gives the structure", "[schema]") {
  const auto& d = dictionary();
  const auto name = [&](auto code, auto event, auto stated, auto version) {
    const auto* const found = d.structure(code, event, stated, d.nearest(version));
    return found == nullptr ? std::string_view("none") : found->name;
  };
  CHECK(name("ADT", "A04", "", "2.5") == "ADT_A01");
  CHECK(name("ADT", "A04", "", "2.2") == "ADT_A01");
  CHECK(name("ADT", "A08", "ADT_A08", "2.3") == "ADT_A01");
  CHECK(name("ADT", "A47", "", "2.4") == "ADT_A30");
  CHECK(name("ADT", "A47", "", "2.8.2") == "ADT_A44");
  CHECK(name("ORU", "R01", "", "2.3") == "ORU_R01");
  CHECK(name("ACK", "", "", "2.3") == "ACK");
  CHECK(name("ACK", "A01", "", "2.4") == "ACK");
  CHECK(name("ZZZ", "Z01", "", "2.4") == "none");
}

TEST_CASE("an unknown version is read as the nearest", "[schema]") {
  const auto& d = dictionary();
  const auto nearest = [&](auto version) { return d.versions()[static_cast<std::size_t>(d.nearest(version))]; };
  CHECK(nearest("2.3.1") == "2.3.1");
  CHECK(nearest("2.7.1") == "2.7");
  CHECK(nearest("2.9") == "2.8.2");
  CHECK(nearest("2.0") == "2.1");
  CHECK(nearest("") == "2.5.1");
  CHECK(nearest("two") == "2.5.1");
  CHECK(d.knows_version("2.8.2"));
  CHECK_FALSE(d.knows_version("2.9"));
}

TEST_CASE("every definition is found by its element number", "[schema]") {
  const auto& d = dictionary();
  const V2Field& field = *d.segment("OBX")->field(3);
  CHECK(d.field_at(field.element) == &field);
  CHECK(d.item_at(field.element) == nullptr);
  const V2Item& item = *d.structure("ADT_A01")->find("INSURANCE.IN1");
  CHECK(d.item_at(item.element) == &item);
  CHECK(d.field_at(item.element) == nullptr);
  CHECK(d.field_at(0) == nullptr);
  for (const V2Structure& structure : d.structures()) {
    REQUIRE(structure.items[0].end == structure.items.size());
    for (const V2Item& i : structure.items) REQUIRE(i.end > structure.index(i));
  }
}

TEST_CASE("a broken table is refused with file and line", "[schema]") {
  const test::TempFolder folder;
  const std::filesystem::path tables = folder / "schemas/hl7v2";
  test::write_file(tables / "types.tsv", "ST\n");
  test::write_file(tables / "segments.tsv", "# comment\nMSH\n1\tST\t\tfff\tzzz\t0\t\tField Separator\n");
  const Library library({}, folder.path());
  CHECK_THROWS_WITH(V2Dictionary(library), "schemas/hl7v2/segments.tsv:3: not a number: zzz");
}

TEST_CASE("the tables are read in milliseconds", "[schema][.speed]") {
  const Library library;
  const auto begin = std::chrono::steady_clock::now();
  const V2Dictionary d(library);
  const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
  WARN("dictionary: " << took.count() << " ms");
}
