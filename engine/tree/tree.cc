#include "engine/tree/tree.h"

#include <cassert>

namespace tombolo {

Tree::Tree(Arena& arena) : arena_(arena) { clear(); }

void Tree::clear() {
  nodes_.clear();
  nodes_.resize(2);  // 0 is "no node", 1 the root
  lineages_.assign(1, Lineage{});
  source_list_.clear();
}

void Tree::copy(const Tree& other) {
  nodes_ = other.nodes_;
  lineages_ = other.lineages_;
  source_list_ = other.source_list_;
}

NodeId Tree::insert_after(NodeId sibling, std::string_view name) {
  const NodeId parent = nodes_[sibling].parent;
  assert(parent != no_node);
  const auto id = static_cast<NodeId>(nodes_.size());
  Node& node = nodes_.emplace_back();
  node.name_text = name.data();
  node.name_size = static_cast<std::uint16_t>(name.size());
  node.parent = parent;
  node.next = nodes_[sibling].next;
  nodes_[sibling].next = id;
  if (nodes_[parent].last == sibling) nodes_[parent].last = id;
  return id;
}

void Tree::set_deleted(NodeId id) {
  Node& node = nodes_[id];
  node.value_text = "";
  node.value_size = 0;
  node.holds = Holds::deleted;
}

void Tree::remove(NodeId id) {
  const NodeId parent = nodes_[id].parent;
  assert(parent != no_node);
  Node& above = nodes_[parent];
  NodeId before = no_node;
  for (NodeId at = above.first; at != id; at = nodes_[at].next) {
    assert(at != no_node);
    before = at;
  }
  if (before == no_node) above.first = nodes_[id].next;
  else nodes_[before].next = nodes_[id].next;
  if (above.last == id) above.last = before;
  nodes_[id].next = no_node;
  nodes_[id].parent = no_node;
}

void Tree::move(NodeId id, NodeId parent, NodeId after) {
  assert(after != id && (after == no_node || nodes_[after].parent == parent));
  if (nodes_[id].parent != no_node) remove(id);
  NodeId& link = after == no_node ? nodes_[parent].first : nodes_[after].next;
  nodes_[id].next = link;
  nodes_[id].parent = parent;
  link = id;
  if (nodes_[parent].last == after) nodes_[parent].last = id;
}

NodeId Tree::child(NodeId parent, std::string_view name) const {
  for (NodeId at = nodes_[parent].first; at != no_node; at = nodes_[at].next) {
    if (nodes_[at].name() == name) return at;
  }
  return no_node;
}

NodeId Tree::next_same(NodeId id) const {
  for (NodeId at = nodes_[id].next; at != no_node; at = nodes_[at].next) {
    if (nodes_[at].name() == nodes_[id].name()) return at;
  }
  return no_node;
}

std::uint32_t Tree::add_lineage(const Lineage& lineage, std::span<const NodeId> sources) {
  Lineage added = lineage;
  added.first = static_cast<std::uint32_t>(source_list_.size());
  added.count = static_cast<std::uint16_t>(sources.size());
  source_list_.insert(source_list_.end(), sources.begin(), sources.end());
  lineages_.push_back(added);
  return static_cast<std::uint32_t>(lineages_.size() - 1);
}

std::span<const NodeId> Tree::sources(std::uint32_t index) const {
  return std::span(source_list_).subspan(lineages_[index].first, lineages_[index].count);
}

}  // namespace tombolo
