// Decimals of FHIRPath: 34 digits and a scale, exact or refused.
#include <algorithm>
#include <limits>

#include "engine/fhirpath/value.h"

namespace tombolo::fhirpath {
namespace {

__extension__ using Wide = __int128;
constexpr std::int32_t places = 8;        // what division and roots answer with
constexpr std::int32_t most_places = 34;

Wide power_of_ten(std::int32_t n) {       // up to 38
  Wide power = 1;
  for (; n > 0; --n) power *= 10;
  return power;
}
const Wide most = power_of_ten(34) - 1;

Wide magnitude(Wide n) { return n < 0 ? -n : n; }

Wide divide_rounded(Wide a, Wide b) {
  const Wide size = magnitude(b), rest = magnitude(a) % size;
  const Wide whole = magnitude(a) / size + (rest >= size - rest ? 1 : 0);
  return (a < 0) != (b < 0) ? -whole : whole;
}

// Gives up zeros, then places beyond the eighth, until the digits fit.
std::optional<Decimal> fit(Wide digits, std::int32_t scale) {
  while ((magnitude(digits) > most || scale > most_places) && scale > 0 && digits % 10 == 0) digits /= 10, --scale;
  while ((magnitude(digits) > most || scale > most_places) && scale > places) digits = divide_rounded(digits, 10), --scale;
  if (magnitude(digits) > most) return std::nullopt;
  return Decimal{digits, scale};
}

// Both with the larger scale; false: one does not fit then (and is larger than the other).
bool align(const Decimal& a, const Decimal& b, Wide& x, Wide& y) {
  x = a.digits, y = b.digits;
  const Wide power = power_of_ten(std::min(38, std::max(a.scale, b.scale) - std::min(a.scale, b.scale)));
  return a.scale < b.scale ? !__builtin_mul_overflow(x, power, &x) : !__builtin_mul_overflow(y, power, &y);
}

}  // namespace

std::optional<Decimal> to_decimal(std::string_view text) {
  std::size_t at = 0;
  const bool negative = !text.empty() && text[0] == '-';
  if (!text.empty() && (text[0] == '-' || text[0] == '+')) ++at;
  Wide digits = 0;
  std::int32_t scale = 0;
  int before = 0;
  int after = 0;
  bool point = false;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) { point = true; continue; }
    if (c < '0' || c > '9') break;
    if (digits > most || after > most_places) return std::nullopt;
    digits = digits * 10 + (c - '0');
    if (point) ++scale, ++after;
    else ++before;
  }
  if (before == 0 || (point && after == 0)) return std::nullopt;
  if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
    const bool down = at + 1 < text.size() && text[at + 1] == '-';
    at += down || (at + 1 < text.size() && text[at + 1] == '+') ? 2 : 1;
    const std::size_t first = at;
    int exponent = 0;
    for (; at < text.size() && text[at] >= '0' && text[at] <= '9' && exponent < 100; ++at) exponent = exponent * 10 + (text[at] - '0');
    if (at == first || exponent > most_places) return std::nullopt;
    scale += down ? exponent : -exponent;
  }
  if (at != text.size() || scale > most_places) return std::nullopt;
  if (scale < 0 && __builtin_mul_overflow(digits, power_of_ten(-scale), &digits)) return std::nullopt;
  return fit(negative ? -digits : digits, std::max(0, scale));
}

std::string text(const Decimal& decimal) {
  std::string digits;
  for (Wide rest = magnitude(decimal.digits); rest > 0; rest /= 10) digits += static_cast<char>('0' + static_cast<int>(rest % 10));
  const auto scale = static_cast<std::size_t>(decimal.scale);
  if (digits.size() <= scale) digits.append(scale + 1 - digits.size(), '0');
  if (decimal.digits < 0) digits += '-';
  std::reverse(digits.begin(), digits.end());
  if (scale > 0) digits.insert(digits.size() - scale, 1, '.');
  return digits;
}

std::optional<Decimal> add(const Decimal& a, const Decimal& b) {
  Wide x = 0;
  Wide y = 0;
  if (!align(a, b, x, y)) {
    const Decimal p = normal(a), q = normal(b);
    if (!align(p, q, x, y) || __builtin_add_overflow(x, y, &x)) return std::nullopt;
    return fit(x, std::max(p.scale, q.scale));
  }
  return __builtin_add_overflow(x, y, &x) ? std::nullopt : fit(x, std::max(a.scale, b.scale));
}

std::optional<Decimal> multiply(const Decimal& a, const Decimal& b) {
  Wide product = 0;
  if (!__builtin_mul_overflow(Wide{a.digits}, Wide{b.digits}, &product)) return fit(product, a.scale + b.scale);
  Decimal x = normal(a), y = normal(b);
  while (__builtin_mul_overflow(Wide{x.digits}, Wide{y.digits}, &product)) {  // what cannot be kept is far behind the eighth place
    Decimal& finer = x.scale > y.scale ? x : y;
    if (x.scale + y.scale <= 2 * places) return std::nullopt;
    finer = round(finer, finer.scale - 1);
  }
  return fit(product, x.scale + y.scale);
}

// As on paper, digit by digit.
std::optional<Decimal> divide(const Decimal& a, const Decimal& b) {
  if (b.digits == 0) return std::nullopt;
  const Decimal x = normal(a), y = normal(b);
  const Wide divisor = magnitude(y.digits);
  Wide quotient = magnitude(x.digits) / divisor, rest = magnitude(x.digits) % divisor;
  const std::int32_t steps = places + y.scale - x.scale;
  for (std::int32_t i = 0; i < steps; ++i) {
    rest *= 10;
    quotient = quotient * 10 + rest / divisor, rest %= divisor;
    if (quotient > most) return std::nullopt;
  }
  if (steps < 0) quotient = divide_rounded(quotient, power_of_ten(std::min(38, -steps)));
  else if (rest >= divisor - rest) ++quotient;
  const auto fitting = fit((x.digits < 0) != (y.digits < 0) ? -quotient : quotient, places);
  return fitting ? std::optional(normal(*fitting)) : std::nullopt;
}

std::optional<Truncated> divide_truncated(const Decimal& a, const Decimal& b) {
  Wide x = 0, y = 0;
  if (b.digits == 0 || !align(a, b, x, y)) return std::nullopt;
  const auto rest = fit(x % y, std::max(a.scale, b.scale));
  const auto whole = to_whole(Decimal{x / y, 0});
  return rest && whole ? std::optional(Truncated{*whole, normal(*rest)}) : std::nullopt;
}

std::optional<std::int64_t> to_whole(const Decimal& a) {
  const Wide whole = a.digits / power_of_ten(a.scale);
  constexpr Wide low = std::numeric_limits<std::int64_t>::min(), high = std::numeric_limits<std::int64_t>::max();
  return whole < low || whole > high ? std::nullopt : std::optional(static_cast<std::int64_t>(whole));
}

Decimal negate(const Decimal& a) { return {-a.digits, a.scale}; }

int compare(const Decimal& a, const Decimal& b) {
  Wide x = 0;
  Wide y = 0;
  if (align(a, b, x, y)) return x < y ? -1 : x > y ? 1 : 0;
  const bool first = a.scale < b.scale;  // what did not fit decides by its sign
  return (first ? a.digits > 0 : b.digits < 0) ? 1 : -1;
}

Decimal round(const Decimal& a, int wanted) {
  if (a.scale <= wanted) return a;
  return {divide_rounded(a.digits, power_of_ten(a.scale - wanted)), wanted};
}

Decimal normal(const Decimal& a) {
  Decimal out = a;
  while (out.scale > 0 && out.digits % 10 == 0) out.digits /= 10, --out.scale;
  return out;
}

}  // namespace tombolo::fhirpath
