// Grammar: flat segments → groups, by one message structure seen through one version. Tolerant: every segment finds a
// place, in the order of the message; what is odd about it is said, never refused.
//
// A segment goes, first match: to its own place again if it repeats; to the next place in the open group; into a new
// repetition of it; then the same one group further out. Groups are entered by their leading segments; what opened a
// group opens it again rather than another one from its middle (ORC after ORC is an order, not a prior result). What is
// left is tried with places that only other versions know, or none (what senders put there all the same), then with groups
// whose leading segment is missing, then as a latecomer in a group already there, then as the first of a group that should
// have come before; what still has no place, Z segments and NTE among it, follows the segment before.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "engine/schema/hl7v2.h"
#include "engine/tree/tree.h"

namespace tombolo::hl7v2 {

// What kind of node this is: Node::flags of every node but the root of a tree that was parsed.
enum class Part : std::uint8_t { unknown, group, segment, field, component, subcomponent };

enum class Oddity {
  none,
  other_version,   // known here only by another version
  late,            // comes after what it should come before
  repeated,        // once too often
  unknown,         // the structure does not know it; local (Z) segments are not odd
};

class Grammar {
 public:
  // structure: nullptr if nobody knows one; all segments then stand in a row.
  Grammar(const V2Structure* structure, int version, Tree& tree);

  struct Placed {
    NodeId node;
    Oddity oddity;
  };
  // Adds the node of the next segment. name must outlive the tree; definition may be nullptr; begin and end in the bytes.
  Placed add(std::string_view name, const V2Segment* definition, std::uint32_t begin, std::uint32_t end);

  // Call once, after the last segment: closes all groups.
  void finish();

  // Required items that never came, each with its path of names ("ORDER_OBSERVATION.OBR"); after finish().
  const std::vector<std::string>& missing() const { return missing_; }

 private:
  struct Frame {                  // a group that is open; frames_[0] is the message
    std::uint16_t item = 0;
    std::uint16_t last = 0;       // the last item matched in it, or item itself
    std::uint16_t lead = 0;       // the segment that opened this repetition
    std::uint32_t instance = 0;   // counts up over the message
    NodeId node = no_node;
  };
  struct Rules {                  // how strictly to look
    bool all_versions = false, loose = false;
  };

  bool known(const V2Item& item, Rules rules) const { return rules.all_versions || (item.known & version_) != 0; }
  bool required(const V2Item& item) const { return (item.required & version_) != 0; }
  bool seen(std::uint16_t item, const Frame& frame) const { return seen_[item] >= frame.instance; }
  std::uint16_t find(Rules rules, const V2Segment* wanted, std::size_t& frame, bool& again);
  std::uint16_t forward(Rules rules, const V2Segment* wanted, const Frame& frame) const;
  std::uint16_t enter(Rules rules, const V2Segment* wanted, std::uint16_t group) const;
  bool leads(Rules rules, std::uint16_t found, std::uint16_t group) const;
  bool may_repeat(Rules rules, std::uint16_t found, const Frame& frame) const;
  NodeId latecomer(const V2Segment* wanted, const V2Item*& item) const;
  std::uint16_t awaited(const V2Segment* wanted, std::size_t& frame) const;
  NodeId overtaken(const V2Segment* wanted, std::uint32_t begin, const V2Item*& item);
  NodeId add_group(NodeId parent, std::uint16_t group, std::uint32_t begin);
  NodeId open_to(std::uint16_t found, std::size_t frame, bool again, std::uint32_t begin);
  void close_down_to(std::size_t frames);
  void note_missing(const Frame& frame);
  NodeId segment_node(NodeId parent, std::string_view name, const V2Item* item, std::uint32_t begin, std::uint32_t end);

  const V2Structure* structure_;
  Tree& tree_;
  V2Versions version_;
  bool notes_only_follow_ = false;              // the segment being placed is an NTE
  std::uint16_t previous_ = 0;                  // where the segment before was placed, 0: nowhere
  std::uint32_t instances_ = 0;
  std::uint32_t end_ = 0;                       // of the last segment
  std::size_t depth_ = 1;
  std::array<Frame, 16> frames_;
  std::vector<std::uint32_t> seen_;             // per item, the instance of its group in which it last came
  std::vector<NodeId> group_node_;              // per group, its last repetition
  std::vector<std::string> missing_;
};

}  // namespace tombolo::hl7v2
