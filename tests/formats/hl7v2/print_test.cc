#include "engine/formats/hl7v2/print.h"

#include <catch2/catch.hpp>

#include <cstdlib>

#include "engine/base/charset.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/batch.h"
#include "engine/formats/hl7v2/build.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/formats/hl7v2/patch.h"
#include "tests/formats/hl7v2/made_up.h"
#include "tests/support/temp.h"

using namespace tombolo;
using namespace tombolo::hl7v2;
using test::dictionary;

namespace {

struct Parsed {
  explicit Parsed(std::string text, const Reading& reading = {}) : bytes(std::move(text)), tree(arena) {
    REQUIRE(build(bytes, reading, dictionary(), tree, complaints).has_value());
  }
  NodeId at(std::string_view address) const { return find(tree, *parse_address(address)).at(0); }
  std::string printed() const { return *print(tree, dictionary()); }
  std::string bytes;
  Arena arena;
  Tree tree;
  std::vector<Complaint> complaints;
};

std::string with(std::string text, std::string_view old, std::string_view now) {
  return text.replace(text.find(old), old.size(), now);
}

}  // namespace

TEST_CASE("what nobody changed prints as the very bytes", "[hl7v2]") {
  const std::string odd[] = {test::adt, test::oru, "MSH|^~\\&", "MSH|", "MSH|^~\\&|\r\n\r\nPID|1||||\n", "\xEF\xBB\xBF\r\nMSH|^~\\&|A\rPID|^^&&~~|\r\r",
                             "MSH|^~\\&|A\nPID|\\F\\|\\Q\\|\"\"\nx\n\n", "MSH$%*!@#$LAB\rPID$1$a%b*c@d^e&f", "MSH|^~\\&|A|B||||||||||||||8859/1\rPID|\xE9\rPID|2"};
  for (const std::string& bytes : odd) CHECK(Parsed(bytes).printed() == bytes);
  const std::string wide = *from_utf8(test::adt, "UTF-16");
  CHECK(Parsed(wide).printed() == wide);
}

TEST_CASE("in a changed tree only what was changed is written anew", "[hl7v2]") {
  SECTION("a value, with its delimiters escaped") {
    Parsed p(test::adt);
    p.tree.set_value(p.at("PID-5.1"), "O|HARA\nJR");
    CHECK(p.printed() == with(test::adt, "DOE^JANE", "O\\F\\HARA\\.br\\JR^JANE"));
  }
  SECTION("a repetition, a component, a sub-component taken away") {
    Parsed p(test::adt);
    p.tree.remove(p.at("PID-3[2]"));
    p.tree.remove(p.at("PID-3[1].4.2"));
    CHECK(p.printed() == with(test::adt, "777^^^NORTH&1.2.3&ISO^MR~888^^^^SS", "777^^^NORTH&&ISO^MR"));
  }
  SECTION("deleted, and a field beyond the end") {
    Parsed p(test::adt);
    p.tree.set_deleted(p.at("PID-8"));
    p.tree.add(p.at("PID"), "16", "M");
    CHECK(p.printed() == with(with(test::adt, "|F|", "|\"\"|"), "|\"\"\rPV1", "|\"\"||M\rPV1"));
  }
  SECTION("a segment taken away, another put in") {
    Parsed p(test::adt);
    p.tree.remove(p.at("ZPI"));
    const NodeId note = p.tree.insert_after(p.at("PID"), "NTE");
    p.tree.add(note, "3", "new");
    CHECK(p.printed() == with(with(test::adt, "ZPI|local\r", ""), "PV1|1", "NTE|||new\rPV1|1"));
  }
  SECTION("line ends and junk around it stay") {
    Parsed p("MSH|^~\\&|A|\r\nPID|1|^^|x||\r\n\r\nPV1||I\r\n");
    p.tree.set_value(p.at("PID-3"), "y");
    CHECK(p.printed() == "MSH|^~\\&|A|\r\nPID|1|^^|y||\r\n\r\nPV1||I\r\n");
  }
  SECTION("the character set of the message") {
    Parsed p("MSH|^~\\&|A|||||||||||||||8859/1\rPID|1|\xE9\r");
    p.tree.set_value(p.at("PID-1"), "ü");
    CHECK(p.printed() == "MSH|^~\\&|A|||||||||||||||8859/1\rPID|\xFC|\xE9\r");
    p.tree.set_value(p.at("PID-1"), "山");
    CHECK(print(p.tree, dictionary()).error().what == "the character at byte 0 does not exist in ISO-8859-1");
  }
  SECTION("a set that was decoded first") {
    const std::string text = "MSH|^~\\&|A|||||||||||||||ISO IR87\rPID|1|山田\r";
    Parsed p(*from_utf8(text, "ISO-2022-JP"));
    p.tree.set_value(p.at("PID-1"), "表");
    CHECK(p.printed() == *from_utf8(with(text, "|1|", "|表|"), "ISO-2022-JP"));
  }
  SECTION("around a changed component all stays: empty repetitions, delimiters at the end, escapes as the sender spells them") {
    Parsed p("MSH|^~\\&|A\rPID|1||~11^^x\\X41\\&^N~~22^\\H\\b\\N\\^^S^~|\r");
    p.tree.set_value(p.at("PID-3[2].4"), "T");
    CHECK(p.printed() == "MSH|^~\\&|A\rPID|1||~11^^x\\X41\\&^N~~22^\\H\\b\\N\\^^T^~|\r");
    p.tree.set_value(p.tree.add(p.at("PID-3[1]"), "6"), "new");
    CHECK(p.printed() == "MSH|^~\\&|A\rPID|1||~11^^x\\X41\\&^N^^new~~22^\\H\\b\\N\\^^T^~|\r");
    p.tree.remove(p.at("PID-3[1]"));
    CHECK(p.printed() == "MSH|^~\\&|A\rPID|1||~~22^\\H\\b\\N\\^^T^~|\r");
    p.tree.remove(p.at("PID-3"));
    CHECK(p.printed() == "MSH|^~\\&|A\rPID|1|||\r");
  }
  SECTION("a first component without others keeps the empty ones") {
    Parsed p("MSH|^~\\&|A\rPID|1||11^^|a&&^b\r");
    p.tree.set_value(p.at("PID-3"), "12");
    p.tree.set_value(p.at("PID-4.1"), "c");
    CHECK(p.printed() == "MSH|^~\\&|A\rPID|1||12^^|c&&^b\r");
  }
  SECTION("a value that moves with its place keeps the sender's escapes") {
    Parsed p("MSH|^~\\&|A\rNTE|1||\\H\\a\\N\\ \\Z01\\|\r");
    const Node from = p.tree[p.at("NTE-3")];
    const NodeId to = p.tree.add(p.at("NTE"), "4", from.value());
    p.tree[to].begin = from.begin, p.tree[to].length = from.length;
    CHECK(p.printed() == "MSH|^~\\&|A\rNTE|1||\\H\\a\\N\\ \\Z01\\|\\H\\a\\N\\ \\Z01\\\r");
  }
  SECTION("a new segment goes in front of one that was read if it says so") {
    Parsed p(test::adt);
    const NodeId note = p.tree.insert_after(p.at("PID"), "NTE");
    p.tree.add(note, "3", "new");
    p.tree[note].flags = static_cast<std::uint8_t>(Put::in_front);
    CHECK(p.printed() == with(test::adt, "PV1|", "NTE|||new\rPV1|"));
  }
  SECTION("a segment that was read and put elsewhere takes its bytes along, and one line end") {
    Parsed p("MSH|^~\\&|A\r\nPID|1||\r\nZPI|\\X41\\~|\r\n\r\n");
    const NodeId local = p.at("ZPI");
    p.tree.move(local, p.tree.root(), p.at("MSH"));
    CHECK(p.printed() == "MSH|^~\\&|A\r\nPID|1||\r\nZPI|\\X41\\~|\r\n\r\n");
    p.tree[local].flags = static_cast<std::uint8_t>(Put::behind);
    CHECK(p.printed() == "MSH|^~\\&|A\r\nZPI|\\X41\\~|\r\nPID|1||\r\n");
  }
  SECTION("another character set in MSH-18 is the one it is written in") {
    Parsed p("MSH|^~\\&|A|||||||||||||||8859/1\rPID|1|\xE9\r");
    p.tree.set_value(p.at("MSH-18"), "UNICODE UTF-8");
    CHECK(p.printed() == "MSH|^~\\&|A|||||||||||||||UNICODE UTF-8\rPID|1|é\r");
    p.tree.set_value(p.at("MSH-18"), "ASCII");
    CHECK(print(p.tree, dictionary()).error().what == "the character at byte 37 does not exist in ASCII");
  }
  SECTION("other delimiters write everything anew") {
    Parsed p("MSH|^~\\&|A^1\rPID|1||a&b^c\r");
    p.tree.set_value(p.at("MSH-2"), "*~\\&");
    CHECK(p.printed() == "MSH|*~\\&|A*1\rPID|1||a&b*c\r");
  }
}

TEST_CASE("a tree built from nothing prints canonical v2", "[hl7v2]") {
  Arena arena;
  Tree tree(arena);
  const NodeId msh = tree.add(tree.root(), "MSH");
  tree.add(msh, "3", "ENGINE");
  const NodeId type = tree.add(msh, "9");
  tree.add(type, "1", "ORU");
  tree.add(type, "2", "R01");
  const NodeId result = tree.add(tree.root(), "PATIENT_RESULT");
  const NodeId pid = tree.add(tree.add(result, "PATIENT"), "PID");
  tree.add(pid, "5", "late");
  const NodeId id = tree.add(pid, "3");
  tree.add(id, "1", "7|7");
  tree.add(tree.add(id, "4"), "2", "1.2");
  tree.add(pid, "3", "888");
  tree.add(result, "ZZZ");
  CHECK(*print(tree, dictionary()) == "MSH|^~\\&|ENGINE||||||ORU^R01\rPID|||7\\F\\7^^^&1.2~888||late\rZZZ\r");

  tree.add(pid, "x", "?");
  CHECK(print(tree, dictionary()).error().what == "expected the number of a field or component");
}

TEST_CASE("the format is five functions over one dictionary", "[hl7v2]") {
  const auto format = hl7v2_format(dictionary());
  CHECK(format->peek(test::adt, {}, {})->structure == "ADT_A01");
  CHECK(format->split(test::adt)->size() == 1);
  Arena arena;
  Tree tree(arena);
  std::vector<Complaint> complaints;
  REQUIRE(format->parse(test::adt, {}, tree, complaints).has_value());
  CHECK(*format->print(tree) == test::adt);
  CHECK(format->answer(test::adt, {}, Time{}, "A1").find("MSA|AA|M1") != std::string::npos);
  CHECK(format->parse("no message", {}, tree, complaints).error().kind == Kind::malformed);
}

TEST_CASE("every message of an outside corpus prints back byte for byte", "[hl7v2][corpora]") {
  const char* const corpora = std::getenv("TOMBOLO_CORPORA");
  if (corpora == nullptr) {
    WARN("skipped: TOMBOLO_CORPORA names no folder");
    return;
  }
  std::size_t files = 0, messages = 0, complaints = 0, grouped = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(std::filesystem::path(corpora) / "v2")) {
    if (!entry.is_regular_file() || entry.path().extension() != ".hl7") continue;
    INFO(entry.path().string());
    const std::string bytes = test::read_file(entry.path());
    const auto batch = read_batch(bytes);
    REQUIRE(batch.has_value());
    ++files;
    for (const std::string_view message : batch->messages) {
      const Parsed p{std::string(message)};
      REQUIRE(p.printed() == message);
      ++messages;
      complaints += p.complaints.size();
      grouped += !p.tree[p.tree.root()].name().empty();
      if (std::getenv("TOMBOLO_TALK") == nullptr) continue;
      for (const Complaint& c : p.complaints) WARN(entry.path().filename().string() << " " << c.severity << c.code << " " << c.location << ": " << c.text);
    }
  }
  WARN(files << " files, " << messages << " messages, " << grouped << " with a structure, " << complaints << " complaints");
}
