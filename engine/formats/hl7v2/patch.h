// Patch: a parsed tree that was changed, printed into the bytes it was parsed from. What nobody changed stays as received,
// down to single sub-components: empty repetitions, trailing delimiters, unusual escapes, line ends, blank lines.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/formats/hl7v2/message.h"
#include "engine/formats/hl7v2/writer.h"
#include "engine/tree/tree.h"

namespace tombolo::hl7v2 {

// Node::flags of a segment that stands where somebody has put it, wherever it was read: right behind the segment before it in
// the tree, or right in front of the next one there that nobody has put. A segment that was not read and says nothing: behind.
enum class Put : std::uint8_t { behind = 16, in_front };

bool is_put(const Node& segment);
// Was any segment put where it stands?
bool any_put(const Tree& tree);

// The segments of a tree, in its order.
void collect_segments(const Tree& tree, NodeId from, std::vector<NodeId>& out);

// Do both hold the same, whatever their own names are?
bool same_content(const Tree& one, NodeId a, const Tree& other, NodeId b);

class Patch {
 public:
  // base: what the nodes' begin and length count in, in `charset`; received: the same bytes, parsed again; index: of them.
  // All outlive the patch.
  Patch(const Tree& tree, std::string_view base, const Tree& received, const Message& index, std::string_view charset);

  Result<std::string> print();

 private:
  std::vector<NodeId> in_order() const;
  std::optional<std::size_t> original_of(NodeId id) const;
  std::string_view line_end_of(std::size_t original) const;
  std::string_view line_end() const;
  void end_line();

  Result<void> fresh(NodeId id);
  Result<void> changed(NodeId id, std::size_t original);
  Result<void> field(std::span<const Leaf> leaves, std::span<const Numbered> mine, std::span<const Numbered> theirs);
  Result<void> part(NodeId now, NodeId before, std::span<const Leaf> run, Level level);
  Result<void> parts(NodeId now, NodeId before, std::span<const Leaf> run, Level level);
  void raw(std::span<const Leaf> run);

  const Tree& tree_;
  std::string_view base_;
  const Tree& received_;
  const Message& index_;
  const Delimiters& d_;
  Writer writer_;
  std::string out_;
  std::vector<NodeId> originals_;  // segments as received, in the order of the bytes: the index's segments
};

}  // namespace tombolo::hl7v2
