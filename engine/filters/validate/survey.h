// Survey: the segments of a message with their places, counted once for all checks.
#pragma once

#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/schema/hl7v2.h"
#include "engine/tree/tree.h"

namespace tombolo {

class Survey {
 public:
  explicit Survey(const Tree& message);

  const Tree& tree() const { return tree_; }
  const std::vector<NodeId>& segments() const { return segments_; }    // in the order of the tree
  std::size_t number(NodeId node) const { return numbers_[node]; }     // of a segment, or a group's last one: in the message, from 1
  bool belated(NodeId segment) const { return belated_[segment]; }     // it came after a segment that stands behind it in the tree

  // "PID", "OBX[3]", "ORDER_OBSERVATION[2]"; counted in the whole message. Empty if the name is none that a segment can have.
  std::string place(NodeId node) const;
  // The place in an ERR of a segment that should have come behind the segment of this number: "OBR[2]".
  std::string would_be(std::string_view segment, std::size_t number) const;

 private:
  void visit(NodeId parent);
  void count();

  const Tree& tree_;
  std::vector<NodeId> segments_;
  std::vector<std::uint32_t> numbers_, occurrences_;                   // by node
  std::vector<bool> belated_;
  std::unordered_map<std::string_view, std::uint32_t> totals_;
};

// What all checks of one message are about.
class Findings;
struct Subject {
  const Survey& survey;
  const V2Dictionary& dictionary;
  int version;                      // index of dictionary.versions()
  Findings& found;
  V2Versions bit() const { return V2Dictionary::bit(version); }
  std::string version_name() const { return std::string(dictionary.versions()[static_cast<std::size_t>(version)]); }
};

void check_structure(const Subject& subject, const V2Structure& structure);
void check_fields(const Subject& subject, NodeId segment, const V2Segment& definition);

}  // namespace tombolo
