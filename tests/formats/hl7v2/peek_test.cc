#include "engine/formats/hl7v2/peek.h"

#include <catch2/catch.hpp>

#include "engine/base/charset.h"
#include "tests/formats/hl7v2/made_up.h"

using namespace tombolo;
using test::dictionary;

namespace {
Peek look(std::string_view bytes, const PeekPaths& paths = {}, const Reading& reading = {}) {
  return hl7v2::peek(bytes, paths, reading, dictionary()).value();
}
std::string keys(const Peek& peek) {
  std::string out;
  for (const BusinessKey& key : peek.keys) out += key.kind + "=" + key.value + " ";
  return out;
}
}  // namespace

TEST_CASE("peek tells sender, type, ids, wishes and keys", "[hl7v2]") {
  const Peek adt = look(test::adt);
  CHECK(adt.type == "ADT^A01");
  CHECK(adt.structure == "ADT_A01");
  CHECK(adt.version == "2.5.1");
  CHECK(adt.sender == "ADT1|NORTH");
  CHECK(adt.control_id == "M1");
  CHECK(adt.processing == "P");
  CHECK(adt.accept_ack == "AL");
  CHECK(adt.application_ack == "NE");
  CHECK(adt.duplicate_key == "ADT1|NORTH|M1");
  CHECK(adt.order_keys == std::vector<std::string>{"777"});
  CHECK(keys(adt) == "control=M1 patient=777 visit=V55 ");

  const Peek oru = look(test::oru);
  CHECK(oru.structure == "ORU_R01");
  CHECK(oru.order_keys == std::vector<std::string>{"4711"});
  CHECK(keys(oru) == "control=R1 patient=4711 order=P1 order=F1 order=P2 order=F2 ");
}

TEST_CASE("a merge waits for both patients, a message without a patient for its sender", "[hl7v2]") {
  const std::string msh = "MSH|^~\\&|A|B|||20260101||ADT^A40|M1|P|2.5\r";
  CHECK(look(msh + "PID|||1\rMRG|2\rPID|||3\rMRG|1\r").order_keys == std::vector<std::string>{"1", "2", "3"});
  CHECK(look(msh + "PID|||\r").order_keys == std::vector<std::string>{"A|B"});
  CHECK(look("MSH|^~\\&|^1.2.3^ISO\r").order_keys == std::vector<std::string>{"1.2.3|"});
}

TEST_CASE("a site says which fields are keys", "[hl7v2]") {
  PeekPaths paths;
  paths.order = {"PV1-19"};
  paths.duplicate = {"MSH-7", "PID-3[2].1", "OBR[2]-3"};
  paths.index = {{"bed", "PV1-3"}, {"assigner", "PID-3[1].4.2"}};
  const Peek adt = look(test::adt, paths);
  CHECK(adt.order_keys == std::vector<std::string>{"V55"});
  CHECK(adt.duplicate_key == "20260102030405|888|");
  CHECK(keys(adt) == "control=M1 assigner=1.2.3 bed=W1 ");
  CHECK(look(test::oru, paths).duplicate_key == "20260102030405||F2");
  paths.duplicate = {"ZZZ-1"};
  CHECK(look(test::adt, paths).duplicate_key.empty());
  paths.order = {"PID-x"};
  CHECK(hl7v2::peek(test::adt, paths, {}, dictionary()).has_error());
}

TEST_CASE("peek reads any line end, delimiter, escape and character set", "[hl7v2]") {
  for (const std::string end : {"\r", "\n", "\r\n"}) CHECK(look("MSH|^~\\&|A|B||||||M1" + end + "PID|||7" + end).order_keys[0] == "7");
  CHECK(look("MSH$*~\\&$A$B$$$$$ADT*A08$M1$P$2.3\rPID$$$x\\F\\y*z").order_keys[0] == "x$y");
  CHECK(look("MSH$*~\\&$A$B$$$$$ADT*A08$M1$P$2.3\r").structure == "ADT_A01");
  CHECK(look("MSH|^~\\&|M\xFC|||||||1||||||||8859/1").sender == "Mü|");
  CHECK(look(*from_utf8(test::adt, "UTF-16")).control_id == "M1");
  CHECK(look(*from_utf8("MSH|^~\\&|A|||||||1||||||||ISO IR87\rPID|||表", "ISO-2022-JP")).order_keys[0] == "表");
  CHECK(look("\xEF\xBB\xBF\r\nMSH|^~\\&|A").sender == "A|");
}

TEST_CASE("a message without a control id is never a duplicate", "[hl7v2]") { CHECK(look("MSH|^~\\&|A|B|").duplicate_key.empty()); }

TEST_CASE("what is no message cannot be peeked at", "[hl7v2]") {
  for (const char* bytes : {"", "MSH", "PID|1", "BHS|"}) {
    const auto found = hl7v2::peek(bytes, {}, {}, dictionary());
    if (std::string_view(bytes) == "BHS|") continue;
    CHECK(found.error().kind == Kind::malformed);
  }
}
