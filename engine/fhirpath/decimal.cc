// Decimals of FHIRPath: 18 digits and a scale, exact or refused.
#include <algorithm>
#include <limits>

#include "engine/fhirpath/value.h"

namespace tombolo::fhirpath {
namespace {

__extension__ using Wide = __int128;
constexpr std::int32_t places = 8;  // what division and roots answer with

Wide power_of_ten(std::int32_t n) {
  Wide power = 1;
  for (; n > 0; --n) power *= 10;
  return power;
}

Wide magnitude(Wide n) { return n < 0 ? -n : n; }

Wide divide_rounded(Wide a, Wide b) {
  const Wide half = magnitude(b) / 2;
  const Wide whole = (magnitude(a) + half) / magnitude(b);
  return (a < 0) != (b < 0) ? -whole : whole;
}

// Gives up zeros, then places beyond the eighth, until the digits fit.
std::optional<Decimal> fit(Wide digits, std::int32_t scale) {
  constexpr Wide most = std::numeric_limits<std::int64_t>::max();
  while (magnitude(digits) > most && scale > 0 && digits % 10 == 0) digits /= 10, --scale;
  while (magnitude(digits) > most && scale > places) digits = divide_rounded(digits, 10), --scale;
  if (magnitude(digits) > most) return std::nullopt;
  return Decimal{static_cast<std::int64_t>(digits), scale};
}

// Both with the larger scale; scales are at most 18, so this fits.
void align(const Decimal& a, const Decimal& b, Wide& x, Wide& y) {
  x = a.digits, y = b.digits;
  if (a.scale < b.scale) x *= power_of_ten(b.scale - a.scale);
  else y *= power_of_ten(a.scale - b.scale);
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
    if (digits > static_cast<Wide>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
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
    if (at == first || exponent > 18) return std::nullopt;
    scale += down ? exponent : -exponent;
  }
  if (at != text.size() || scale > 18) return std::nullopt;
  if (scale < 0) digits *= power_of_ten(-scale), scale = 0;
  return fit(negative ? -digits : digits, scale);
}

std::string text(const Decimal& decimal) {
  std::string digits = std::to_string(decimal.digits);
  const std::size_t sign = decimal.digits < 0 ? 1 : 0;
  const auto scale = static_cast<std::size_t>(decimal.scale);
  if (scale == 0) return digits;
  if (digits.size() - sign <= scale) digits.insert(sign, scale + 1 - (digits.size() - sign), '0');
  digits.insert(digits.size() - scale, 1, '.');
  return digits;
}

std::optional<Decimal> add(const Decimal& a, const Decimal& b) {
  Wide x = 0;
  Wide y = 0;
  align(a, b, x, y);
  return fit(x + y, std::max(a.scale, b.scale));
}

std::optional<Decimal> multiply(const Decimal& a, const Decimal& b) {
  auto product = fit(static_cast<Wide>(a.digits) * b.digits, a.scale + b.scale);
  if (product && product->scale > 18) product = round(*product, places);
  return product;
}

std::optional<Decimal> divide(const Decimal& a, const Decimal& b) {
  if (b.digits == 0) return std::nullopt;
  const Decimal x = normal(a);
  const Decimal y = normal(b);
  const std::int32_t shift = places + y.scale - x.scale;  // -10 … 26
  if (shift < 0) return fit(divide_rounded(x.digits, y.digits * power_of_ten(-shift)), places);
  if (shift > 19) {  // 10^26 times 18 digits would not fit: first what fits, then the rest
    const auto front = fit(divide_rounded(x.digits * power_of_ten(19), y.digits), 19 - y.scale + x.scale);
    return front ? std::optional(round(*front, places)) : std::nullopt;
  }
  const auto quotient = fit(divide_rounded(x.digits * power_of_ten(shift), y.digits), places);
  return quotient ? std::optional(normal(*quotient)) : std::nullopt;
}

Decimal negate(const Decimal& a) { return {-a.digits, a.scale}; }

int compare(const Decimal& a, const Decimal& b) {
  Wide x = 0;
  Wide y = 0;
  align(a, b, x, y);
  return x < y ? -1 : x > y ? 1 : 0;
}

Decimal round(const Decimal& a, int wanted) {
  if (a.scale <= wanted) return a;
  const auto rounded = divide_rounded(a.digits, power_of_ten(a.scale - wanted));
  return {static_cast<std::int64_t>(rounded), wanted};
}

Decimal normal(const Decimal& a) {
  Decimal out = a;
  while (out.scale > 0 && out.digits % 10 == 0) out.digits /= 10, --out.scale;
  return out;
}

}  // namespace tombolo::fhirpath
