#include "engine/formats/hl7v2/build.h"

#include <catch2/catch.hpp>

#include "engine/base/charset.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/grammar.h"
#include "tests/formats/hl7v2/made_up.h"

using namespace tombolo;
using namespace tombolo::hl7v2;
using test::dictionary;

namespace {

struct Parsed {
  explicit Parsed(std::string text, const Reading& reading = {}) : bytes(std::move(text)), tree(arena) {
    const auto done = build(bytes, reading, dictionary(), tree, complaints);
    INFO((done ? "" : text_of(done.error())));
    REQUIRE(done.has_value());
  }
  static std::string text_of(const Fault& fault) { return tombolo::text(fault); }

  std::string shape(NodeId from = 1) const {  // "MSH PID PATIENT(PID NTE)"
    std::string out;
    for (const NodeId child : children(tree, from)) {
      const Node& node = tree[child];
      out.append(out.empty() ? "" : " ").append(node.name());
      if (node.flags == static_cast<std::uint8_t>(Part::group)) out.append("(").append(shape(child)).append(")");
    }
    return out;
  }
  std::vector<NodeId> at(std::string_view address) const { return find(tree, *parse_address(address)); }
  std::string get(std::string_view address) const {
    std::string out;
    for (const NodeId node : at(address)) {
      out.append(out.empty() ? "" : "|").append(tree[node].holds == Holds::deleted ? "<deleted>" : tree[node].value());
    }
    return out;
  }
  std::string said() const {
    std::string out;
    for (const Complaint& c : complaints) out += c.severity + " " + c.code + " " + c.location + ": " + c.text + "\n";
    return out;
  }

  std::string bytes;
  Arena arena;
  Tree tree;
  std::vector<Complaint> complaints;
};

}  // namespace

TEST_CASE("segments stand in the groups of their structure", "[hl7v2]") {
  const Parsed adt(test::adt);
  CHECK(adt.shape() == "MSH EVN PID PV1 ZPI INSURANCE(IN1 IN2) INSURANCE(IN1)");
  CHECK(adt.said().empty());
  CHECK(adt.tree[adt.tree.root()].name() == "ADT_A01");

  const Parsed oru(test::oru);
  CHECK(oru.shape() ==
        "MSH PATIENT_RESULT(PATIENT(PID) ORDER_OBSERVATION(COMMON_ORDER(ORC) OBR NTE OBSERVATION(OBX NTE) OBSERVATION(OBX)) "
        "ORDER_OBSERVATION(OBR OBSERVATION(OBX)))");
  CHECK(oru.said().empty());
}

TEST_CASE("without an event in MSH-9 the EVN tells the structure, and a result is an R01", "[hl7v2]") {
  const auto structure = [](std::string text) {
    const Parsed parsed(text);
    return std::string(parsed.tree[parsed.tree.root()].name());
  };
  CHECK(structure("MSH|^~\\&|A|B|C|D|20260101||ADT|1|P|2.2\rEVN|A08|20260101\rPID|1||4711\r") == "ADT_A01");
  CHECK(structure("MSH|^~\\&|A|B|C|D|20260101||ADT|1|P|2.2\rEVN|A40|20260101\rPID|1||4711\r") == "ADT_A39");
  CHECK(structure("MSH|^~\\&|A|B|C|D|20260101||ADT^A03|1|P|2.5\rEVN|A08|20260101\rPID|1||4711\r") == "ADT_A03");
  CHECK(structure("MSH|^~\\&|A|B|C|D|20260101||ORU|1|P|2.2\rPID|1||4711\rOBR|1\rOBX|1\r") == "ORU_R01");
}

TEST_CASE("fields, repetitions and components are named by number and typed", "[hl7v2]") {
  const Parsed adt(test::adt);
  CHECK(adt.get("PID-3.1") == "777|888");
  CHECK(adt.get("PID-3[2].5") == "SS");
  CHECK(adt.get("PID-3[1].4.2") == "1.2.3");
  CHECK(adt.get("PID-5.1") == "DOE");
  CHECK(adt.get("PID-8") == "F");
  CHECK(adt.get("PID-8.1.1") == "F");
  CHECK(adt.get("PID-14") == "<deleted>");
  CHECK(adt.get("PID-12").empty());
  CHECK(adt.get("MSH-1") == "|");
  CHECK(adt.get("MSH-2") == "^~\\&");
  CHECK(adt.get("INSURANCE[2].IN1-2") == "OTHER");
  CHECK(adt.get("PV1.ZPI-1") == "local");
  const Node& field = adt.tree[adt.at("PID-3[1].4")[0]];
  CHECK(dictionary().field_at(field.element)->type->name == "HD");
  CHECK(adt.bytes.substr(field.begin, field.length) == "NORTH&1.2.3&ISO");
  const Node& pid = adt.tree[adt.at("PID")[0]];
  CHECK(dictionary().item_at(pid.element)->name == "PID");
  CHECK(adt.bytes.substr(pid.begin, 3) == "PID");

  const Parsed oru(test::oru);
  CHECK(oru.get("OBX[2]-5") == "a&b");
  const Node& coded = oru.tree[oru.at("OBX[3]-5.2")[0]];  // CE by OBX-2
  CHECK(dictionary().field_at(coded.element)->name == "Text");
}

TEST_CASE("a value is a view of the bytes unless it had to be unescaped", "[hl7v2]") {
  const Parsed oru(test::oru);
  const Node& plain = oru.tree[oru.at("OBX[1]-5")[0]];
  CHECK(plain.value_text == oru.bytes.data() + plain.begin);
  const Node& escaped = oru.tree[oru.at("OBX[2]-5")[0]];
  CHECK(escaped.value_text != oru.bytes.data() + escaped.begin);
}

TEST_CASE("a node's place is written as an address", "[hl7v2]") {
  const Parsed oru(test::oru);
  for (const char* address : {"OBX[3]-5.2", "PID-5.1", "OBR[2]-4", "NTE[2]-3", "ORC", "MSH-9.2"}) {
    REQUIRE(oru.at(address).size() == 1);
    CHECK(place(oru.tree, oru.at(address)[0]) == address);
  }
  const Parsed adt(test::adt);
  CHECK(place(adt.tree, adt.at("PID-3[2].5")[0]) == "PID-3[2].5");
  CHECK(place(adt.tree, adt.tree[adt.at("IN2")[0]].parent) == "INSURANCE");
}

TEST_CASE("every oddity is said with its place and stops nothing", "[hl7v2]") {
  const std::string msh = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|M1|P|2.5\r";
  SECTION("a required segment is missing") {
    const Parsed p(msh + "PID|1||1||DOE\rPV1||I\r");
    CHECK(p.said() == "W 100 EVN: required in ADT_A01 and not there\n");
  }
  SECTION("a segment comes too late") {
    const Parsed p(msh + "EVN\rPV1||I\rPID|1||1||DOE\rPV2|x\r");
    CHECK(p.shape() == "MSH EVN PV1 PID PV2");
    CHECK(p.said() == "W 100 PID: comes too late in ADT_A01\n");
  }
  SECTION("a segment comes once too often") {
    const Parsed p(msh + "EVN\rPID|1||1||DOE\rPID|2||2||DOE\rPV1||I\r");
    CHECK(p.said() == "W 100 PID[2]: does not repeat in ADT_A01\n");
  }
  SECTION("a late member of a group goes to the group that is there") {
    const Parsed p(msh + "EVN\rPID|1||1||DOE\rPV1||I\rIN1|1\rIN3|1\rIN2|1\rIN1|2\r");
    CHECK(p.shape() == "MSH EVN PID PV1 INSURANCE(IN1 IN3 IN2) INSURANCE(IN1)");
    CHECK(p.said() == "W 100 IN2: comes too late in ADT_A01\n");
  }
  SECTION("an unknown segment and a note follow what they stand behind") {
    const Parsed p(msh + "EVN\rPID|1||1||DOE\rNTE|1||about the patient\rPV1||I\rOBR|1\r");
    CHECK(p.shape() == "MSH EVN PID NTE PV1 OBR");
    CHECK(p.get("PID.NTE-3") == "about the patient");
    CHECK(p.said() == "W 100 NTE: has no place in ADT_A01\nW 100 OBR: has no place in ADT_A01\n");
  }
  SECTION("a segment of another version") {
    const Parsed p("MSH|^~\\&|A|B|C|D|20260101||ORU^R01|M1|P|2.5.1\rPID|1\rOBX|1|ST|x||y\rOBR|1\r");
    CHECK(p.shape() == "MSH PATIENT_RESULT(PATIENT(PID PATIENT_OBSERVATION(OBX)) ORDER_OBSERVATION(OBR))");
    CHECK(p.said() == "I 100 OBX: in ORU_R01 only in other versions\n");
  }
  SECTION("the version or the type is unknown") {
    const Parsed p("MSH|^~\\&|A|B|C|D|20260101||ZZZ^Z01|M1|P|2.5.9\rPID|1\rXX\r");
    CHECK(p.shape() == "MSH PID XX");
    CHECK(p.said() ==
          "W 203 MSH-12: not a known version; read as 2.5.1\n"
          "W 200 MSH-9: no message structure is known for it; segments are not grouped\n");
  }
}

TEST_CASE("orders without ORC are orders of their own", "[hl7v2]") {
  const Parsed p("MSH|^~\\&|A|B|C|D|20260101||ORM^O01|M1|P|2.3\rPID|1\rORC|NW\rOBR|1\rOBX|1\rOBR|2\rOBX|1\rOBR|3\r");
  CHECK(p.shape() ==
        "MSH PATIENT(PID) ORDER(ORC ORDER_DETAIL(OBR OBSERVATION(OBX))) ORDER(ORDER_DETAIL(OBR OBSERVATION(OBX))) ORDER(ORDER_DETAIL(OBR))");
  CHECK(p.said() == "W 100 ORDER.ORC: required in ORM_O01 and not there\nW 100 ORDER.ORC: required in ORM_O01 and not there\n");
}

TEST_CASE("what opened a group opens it again", "[hl7v2]") {
  const Parsed p("MSH|^~\\&|A|B|C|D|20260101||OML^O21|M1|P|2.5.1\rPID|1\rORC|NW\rTQ1|1\rOBR|1\rOBX|1\rSPM|1\rORC|NW\rOBR|2\rPID|2\rORC|X\rOBR|3\r");
  CHECK(p.shape() ==
        "MSH PATIENT(PID) ORDER(ORC TIMING(TQ1) OBSERVATION_REQUEST(OBR OBSERVATION(OBX) SPECIMEN(SPM))) "
        "ORDER(ORC OBSERVATION_REQUEST(OBR PRIOR_RESULT(PATIENT_PRIOR(PID) ORDER_PRIOR(ORC OBR))))");
}

TEST_CASE("groups that come in another order than the standard's are groups all the same", "[hl7v2]") {
  const std::string msh = "MSH|^~\\&|A|B|C|D|20260101||";
  SECTION("a schedule names its people first") {
    const Parsed p(msh + "SIU^S12^SIU_S12|M1|P|2.5\rSCH|1\rPID|1\rRGS|1\rAIP|1\rNTE|1\rAIL|1\rNTE|1\rAIG|1\rAIS|1\rAIP|2\r");
    CHECK(p.shape() ==
          "MSH SCH PATIENT(PID) RESOURCES(RGS PERSONNEL_RESOURCE(AIP NTE) LOCATION_RESOURCE(AIL NTE) GENERAL_RESOURCE(AIG) SERVICE(AIS) "
          "PERSONNEL_RESOURCE(AIP))");
    CHECK(p.said() ==
          "W 100 AIL: comes too late in SIU_S12\nW 100 AIG: comes too late in SIU_S12\nW 100 AIS: comes too late in SIU_S12\n");
  }
  SECTION("procedures after insurances, and insurances after an accident") {
    const Parsed p(msh + "ADT^A01|M1|P|2.5\rEVN\rPID|1\rPV1||I\rACC|x\rIN1|1\rIN2|1\rIN1|2\rPR1|1\rPR1|2\rACC|y\r");
    CHECK(p.shape() == "MSH EVN PID PV1 ACC INSURANCE(IN1 IN2) INSURANCE(IN1) PROCEDURE(PR1) PROCEDURE(PR1) ACC");
  }
  SECTION("a visit after the results belongs to the patient before them") {
    const Parsed p(msh + "ORU^R01|M1|P|2.5\rPID|1\rOBR|1\rOBX|1\rPV1||I\rPV2|x\rOBX|2\r");
    CHECK(p.shape() == "MSH PATIENT_RESULT(PATIENT(PID VISIT(PV1 PV2)) ORDER_OBSERVATION(OBR OBSERVATION(OBX) OBSERVATION(OBX)))");
    CHECK(p.said() == "W 100 PV1: comes too late in ORU_R01\nW 100 PV2: comes too late in ORU_R01\n");
  }
  SECTION("an ORC before the OBR that leads the order") {
    const Parsed p(msh + "OUL^R22|M1|P|2.5.1\rSPM|1\rORC|RE\rOBR|1\rNTE|1\rOBX|1\rORC|RE\rOBR|2\r");
    CHECK(p.shape() == "MSH SPECIMEN(SPM ORDER(COMMON_ORDER(ORC) OBR NTE RESULT(OBX)) ORDER(COMMON_ORDER(ORC) OBR))");
    CHECK(p.said() == "W 100 OBR[1]: comes too late in OUL_R22\nW 100 OBR[2]: comes too late in OUL_R22\n");
  }
}

TEST_CASE("what senders put where no version has it stands where the newer messages have it", "[hl7v2]") {
  const Parsed p("MSH|^~\\&|A|B|C|D|20260101||ORM^O01|M1|P|2.5.1\rPID|1\rNK1|1\rORC|NW\rTQ1|1\rOBR|1\rPRT|1\rOBX|1\rSPM|1\rORC|NW\rOBR|2\rTQ1|2\r");
  CHECK(p.shape() ==
        "MSH PATIENT(PID NK1) ORDER(ORC TQ1 ORDER_DETAIL(OBR PRT OBSERVATION(OBX) SPM)) ORDER(ORC ORDER_DETAIL(OBR) TQ1)");
  CHECK(p.said() ==
        "W 100 NK1: has no place in ORM_O01\nW 100 TQ1[1]: has no place in ORM_O01\nW 100 PRT: has no place in ORM_O01\n"
        "W 100 SPM: has no place in ORM_O01\nW 100 TQ1[2]: comes too late in ORM_O01\n");
}

TEST_CASE("required header fields that are missing are errors", "[hl7v2]") {
  CHECK(header_errors(test::adt).empty());
  const auto errors = header_errors("MSH|^~\\&|A|B|C|D|20260101||ADT^A01|||\r");
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].location == "MSH-10");
  CHECK(errors[0].code == "101");
  CHECK(errors[0].severity == "E");
  CHECK(errors[1].location == "MSH-11");
  CHECK(errors[2].location == "MSH-12");
}

TEST_CASE("character sets come from override, mark, MSH-18 and default, in this order", "[hl7v2]") {
  const std::string start = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|M1|P|2.5||||||";
  Reading latin;
  latin.charset_default = "8859/1";
  const std::string rest = "\rEVN\rPID|1||1||M\xFCller^J\xF6rg\rPV1||I\r";
  CHECK(Parsed(start + "8859/1" + rest).get("PID-5.1") == "Müller");
  CHECK(Parsed(start + "8859/1~UNICODE" + rest).get("PID-5.2") == "Jörg");
  CHECK(Parsed(start + rest, latin).get("PID-5.1") == "Müller");
  const Parsed broken(start + "UNICODE UTF-8" + rest);
  CHECK(broken.get("PID-5.1") == "M\xEF\xBF\xBDller");
  CHECK(broken.said() == "W 102 MSH-18: 2 bytes are no characters of UTF-8\n");
  Reading stubborn;
  stubborn.charset = "ISO-8859-1";
  CHECK(Parsed(start + "UNICODE UTF-8" + rest, stubborn).get("PID-5.1") == "Müller");
  CHECK(Parsed("\xEF\xBB\xBF" + start + "8859/1\rEVN\rPID|1||1||Müller\rPV1\r").get("PID-5") == "Müller");
  const Parsed unknown(start + "KLINGON\rEVN\rPID|1||1||Müller\rPV1\r");
  CHECK(unknown.get("PID-5") == "Müller");
  CHECK(unknown.said() == "W 102 MSH-18: the character set is not known; read as UTF-8\n");
  const Parsed seven(start + "ASCII\rEVN\rPID|1||1||Müller\rPV1\r");
  CHECK(seven.get("PID-5") == "Müller");
  CHECK(seven.said() == "W 102 MSH-18: bytes beyond ASCII in a message that says ASCII\n");

  const Parsed spans(start + "8859/1" + rest);
  const Node& given = spans.tree[spans.at("PID-5.2")[0]];
  CHECK(spans.bytes.substr(given.begin, given.length) == "J\xF6rg");
}

TEST_CASE("sets whose bytes look like delimiters are decoded first", "[hl7v2]") {
  const std::string text = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|M1|P|2.5||||||SET\rEVN\rPID|1||1||表十^山田\rPV1||I\r";
  for (const char* set : {"ISO IR87", "Shift_JIS", "GB 18030-2000", "BIG-5"}) {
    std::string bytes = text;
    bytes.replace(bytes.find("SET"), 3, set);
    const Parsed p(*from_utf8(bytes, *charset_name(set)));
    INFO(set);
    CHECK(p.get("PID-5.1") == "表十");
    CHECK(p.get("PID-5.2") == "山田");
    CHECK(p.said().empty());
  }
  const Parsed wide(*from_utf8(text, "UTF-16"));
  CHECK(wide.get("PID-5.2") == "山田");
}

TEST_CASE("an address is read and written back, and says where it is wrong", "[hl7v2]") {
  for (const char* text : {"PID", "PID-3", "PID-3[1].4.2", "OBX[2]-5", "PATIENT_RESULT.ORDER_OBSERVATION[2].OBX-5.1", "PID.NTE-3", "ZA1-99"}) {
    const auto address = parse_address(text);
    REQUIRE(address.has_value());
    CHECK(tombolo::hl7v2::text(*address) == text);
  }
  CHECK(parse_address("PID-").error().what == "at character 5: expected a field number");
  CHECK(parse_address("PID-3[").error().what == "at character 7: expected a number and ]");
  CHECK(parse_address("PID-3.1.2.3").error().what == "at character 10: expected the end");
  CHECK(parse_address("pid-3").has_error());
  CHECK(parse_address("PID-0").has_error());
  CHECK(parse_address("").has_error());
}
