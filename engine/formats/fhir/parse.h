// FHIR R4, JSON or XML, into a canonical tree. A node's `begin` and `length` say where it was read.
//
// Checked here: every element is one of its type, repeats only if it may, has the kind of its type (in XML: what JSON writes without
// quotes is a number or a truth value), and is not empty; a choice has one type; `_name` companions fit their primitives; XML stands in
// the order of the schema. The syntax of values, cardinalities, codes and references are canonical/check.h's. JSON's elements are
// put in schema order; a primitive takes the children of its companion.
//
// Exact: a decimal keeps its digits, a narrative its bytes. What a tree cannot hold is refused, not dropped: in JSON comments and
// members that stand twice; in XML processing instructions, DOCTYPE, attributes that R4 does not have, text between elements, and
// comments outside of the narrative, unless they are to be skipped. (xsi: attributes say nothing and are passed over.)
#pragma once

#include <string_view>

#include "engine/formats/fhir/place.h"
#include "engine/formats/json/json.h"
#include "engine/schema/fhir.h"

namespace tombolo {

struct FhirReading {
  // Elements that R4 does not have: refused, or kept behind the others as nodes without a type, with the kinds of formats/json
  // in their flags. In XML such an element must look like FHIR's (its value in `value`), and becomes what JSON would have: text, or an
  // object; several of one name are an array.
  bool keep_unknown = false;
  bool skip_comments = false;        // of XML
  JsonLimits limits;                 // depth counts elements in XML
};

// `tree` must be empty; `bytes` must outlive it. The root is the resource. The first fault ends the reading; its `where` is a JSON
// pointer or an XPath, and line:column. The tree is then of no use.
Result<void> parse_fhir_json(std::string_view bytes, const FhirSchema& schema, Tree& tree, const FhirReading& reading = {});
Result<void> parse_fhir_xml(std::string_view bytes, const FhirSchema& schema, Tree& tree, const FhirReading& reading = {});

// What the first character that is not blank says they are: < is XML, anything else JSON.
FhirSyntax fhir_syntax(std::string_view bytes);

// Either, by fhir_syntax.
Result<void> parse_fhir(std::string_view bytes, const FhirSchema& schema, Tree& tree, const FhirReading& reading = {});

}  // namespace tombolo
