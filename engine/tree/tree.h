// Tree: the one in-memory document. Parsers build it from bytes, maps build it from another tree, printers walk it.
//
// A node is a name and either children or a value. Repetitions and list items are neighbouring siblings of the same name.
// An HL7 v2 message is: groups ("PATIENT_RESULT") and segments ("PID"), fields named by number ("3"; every repetition is a
// node of its own), components ("1"), sub-components ("1"). A value without components is a leaf: its `.1` is itself.
// FHIR: element names as in JSON without the choice suffix ("value", the type stands in `element`), resources carry their
// type as the `element`. Empty nodes are not built, except a v2 segment without any field.
//
// The tree borrows all text: names live in schema tables or literals, values in the parcel's bytes or in the arena.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"

namespace tombolo {

using NodeId = std::uint32_t;        // an index; 0 is "no node"
constexpr NodeId no_node = 0;

enum class Holds : std::uint8_t {
  nothing,  // a branch, or empty
  text,     // `value` is the text, unescaped, UTF-8
  deleted,  // HL7's "": neither a value nor absent
};

struct Node {
  std::string_view name() const { return {name_text, name_size}; }
  std::string_view value() const { return {value_text, value_size}; }

  const char* name_text = "";
  const char* value_text = "";
  std::uint32_t value_size = 0;
  std::uint16_t name_size = 0;
  Holds holds = Holds::nothing;
  std::uint8_t flags = 0;        // for the room that built the tree
  NodeId parent = no_node;
  NodeId first = no_node;        // first and last child
  NodeId last = no_node;
  NodeId next = no_node;         // next sibling
  std::uint32_t element = 0;     // index into the schema table of the format; 0: untyped
  std::uint32_t lineage = 0;     // index into Tree::lineages(); 0: none
  std::uint32_t begin = 0;       // where in the parcel's bytes this node was read …
  std::uint32_t length = 0;      // … and how many bytes; 0 in a tree that a map built
};

// Where a mapped leaf comes from.
struct Lineage {
  std::uint32_t rule = 0;        // index of the rule in its program; 0: none
  std::uint32_t table_row = 0;   // row of the code table that translated it, counted from 1; 0: none
  std::uint32_t first = 0;       // sources are Tree::source_list()[first .. first + count): nodes of the source tree
  std::uint16_t count = 0;
  std::uint16_t because = 0;     // so many of the last ones were only read by a condition
};

class Tree {
 public:
  explicit Tree(Arena& arena);
  Tree(const Tree&) = delete;
  Tree& operator=(const Tree&) = delete;

  Arena& arena() { return arena_; }
  NodeId root() const { return 1; }

  const Node& operator[](NodeId id) const { return nodes_[id]; }
  Node& operator[](NodeId id) { return nodes_[id]; }
  std::size_t size() const { return nodes_.size(); }

  // A new last child of `parent`. `name` must outlive the tree. References to nodes die here.
  NodeId add(NodeId parent, std::string_view name);
  NodeId add(NodeId parent, std::string_view name, std::string_view value);   // a leaf; `value` must outlive the tree
  NodeId insert_after(NodeId sibling, std::string_view name);
  void set_value(NodeId id, std::string_view value);
  void set_deleted(NodeId id);
  void remove(NodeId id);                                // takes it and all below it out of its parent's children

  void move(NodeId id, NodeId parent, NodeId after);     // takes it from where it is, puts it behind `after`; no_node: first

  NodeId child(NodeId parent, std::string_view name) const;                   // the first of that name, or no_node
  NodeId next_same(NodeId id) const;                                          // the next sibling of the same name

  // Lineage 0 is "none".
  std::uint32_t add_lineage(const Lineage& lineage, std::span<const NodeId> sources);
  const Lineage& lineage(std::uint32_t index) const { return lineages_[index]; }
  std::span<const NodeId> sources(std::uint32_t index) const;

  void clear();                                          // forgets all nodes but the root; keeps the capacity
  void copy(const Tree& other);                          // becomes equal to it, with the same NodeIds; borrows what it borrows

 private:
  Arena& arena_;
  std::vector<Node> nodes_;
  std::vector<Lineage> lineages_;
  std::vector<NodeId> source_list_;
};

// Inline: parsers call these for every node.
inline NodeId Tree::add(NodeId parent, std::string_view name) {
  const auto id = static_cast<NodeId>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.name_text = name.data();
  node.name_size = static_cast<std::uint16_t>(name.size());
  node.parent = parent;
  Node& above = nodes_[parent];
  if (above.last != no_node) nodes_[above.last].next = id;
  else above.first = id;
  above.last = id;
  return id;
}

inline void Tree::set_value(NodeId id, std::string_view value) {
  Node& node = nodes_[id];
  node.value_text = value.data();
  node.value_size = static_cast<std::uint32_t>(value.size());
  node.holds = Holds::text;
}

inline NodeId Tree::add(NodeId parent, std::string_view name, std::string_view value) {
  const NodeId id = add(parent, name);
  set_value(id, value);
  return id;
}

// Walks the children of a node: for (NodeId child : children(tree, id)) …
class Children {
 public:
  class Iterator {
   public:
    Iterator(const Tree* tree, NodeId at) : tree_(tree), at_(at) {}
    NodeId operator*() const { return at_; }
    Iterator& operator++() {
      at_ = (*tree_)[at_].next;
      return *this;
    }
    bool operator!=(const Iterator& other) const { return at_ != other.at_; }

   private:
    const Tree* tree_;
    NodeId at_;
  };
  Children(const Tree& tree, NodeId parent) : tree_(&tree), first_(tree[parent].first) {}
  Iterator begin() const { return {tree_, first_}; }
  Iterator end() const { return {tree_, no_node}; }

 private:
  const Tree* tree_;
  NodeId first_;
};
inline Children children(const Tree& tree, NodeId parent) { return {tree, parent}; }

}  // namespace tombolo
