// Writer: fields, components and sub-components of a tree as ER7 text, escaped, in the message's character set.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/formats/hl7v2/message.h"
#include "engine/tree/tree.h"

namespace tombolo::hl7v2 {

using Numbered = std::pair<int, NodeId>;

// What a node's name says; 0: it is no number from 1. At most 10,000.
int number_of(const Node& node);

// Children by number; siblings of one number stay in their order. Fault for a name that is no number, or beyond 9999.
Result<std::vector<Numbered>> numbered(const Tree& tree, NodeId parent);

class Writer {
 public:
  // base: the bytes that begin and length of the tree's nodes count in, in `charset` (iconv's name); empty: there are none.
  // All outlive the writer.
  Writer(const Tree& tree, const Delimiters& delimiters, std::string_view charset = "UTF-8", std::string_view base = {})
      : tree_(tree), d_(delimiters), charset_(charset), base_(base) {}

  // Appends one repetition, or one component or sub-component; inside: what cuts its children, 0 where nothing can.
  Result<void> node(std::string& out, NodeId id, char inside) const;
  // Appends a field with all its repetitions.
  Result<void> field(std::string& out, std::span<const Numbered> repetitions) const;
  // Appends a segment's name and fields, without a line end.
  Result<void> segment(std::string& out, NodeId id) const;

 private:
  Result<void> children_of(std::string& out, NodeId parent, char between, int at, int first) const;
  Result<void> run(std::string& out, std::span<const Numbered> nodes, char between, char inside) const;
  Result<void> leaf(std::string& out, const Node& node) const;
  std::string_view as_it_stands(const Node& node) const;

  const Tree& tree_;
  const Delimiters& d_;
  std::string_view charset_;
  std::string_view base_;
};

bool is_header(std::string_view name);                    // MSH, BHS, FHS
std::string encoding_characters(const Delimiters& d);     // MSH-2

}  // namespace tombolo::hl7v2
