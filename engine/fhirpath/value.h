// The values of FHIRPath that C++ has no type for: decimals that keep their digits, dates that keep their precision, quantities.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/time.h"

namespace tombolo::fhirpath {

// 128 bits that may stand at every eighth byte: values that hold them stay small.
__extension__ typedef __int128 WideDigits __attribute__((aligned(8)));

// digits * 10^-scale: 1.00 is {100, 2}. Up to 34 digits (FHIRPath asks for 28, 8 of them behind the point). What does not fit is
// refused; a product may lose places behind the eighth.
struct Decimal {
  WideDigits digits = 0;
  std::int32_t scale = 0;
};
std::optional<Decimal> to_decimal(std::string_view text);          // [+-]digits[.digits][e[+-]digits]
std::string text(const Decimal& decimal);                          // with all its digits
std::optional<Decimal> add(const Decimal& a, const Decimal& b);    // nothing: does not fit
std::optional<Decimal> multiply(const Decimal& a, const Decimal& b);
std::optional<Decimal> divide(const Decimal& a, const Decimal& b); // to 8 places; nothing: by zero
struct Truncated {
  std::int64_t whole = 0;
  Decimal rest;
};
std::optional<Truncated> divide_truncated(const Decimal& a, const Decimal& b);  // div and mod; nothing: by zero, or does not fit
std::optional<std::int64_t> to_whole(const Decimal& a);            // towards zero; nothing: does not fit
Decimal negate(const Decimal& a);
int compare(const Decimal& a, const Decimal& b);                   // -1, 0, 1; 1.0 and 1.00 are equal
Decimal round(const Decimal& a, int places);                       // half away from zero
Decimal normal(const Decimal& a);                                  // without trailing zeros behind the point

enum class Precision : std::uint8_t { year, month, day, hour, minute, second, fraction };

// A date, a date with time, or a time, as exact as it was written. Without an offset nobody knows where it was: none is made up.
struct Moment {
  enum class Sort : std::uint8_t { date, date_time, time };
  Sort sort = Sort::date;
  Precision precision = Precision::year;
  std::uint8_t fraction_digits = 0;       // 1–9 where precision is fraction
  bool has_offset = false;
  std::int16_t offset = 0;                // minutes east of UTC
  std::int16_t year = 0;
  std::uint8_t month = 1, day = 1, hour = 0, minute = 0, second = 0;
  std::uint32_t nanoseconds = 0;
};
std::optional<Moment> to_date(std::string_view iso);               // YYYY[-MM[-DD]]
std::optional<Moment> to_date_time(std::string_view iso);          // a date, or date T hh[:mm[:ss[.f]]][Z|±hh:mm]
std::optional<Moment> to_time(std::string_view iso);               // hh[:mm[:ss[.f]]]
std::optional<Moment> hl7_date_time(std::string_view dtm);         // YYYY[MM[DD[HH[MM[SS[.f]]]]]][±ZZZZ]
std::optional<Moment> hl7_time(std::string_view tm);               // HH[MM[SS[.f]]][±ZZZZ]; the offset is dropped
std::string text(const Moment& moment);                            // ISO 8601 in the precision it has
Moment moment(Time time);                                          // UTC, milliseconds

// -1, 0, 1; nothing where the precisions (or a missing offset) leave it open. Different sorts: date against dateTime only.
std::optional<int> compare(const Moment& a, const Moment& b);
bool equivalent(const Moment& a, const Moment& b);                 // ~: same precision and same value

struct Quantity {
  Decimal value;
  std::string_view unit;     // UCUM code ("1" if none), or a calendar word in the singular ("day")
  bool calendar = false;
};

// The moment later by a quantity of time (years … milliseconds, or the UCUM units s, ms, min, h, d, wk); nothing for other units.
std::optional<Moment> later(const Moment& moment, const Quantity& by);

}  // namespace tombolo::fhirpath
