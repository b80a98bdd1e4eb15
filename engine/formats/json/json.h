// JSON bytes ⇄ an untyped Tree. Any JSON value; every higher room that reads JSON reads it here.
//
// An object's members are its node's children, in the order of the text. The items of an array are neighbouring siblings that
// carry the array's name (the items of an array in an array, or at the root, have the name ""), so paths need not know arrays;
// what that loses is kept in the nodes' flags: kind and is_item. An array without items, and one inside another, is a node of
// its own. Text without escapes and numbers are views into the bytes (1.00 stays 1.00), which must outlive the tree.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/base/result.h"
#include "engine/tree/tree.h"

namespace tombolo {

enum class JsonKind : std::uint8_t { object, array, string, number, boolean, null };

inline JsonKind json_kind(const Node& node) { return static_cast<JsonKind>(node.flags & 7); }
inline bool json_item(const Node& node) { return (node.flags & 8) != 0; }  // is an item of an array

struct JsonLimits {
  std::size_t depth = 128;           // objects and arrays within each other
  std::size_t values = 2'000'000;    // nodes of the tree
};

// Reads one JSON value (RFC 8259) into `tree`, which must be empty. Refused: what is not UTF-8, duplicate names in an object, text
// after the value, more than the limits. Fault::where is a JSON pointer and line:column ("/name/0/family 4:17").
Result<void> parse_json(std::string_view bytes, Tree& tree, const JsonLimits& limits = {});

// The same value again; white space is as `indent` says, not as it was read.
std::string print_json(const Tree& tree, NodeId node, int indent = 0);

// Where a node was read, as in the Faults of parse_json: its JSON pointer, then line and column in `bytes`.
std::string json_place(const Tree& tree, NodeId node, std::string_view bytes);

}  // namespace tombolo
