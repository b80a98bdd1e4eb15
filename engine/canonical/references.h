// References of a canonical tree: where they point, and whether they may.
#pragma once

#include <functional>
#include <string>

#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo {

// Tells of every reference whose target is not there (`#id`, `urn:…`) or is of a type it may not have, of fullUrls that stand
// twice, and of contained resources with the same id.
void check_references(const Tree& tree, const FhirSchema& schema, const std::function<void(NodeId, std::string)>& problem);

}  // namespace tombolo
