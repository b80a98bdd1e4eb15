#include "engine/filters/deidentify/dates.h"

#include "engine/schema/primitive.h"

namespace tombolo::deidentify {
namespace {

using namespace std::chrono;

int number(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + (c - '0');
  return n;
}

bool is_date(std::string_view text) { return valid(Primitive::date_time, text); }

std::string padded(unsigned n, std::size_t width) {
  const std::string digits = std::to_string(n);
  return std::string(width - digits.size(), '0') + digits;
}

}  // namespace

std::optional<Day> day_of(std::string_view date) {
  if (!is_date(date)) return std::nullopt;
  const unsigned m = date.size() > 4 ? static_cast<unsigned>(number(date.substr(5, 2))) : 7;
  const unsigned d = date.size() > 7 ? static_cast<unsigned>(number(date.substr(8, 2))) : date.size() > 4 ? 15 : 1;
  return sys_days{year{number(date.substr(0, 4))} / month{m} / day{d}};
}

std::optional<std::string> shifted(std::string_view date, int days_later) {
  const auto before = day_of(date);
  if (!before) return std::nullopt;
  const year_month_day after{*before + days{days_later}};
  const int y = static_cast<int>(after.year());
  if (y < 1 || y > 9999) return std::nullopt;
  std::string text = padded(static_cast<unsigned>(y), 4);
  if (date.size() > 4) text += '-' + padded(static_cast<unsigned>(after.month()), 2);
  if (date.size() > 7) text += '-' + padded(static_cast<unsigned>(after.day()), 2);
  if (date.size() > 10) text += date.substr(10);
  return text;
}

std::optional<std::string> year_of(std::string_view date, Day as_of) {
  if (!is_date(date)) return std::nullopt;
  const year_month_day now{as_of};
  const int age = static_cast<int>(now.year()) - number(date.substr(0, 4));
  if (age > 90) return std::nullopt;
  if (age == 90) {   // ninety already, or perhaps: a date without its day counts as the first of what it names
    const unsigned m = date.size() > 4 ? static_cast<unsigned>(number(date.substr(5, 2))) : 1;
    const unsigned d = date.size() > 7 ? static_cast<unsigned>(number(date.substr(8, 2))) : 1;
    if (month{m} / day{d} <= now.month() / now.day()) return std::nullopt;
  }
  return std::string(date.substr(0, 4));
}

}  // namespace tombolo::deidentify
