// Numbers: abs ceiling floor truncate round sqrt exp ln log power; sum min max avg.
#include <algorithm>
#include <array>
#include <cmath>

#include "engine/fhirpath/functions/functions.h"

namespace tombolo::fhirpath {
namespace {

bool give(Call& call, decltype(Item::held) value, Items& out) {
  out.add(call.item(value, {&call.input()}));
  return true;
}

// The single item of the input as a value; absent: there is none.
bool one_value(Call& call, Item& value, bool& absent) {
  const Items& input = call.input();
  absent = input.empty();
  if (absent) return true;
  if (input.size() > 1 && call.dialect() == Dialect::standard) return call.fail("expected one number, found " + std::to_string(input.size()) + " items");
  value = value_of(input[0], call.types());
  return true;
}

std::optional<Decimal> number(const Item& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value.held)) return Decimal{*n, 0};
  if (const auto* d = std::get_if<Decimal>(&value.held)) return *d;
  return std::nullopt;
}

double approximate(const Decimal& d) { return static_cast<double>(d.digits) / std::pow(10.0, d.scale); }

std::optional<Decimal> exact(double d) {
  if (!std::isfinite(d) || std::fabs(d) > 9e9) {
    if (!std::isfinite(d) || std::fabs(d) > 9e17) return std::nullopt;
    return Decimal{std::llround(d), 0};
  }
  return normal(Decimal{std::llround(d * 1e8), 8});
}

bool absolute(Call& call, Items& out) {
  Item value;
  bool absent = false;
  if (!one_value(call, value, absent) || absent) return absent;
  if (const auto* n = std::get_if<std::int64_t>(&value.held)) return *n == INT64_MIN || give(call, *n < 0 ? -*n : *n, out);
  if (const auto* d = std::get_if<Decimal>(&value.held)) return give(call, d->digits < 0 ? negate(*d) : *d, out);
  if (auto* q = std::get_if<Quantity>(&value.held)) {
    if (q->value.digits < 0) q->value = negate(q->value);
    return give(call, *q, out);
  }
  return call.fail("expected a number");
}

// Towards zero, down, up.
std::int64_t truncated(const Decimal&, std::int64_t whole) { return whole; }
std::int64_t floored(const Decimal& d, std::int64_t whole) { return compare(Decimal{whole, 0}, d) > 0 ? whole - 1 : whole; }
std::int64_t raised(const Decimal& d, std::int64_t whole) { return compare(Decimal{whole, 0}, d) < 0 ? whole + 1 : whole; }

template <std::int64_t (*change)(const Decimal&, std::int64_t truncated)>
bool whole(Call& call, Items& out) {
  Item value;
  bool absent = false;
  if (!one_value(call, value, absent) || absent) return absent;
  const auto d = number(value);
  if (!d) return call.fail("expected a number");
  const auto towards_zero = to_whole(*d);
  return !towards_zero || give(call, change(*d, *towards_zero), out);
}

bool rounded(Call& call, Items& out) {
  Item value;
  bool absent = false;
  std::optional<std::int64_t> places = 0;
  if (!one_value(call, value, absent) || absent) return absent;
  if (call.count() > 0 && !call.integer_argument(0, places)) return false;
  if (places.value_or(0) < 0) return call.fail("expected a number of places from 0");
  const auto d = number(value);
  if (!d) return call.fail("expected a number");
  return give(call, round(*d, static_cast<int>(std::min<std::int64_t>(34, places.value_or(0)))), out);
}

template <double (*change)(double)>
bool real(Call& call, Items& out) {
  Item value;
  bool absent = false;
  if (!one_value(call, value, absent) || absent) return absent;
  const auto d = number(value);
  if (!d) return call.fail("expected a number");
  if (const auto result = exact(change(approximate(*d)))) return give(call, *result, out);
  return true;
}

bool two_numbers(Call& call, std::optional<Decimal>& a, std::optional<Decimal>& b) {
  Item value;
  bool absent = false;
  Items argument(call.arena());
  if (!one_value(call, value, absent) || !call.argument(0, argument)) return false;
  if (absent || argument.empty()) return true;
  a = number(value);
  b = number(value_of(argument[0], call.types()));
  return (a && b) || call.fail("expected two numbers");
}

bool logarithm(Call& call, Items& out) {
  std::optional<Decimal> a;
  std::optional<Decimal> base;
  if (!two_numbers(call, a, base)) return false;
  if (!a || !base) return true;
  const auto result = exact(std::log(approximate(*a)) / std::log(approximate(*base)));
  return !result || give(call, *result, out);
}

// Nothing: does not fit.
std::optional<std::int64_t> whole_power(std::int64_t base, std::int64_t exponent) {
  if (base == 0 || base == 1) return exponent == 0 ? 1 : base;
  if (base == -1) return exponent % 2 == 0 ? 1 : -1;
  std::int64_t result = 1;
  for (; exponent > 0; --exponent) {
    if (__builtin_mul_overflow(result, base, &result)) return std::nullopt;
  }
  return result;
}

bool power(Call& call, Items& out) {
  std::optional<Decimal> a;
  std::optional<Decimal> n;
  if (!two_numbers(call, a, n)) return false;
  if (!a || !n) return true;
  if (a->scale == 0 && n->scale == 0 && n->digits >= 0) {
    const auto base = to_whole(*a), exponent = to_whole(*n);
    const auto whole = base && exponent ? whole_power(*base, *exponent) : std::nullopt;
    return !whole || give(call, *whole, out);
  }
  const double result = std::pow(approximate(*a), approximate(*n));
  const auto d = exact(result);
  return !d || give(call, *d, out);
}

// Folds all items with an operator, from the first.
bool fold(Call& call, Operator op, Items& total) {
  const Items& input = call.input();
  if (input.empty()) return true;
  total.add(value_of(input[0], call.types()));
  for (std::size_t i = 1; i < input.size() && !total.empty(); ++i) {
    Items next(call.arena());
    next.add(input[i]);
    Items result(call.arena());
    std::string why;
    if (!apply(op, {total, next, call.types(), call.dialect(), call.arena()}, result, why)) return call.fail(why);
    if (op != Operator::add) {  // less, greater: keep the one that wins
      const auto* const first_wins = result.empty() ? nullptr : std::get_if<bool>(&result[0].held);
      if (first_wins != nullptr && *first_wins) continue;
      result.clear();
      result.add(value_of(input[i], call.types()));
    }
    total = result;
  }
  if (!total.empty()) total[0].from = sources_of({&input}, call.arena());
  return true;
}

bool sum(Call& call, Items& out) { return fold(call, Operator::add, out); }
bool least(Call& call, Items& out) { return fold(call, Operator::less, out); }
bool most(Call& call, Items& out) { return fold(call, Operator::greater, out); }

bool average(Call& call, Items& out) {
  Items total(call.arena());
  if (!fold(call, Operator::add, total)) return false;
  if (total.empty()) return true;
  Items count(call.arena());
  count.add(Item{static_cast<std::int64_t>(call.input().size()), {}});
  std::string why;
  return apply(Operator::divide, {total, count, call.types(), call.dialect(), call.arena()}, out, why) || call.fail(why);
}

Shape same_number(Checking& c) {
  checks::one_input(c);
  Shape shape = checks::single(c);
  shape.may_be_absent = true;
  return shape;
}
Shape check_power(Checking&) { return {{type_of(System::integer), type_of(System::decimal)}, false, true}; }
Shape check_fold(Checking& c) {
  Shape shape = checks::single(c);
  return shape;
}

constexpr std::array functions = {
    Function{"abs", 0, 0, "", same_number, absolute, false, "(-5).abs() = 5"},
    Function{"ceiling", 0, 0, "", checks::of_one<checks::whole>, whole<raised>, false, "(-1.1).ceiling() = -1"},
    Function{"floor", 0, 0, "", checks::of_one<checks::whole>, whole<floored>, false, "(-2.1).floor() = -3"},
    Function{"truncate", 0, 0, "", checks::of_one<checks::whole>, whole<truncated>, false, "(-1.56).truncate() = -1"},
    Function{"round", 0, 1, "i", checks::of_one<checks::number>, rounded, false, "3.14159.round(3) = 3.142"},
    Function{"sqrt", 0, 0, "", checks::of_one<checks::number>, real<std::sqrt>, false, "81.sqrt() = 9.0"},
    Function{"exp", 0, 0, "", checks::of_one<checks::number>, real<std::exp>, false, "0.exp() = 1"},
    Function{"ln", 0, 0, "", checks::of_one<checks::number>, real<std::log>, false, "1.ln() = 0"},
    Function{"log", 1, 1, "v", checks::of_one<checks::number>, logarithm, false, "100.log(10) = 2"},
    Function{"power", 1, 1, "v", checks::of_one<check_power>, power, false, "2.power(3) = 8"},
    Function{"sum", 0, 0, "", check_fold, sum, false, "(1 | 2 | 3).sum() = 6"},
    Function{"min", 0, 0, "", check_fold, least, false, "(3 | 1 | 2).min() = 1"},
    Function{"max", 0, 0, "", check_fold, most, false, "(3 | 1 | 2).max() = 3"},
    Function{"avg", 0, 0, "", check_fold, average, false, "(1 | 2).avg() = 1.5"},
};

}  // namespace

std::span<const Function> maths_functions() { return functions; }

}  // namespace tombolo::fhirpath
