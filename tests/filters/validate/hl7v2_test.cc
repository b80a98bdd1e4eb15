#include "engine/filters/validate/hl7v2.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <map>
#include <string>
#include <vector>

#include "engine/base/files.h"
#include "engine/base/library.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/hl7v2.h"

using namespace tombolo;

namespace {

const V2Dictionary& dictionary() {
  static const Library library;
  static const V2Dictionary d(library);
  return d;
}

const Format& format() {
  static const auto made = hl7v2_format(dictionary());
  return *made;
}

struct Message {
  explicit Message(std::string_view given) : bytes(given) { REQUIRE(format().parse(bytes, {}, tree, oddities).has_value()); }
  std::string bytes;
  Arena arena;
  Tree tree{arena};
  std::vector<Complaint> oddities;
};

constexpr Weights all_errors{Weight::error, Weight::error, Weight::error, Weight::error, Weight::error, Weight::error};

// "101 PID-5 cardinality error: text" a line, of all families that are said something of.
std::vector<std::string> found_in(const std::string& bytes, const Weights& weights = usual_weights) {
  const Message message(bytes);
  std::vector<std::string> lines;
  for (const Breach& f : validate_hl7v2(message.tree, dictionary(), weights).list()) {
    lines.push_back(std::string(f.code) + " " + f.place + " " + std::string(family_names[static_cast<std::size_t>(f.family)]) + " " +
                    std::string(weight_names[static_cast<std::size_t>(f.weight)]) + ": " + f.text);
  }
  return lines;
}

std::vector<std::string> one(const char* line) { return {line}; }
const std::vector<std::string> nothing;

std::string header(const std::string& type, const std::string& version) {
  return "MSH|^~\\&|TEST|NORTH|TOMBOLO|HOUSE|20260102030405+0000||" + type + "|T1|P|" + version + "\r";
}

std::string admission(const std::string& segments, const std::string& version = "2.5.1") {
  return header(version > "2.3" && version != "2.3" ? "ADT^A01^ADT_A01" : "ADT^A01", version) + segments;
}
const std::string event = "EVN||20260102030405\r";
const std::string patient = "PID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500101|F\r";
const std::string visit = "PV1|1|I\r";

std::string result(const std::string& segments, const std::string& version = "2.5.1") {
  return header("ORU^R01^ORU_R01", version) + patient + segments;
}
const std::string order = "OBR|1|||80004^Electrolytes^L\r";

}  // namespace

TEST_CASE("a message that breaks nothing has no findings", "[validate]") {
  CHECK(found_in(admission(event + patient + visit), all_errors) == nothing);
  CHECK(found_in(result(order + "OBX|1|NM|2823-3^K^LN||4.2|mmol/L|||||F\r"), all_errors) == nothing);
}

// --- structure -------------------------------------------------------------------------------------------------------------

TEST_CASE("a required segment that is not there is missed where it should stand", "[validate]") {
  CHECK(found_in(admission(patient + visit)) == one("100 EVN structure error: required in ADT_A01 and not there"));
  CHECK(found_in(admission(event + patient)) == one("100 PV1 structure error: required in ADT_A01 and not there"));
}

TEST_CASE("a segment missing in one repetition of a group is missed there", "[validate]") {
  const std::string orders = "ORC|RE\r" + order + "OBX|1|ST|1^a^L||x||||||F\r" + "ORC|RE\rOBX|1|ST|1^a^L||x||||||F\r";
  const Message message(result(orders));
  const auto found = validate_hl7v2(message.tree, dictionary());
  REQUIRE(found.list().size() == 1);
  CHECK(found.list()[0].place == "ORDER_OBSERVATION[2].OBR");
  CHECK(found.list()[0].segment == 6);
  CHECK(found.complaints().at(0).location == "OBR[2]");  // what an ERR can say
  CHECK(found.complaints().at(0).code == "100");
}

TEST_CASE("a required group is missed by its first required segment", "[validate]") {
  const Message message(result(""));
  const auto found = validate_hl7v2(message.tree, dictionary());
  REQUIRE(found.list().size() == 1);
  CHECK(found.list()[0].place == "PATIENT_RESULT.ORDER_OBSERVATION");
  CHECK(found.complaints().at(0).location == "OBR");
}

TEST_CASE("a required group that requires nothing is not missed", "[validate]") {
  // Version 2.3 requires OBSERVATION, which is [OBX] [NTE].
  CHECK(found_in(header("ORU^R01", "2.3") + patient + order) == nothing);
}

TEST_CASE("a segment out of order is said to come too late", "[validate]") {
  CHECK(found_in(admission(event + visit + patient)) == one("100 PID structure error: comes too late in ADT_A01"));
  CHECK(found_in(admission(event + patient + visit + "IN1|1|A|B\rAL1|1||X\r")) == one("100 AL1 structure error: comes too late in ADT_A01"));
}

TEST_CASE("a segment that may stand once does not stand twice", "[validate]") {
  CHECK(found_in(admission(event + patient + visit + visit)) == one("100 PV1[2] structure error: does not repeat in ADT_A01"));
}

TEST_CASE("a segment that the structure does not know has no place in it", "[validate]") {
  CHECK(found_in(admission(event + patient + visit + "TXA|1|DS|TX|||||||||D1|||||AU\r")) ==
        one("100 TXA structure error: has no place in ADT_A01"));
}

TEST_CASE("an event, a message and a version that nobody knows", "[validate]") {
  const std::string rest = "EVN|A01|20260102030405\r" + patient;
  CHECK(found_in(header("ADT^A99", "2.5.1") + rest) ==
        one("201 MSH-9.2 structure error: no version has this event; segments are not checked for their order"));
  CHECK(found_in(header("QQQ^A01", "2.3") + rest) ==
        one("200 MSH-9.1 structure error: no version has this message; segments are not checked for their order"));
  CHECK(found_in(header("ZAA^Z01", "2.3") + rest) == one("200 MSH-9 unknown information: a local message"));
  CHECK(found_in(header("ADT^A01^ADT_A01", "2.5.9") + rest + visit) ==
        one("203 MSH-12 unknown information: not a version that is known here; checked as 2.5.1"));
}

// --- unknown ---------------------------------------------------------------------------------------------------------------

TEST_CASE("a Z segment is information", "[validate]") {
  CHECK(found_in(admission(event + patient + visit + "ZPI|1|x\r")) == one("100 ZPI unknown information: a local segment"));
}

TEST_CASE("a segment that only other versions have there is information, and its fields are not counted up", "[validate]") {
  CHECK(found_in(header("ADT^A01", "2.3") + "SFT|Lab|1|Tombolo|1\r" + "EVN|A01|20260102030405\r" + patient + visit) ==
        one("100 SFT unknown information: stands here in ADT_A01 only in other versions"));
}

TEST_CASE("a field of later versions is information, one that was withdrawn too, and one that nobody has", "[validate]") {
  const std::string fields(31, '|');
  CHECK(found_in(header("ADT^A01", "2.3") + "EVN|A01|20260102030405\r" + "PID|1||4711||Ahlberg^Tove" + std::string(26, '|') + "Y\r" + visit) ==
        one("102 PID-31 unknown information: a field of later versions"));
  CHECK(found_in(admission(event + "PID|1|4711|4711^^^NORTH^MR||Ahlberg^Tove^^^^^L\r" + visit, "2.7")) ==
        one("102 PID-2 unknown information: withdrawn in version 2.7"));
  CHECK(found_in(admission("EVN||20260102030405|||||||||||x\r" + patient + visit)) ==
        one("102 EVN-13 unknown information: a field that no version has"));
}

TEST_CASE("components that a type does not have are information", "[validate]") {
  CHECK(found_in(admission(event + "PID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500101|F^x\r" + visit)) ==
        one("102 PID-8.2 unknown information: a part of a value that has none (IS)"));
  CHECK(found_in(admission(event + "PID|1||4711^^^NORTH^MR^^^^^^^x||Ahlberg^Tove\r" + visit)) ==
        one("102 PID-3.12 unknown information: a component of later versions"));
  CHECK(found_in(admission(event + "PID|1||4711^^^NORTH^MR^^^^^^^^^x||Ahlberg^Tove\r" + visit)) ==
        one("102 PID-3.14 unknown information: a component that no version has"));
}

// --- cardinality -----------------------------------------------------------------------------------------------------------

TEST_CASE("a required field that is not there", "[validate]") {
  CHECK(found_in(admission(event + "PID|1||4711^^^NORTH^MR\r" + visit)) ==
        one("101 PID-5 cardinality error: required in version 2.5.1 and not there"));
  CHECK(found_in(admission(event + patient + "PV1|1\r")) == one("101 PV1-2 cardinality error: required in version 2.5.1 and not there"));
}

TEST_CASE("what is required depends on the version", "[validate]") {
  const std::string rest = "PID|1||4711||Ahlberg^Tove\r" + visit;
  CHECK(found_in(header("ADT^A01", "2.3") + "EVN||20260102030405\r" + rest) ==
        one("101 EVN-1 cardinality error: required in version 2.3 and not there"));
  CHECK(found_in(header("ADT^A01^ADT_A01", "2.5.1") + "EVN|A01\r" + rest) ==
        one("101 EVN-2 cardinality error: required in version 2.5.1 and not there"));
}

TEST_CASE("\"\" is a value: the field is there", "[validate]") {
  CHECK(found_in(admission(event + "PID|1||4711^^^NORTH^MR||\"\"||\"\"|\"\"\r" + visit), all_errors) == nothing);
}

TEST_CASE("a field that may stand once is found repeated", "[validate]") {
  CHECK(found_in(admission(event + "PID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500101~19500102|F\r" + visit)) ==
        one("102 PID-7 cardinality error: stands 2 times, may stand once in version 2.5.1"));
  CHECK(found_in(result("OBR|1|||80004^Electrolytes^L|||||||||||||1~2~3\r")) ==
        one("102 OBR-17 cardinality error: stands 3 times, may stand 2 times in version 2.5.1"));
}

TEST_CASE("a required component is missed where the version requires it", "[validate]") {
  const std::string untyped = "PID|1||4711^^^NORTH||Ahlberg^Tove^^^^^L\r";
  CHECK(found_in(admission(event + untyped + visit, "2.7")) == one("101 PID-3.5 cardinality error: required in version 2.7 and not there"));
  CHECK(found_in(admission(event + untyped + visit, "2.5.1")) == nothing);
  CHECK(found_in(admission(event + "PID|1||4711^^^NORTH^MR~4712^^^NORTH||Ahlberg^Tove^^^^^L\r" + visit, "2.7")) ==
        one("101 PID-3[2].5 cardinality error: required in version 2.7 and not there"));
}

TEST_CASE("a value without a type in OBX", "[validate]") {
  CHECK(found_in(result(order + "OBX|1||2823-3^K^LN||4.2||||||F\r")) ==
        one("101 OBX-2 cardinality error: required in version 2.5.1 and not there"));
  CHECK(found_in(result(order + "OBX|1||2823-3^K^LN||||||||X\r")) == nothing);
}

// --- format ----------------------------------------------------------------------------------------------------------------

TEST_CASE("a date that the calendar does not have", "[validate]") {
  CHECK(found_in(admission(event + "PID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500231|F\r" + visit)) ==
        one("102 PID-7 format warning: no date and time (TS: YYYY[MM[DD[HHMM[SS]]]])"));
  CHECK(found_in(admission(event + patient + visit + "AL1|1||X|||2026-01-02\r")) ==
        one("102 AL1-6 format warning: no date (DT: YYYY[MM[DD]])"));
}

TEST_CASE("a number that is none, in a component too", "[validate]") {
  CHECK(found_in(admission(event + "PID|one||4711^^^NORTH^MR||Ahlberg^Tove\r" + visit)) ==
        one("102 PID-1 format warning: no sequence number (SI)"));
  CHECK(found_in(result("OBR|1|||80004^Electrolytes^L|||||few^mL\r")) == one("102 OBR-9.1 format warning: no number (NM)"));
}

TEST_CASE("OBX-5 is what OBX-2 says", "[validate]") {
  CHECK(found_in(result(order + "OBX|1|NM|2823-3^K^LN||high||||||F\r")) == one("102 OBX-5 format warning: no number (NM)"));
  CHECK(found_in(result(order + "OBX|1|ST|2823-3^K^LN||high||||||F\r")) == nothing);
  CHECK(found_in(result(order + "OBX|1|DT|2823-3^K^LN||20260102~20261302||||||F\r")) ==
        one("102 OBX-5[2] format warning: no date (DT: YYYY[MM[DD]])"));
  CHECK(found_in(result(order + "OBX|1|SN|2823-3^K^LN||>^high||||||F\r")) == one("102 OBX-5.2 format warning: no number (NM)"));
}

// --- vocabulary, length ----------------------------------------------------------------------------------------------------

TEST_CASE("a code that its HL7 table does not have", "[validate]") {
  CHECK(found_in(result(order + "OBX|1|ST|2823-3^K^LN||x||||||Q\r")) == one("103 OBX-11 vocabulary information: not in HL7 table 0085"));
  CHECK(found_in(result(order + "OBX|1|ST|2823-3^K^LN||x||||||Q\r"), all_errors) ==
        one("103 OBX-11 vocabulary error: not in HL7 table 0085"));
}

TEST_CASE("a table that users define only suggests", "[validate]") {
  CHECK(found_in(admission(event + "PID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500101|W\r" + visit), all_errors) ==
        one("103 PID-8 vocabulary information: not in the suggested table 0001"));
}

TEST_CASE("a structure in MSH-9.3 that nobody has", "[validate]") {
  CHECK(found_in(header("ADT^A08^ADT_A08", "2.5.1") + event + patient + visit) ==
        one("103 MSH-9.3 vocabulary information: no message structure is called so"));
}

TEST_CASE("a length is looked at where the channel asks for it", "[validate]") {
  Weights weights = usual_weights;
  weights[static_cast<std::size_t>(Family::length)] = Weight::warning;
  const std::string message = admission(event + patient + "PV1|12345|I\r");
  CHECK(found_in(message, weights) == one("104 PV1-1 length warning: longer than 4 characters (SI)"));
  CHECK(found_in(message) == nothing);
}

TEST_CASE("a family that is off says nothing", "[validate]") {
  Weights weights = usual_weights;
  weights[static_cast<std::size_t>(Family::structure)] = Weight::off;
  CHECK(found_in(admission(patient), weights) == nothing);
}

// --- all of it -------------------------------------------------------------------------------------------------------------

TEST_CASE("more findings than are kept are counted all the same, and no information hides an error", "[validate]") {
  std::string segments;
  for (int i = 0; i < 300; ++i) segments += "ZZZ|x\r";
  const Message message(admission(event + patient + segments));
  const auto found = validate_hl7v2(message.tree, dictionary());
  CHECK(found.count(Weight::information) == 300);
  CHECK(found.list().size() == 101);
  CHECK(found.failed());  // PV1
}

TEST_CASE("validation changes nothing and repeats no value", "[validate]") {
  const std::string canary = "Xq7Kanarie";
  std::string bytes = "MSH|^~\\&|TEST|NORTH|TOMBOLO|HOUSE|Xq7Kanarie||ADT^Xq7Kanarie^Xq7Kanarie|T1|Xq7Kanarie|Xq7Kanarie\r";
  bytes += "Xq7Kanarie is the rest of a text\r";
  for (const char* name : {"EVN", "PID", "PV1", "OBX", "AL1", "ZPI", "IN1", "QQQ"}) {
    bytes += name;
    for (int i = 0; i < 45; ++i) bytes += "|" + canary + "^" + canary + "&" + canary + "~" + canary;
    bytes += "\r";
  }
  for (const std::string& type : {std::string("ADT^Xq7Kanarie^Xq7Kanarie"), std::string("ADT^A01^ADT_A01")}) {
    for (const std::string& version : {canary, std::string("2.1"), std::string("2.5.1"), std::string("2.8.2")}) {
      std::string variant = bytes;
      variant.replace(variant.find("ADT^Xq7Kanarie^Xq7Kanarie"), 25, type);
      const std::size_t at = variant.find("|Xq7Kanarie\r") + 1;
      variant.replace(at, canary.size(), version);
      const Message message(variant);
      const auto found = validate_hl7v2(message.tree, dictionary(), all_errors);
      CHECK(found.list().size() > 20);
      CHECK(found.summary().find(canary) == std::string::npos);
      for (const Breach& f : found.list()) {
        INFO(f.place + ": " + f.text);
        CHECK((f.place + f.location + f.text + std::string(f.code)).find("Xq7") == std::string::npos);
      }
      CHECK(format().print(message.tree).value() == variant);
    }
  }
}

TEST_CASE("each place of a finding is an address", "[validate]") {
  const Message message(admission("PID|one||||||x|F^G&H\rOBX|1|NM|a||x~y||||||Q\rZPI|1\r"));
  for (const Breach& f : validate_hl7v2(message.tree, dictionary(), all_errors).list()) {
    INFO(f.place);
    CHECK(hl7v2::parse_address(f.place).has_value());
  }
}

TEST_CASE("the messages of the repository's own tests and examples have no error", "[validate]") {
  namespace fs = std::filesystem;
  const std::map<std::string, std::string> wrong_on_purpose{
      {"oru_r01_version_23.hl7", "OBX[3]-2: required in version 2.3 and not there"},
      {"expected.hl7", "NTE: has no place in ADT_A01"},   // example 05 adds a note where the laboratory looks for it
      {"oru_r01_chemistry.hl7", "OBX[2]-11: required in version 2.5.1 and not there"}};
  int seen = 0;
  for (const char* folder : {"tests/golden", "examples"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(TOMBOLO_SOURCE_DIR) / folder)) {
      if (entry.path().extension() != ".hl7") continue;
      const std::string bytes = read_file(entry.path());
      const auto messages = format().split(bytes);
      REQUIRE(messages.has_value());
      for (const auto one_message : *messages) {
        const Message message(one_message);
        const auto found = validate_hl7v2(message.tree, dictionary());
        INFO(entry.path());
        const auto known = wrong_on_purpose.find(entry.path().filename().string());
        CHECK(found.summary() == (known == wrong_on_purpose.end() ? "" : known->second));
        ++seen;
      }
    }
  }
  CHECK(seen > 5);
}

TEST_CASE("every message of the corpora is validated", "[validate][corpora]") {
  const char* const corpora = std::getenv("TOMBOLO_CORPORA");
  if (corpora == nullptr) return;
  namespace fs = std::filesystem;
  std::map<std::string, int> messages_with;
  int messages = 0;
  for (const auto& entry : fs::directory_iterator(fs::path(corpora) / "v2" / "messages")) {
    Arena arena;
    Tree tree(arena);
    std::vector<Complaint> oddities;
    const std::string bytes = read_file(entry.path());
    if (!format().parse(bytes, {}, tree, oddities)) continue;
    ++messages;
    const auto found = validate_hl7v2(tree, dictionary());
    std::map<std::string, bool> families;
    for (const Breach& f : found.list()) {
      families[std::string(family_names[static_cast<std::size_t>(f.family)]) + " " + std::string(weight_names[static_cast<std::size_t>(f.weight)])] = true;
    }
    families["any error"] = found.failed();
    for (const auto& [family, is] : families) messages_with[family] += is ? 1 : 0;
  }
  CHECK(messages > 0);
  std::cout << messages << " messages of the corpora; with\n";
  for (const auto& [family, count] : messages_with) std::cout << "  " << family << ": " << count << "\n";
}
