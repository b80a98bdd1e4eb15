#include "engine/formats/hl7v2/batch.h"

#include <catch2/catch.hpp>

#include "tests/formats/hl7v2/made_up.h"

using namespace tombolo;
using namespace tombolo::hl7v2;

namespace {
const std::string one = "MSH|^~\\&|A|B|C|D|||ADT^A01|1\rPID|1\r", two = "MSH|^~\\&|A|B|C|D|||ADT^A01|2\rPID|2\r";
}

TEST_CASE("one message is all of its bytes", "[hl7v2]") {
  for (const std::string& bytes : {one, "\xEF\xBB\xBF" + one, "\r\n" + one + "\r\n\r\n", std::string("MSH|^~\\&|")}) {
    const auto batch = read_batch(bytes);
    REQUIRE(batch.has_value());
    REQUIRE(batch->messages.size() == 1);
    CHECK(batch->messages[0] == bytes);
    CHECK_FALSE(batch->framed());
  }
}

TEST_CASE("messages in a row are cut, also between MLLP frames", "[hl7v2]") {
  for (const std::string between : {"", "\r\n", "\x1C\r\x0B", "\n\n"}) {
    const std::string bytes = one + between + two;
    const auto batch = read_batch(bytes);
    REQUIRE(batch->messages.size() == 2);
    CHECK(batch->messages[0] == one + (between == "\n\n" || between == "\r\n" ? (between == "\n\n" ? "\n" : "") : ""));
    CHECK(batch->messages[1] == two);
  }
}

TEST_CASE("headers and trailers are taken off and their counts checked", "[hl7v2]") {
  const std::string bytes = "FHS|^~\\&|A|B|C|D|20260101||f||F1\rBHS|^~\\&|A|B|C|D|20260101||b||B1\r" + one + two + "BTS|2\rBHS|^~\\&\r" + one + "BTS|3|x\rFTS|1\r";
  const auto batch = read_batch(bytes);
  REQUIRE(batch.has_value());
  CHECK(batch->messages == std::vector<std::string_view>{one, two, one});
  CHECK(batch->file_header == "FHS|^~\\&|A|B|C|D|20260101||f||F1");
  REQUIRE(batch->complaints.size() == 2);
  CHECK(batch->complaints[0].location == "BTS-1");
  CHECK(batch->complaints[0].text == "says 3, found 1");
  CHECK(batch->complaints[0].severity == "W");
  CHECK(batch->complaints[1].location == "FTS-1");
  CHECK(batch->complaints[1].text == "says 1, found 2");
  CHECK(read_batch("BHS|^~\\&\r" + one + "BTS\r")->complaints.empty());
}

TEST_CASE("no message at all is malformed", "[hl7v2]") {
  for (const char* bytes : {"", "hello", "PID|1\r", "MSHX"}) CHECK(read_batch(bytes).error().kind == Kind::malformed);
}

TEST_CASE("a batch is answered by a batch", "[hl7v2]") {
  const std::string bytes = "BHS|^~\\&|A|B|C|D|20260101||b||B1\r" + one + two + "BTS|2\r";
  const std::vector<std::string> answers{"MSH|1\rMSA|AA|1\r", "MSH|2\rMSA|AE|2\r"};
  CHECK(answer_batch(bytes, answers, from_micros(0), "N1") ==
        "BHS|^~\\&|C|D|A|B|19700101000000.000+0000||||N1|B1\rMSH|1\rMSA|AA|1\rMSH|2\rMSA|AE|2\rBTS|2\r");
  CHECK(answer_batch("FHS|^~\\&\r" + bytes + "FTS|1\r", {}, from_micros(0), "N1") ==
        "FHS|^~\\&|||||19700101000000.000+0000||||N1|\rBHS|^~\\&|C|D|A|B|19700101000000.000+0000||||N1|B1\rBTS|0\rFTS|1\r");
  CHECK(answer_batch(one + two, answers, from_micros(0), "N1") == answers[0] + answers[1]);
}
