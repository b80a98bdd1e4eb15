#include <catch2/catch.hpp>

#include "engine/base/library.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/mapping/misses.h"

using namespace tombolo;

namespace {

// What is shown of a value at each place, as if no table had it.
class Missed {
 public:
  explicit Missed(const std::string& segments) : bytes_("MSH|^~\\&|A|B|C|D|20260102030405||ORU^R01^ORU_R01|1|P|2.5.1\r" + segments) {
    std::vector<Complaint> oddities;
    const auto format = hl7v2_format(dictionary_);
    REQUIRE(format->parse(bytes_, {}, tree_, oddities));
  }
  // Place and text of the first node of this value; "(not shown)".
  std::string shown(std::string_view value, bool ignored = false) const {
    for (NodeId node = 0; node < tree_.size(); ++node) {
      if (tree_[node].first != no_node || tree_[node].value() != value) continue;
      const auto found = misses_of({{1, node, &table_, ignored}}, [](const CodeTable&) { return "status"; }, tree_, dictionary_);
      REQUIRE(found.size() == 1);
      CHECK(found[0].table == "status");
      CHECK(found[0].ignored == ignored);
      return found[0].code.empty() ? "(not shown)" : found[0].field + " " + found[0].code;
    }
    return "(nowhere)";
  }

 private:
  Library library_;
  V2Dictionary dictionary_{library_};
  std::string bytes_;
  Arena arena_;
  Tree tree_{arena_};
  CodeTable table_;
};

}  // namespace

TEST_CASE("a code is shown where HL7 puts codes, and nothing else is", "[misses]") {
  const Missed missed("PID|1||4711^^^NORTH^XX||Tester^Tilda||19700203|Q||||||||XM^words of it^L\rOBR|1|||K1^Kalium^L^K2\r");
  CHECK(missed.shown("Q") == "PID-8 Q");
  CHECK(missed.shown("XX") == "PID-3.5 XX");
  CHECK(missed.shown("XM") == "PID-16.1 XM");
  CHECK(missed.shown("K2") == "OBR-4.4 K2");
  CHECK(missed.shown("Kalium") == "(not shown)");
  CHECK(missed.shown("Tester") == "(not shown)");
  CHECK(missed.shown("4711") == "(not shown)");
  CHECK(missed.shown("XM", true) == "PID-16.1 XM");
}

TEST_CASE("words in the place of a code are counted and not shown", "[misses]") {
  const std::string longest(64, 'X');
  const Missed missed("PID|1||4711||Tester||19700203|" + longest + "|||||||||Tilda Tester\rPV1|1|" + longest + "Y\r");
  CHECK(missed.shown("Tilda Tester") == "(not shown)");
  CHECK(missed.shown(longest) == "PID-8 " + longest);
  CHECK(missed.shown(longest + "Y") == "(not shown)");
}
