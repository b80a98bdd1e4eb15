#include "engine/fhirpath/unit.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <string>

#include "engine/base/letters.h"

namespace tombolo::fhirpath {
namespace {

__extension__ using Wide = __int128;

// What a unit measures: exponents of metre, second, gram, mole, kelvin, coulomb, candela, radian, and of things that are only
// themselves: international unit, degree Celsius, degree Fahrenheit, pH, equivalent, calendar month.
constexpr std::size_t dimensions = 14;
using Dimension = std::array<std::int8_t, dimensions>;
constexpr std::array<std::string_view, dimensions> base_units = {"m",   "s",      "g",    "mol",  "K",  "C", "cd",
                                                                 "rad", "[iU]", "Cel", "[degF]", "[pH]", "eq", "month"};

struct Fraction {
  Wide above = 1;
  Wide below = 1;
};

struct Unit {
  Fraction factor;
  Dimension dimension{};
};

Wide gcd(Wide a, Wide b) {
  while (b != 0) {
    const Wide rest = a % b;
    a = b, b = rest;
  }
  return a < 0 ? -a : a;
}

bool multiply_into(Fraction& f, Wide above, Wide below) {
  const Wide left = std::max<Wide>(1, gcd(f.above, below));
  const Wide right = std::max<Wide>(1, gcd(above, f.below));
  return !__builtin_mul_overflow(f.above / left, above / right, &f.above) && !__builtin_mul_overflow(f.below / right, below / left, &f.below);
}

struct Atom {
  std::string_view code;
  bool metric;             // takes prefixes
  std::int64_t above;
  std::int64_t below;
  Dimension dimension;
};

// metre, second, gram, mole, kelvin, coulomb, candela, radian | iU Cel degF pH eq month
constexpr Dimension dim(int m, int s = 0, int g = 0, int mol = 0, int k = 0, int c = 0, int cd = 0, int rad = 0) {
  return {static_cast<std::int8_t>(m),  static_cast<std::int8_t>(s), static_cast<std::int8_t>(g), static_cast<std::int8_t>(mol), static_cast<std::int8_t>(k),
          static_cast<std::int8_t>(c), static_cast<std::int8_t>(cd), static_cast<std::int8_t>(rad), 0, 0, 0, 0, 0, 0};
}
constexpr Dimension own(std::size_t which) {
  Dimension d{};
  d[which] = 1;
  return d;
}

constexpr std::array atoms = {
    Atom{"m", true, 1, 1, dim(1)},
    Atom{"s", true, 1, 1, dim(0, 1)},
    Atom{"g", true, 1, 1, dim(0, 0, 1)},
    Atom{"mol", true, 1, 1, dim(0, 0, 0, 1)},
    Atom{"K", true, 1, 1, dim(0, 0, 0, 0, 1)},
    Atom{"C", true, 1, 1, dim(0, 0, 0, 0, 0, 1)},
    Atom{"cd", true, 1, 1, dim(0, 0, 0, 0, 0, 0, 1)},
    Atom{"rad", true, 1, 1, dim(0, 0, 0, 0, 0, 0, 0, 1)},
    Atom{"[iU]", true, 1, 1, own(8)},
    Atom{"[IU]", true, 1, 1, own(8)},
    Atom{"Cel", true, 1, 1, own(9)},
    Atom{"[degF]", false, 1, 1, own(10)},
    Atom{"[pH]", false, 1, 1, own(11)},
    Atom{"eq", true, 1, 1, own(12)},
    Atom{"osm", true, 1, 1, dim(0, 0, 0, 1)},
    Atom{"%", false, 1, 100, dim(0)},
    Atom{"[ppth]", false, 1, 1000, dim(0)},
    Atom{"[ppm]", false, 1, 1'000'000, dim(0)},
    Atom{"10*", false, 10, 1, dim(0)},
    Atom{"10^", false, 10, 1, dim(0)},
    Atom{"min", false, 60, 1, dim(0, 1)},
    Atom{"h", false, 3600, 1, dim(0, 1)},
    Atom{"d", false, 86'400, 1, dim(0, 1)},
    Atom{"wk", false, 604'800, 1, dim(0, 1)},
    Atom{"mo", false, 2'629'800, 1, dim(0, 1)},
    Atom{"a", false, 31'557'600, 1, dim(0, 1)},
    Atom{"L", true, 1, 1000, dim(3)},
    Atom{"l", true, 1, 1000, dim(3)},
    Atom{"t", true, 1'000'000, 1, dim(0, 0, 1)},
    Atom{"Hz", true, 1, 1, dim(0, -1)},
    Atom{"N", true, 1000, 1, dim(1, -2, 1)},
    Atom{"Pa", true, 1000, 1, dim(-1, -2, 1)},
    Atom{"bar", true, 100'000'000, 1, dim(-1, -2, 1)},
    Atom{"atm", false, 101'325'000, 1, dim(-1, -2, 1)},
    Atom{"m[Hg]", true, 133'322'000, 1, dim(-1, -2, 1)},
    Atom{"m[H2O]", true, 9'806'650, 1, dim(-1, -2, 1)},
    Atom{"J", true, 1000, 1, dim(2, -2, 1)},
    Atom{"cal", true, 4184, 1, dim(2, -2, 1)},
    Atom{"W", true, 1000, 1, dim(2, -3, 1)},
    Atom{"A", true, 1, 1, dim(0, -1, 0, 0, 0, 1)},
    Atom{"V", true, 1000, 1, dim(2, -2, 1, 0, 0, -1)},
    Atom{"Ohm", true, 1000, 1, dim(2, -1, 1, 0, 0, -2)},
    Atom{"lm", true, 1, 1, dim(0, 0, 0, 0, 0, 0, 1)},
    Atom{"Bq", true, 1, 1, dim(0, -1)},
    Atom{"Gy", true, 1, 1, dim(2, -2)},
    Atom{"Sv", true, 1, 1, dim(2, -2)},
    Atom{"kat", true, 1, 1, dim(0, -1, 0, 1)},
    Atom{"U", true, 1, 60'000'000, dim(0, -1, 0, 1)},
    Atom{"u", true, 1, 1, dim(0, 0, 1)},
    Atom{"[in_i]", false, 254, 10'000, dim(1)},
    Atom{"[ft_i]", false, 3048, 10'000, dim(1)},
    Atom{"[yd_i]", false, 9144, 10'000, dim(1)},
    Atom{"[mi_i]", false, 1'609'344, 1000, dim(1)},
    Atom{"[lb_av]", false, 45'359'237, 100'000, dim(0, 0, 1)},
    Atom{"[oz_av]", false, 45'359'237, 1'600'000, dim(0, 0, 1)},
    Atom{"[stone_av]", false, 45'359'237 * 14LL, 100'000, dim(0, 0, 1)},
    Atom{"[gr]", false, 6'479'891, 100'000'000, dim(0, 0, 1)},
    Atom{"[foz_us]", false, 29'573'529'562'5LL, 10'000'000'000'000'000LL, dim(3)},
    Atom{"[gal_us]", false, 3'785'411'784LL, 1'000'000'000'000LL, dim(3)},
};

struct Prefix {
  std::string_view code;
  int power;
};
constexpr std::array prefixes = {Prefix{"da", 1}, Prefix{"T", 12}, Prefix{"G", 9},  Prefix{"M", 6},  Prefix{"k", 3},   Prefix{"h", 2},  Prefix{"d", -1},
                                 Prefix{"c", -2}, Prefix{"m", -3}, Prefix{"u", -6}, Prefix{"n", -9}, Prefix{"p", -12}, Prefix{"f", -15}};

const Atom* atom(std::string_view code) {
  const auto found = std::find_if(atoms.begin(), atoms.end(), [code](const Atom& a) { return a.code == code; });
  return found == atoms.end() ? nullptr : &*found;
}


// term = ["/"] component { ("." | "/") component }, as in UCUM 2.3.
class UnitReader {
 public:
  explicit UnitReader(std::string_view text) : rest_(text) {}

  std::optional<Unit> read() {
    Unit unit;
    if (rest_.size() > 100 || !term(unit, 0) || !rest_.empty()) return std::nullopt;
    return unit;
  }

 private:
  bool term(Unit& unit, int depth) {
    if (depth > 10) return false;
    bool below = take('/');
    for (;;) {
      Unit part;
      if (!component(part, depth) || !join(unit, part, below ? -1 : 1)) return false;
      if (take('.')) below = false;
      else if (take('/')) below = true;
      else return true;
    }
  }

  bool component(Unit& unit, int depth) {
    if (take('(')) return term(unit, depth + 1) && take(')');
    if (annotation()) return true;
    if (rest_.starts_with("10*") || rest_.starts_with("10^")) return symbol(unit);
    if (!rest_.empty() && is_digit(rest_[0])) {
      const int n = number();
      return n > 0 && multiply_into(unit.factor, n, 1);
    }
    return symbol(unit) && (annotation() || true);
  }

  bool symbol(Unit& unit) {
    std::size_t size = 0;
    if (rest_.starts_with("10*") || rest_.starts_with("10^")) size = 3;
    bool bracket = false;
    while (size < rest_.size() && (bracket || std::string_view("./(){}+-0123456789").find(rest_[size]) == std::string_view::npos)) {
      if (rest_[size] == '[') bracket = true;
      if (rest_[size] == ']') bracket = false;
      ++size;
    }
    Unit one;
    if (size == 0 || !known(rest_.substr(0, size), one)) return false;
    rest_.remove_prefix(size);
    int exponent = 1;
    const bool minus = !rest_.empty() && rest_[0] == '-';
    if (minus || (!rest_.empty() && rest_[0] == '+')) rest_.remove_prefix(1);
    if (!rest_.empty() && is_digit(rest_[0])) exponent = number();
    else if (minus) return false;
    if (exponent < 0 || exponent > 30) return false;
    return join(unit, one, minus ? -exponent : exponent);
  }

  bool known(std::string_view code, Unit& unit) {
    const Atom* found = atom(code);
    int power = 0;
    for (const Prefix& prefix : prefixes) {
      if (found != nullptr || !code.starts_with(prefix.code)) continue;
      const Atom* const metric = atom(code.substr(prefix.code.size()));
      if (metric != nullptr && metric->metric) found = metric, power = prefix.power;
    }
    if (found == nullptr) return false;
    unit.dimension = found->dimension;
    unit.factor = {found->above, found->below};
    Wide size = 1;
    for (int i = power < 0 ? -power : power; i > 0; --i) size *= 10;
    return power < 0 ? multiply_into(unit.factor, 1, size) : multiply_into(unit.factor, size, 1);
  }

  static bool join(Unit& unit, const Unit& part, int exponent) {
    for (int i = exponent < 0 ? -exponent : exponent; i > 0; --i) {
      const bool fits = exponent > 0 ? multiply_into(unit.factor, part.factor.above, part.factor.below)
                                     : multiply_into(unit.factor, part.factor.below, part.factor.above);
      if (!fits) return false;
    }
    for (std::size_t i = 0; i < dimensions; ++i) {
      const int sum = unit.dimension[i] + part.dimension[i] * exponent;
      if (sum > 100 || sum < -100) return false;
      unit.dimension[i] = static_cast<std::int8_t>(sum);
    }
    return true;
  }

  bool annotation() {
    if (rest_.empty() || rest_[0] != '{') return false;
    const std::size_t close = rest_.find('}');
    if (close == std::string_view::npos) return false;
    rest_.remove_prefix(close + 1);
    return true;
  }

  int number() {
    int n = 0;
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1)) {
      if (n < 100'000'000) n = n * 10 + (rest_[0] - '0');
    }
    return n;
  }

  bool take(char c) {
    if (rest_.empty() || rest_[0] != c) return false;
    rest_.remove_prefix(1);
    return true;
  }

  std::string_view rest_;
};

// Calendar words: months and years have no fixed length, so they are a dimension of their own.
std::optional<Unit> unit_of(const Quantity& q) {
  if (q.unit == "1") return Unit{};
  struct Word {
    std::string_view calendar;
    std::int64_t above, below;
    Dimension dimension;
  };
  static constexpr std::array words = {
      Word{"year", 12, 1, own(13)},           Word{"month", 1, 1, own(13)},          Word{"week", 604'800, 1, dim(0, 1)},
      Word{"day", 86'400, 1, dim(0, 1)},      Word{"hour", 3600, 1, dim(0, 1)},      Word{"minute", 60, 1, dim(0, 1)},
      Word{"second", 1, 1, dim(0, 1)},        Word{"millisecond", 1, 1000, dim(0, 1)}};
  for (const Word& word : words) {
    if (q.unit == word.calendar) return Unit{{word.above, word.below}, word.dimension};
  }
  return UnitReader(q.unit).read();
}

bool scaled(const Decimal& value, const Fraction& factor, Fraction& out) {
  Wide below = 1;
  for (int i = 0; i < value.scale; ++i) below *= 10;
  out = {value.digits, below};
  return multiply_into(out, factor.above, factor.below);
}

std::optional<Decimal> decimal_of(const Fraction& f) {
  constexpr Wide most = INT64_MAX;
  Wide above = f.above;
  Wide below = f.below;
  int scale = 0;
  while (above % below != 0 && scale < 12 && above < most * 1000 && above > -most * 1000) above *= 10, ++scale;
  const Wide digits = above / below;
  if (digits > most || digits < -most) return std::nullopt;
  return normal(Decimal{static_cast<std::int64_t>(digits), scale});
}

}  // namespace

std::optional<int> compare(const Quantity& a, const Quantity& b) {
  if (a.unit == b.unit) return compare(a.value, b.value);
  const auto x = unit_of(a);
  const auto y = unit_of(b);
  Fraction left;
  Fraction right;
  if (!x || !y || x->dimension != y->dimension) return std::nullopt;
  if (!scaled(a.value, x->factor, left) || !scaled(b.value, y->factor, right)) return std::nullopt;
  Wide first = 0;
  Wide second = 0;
  if (__builtin_mul_overflow(left.above, right.below, &first) || __builtin_mul_overflow(right.above, left.below, &second)) return std::nullopt;
  return first < second ? -1 : first > second ? 1 : 0;
}

std::optional<Decimal> value_in(const Quantity& q, const Quantity& other) {
  if (q.unit == other.unit) return q.value;
  const auto x = unit_of(q);
  const auto y = unit_of(other);
  Fraction value;
  if (!x || !y || x->dimension != y->dimension || !scaled(q.value, x->factor, value)) return std::nullopt;
  if (!multiply_into(value, y->factor.below, y->factor.above)) return std::nullopt;
  return decimal_of(value);
}

std::optional<Quantity> multiply(const Quantity& a, const Quantity& b, bool divided, Arena& arena) {
  const auto x = unit_of(a);
  const auto y = unit_of(b);
  Fraction left;
  Fraction right;
  if (!x || !y || !scaled(a.value, x->factor, left) || !scaled(b.value, y->factor, right)) return std::nullopt;
  if (divided) std::swap(right.above, right.below);
  if (right.below == 0) return std::nullopt;
  if (right.below < 0) right.above = -right.above, right.below = -right.below;
  if (!multiply_into(left, right.above, right.below)) return std::nullopt;
  const auto value = decimal_of(left);
  if (!value) return std::nullopt;
  std::string unit;
  for (std::size_t i = 0; i < dimensions; ++i) {
    const int exponent = x->dimension[i] + (divided ? -1 : 1) * y->dimension[i];
    if (exponent == 0) continue;
    if (!unit.empty()) unit += '.';
    unit += base_units[i];
    if (exponent != 1) unit += std::to_string(exponent);
  }
  return Quantity{*value, unit.empty() ? "1" : arena.copy(unit), false};
}

}  // namespace tombolo::fhirpath
