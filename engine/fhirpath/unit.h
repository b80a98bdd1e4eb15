// Quantities: compared, converted, added and multiplied by what their units measure. Exact wherever 128 bits are enough.
//
// Calendar durations: year and month have no fixed length, so they are comparable with each other and, in calculations without a
// date, with days of the calendar (a year is 365 days, a month 30), but not with UCUM's a and mo. A quantity with such a code and
// `calendar` set came from FHIR, which has no other way to say a year: it is comparable with both.
// Private to the room.
#pragma once

#include <optional>
#include <string_view>

#include "engine/base/arena.h"
#include "engine/fhirpath/value.h"
#include "engine/schema/ucum.h"

namespace tombolo::fhirpath {

// -1, 0, 1; nothing: different dimensions, or a unit that nobody knows (equal spelling is always comparable).
std::optional<int> compare(const Quantity& a, const Quantity& b, const Ucum& units);

// ~: values to the precision of the less precise, calendar durations as UCUM's.
bool equivalent(const Quantity& a, const Quantity& b, const Ucum& units);

// The value of `q` counted in another unit of its dimension.
std::optional<Decimal> value_in(const Quantity& q, const Quantity& other, const Ucum& units);

// In the finer of both units.
std::optional<Quantity> add(const Quantity& a, const Quantity& b, const Ucum& units);

// Product or quotient; its unit is the product of theirs ("cm.m", "g/m", "m2"). The unit's text goes to the arena.
std::optional<Quantity> multiply(const Quantity& a, const Quantity& b, bool divided, const Ucum& units, Arena& arena);

// "day" for "day" and "days"; nothing: no calendar duration.
std::optional<std::string_view> calendar_word(std::string_view written);

}  // namespace tombolo::fhirpath
