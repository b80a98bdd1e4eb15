// How exact a value is: lowBoundary highBoundary precision comparable.
#include <algorithm>
#include <array>

#include "engine/fhirpath/functions/functions.h"
#include "engine/fhirpath/unit.h"

namespace tombolo::fhirpath {
namespace {

constexpr int default_places = 8;

WideDigits tens(int n) {
  WideDigits power = 1;
  for (; n > 0; --n) power *= 10;
  return power;
}

// Half of the last digit down or up, cut to so many places towards that side. Nothing: does not fit.
std::optional<Decimal> boundary(const Decimal& value, int places, bool high) {
  if (value.scale >= 34) return std::nullopt;
  const Decimal half{high ? 5 : -5, value.scale + 1};
  const auto edge = add(value, half);
  if (!edge) return std::nullopt;
  if (edge->scale <= places) return add(*edge, Decimal{0, places});
  const WideDigits step = tens(edge->scale - places);
  WideDigits whole = edge->digits / step;
  const WideDigits rest = edge->digits % step;
  if (high && rest > 0) ++whole;
  if (!high && rest < 0) --whole;
  return Decimal{whole, places};
}

int last_day(const Moment& m) {
  Moment next = m;
  next.precision = Precision::day;
  next.day = 1;
  next.sort = Moment::Sort::date;
  const auto first_of_next = later(next, Quantity{Decimal{1, 0}, "month", true});
  const auto last = first_of_next ? later(*first_of_next, Quantity{Decimal{-1, 0}, "day", true}) : std::nullopt;
  return last ? last->day : 31;
}

// Digits asked for → precision: dates 4 6 8, dateTimes also 10 12 14 17, times 2 4 6 9.
std::optional<Precision> precision_of(int digits, bool clock) {
  switch (clock ? digits + 8 : digits) {
    case 4: return Precision::year;
    case 6: return Precision::month;
    case 8: return clock ? std::nullopt : std::optional(Precision::day);
    case 10: return Precision::hour;
    case 12: return Precision::minute;
    case 14: return Precision::second;
    case 17: return Precision::fraction;
    default: return std::nullopt;
  }
}

// The earliest or latest moment that was meant, in this precision. An unknown offset may be anything from -12:00 to +14:00.
Moment boundary(Moment m, Precision wanted, bool high) {
  const Precision had = m.precision;
  if (had < Precision::month) m.month = high ? 12 : 1;
  if (had < Precision::day) m.day = static_cast<std::uint8_t>(high ? last_day(m) : 1);
  if (had < Precision::hour) m.hour = high ? 23 : 0;
  if (had < Precision::minute) m.minute = high ? 59 : 0;
  if (had < Precision::second) m.second = high ? 59 : 0;
  if (had < Precision::fraction) m.nanoseconds = high ? 999'000'000 : 0;
  m.fraction_digits = 3;
  m.precision = wanted;
  if (m.sort == Moment::Sort::date_time && wanted >= Precision::hour && !m.has_offset) {
    m.has_offset = true;
    m.offset = static_cast<std::int16_t>(high ? -12 * 60 : 14 * 60);
  }
  return m;
}

template <bool high>
bool bound(Call& call, Items& out) {
  std::optional<std::int64_t> digits;
  if (call.count() > 0 && !call.integer_argument(0, digits)) return false;
  if (call.input().empty()) return true;
  if (call.input().size() > 1) return call.fail("expected one item, found " + std::to_string(call.input().size()));
  const Item value = value_of(call.input()[0], call.types());
  const auto give = [&](decltype(Item::held) held) { return out.add(call.item(held, {&call.input()})), true; };
  if (const auto* m = std::get_if<Moment>(&value.held)) {
    const bool clock = m->sort == Moment::Sort::time;
    const int all = clock ? 9 : m->sort == Moment::Sort::date ? 8 : 17;
    const auto wanted = precision_of(static_cast<int>(digits.value_or(all)), clock);
    const bool fits = wanted && !(m->sort == Moment::Sort::date && *wanted > Precision::day);
    return !fits || give(boundary(*m, *wanted, high));
  }
  const std::int64_t places = digits.value_or(default_places);
  if (places < 0 || places > 28) return true;
  const auto decimal = [&](const Decimal& d) { return boundary(d, static_cast<int>(places), high); };
  if (const auto* q = std::get_if<Quantity>(&value.held)) {
    const auto edge = decimal(q->value);
    return !edge || give(Quantity{*edge, q->unit, q->calendar});
  }
  std::optional<Decimal> number;
  if (const auto* n = std::get_if<std::int64_t>(&value.held)) number = Decimal{*n, 0};
  if (const auto* d = std::get_if<Decimal>(&value.held)) number = *d;
  if (!number) return call.fail("expected a number, a date, a time or a quantity");
  const auto edge = decimal(*number);
  return !edge || give(*edge);
}

bool precision(Call& call, Items& out) {
  if (call.input().empty()) return true;
  if (call.input().size() > 1) return call.fail("expected one item, found " + std::to_string(call.input().size()));
  const Item value = value_of(call.input()[0], call.types());
  std::int64_t digits = 0;
  if (const auto* m = std::get_if<Moment>(&value.held)) {
    static constexpr std::array<int, 7> counts = {4, 6, 8, 10, 12, 14, 17};
    digits = counts[static_cast<std::size_t>(m->precision)] - (m->sort == Moment::Sort::time ? 8 : 0);
  } else if (const auto* d = std::get_if<Decimal>(&value.held)) {
    digits = d->scale;
  } else if (!std::holds_alternative<std::int64_t>(value.held)) {
    return call.fail("expected a number, a date or a time");
  }
  out.add(call.item(digits, {&call.input()}));
  return true;
}

bool are_comparable(Call& call, Items& out) {
  Items other(call.arena());
  if (!call.argument(0, other)) return false;
  if (call.input().empty() || other.empty()) return true;
  const Item a = value_of(call.input()[0], call.types());
  const Item b = value_of(other[0], call.types());
  const auto* const p = std::get_if<Quantity>(&a.held);
  const auto* const q = std::get_if<Quantity>(&b.held);
  if (p == nullptr || q == nullptr) return call.fail("expected two quantities");
  out.add(call.item(compare(*p, *q, call.types().units()).has_value(), {&call.input()}));
  return true;
}

constexpr std::array functions = {
    Function{"lowBoundary", 0, 1, "i", checks::of_one<checks::fewer>, bound<false>, false, "1.587.lowBoundary(6) = 1.5865"},
    Function{"highBoundary", 0, 1, "i", checks::of_one<checks::fewer>, bound<true>, false, "@2014.highBoundary(6) = @2014-12"},
    Function{"precision", 0, 0, "", checks::of_one<checks::whole>, precision, false, "@2014-01.precision() = 6"},
    Function{"comparable", 1, 1, "v", checks::of_one<checks::maybe_truth>, are_comparable, false, "1 'cm'.comparable(1 'm')"},
};

}  // namespace

std::span<const Function> boundary_functions() { return functions; }

}  // namespace tombolo::fhirpath
