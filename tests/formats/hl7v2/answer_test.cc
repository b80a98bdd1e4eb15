#include "engine/formats/hl7v2/answer.h"

#include <catch2/catch.hpp>

#include "engine/base/charset.h"
#include "engine/base/text.h"
#include "engine/formats/hl7v2/ack.h"
#include "tests/formats/hl7v2/made_up.h"

using namespace tombolo;

namespace {
std::string reply(std::string_view message, const Answer& answer = {}) { return hl7v2::answer(message, answer, from_micros(0), "N1"); }
std::string msh(std::string_view version, std::string_view rest = "") {
  return "MSH|^~\\&|APP|FAC|ENG|EAST|20260101||ADT^A01|M1|T|" + std::string(version) + std::string(rest) + "\rPID|1\r";
}
const Answer missing{Verdict::error, false, {{"PID-3[1].4", "101", "E", "needs an assigner"}, {"OBX[3]-5", "102", "W", "a|b"}}, {}};
}  // namespace

TEST_CASE("an answer turns sender and receiver round and carries what it must", "[hl7v2]") {
  CHECK(reply(msh("2.5.1", "||||AL||||~|")) ==
        "MSH|^~\\&|ENG|EAST|APP|FAC|19700101000000.000+0000||ACK^A01^ACK|N1|T|2.5.1\rMSA|AA|M1\r");
  CHECK(reply(msh("2.5.1", "||||||8859/1|||PRO^1")) ==
        "MSH|^~\\&|ENG|EAST|APP|FAC|19700101000000.000+0000||ACK^A01^ACK|N1|T|2.5.1||||||8859/1|||PRO^1\rMSA|AA|M1\r");
  CHECK(reply("MSH$%*!@#$A&B$$C|D$$$$ADT%A08$M|1$P$2.7\r") ==
        "MSH$%*!@#$C|D$$A&B$$19700101000000.000+0000$$ACK%A08%ACK$N1$P$2.7\rMSA$AA$M|1\r");
}

TEST_CASE("MSH-9 of the answer follows the version", "[hl7v2]") {
  const auto type = [](const char* version) {
    const std::string text = reply(msh(version));
    return std::string(split(text, '|').at(8));
  };
  CHECK(type("2.2") == "ACK");
  CHECK(type("2.3") == "ACK");
  CHECK(type("2.3.1") == "ACK^A01^ACK");
  CHECK(type("2.8") == "ACK^A01^ACK");
  CHECK(type("2.10") == "ACK^A01^ACK");
}

TEST_CASE("verdict and mode give the code", "[hl7v2]") {
  const std::pair<Answer, const char*> cases[] = {{{Verdict::accepted, false, {}, {}}, "AA"}, {{Verdict::error, false, {}, {}}, "AE"},
                                                  {{Verdict::rejected, false, {}, {}}, "AR"}, {{Verdict::accepted, true, {}, {}}, "CA"},
                                                  {{Verdict::error, true, {}, {}}, "CE"},     {{Verdict::rejected, true, {}, {}}, "CR"}};
  for (const auto& [answer, code] : cases) CHECK(read_ack(reply(test::adt, answer))->code == code);
}

TEST_CASE("up to 2.4 all errors stand in ERR-1, from 2.5 each has its own ERR", "[hl7v2]") {
  CHECK(reply(msh("2.3"), missing).substr(reply(msh("2.3"), missing).find("MSA")) ==
        "MSA|AE|M1|needs an assigner\rERR|PID^1^3^101&Required field missing&HL70357~OBX^3^5^102&Data type error&HL70357\r");
  CHECK(reply(msh("2.5"), missing).substr(reply(msh("2.5"), missing).find("MSA")) ==
        "MSA|AE|M1\r"
        "ERR||PID^1^3^1^4|101^Required field missing^HL70357|E||||needs an assigner\r"
        "ERR||OBX^3^5^1|102^Data type error^HL70357|W||||a\\F\\b\r");
  const Answer nowhere{Verdict::rejected, false, {{"", "207", "E", "full"}}, {}};
  CHECK(reply(msh("2.4"), nowhere).ends_with("ERR|^^^207&Application internal error&HL70357\r"));
  CHECK(reply(msh("2.6"), nowhere).ends_with("ERR|||207^Application internal error^HL70357|E||||full\r"));
}

TEST_CASE("a frame that cannot be parsed still gets a well-formed answer", "[hl7v2]") {
  const Answer no{Verdict::rejected, false, {{"", "102", "E", "no message"}}, {}};
  for (const std::string bytes : {"", "garbage", "MSH", "PID|1\r", "\xFF\xFE\xFD"}) {
    const std::string answer = reply(bytes, no);
    CHECK(answer == "MSH|^~\\&|||||19700101000000.000+0000||ACK^^ACK|N1|P|2.5.1\rMSA|AR\rERR|||102^Data type error^HL70357|E||||no message\r");
    CHECK(read_ack(answer)->code == "AR");
  }
  CHECK(read_ack(reply("junk before MSH|^~\\&|A|B|C|D|||ADT^A01|M7|P|2.3\r", no))->control_id == "M7");
  CHECK(read_ack(reply("MSH|", no))->code == "AR");
  CHECK(read_ack(reply("MSH||A|B|||||ADT|M8", no))->control_id == "M8");
}

TEST_CASE("another system's reply goes out under the sender's control id", "[hl7v2]") {
  Answer relayed;
  relayed.relayed = "MSH|^~\\&|X\rMSA|AE|OTHER|text\rERR|1\r";
  CHECK(reply(test::adt, relayed) == "MSH|^~\\&|X\rMSA|AE|M1|text\rERR|1\r");
  relayed.relayed = "MSH|^~\\&|X\rMSA|AA\r";
  CHECK(reply(test::adt, relayed) == "MSH|^~\\&|X\rMSA|AA|M1\r");
  relayed.relayed = "no reply";
  CHECK(read_ack(reply(test::adt, relayed))->control_id == "M1");
}

TEST_CASE("a message in UTF-16 is answered in UTF-16", "[hl7v2]") {
  const std::string answer = reply(*from_utf8(msh("2.5"), "UTF-16"));
  CHECK(to_utf8(answer, "UTF-16")->text == reply(msh("2.5")));
}

TEST_CASE("an acknowledgement is read from any version", "[hl7v2]") {
  const auto old = read_ack("MSH|^~\\&|A\rMSA|AE|M1|text\rERR|PID^1^3^101&Required&HL70357\r");
  CHECK(old->code == "AE");
  CHECK(old->control_id == "M1");
  CHECK(old->error_code == "101");
  CHECK(read_ack(reply(msh("2.5"), missing))->error_code == "101");
  CHECK(read_ack("MSH|^~\\&|A\nMSA|AR|M1||||204^Unknown\n")->error_code == "204");
  CHECK(read_ack("MSH|^~\\&|A\rMSA|AA|M1\r")->error_code.empty());
  CHECK(read_ack("MSH|^~\\&|A\rPID|1\r").error().where == "MSA");
  CHECK(read_ack("MSH|^~\\&|A\rMSA\r").error().where == "MSA-1");
  CHECK(read_ack("").error().kind == Kind::malformed);
}
