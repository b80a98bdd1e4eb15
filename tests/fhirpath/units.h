// The shipped table of units, for tests of the expression language.
#pragma once

#include "engine/base/library.h"
#include "engine/schema/ucum.h"

namespace tombolo::fhirpath::testing {

inline const Ucum& units() {
  static const Library library({}, TOMBOLO_SOURCE_DIR);
  static const Ucum ucum(library.find("schemas/ucum/units.tsv").value().text);
  return ucum;
}

}  // namespace tombolo::fhirpath::testing
