#include "engine/formats/hl7v2/message.h"

#include <catch2/catch.hpp>

#include <cstdlib>
#include <random>

#include "tests/support/temp.h"

using namespace tombolo;
using namespace tombolo::hl7v2;

namespace {
const std::string adt =
    "MSH|^~\\&|LAB|NORTH|ENGINE|EAST|20260102030405||ADT^A01^ADT_A01|M1|P|2.5.1\r"
    "PID|1||777^^^NORTH&1.2.3&ISO^MR~888||DOE^JANE||19700101|F\r"
    "ZXY\r"
    "PV1||I|\r";

std::string dump(const Message& m) {  // every leaf with its level, for comparison
  std::string out;
  for (const Segment& s : m.segments()) {
    out += std::to_string(s.begin) + "-" + std::to_string(s.end) + "/" + std::to_string(s.count) + "{";
    for (std::uint32_t n = 0; n <= s.count; ++n) {
      for (const Leaf& leaf : m.field(s, n)) out += "?&^~|\r"[static_cast<int>(leaf.level()) + 1] + std::string(m.text(leaf));
    }
    out += "}";
  }
  return out;
}
std::string names(const Message& m) {
  std::string out;
  for (const Segment& s : m.segments()) out += std::string(m.name(s)) + " ";
  return out;
}
}  // namespace

TEST_CASE("every field, repetition, component and sub-component is found", "[hl7v2]") {
  Message m;
  REQUIRE(m.index(adt));
  REQUIRE(names(m) == "MSH PID ZXY PV1 ");
  const Segment& msh = m.segments()[0];
  CHECK(m.raw(msh, 1) == "|");
  CHECK(m.raw(msh, 2) == "^~\\&");
  CHECK(m.raw(msh, 3) == "LAB");
  CHECK(m.raw(msh, 9, 1, 2, 1) == "A01");
  CHECK(m.raw(msh, 12) == "2.5.1");
  CHECK(msh.count == 12);
  const Segment& pid = m.segments()[1];
  CHECK(m.raw(pid, 3) == "777^^^NORTH&1.2.3&ISO^MR~888");
  CHECK(m.raw(pid, 3, 1, 4, 2) == "1.2.3");
  CHECK(m.raw(pid, 3, 1, 5, 1) == "MR");
  CHECK(m.raw(pid, 3, 2, 1, 1) == "888");
  CHECK(m.raw(pid, 3, 3, 1, 1).empty());
  CHECK(m.raw(pid, 99).empty());
  CHECK(m.segments()[2].count == 0);
  CHECK(m.segments()[3].count == 3);
  CHECK(m.find("PV1") == &m.segments()[3]);
  CHECK(m.find("OBX") == nullptr);
}

TEST_CASE("the sender chooses the delimiters, also the truncation character", "[hl7v2]") {
  Message m;
  REQUIRE(m.index("MSH$%*!@#$LAB\rPID$1$a%b*c@d^e&f"));
  CHECK(m.delimiters().field == '$');
  CHECK(m.delimiters().component == '%');
  CHECK(m.delimiters().repetition == '*');
  CHECK(m.delimiters().escape == '!');
  CHECK(m.delimiters().subcomponent == '@');
  CHECK(m.delimiters().truncation == '#');
  CHECK(m.raw(m.segments()[0], 2) == "%*!@#");
  CHECK(m.raw(m.segments()[1], 2, 2, 1, 2) == "d^e&f");
  REQUIRE(m.index("MSH|ENGINE|LAB\rPID|aEb"));  // letters are none
  CHECK(m.delimiters().component == 0);
  CHECK(m.raw(m.segments()[1], 1, 1, 1, 1) == "aEb");
  REQUIRE(m.index("MSH|^~|LAB\rPID|a&b"));
  CHECK(m.delimiters().escape == 0);
  CHECK(m.raw(m.segments()[1], 1, 1, 1, 1) == "a&b");
}

TEST_CASE("segments end with CR, LF or CR LF, and empty lines are nothing", "[hl7v2]") {
  Message m;
  for (const std::string end : {"\r", "\n", "\r\n", "\n\n", "\r\r\n"}) {
    std::string bytes = "MSH|^~\\&|A" + end + "PID|1" + end + "PV1" + end;
    REQUIRE(m.index(bytes));
    CHECK(names(m) == "MSH PID PV1 ");
    CHECK(m.raw(m.segments()[1], 1) == "1");
  }
  REQUIRE(m.index("\xEF\xBB\xBF\r\nMSH|^~\\&\rPID"));
  CHECK(names(m) == "MSH PID ");
}

TEST_CASE("a line feed inside a text is text", "[hl7v2]") {
  Message m;
  REQUIRE(m.index("MSH|^~\\&|A\rNTE|1||first line\nsecond line|x\r"));
  CHECK(names(m) == "MSH NTE ");
  CHECK(m.raw(m.segments()[1], 3) == "first line\nsecond line");
}

TEST_CASE("what does not begin with MSH and a separator is malformed", "[hl7v2]") {
  Message m;
  for (const std::string bytes : {"", "M", "MSH", "MSHA^~\\&", "PID|1", "MSH\r", "hello"}) {
    const auto done = m.index(bytes);
    REQUIRE_FALSE(done);
    CHECK(done.error().kind == Kind::malformed);
  }
  CHECK(m.index("MSH|"));
  CHECK(m.index("MSH|^~\\&"));
}

TEST_CASE("limits are kept before anything is allocated for it", "[hl7v2]") {
  Message m;
  Limits limits;
  limits.segments = 2;
  CHECK(m.index("MSH|^~\\&\rPID\r", limits));
  CHECK(m.index("MSH|^~\\&\rPID\rPV1", limits).error().kind == Kind::too_large);
  limits.bytes = 10;
  CHECK(m.index("MSH|^~\\&|12345", limits).error().kind == Kind::too_large);
}

TEST_CASE("every scan finds the same", "[hl7v2]") {
  std::mt19937 random(7);
  const std::string_view letters = "|^~\\&\r\nABC MSHPID012xyz";
  for (int round = 0; round < 300; ++round) {
    std::string bytes = "MSH|^~\\&|";
    const std::size_t size = random() % 9000;
    while (bytes.size() < size) bytes += letters[random() % letters.size()];
    Message plain;
    REQUIRE(plain.index(bytes, {}, scans().front().second));
    for (const auto& [name, scan] : scans()) {
      Message other;
      REQUIRE(other.index(bytes, {}, scan));
      INFO(name);
      REQUIRE(dump(other) == dump(plain));
    }
  }
}

TEST_CASE("a delimiter beyond ASCII is refused: it would cut characters in two", "[hl7v2]") {
  CHECK(text(hl7v2::delimiters("MSH\xC3|").error()).find("MSH-1") != std::string::npos);
  CHECK(text(hl7v2::delimiters("MSH|^\xEF\\&|").error()).find("MSH-2") != std::string::npos);
  CHECK(text(hl7v2::delimiters("MSH|^~\\\xEF|").error()).find("MSH-2") != std::string::npos);
  CHECK_FALSE(hl7v2::delimiters("MSH|^~\\&\xEF").has_value());
  CHECK(hl7v2::delimiters("MSH|^~\\&|\xEF").has_value());
}

TEST_CASE("the leaves and the delimiters between them are the bytes", "[hl7v2]") {
  Message m;
  REQUIRE(m.index(adt));
  std::uint32_t at = 0;
  for (const Leaf& leaf : m.leaves()) {
    if (leaf.begin == 4) at = 4;  // MSH-2 follows its separator, which is MSH-1
    CHECK(leaf.begin == at);
    at = leaf.begin + leaf.size() + (at == 0 ? 0 : 1);
  }
  CHECK(at == adt.size());
}
