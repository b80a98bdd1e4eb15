// FHIR JSON or XML out of a canonical tree: elements in the order of the tree (the builder and the parsers keep schema order), the
// same tree always the same bytes. Decimals keep their digits, a narrative its bytes; in JSON `_name` companions carry the ids and
// extensions of primitives. Deleted leaves are left out, and with them what they leave empty. Nodes without a type (what a parser
// was told to keep) are written as formats/json knows them.
#pragma once

#include <string>

#include "engine/base/result.h"
#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo {

// Appends the resource (or element) that `node` holds. indent: blanks per level; 0 writes compactly, without any white space.
void append_fhir(std::string& out, const Tree& tree, const FhirSchema& schema, NodeId node, int indent = 0);

inline std::string print_fhir(const Tree& tree, const FhirSchema& schema, int indent = 0) {
  std::string out;
  append_fhir(out, tree, schema, tree.root(), indent);
  return out;
}

// The resource at the root as an XML document. A Fault, with an XPath: XML has no form for it (a narrative that is not well-formed, a
// character that XML excludes, an id on an id).
Result<std::string> print_fhir_xml(const Tree& tree, const FhirSchema& schema, int indent = 0);

}  // namespace tombolo
