// Where a node of a resource that was read stands, as people look for it: the path in its own syntax, then line and column.
#pragma once

#include <string>
#include <string_view>

#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo {

enum class FhirSyntax : std::uint8_t { json, xml };

// JSON: a pointer, "/name/0/_given/1/extension/0 4:17". XML: an XPath without prefixes, "/Patient/name[1]/given[2]/extension[1]".
// bytes: what the tree was read from; empty: the path alone.
std::string fhir_place(const Tree& tree, const FhirSchema& schema, NodeId node, std::string_view bytes, FhirSyntax syntax);

// Is this member an attribute in XML: the id of an element (not of a resource), the url of an extension?
bool xml_attribute(const FhirSchema& schema, const Element& element);

// "Patient has no such element: did you mean 'birthDate'?", for what stands in an element of type `of`.
std::string no_such_element_text(const FhirSchema& schema, ElementId of, std::string_view name);

}  // namespace tombolo
