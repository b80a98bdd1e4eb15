// Segments in any order, of any structure and version: each finds exactly one place, groups nest as the structure says,
// a tree that was changed still prints, and what was printed has the same segments.
// The first byte chooses the structure, the second the version, each further byte a segment.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/formats/hl7v2/build.h"
#include "engine/formats/hl7v2/grammar.h"
#include "engine/formats/hl7v2/print.h"

using namespace tombolo;
using namespace tombolo::hl7v2;

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

std::size_t count_segments(const Tree& tree, NodeId from, const V2Dictionary& dictionary) {
  std::size_t found = 0;
  for (const NodeId child : children(tree, from)) {
    const Node& node = tree[child];
    const V2Item* const item = dictionary.item_at(node.element);
    if (node.flags == static_cast<std::uint8_t>(Part::group)) {
      require(item != nullptr && item->group() && item->name == node.name());
      require(node.first != no_node);
      found += count_segments(tree, child, dictionary);
    } else {
      require(item == nullptr || (!item->group() && item->name == node.name()));
      ++found;
    }
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Library library;
  static const V2Dictionary dictionary(library);
  if (size < 2 || size > 200) return 0;
  const auto structures = dictionary.structures();
  const V2Structure& structure = structures[data[0] * 7u % structures.size()];
  std::string bytes = "MSH|^~\\&|A|B|C|D|20260101||XXX^Y^" + std::string(structure.name) + "|1|P|" +
                      std::string(dictionary.versions()[data[1] % dictionary.versions().size()]) + "\r";
  for (std::size_t i = 2; i < size; ++i) {
    const std::uint8_t byte = data[i];
    if (byte >= 250) {  // a local segment, or one that the structure may not know
      bytes += byte >= 253 ? "ZZZ" : dictionary.segments()[byte * 31u % dictionary.segments().size()].name;
    } else {
      const V2Item& item = structure.items[byte % structure.items.size()];
      bytes += item.group() ? "NTE" : item.name;
    }
    bytes += "|" + std::to_string(i) + "\r";
  }
  Arena arena;
  Tree tree(arena);
  std::vector<Complaint> complaints;
  require(build(bytes, {}, dictionary, tree, complaints).has_value());
  require(count_segments(tree, tree.root(), dictionary) == size - 1);
  require(*print(tree, dictionary) == bytes);
  const NodeId changed = tree.add(tree[tree.root()].first, "3", "again");
  require(changed != no_node);
  const auto printed = print(tree, dictionary);
  require(printed.has_value() && printed->size() == bytes.size() + 6);
  return 0;
}
