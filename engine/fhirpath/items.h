// Item: one thing an expression works on, a node of a tree or a value that was computed. Items: an ordered collection of them.
// Both borrow: text lives in the tree, the program (its literals) or the arena of the message.
#pragma once

#include <cstddef>
#include <cstdint>
#include <new>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "engine/base/arena.h"
#include "engine/fhirpath/value.h"
#include "engine/fhirpath/types.h"
#include "engine/tree/tree.h"

namespace tombolo::fhirpath {

// A node, with its type where binding could tell it (else unknown_type: ask Types::type_of_node).
struct NodeRef {
  const Tree* tree = nullptr;
  NodeId node = no_node;
  TypeId type = unknown_type;
  bool operator==(const NodeRef& other) const { return tree == other.tree && node == other.node; }
};

// A thing of the caller that has an identity and nothing else here: an entry of a map. Equal when the number is, or the key;
// an empty key equals none.
struct Handle {
  std::uint64_t number = 0;
  std::string_view key = {};
  bool operator==(const Handle& other) const { return number == other.number || (!key.empty() && key == other.key); }
};

// What type() answers: an item with `namespace` and `name`.
struct TypeName {
  std::string_view model;
  std::string_view name;
  bool operator==(const TypeName&) const = default;
};

struct Item {
  std::variant<std::monostate, NodeRef, bool, std::int64_t, Decimal, std::string_view, Moment, Quantity, Handle, TypeName> held;
  std::span<const NodeId> from;  // of a computed value: the nodes it was computed from; empty for constants and for nodes

  bool is_node() const { return std::holds_alternative<NodeRef>(held); }
  const NodeRef* node() const { return std::get_if<NodeRef>(&held); }
  // The source nodes: the node itself, or `from`. Lives as long as this item.
  std::span<const NodeId> sources() const {
    const NodeRef* const ref = node();
    return ref != nullptr ? std::span<const NodeId>(&ref->node, 1) : from;
  }
};
static_assert(std::is_trivially_copyable_v<Item>);

// A few items inline, more in the arena. Copies share nothing.
class Items {
 public:
  explicit Items(Arena& arena) : arena_(&arena) {}
  Items(const Items& other) : arena_(other.arena_) { append(other); }
  Items& operator=(const Items& other) {
    if (this != &other) clear(), append(other);
    return *this;
  }

  void add(const Item& item) {
    if (size_ == room_) grow(size_ + 1);
    ::new (data() + size_++) Item(item);
  }
  void add(const Tree& tree, NodeId node, TypeId type = unknown_type) { add(Item{NodeRef{&tree, node, type}, {}}); }
  void append(const Items& other);
  void clear() { size_ = 0; }
  void resize(std::size_t size) { size_ = static_cast<std::uint32_t>(size); }  // only to a smaller one

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Item& operator[](std::size_t i) { return data()[i]; }
  const Item& operator[](std::size_t i) const { return data()[i]; }
  const Item* begin() const { return data(); }
  const Item* end() const { return data() + size_; }
  Item* begin() { return data(); }
  Item* end() { return data() + size_; }
  Arena& arena() const { return *arena_; }

 private:
  void grow(std::size_t least);
  Item* data() { return more_ != nullptr ? more_ : reinterpret_cast<Item*>(few_); }
  const Item* data() const { return more_ != nullptr ? more_ : reinterpret_cast<const Item*>(few_); }

  Arena* arena_;
  Item* more_ = nullptr;
  std::uint32_t size_ = 0;
  std::uint32_t room_ = 2;
  alignas(Item) std::byte few_[2 * sizeof(Item)];  // raw: most collections are made, filled with one item and read once
};

}  // namespace tombolo::fhirpath
