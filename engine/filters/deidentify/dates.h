// What de-identification does to the text of a FHIR date, dateTime or instant. The precision stays what it was, and so do the
// time of day and the zone.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace tombolo::deidentify {

using Day = std::chrono::sys_days;

// The day of a date; of a month the 15th, of a year 1 July. nullopt: it is no date.
std::optional<Day> day_of(std::string_view date);

// `days` later. A month or a year moves with its middle, so that it errs by half of itself at most. nullopt: it is no date, or
// the result is not within the years 1 to 9999.
std::optional<std::string> shifted(std::string_view date, int days);

// The year alone. nullopt: it is no date, or so long before `as_of` that it tells an age over 89 (Safe Harbor: such years go).
std::optional<std::string> year_of(std::string_view date, Day as_of);

}  // namespace tombolo::deidentify
