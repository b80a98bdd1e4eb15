// Units of quantities: UCUM by its grammar, over a table of the atoms that health data uses. Exact: factors are fractions.
// Private to the room.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/arena.h"
#include "engine/fhirpath/value.h"

namespace tombolo::fhirpath {

// -1, 0, 1; nothing: different dimensions, or a unit that nobody knows (equal spelling is always comparable).
std::optional<int> compare(const Quantity& a, const Quantity& b);

// The value of `q` counted in another unit of its dimension.
std::optional<Decimal> value_in(const Quantity& q, const Quantity& other);

// Product or quotient, in base units. The unit's text goes to the arena.
std::optional<Quantity> multiply(const Quantity& a, const Quantity& b, bool divided, Arena& arena);

}  // namespace tombolo::fhirpath
