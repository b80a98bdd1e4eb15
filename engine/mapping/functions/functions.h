// The functions of maps, besides FHIRPath's own: one file each, with the examples that the tests run and the documentation prints.
#pragma once

#include <span>

#include "engine/fhirpath/function.h"

namespace tombolo::mapping {

std::span<const fhirpath::Function> functions();

extern const fhirpath::Function words, lines, together, code, find, later, earliest, comparator_of, number_of, encode, deleted;

}  // namespace tombolo::mapping
