// Every byte that no rule touches is printed as received: over all messages of the tests, and of outside corpora where
// TOMBOLO_CORPORA names a folder.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/batch.h"
#include "engine/formats/hl7v2/escape.h"
#include "engine/formats/hl7v2/message.h"
#include "tests/mapping/edit/fixture.h"

using namespace tombolo;
using test::EditSite;

namespace {

// All messages in .hl7 files below a folder that can be parsed.
std::vector<std::string> messages_below(const std::filesystem::path& folder) {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
    if (!entry.is_regular_file() || entry.path().extension() != ".hl7") continue;
    const auto bytes = test::read_file(entry.path());
    const auto batch = hl7v2::read_batch(bytes);
    if (!batch) continue;
    for (const auto message : batch->messages) {
      Arena arena;
      Tree tree(arena);
      std::vector<Complaint> complaints;
      if (hl7v2_format(test::Standards::get().dictionary)->parse(message, {}, tree, complaints)) found.emplace_back(message);
    }
  }
  return found;
}

std::vector<std::string> all_messages() {
  auto found = messages_below(TOMBOLO_SOURCE_DIR "/tests");
  for (auto& more : messages_below(TOMBOLO_SOURCE_DIR "/examples")) found.push_back(std::move(more));
  if (const char* const corpora = std::getenv("TOMBOLO_CORPORA"))
    for (auto& more : messages_below(std::filesystem::path(corpora) / "v2")) found.push_back(std::move(more));
  return found;
}

struct Leaf {
  std::string address;
  std::uint32_t begin;
};

void leaves_below(const Tree& tree, NodeId node, std::vector<Leaf>& out) {
  for (const NodeId child : children(tree, node)) {
    if (tree[child].first != no_node) leaves_below(tree, child, out);
    else if (tree[child].name_size < 3) out.push_back({hl7v2::place(tree, child), tree[child].begin});
  }
}

// The valued leaves that an edit may write: not the delimiters, nothing of a segment or field that the dictionary does not have.
std::vector<Leaf> leaves_of(const std::string& message) {
  const auto& dictionary = test::Standards::get().dictionary;
  Arena arena;
  Tree tree(arena);
  std::vector<Complaint> complaints;
  REQUIRE(hl7v2_format(dictionary)->parse(message, {}, tree, complaints));
  std::vector<Leaf> all, known;
  leaves_below(tree, tree.root(), all);
  for (auto& leaf : all) {
    const auto address = hl7v2::parse_address(leaf.address);
    if (!address) continue;
    const auto* const segment = dictionary.segment(address->segment.name);
    const auto* const field = segment == nullptr ? nullptr : segment->field(address->field);
    if (field == nullptr || leaf.address == "MSH-1" || leaf.address == "MSH-2" || leaf.address.starts_with("MSH-18")) continue;
    const auto* const component = address->component == 0 ? nullptr : field->type->component(address->component);
    const bool varies = field->type->name == "varies";
    if (!varies && address->component > 1 && component == nullptr) continue;
    const auto* const type = component == nullptr ? field->type : component->type;
    if (!varies && address->subcomponent > 1 && type->component(address->subcomponent) == nullptr) continue;
    known.push_back(std::move(leaf));
  }
  return known;
}

const std::string written = "W|^~\\&";

// The bytes with another text where the leaf stands.
std::string replaced(const std::string& message, const hl7v2::Message& index, std::uint32_t begin) {
  for (const auto& leaf : index.leaves()) {
    if (leaf.begin != begin) continue;
    std::string text;
    hl7v2::append_escaped(text, written, index.delimiters());
    return message.substr(0, begin) + text + message.substr(begin + leaf.size());
  }
  return {};
}

}  // namespace

TEST_CASE("an edit without effect prints the very bytes", "[mapping][edit][corpora]") {
  EditSite site("edit *\n  MSH-3 <- MSH-3\n  PID-3.4 <- PID-3.4\n  PID-5 <- PID-5\n  OBX-5 <- OBX-5\n  delete ZQZ\n");
  REQUIRE(site.diagnostics.empty());
  std::size_t count = 0;
  for (const auto& message : all_messages()) {
    const bool same = site.bytes(message) == message;
    CHECK(same);
    CHECK(site.report.changed == 0);
    ++count;
  }
  CHECK(count > 100);
}

TEST_CASE("segments that move are all still there, byte for byte", "[mapping][edit][corpora]") {
  EditSite site("edit *\n  move PID after PV1\n  move OBX before PID when OBX-2 = 'ST'\n  move NTE after OBX\n  move OBR before OBR[2]\n  move ZPI after MSH\n  move IN1 before OBX[2]\n");
  REQUIRE(!site.diagnostics.failed());
  const auto lines = [](std::string_view text) {
    std::multiset<std::string> all;
    for (std::size_t begin = 0; begin < text.size();) {
      const auto end = std::min(text.find_first_of("\r\n", begin), text.size());
      if (end > begin) all.emplace(text.substr(begin, end - begin));
      begin = end + 1;
    }
    return all;
  };
  std::size_t moved = 0;
  for (const auto& message : all_messages()) {
    const auto now = site.bytes(message);
    const bool same = lines(now) == lines(message);
    CHECK(same);
    CHECK((site.report.changed > 0) == (now != message));
    moved += now != message;
  }
  CHECK(moved > 50);
}

TEST_CASE("an edit of one leaf changes the bytes of that leaf", "[mapping][edit][corpora]") {
  const auto messages = all_messages();
  std::set<std::string> addresses;
  for (const auto& message : messages)
    for (const auto& leaf : leaves_of(message)) addresses.insert(leaf.address);
  std::string text;
  std::map<std::string, std::string> names;
  for (const auto& address : addresses) {
    const auto& name = names[address] = "e" + std::to_string(names.size());
    text += "edit * called " + name + "\n  " + address + " <- 'W|' & '^~\\\\&'\n";
  }
  EditSite site(text);
  INFO(site.faults());
  REQUIRE(!site.diagnostics.failed());
  std::size_t leaves = 0, odd = 0;
  for (const auto& message : messages) {
    hl7v2::Message index;
    REQUIRE(index.index(message).has_value());
    for (const auto& leaf : leaves_of(message)) {
      const auto expected = replaced(message, index, leaf.begin);
      const bool same = site.bytes(message, names[leaf.address]) == expected;
      if (!same) WARN(leaf.address);
      CHECK(same);
      ++leaves;
      odd += site.report.changed != 1;
    }
  }
  CHECK(leaves > 2000);
  CHECK(odd == 0);
}
