#include "engine/mapping/functions/functions.h"

#include <vector>

namespace tombolo::mapping {

std::span<const fhirpath::Function> functions() {
  static const std::vector<fhirpath::Function> all{words, lines, together, code, find, later, earliest, comparator_of, number_of, encode, deleted};
  return all;
}

}  // namespace tombolo::mapping
