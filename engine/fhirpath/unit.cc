#include "engine/fhirpath/unit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <string>
#include <vector>

namespace tombolo::fhirpath {
namespace {

struct Duration {
  std::string_view word;
  std::string_view ucum;
  std::int64_t months;      // of the calendar; 0: none
  std::int64_t days;        // what the months are in calculations without a date
  std::int64_t milliseconds;
};
constexpr std::array durations = {
    Duration{"year", "a", 12, 365, 0},          Duration{"month", "mo", 1, 30, 0},     Duration{"week", "wk", 0, 0, 604'800'000},
    Duration{"day", "d", 0, 0, 86'400'000},     Duration{"hour", "h", 0, 0, 3'600'000}, Duration{"minute", "min", 0, 0, 60'000},
    Duration{"second", "s", 0, 0, 1000},        Duration{"millisecond", "ms", 0, 0, 1}};

const Duration* duration(const Quantity& q) {
  if (!q.calendar) return nullptr;
  const auto found = std::find_if(durations.begin(), durations.end(), [&](const Duration& d) { return d.word == q.unit || d.ucum == q.unit; });
  return found == durations.end() ? nullptr : &*found;
}

// Both counted by one measure: factor and zero of each, or nothing.
struct Measures {
  Unit a, b;
};

Unit counted(std::int64_t of_the_measure) {
  Unit unit;
  unit.factor = factor_of(of_the_measure, 0);
  return unit;
}

std::optional<Measures> measures_of(const Quantity& a, const Quantity& b, const Ucum& units) {
  const Duration* const p = duration(a);
  const Duration* const q = duration(b);
  if (p != nullptr && q != nullptr) {
    if (p->months > 0 && q->months > 0) return Measures{counted(p->months), counted(q->months)};
    const auto milliseconds = [](const Duration& d) { return counted(d.months > 0 ? d.days * 86'400'000 : d.milliseconds); };
    return Measures{milliseconds(*p), milliseconds(*q)};
  }
  for (const auto& [known, quantity] : {std::pair(p, &a), std::pair(q, &b)}) {
    if (known != nullptr && known->months > 0 && quantity->unit == known->word) return std::nullopt;  // no length but among calendars
  }
  const auto x = units.read(p != nullptr ? p->ucum : a.unit);
  const auto y = units.read(q != nullptr ? q->ucum : b.unit);
  if (!x || !y || x->dimension != y->dimension) return std::nullopt;
  return Measures{*x, *y};
}

Quantity as_ucum(const Quantity& q) {
  const Duration* const known = duration(q);
  return known == nullptr ? q : Quantity{q.value, known->ucum, false};
}

// above / below * 10^tens of both, with the same tens; false: does not fit.
bool align(Factor& a, Factor& b) {
  while (a.tens != b.tens) {
    Factor& larger = a.tens > b.tens ? a : b;
    if (__builtin_mul_overflow(larger.above, Wide{10}, &larger.above)) return false;
    --larger.tens;
  }
  return true;
}

void sum(Factor& a, const Factor& addend, bool minus) {
  Factor b = addend;
  a.about += minus ? -b.about : b.about;
  a.exact = a.exact && b.exact && align(a, b);
  Wide left = 0, right = 0;
  a.exact = a.exact && !__builtin_mul_overflow(a.above, b.below, &left) && !__builtin_mul_overflow(b.above, a.below, &right) &&
            !__builtin_mul_overflow(a.below, b.below, &a.below) && !(minus ? __builtin_sub_overflow(left, right, &a.above) : __builtin_add_overflow(left, right, &a.above));
}

// The value in base units.
Factor in_base(const Decimal& value, const Unit& unit) {
  Factor f = factor_of(value.digits, value.scale);
  if (unit.zero.above != 0) sum(f, unit.zero, false);
  f.multiply(unit.factor);
  return f;
}

int order(Factor a, Factor b) {
  Wide left = 0, right = 0;
  if (a.exact && b.exact && align(a, b) && !__builtin_mul_overflow(a.above, b.below, &left) && !__builtin_mul_overflow(b.above, a.below, &right)) {
    return left < right ? -1 : left > right ? 1 : 0;
  }
  const long double difference = a.about - b.about;
  const long double size = std::max(std::fabs(a.about), std::fabs(b.about));
  return std::fabs(difference) <= size * 1e-15L ? 0 : difference < 0 ? -1 : 1;
}

// With at most 28 places behind the point, or 15 digits where it is not exact.
std::optional<Decimal> decimal_of(const Factor& f) {
  if (f.exact && f.tens <= 18 && f.tens >= -34) {
    Wide above = f.above;
    int scale = std::max(0, -f.tens);
    bool fits = true;
    for (int i = 0; i < f.tens; ++i) fits = fits && !__builtin_mul_overflow(above, Wide{10}, &above);
    Wide more = above;
    while (fits && above % f.below != 0 && scale < 28 && !__builtin_mul_overflow(above, Wide{10}, &more)) above = more, ++scale;
    const Decimal digits{above / f.below, 0};
    if (fits && add(digits, Decimal{})) return normal(Decimal{digits.digits, scale});
  }
  if (f.about == 0) return Decimal{};
  const int scale = std::clamp(14 - static_cast<int>(std::floor(std::log10(std::fabs(f.about)))), 0, 30);
  const long double digits = std::round(f.about * std::pow(10.0L, static_cast<long double>(scale)));
  if (!(std::fabs(digits) < 1e34L)) return std::nullopt;
  return normal(Decimal{static_cast<Wide>(digits), scale});
}

// A unit as a product of atoms, in the order they were met: of "g/dL" it is g, and dL with -1.
struct Power {
  std::string_view atom;
  int exponent;
  bool whole = false;  // no atom but a unit that was not taken apart
};

void add_power(std::vector<Power>& powers, const Power& power) {
  const auto same = std::find_if(powers.begin(), powers.end(), [&](const Power& p) { return p.atom == power.atom; });
  if (same != powers.end()) same->exponent += power.exponent;
  else powers.push_back(power);
}

// "m-2" is m with -2. false: there is no atom in it.
bool read_power(std::string_view part, Power& out) {
  const std::size_t last = part.find_last_not_of("0123456789");
  if (last == std::string_view::npos) return false;
  const std::string_view digits = part.substr(last + 1);
  if (digits.size() > 2) return false;
  const bool sign = !digits.empty() && (part[last] == '-' || part[last] == '+');
  const int exponent = digits.empty() ? 1 : std::stoi(std::string(digits));
  out = {part.substr(0, sign ? last : last + 1), sign && part[last] == '-' ? -exponent : exponent, false};
  return true;
}

// What is no plain product (brackets, numbers, annotations) is not taken apart.
bool read_powers(std::string_view unit, int sign, std::vector<Power>& powers) {
  if (unit.find_first_of("(){}*^") != std::string_view::npos) return false;
  int side = sign;
  for (std::size_t begin = 0, at = 0, bracket = 0; at <= unit.size(); ++at) {
    if (at < unit.size() && unit[at] == '[') bracket = 1;
    if (at < unit.size() && unit[at] == ']') bracket = 0;
    if (at < unit.size() && (bracket == 1 || (unit[at] != '.' && unit[at] != '/'))) continue;
    Power power{};
    if (at > begin && !read_power(unit.substr(begin, at - begin), power)) return false;
    power.exponent *= side;
    if (at > begin) powers.push_back(power);
    if (at < unit.size()) side = unit[at] == '/' ? -sign : sign;
    begin = at + 1;
  }
  return true;
}

void add_powers(std::vector<Power>& powers, std::string_view unit, int sign) {
  if (unit == "1") return;
  std::vector<Power> parts;
  if (!read_powers(unit, sign, parts)) parts = {{unit, sign, true}};
  for (const Power& part : parts) add_power(powers, part);
}

std::string product(const std::vector<Power>& powers) {
  std::string out;
  for (const bool above : {true, false}) {
    for (const Power& p : powers) {
      if (p.exponent == 0 || (p.exponent > 0) != above) continue;
      if (!above) out += '/';
      else if (!out.empty()) out += '.';
      out += p.whole ? "(" + std::string(p.atom) + ")" : std::string(p.atom);
      if (p.exponent > 1 || p.exponent < -1) out += std::to_string(p.exponent < 0 ? -p.exponent : p.exponent);
    }
  }
  return out.empty() ? "1" : out;
}

}  // namespace

std::optional<std::string_view> calendar_word(std::string_view written) {
  for (const Duration& known : durations) {
    const bool plural = written.size() == known.word.size() + 1 && written.starts_with(known.word) && written.back() == 's';
    if (written == known.word || plural) return known.word;
  }
  return std::nullopt;
}

std::optional<int> compare(const Quantity& a, const Quantity& b, const Ucum& units) {
  if (a.unit == b.unit) return compare(a.value, b.value);
  const auto measures = measures_of(a, b, units);
  if (!measures) return std::nullopt;
  return order(in_base(a.value, measures->a), in_base(b.value, measures->b));
}

bool equivalent(const Quantity& a, const Quantity& b, const Ucum& units) {
  const Quantity x = as_ucum(a), y = as_ucum(b);
  const auto same = [](const Decimal& left, const Decimal& right) {
    const int places = std::min(normal(left).scale, normal(right).scale);
    return compare(round(left, places), round(right, places)) == 0;
  };
  if (x.unit == y.unit) return same(x.value, y.value);
  const auto measures = measures_of(x, y, units);
  if (!measures) return false;
  // In the coarser unit, whose places are the less precise.
  const bool first = order(measures->a.factor, measures->b.factor) >= 0;
  const auto converted = first ? value_in(y, x, units) : value_in(x, y, units);
  return converted && same(*converted, first ? x.value : y.value);
}

std::optional<Decimal> value_in(const Quantity& q, const Quantity& other, const Ucum& units) {
  if (q.unit == other.unit) return q.value;
  const auto measures = measures_of(q, other, units);
  if (!measures) return std::nullopt;
  Factor value = in_base(q.value, measures->a);
  value.divide(measures->b.factor);
  if (measures->b.zero.above != 0) sum(value, measures->b.zero, true);
  return decimal_of(value);
}

std::optional<Quantity> add(const Quantity& a, const Quantity& b, const Ucum& units) {
  const auto measures = a.unit == b.unit ? std::nullopt : measures_of(a, b, units);
  const bool finer = measures && order(measures->b.factor, measures->a.factor) < 0;
  const Quantity& unit = finer ? b : a;
  const auto x = value_in(a, unit, units), y = value_in(b, unit, units);
  const auto total = x && y ? add(*x, *y) : std::nullopt;
  return total ? std::optional(Quantity{*total, unit.unit, unit.calendar}) : std::nullopt;
}

std::optional<Quantity> multiply(const Quantity& a, const Quantity& b, bool divided, const Ucum& units, Arena& arena) {
  const Quantity x = as_ucum(a), y = as_ucum(b);
  const auto value = divided ? divide(x.value, y.value) : fhirpath::multiply(x.value, y.value);
  if (!value) return std::nullopt;
  for (const Quantity* side : {&x, &y}) {
    const auto unit = side->unit == "1" ? std::optional(Unit{}) : units.read(side->unit);
    if (!unit || unit->special) return std::nullopt;
  }
  std::vector<Power> powers;
  add_powers(powers, x.unit, 1);
  add_powers(powers, y.unit, divided ? -1 : 1);
  return Quantity{*value, arena.copy(product(powers)), false};
}

}  // namespace tombolo::fhirpath
