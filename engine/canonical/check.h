// Check: does a canonical tree follow R4's structure? It is what proves that "every output passes".
//
// Elements are those of their types and in order, as often as they may and must be, with the right type and a value that follows
// its syntax; nothing is empty; required bindings hold; extensions have a value or extensions, not both; references point to a
// type they may, and resolve: `#id` to a contained resource, `urn:` to an entry of the Bundle; fullUrls are unique.
// Invariants (FHIRPath) and profiles are the validator's. Deleted leaves count as absent.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo {

// What a problem is about: a resource with one of `structure` is no R4; one of the others may be read and printed all the same.
enum class Concern : std::uint8_t {
  structure,   // elements, their order and number, the syntax of values
  code,        // required bindings
  reference,   // what points where
};

struct Problem {
  std::string path;   // "Bundle.entry[2].resource.birthDate"
  std::string text;   // what was found, what was expected; a code at most of the content
  Concern concern = Concern::structure;
  NodeId node = no_node;
};

// Everything that is wrong in the resource at the root, in document order (references last); at most `most` problems.
std::vector<Problem> check(const Tree& tree, const FhirSchema& schema, std::size_t most = 1000);

}  // namespace tombolo
