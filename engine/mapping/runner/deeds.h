// Deeds: what the rules of one run did, so that it can be said at the end which of them fired.
//
// A rule that writes fired if something it wrote stands in the Bundle at the end: not taken back, not merged away into an equal
// value, not a reference to an entry that never came. A statement around others (`each`, `if`, `include`, an element, an entry)
// fired if something in it did. `let`, `key`, `alias` and `gives` fired if they had a value and what they stand in was kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/tree/tree.h"

namespace tombolo::mapping {

class Deeds {
 public:
  explicit Deeds(bool wanted) : wanted_(wanted) {}

  // The number of the deed, for came(): what is written only after the last rule (a deletion) has no node yet.
  std::size_t wrote(std::uint32_t rule, NodeId node) {
    add({rule, node, 0, Sort::wrote});
    return list_.size() - 1;
  }
  void came(std::size_t deed, NodeId node) {
    if (wanted_) list_[deed].node = node;
  }
  void did(std::uint32_t rule) { add({rule, no_node, 0, Sort::did}); }
  // A statement whose body began when size() was `from`.
  void around(std::uint32_t rule, std::size_t from) {
    if (from < list_.size()) add({rule, no_node, static_cast<std::uint32_t>(from), Sort::around});
  }

  std::size_t size() const { return list_.size(); }
  void take_back(std::size_t size) { list_.resize(size < list_.size() ? size : list_.size()); }

  // Per rule, by Lineage::rule: did it fire? `tree` is finished.
  std::vector<bool> fired(const Tree& tree) const;

 private:
  enum class Sort : std::uint8_t { wrote, did, around };
  struct Deed {
    std::uint32_t rule = 0;
    NodeId node = no_node;
    std::uint32_t from = 0;
    Sort sort = Sort::wrote;
  };
  void add(const Deed& deed) {
    if (wanted_) list_.push_back(deed);
  }

  bool wanted_;
  std::vector<Deed> list_;
};

}  // namespace tombolo::mapping
