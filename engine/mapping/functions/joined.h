// What words(), lines() and together() share: the texts of all arguments, one after the other.
#pragma once

#include <string>
#include <vector>

#include "engine/fhirpath/function.h"

namespace tombolo::mapping {

struct Texts {
  explicit Texts(Arena& arena) : parts(arena.resource()), from(arena.resource()) {}
  std::pmr::vector<std::string_view> parts;
  std::pmr::vector<NodeId> from;         // the nodes they come from
};

// keep_absent: an argument without value is an empty part. False: failed.
bool texts_of_arguments(fhirpath::Call& call, bool keep_absent, Texts& texts);

// The text of an item; of a composed value its first valued part.
std::optional<std::string_view> leaf_text(const fhirpath::Item& item, fhirpath::Call& call);

// Adds the parts with `between` between them, unless there are none.
void add_joined(fhirpath::Call& call, const Texts& texts, std::string_view between, fhirpath::Items& out);

// Adds a text that was computed from these nodes.
void add_text(fhirpath::Call& call, std::string_view text, std::span<const NodeId> from, fhirpath::Items& out);

}  // namespace tombolo::mapping
