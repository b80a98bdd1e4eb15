// Dates and times that keep their precision: reading ISO 8601 and HL7 spellings, comparing, adding.
#include <algorithm>
#include <array>
#include <chrono>

#include "engine/base/letters.h"
#include "engine/fhirpath/value.h"

namespace tombolo::fhirpath {
namespace {

using Sort = Moment::Sort;


int days_in_month(int year, int month) {
  static constexpr std::array<int, 12> days = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

bool possible(const Moment& m) {
  return m.month >= 1 && m.month <= 12 && m.day >= 1 && m.day <= days_in_month(m.year, m.month) && m.hour <= 23 && m.minute <= 59 &&
         m.second <= 60 && m.offset >= -14 * 60 && m.offset <= 14 * 60;
}

// Takes digits from the front of a text; every step says whether it could.
class Digits {
 public:
  explicit Digits(std::string_view text) : rest_(text) {}

  bool done() const { return rest_.empty(); }
  bool sees(char c) const { return !rest_.empty() && rest_[0] == c; }
  bool take(char c) {
    if (!sees(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  template <class Number>
  bool number(std::size_t size, Number& out) {
    if (rest_.size() < size) return false;
    int n = 0;
    for (std::size_t i = 0; i < size; ++i) {
      if (!is_digit(rest_[i])) return false;
      n = n * 10 + (rest_[i] - '0');
    }
    rest_.remove_prefix(size);
    out = static_cast<Number>(n);
    return true;
  }
  bool fraction(Moment& m) {
    std::uint32_t scale = 100'000'000;
    m.nanoseconds = 0;
    std::uint8_t digits = 0;
    for (; !rest_.empty() && is_digit(rest_[0]); rest_.remove_prefix(1)) {
      if (digits == 9) continue;
      m.nanoseconds += static_cast<std::uint32_t>(rest_[0] - '0') * scale;
      scale /= 10;
      ++digits;
    }
    m.fraction_digits = digits;
    m.precision = Precision::fraction;
    return digits > 0;
  }
  // [±]hh[:]mm behind its sign
  bool offset(Moment& m, bool colon) {
    const bool west = sees('-');
    rest_.remove_prefix(1);
    int hours = 0;
    int minutes = 0;
    if (!number(2, hours) || (colon && !take(':')) || !number(2, minutes) || minutes > 59) return false;
    m.has_offset = true;
    m.offset = static_cast<std::int16_t>((west ? -1 : 1) * (hours * 60 + minutes));
    return true;
  }

 private:
  std::string_view rest_;
};

bool read_date(Digits& in, Moment& m, char between) {
  const auto next = [&](auto& part, Precision precision) {
    if (between != '\0' ? !in.take(between) : in.done() || in.sees('+') || in.sees('-')) return true;
    m.precision = precision;
    return in.number(2, part);
  };
  if (!in.number(4, m.year)) return false;
  if (!next(m.month, Precision::month)) return false;
  return m.precision == Precision::year || next(m.day, Precision::day);
}

bool read_iso_time(Digits& in, Moment& m) {
  if (!in.number(2, m.hour)) return false;
  m.precision = Precision::hour;
  if (!in.take(':')) return true;
  if (!in.number(2, m.minute)) return false;
  m.precision = Precision::minute;
  if (!in.take(':')) return true;
  if (!in.number(2, m.second)) return false;
  m.precision = Precision::second;
  return !in.take('.') || in.fraction(m);
}

bool read_hl7_time(Digits& in, Moment& m) {
  const auto more = [&in] { return !in.done() && !in.sees('+') && !in.sees('-'); };
  if (!in.number(2, m.hour)) return false;
  m.precision = Precision::hour;
  if (!more()) return true;
  if (!in.number(2, m.minute)) return false;
  m.precision = Precision::minute;
  if (!more()) return true;
  if (!in.number(2, m.second)) return false;
  m.precision = Precision::second;
  return !in.take('.') || in.fraction(m);
}

std::optional<Moment> checked(const Digits& in, const Moment& m, bool read) {
  return read && in.done() && possible(m) ? std::optional(m) : std::nullopt;
}

void append(std::string& out, int n, int width) {
  const std::string digits = std::to_string(n);
  out.append(static_cast<std::size_t>(std::max(0, width - static_cast<int>(digits.size()))), '0').append(digits);
}

constexpr std::int64_t minutes_per_day = 24 * 60;

std::int64_t day_number(const Moment& m) {
  const std::chrono::year_month_day day{std::chrono::year{m.year}, std::chrono::month{m.month}, std::chrono::day{m.day}};
  return std::chrono::sys_days{day}.time_since_epoch().count();
}

void set_day(Moment& m, std::int64_t number) {
  const std::chrono::year_month_day day{std::chrono::sys_days{std::chrono::days{number}}};
  m.year = static_cast<std::int16_t>(static_cast<int>(day.year()));
  m.month = static_cast<std::uint8_t>(static_cast<unsigned>(day.month()));
  m.day = static_cast<std::uint8_t>(static_cast<unsigned>(day.day()));
}

void shift_minutes(Moment& m, std::int64_t minutes) {
  std::int64_t total = m.hour * 60 + m.minute + minutes;
  std::int64_t days = total / minutes_per_day;
  total %= minutes_per_day;
  if (total < 0) total += minutes_per_day, --days;
  if (m.sort != Sort::time) set_day(m, day_number(m) + days);
  m.hour = static_cast<std::uint8_t>(total / 60);
  m.minute = static_cast<std::uint8_t>(total % 60);
}

Moment in_utc(Moment m) {
  if (m.has_offset && m.precision >= Precision::hour) shift_minutes(m, -m.offset), m.offset = 0;
  return m;
}

std::array<std::int64_t, 6> parts(const Moment& m) {
  return {m.year, m.month, m.day, m.hour, m.minute, m.second * std::int64_t{1'000'000'000} + m.nanoseconds};
}

Precision up_to_seconds(Precision p) { return p == Precision::fraction ? Precision::second : p; }

// How two moments stand as written, without regard to offsets.
std::optional<int> compare_parts(const Moment& a, const Moment& b) {
  const auto x = parts(a);
  const auto y = parts(b);
  const Precision p = up_to_seconds(a.precision);
  const Precision q = up_to_seconds(b.precision);
  const auto shared = static_cast<std::size_t>(std::min(p, q));
  for (std::size_t i = a.sort == Sort::time ? 3 : 0; i <= shared; ++i) {
    if (x[i] != y[i]) return x[i] < y[i] ? -1 : 1;
  }
  return p == q ? std::optional(0) : std::nullopt;
}

}  // namespace

std::optional<Moment> to_date(std::string_view iso) {
  Moment m;
  Digits in(iso);
  const bool read = read_date(in, m, '-');
  return checked(in, m, read);
}

std::optional<Moment> to_date_time(std::string_view iso) {
  Moment m;
  m.sort = Sort::date_time;
  Digits in(iso);
  bool read = read_date(in, m, '-');
  if (read && in.take('T') && !in.done()) {
    read = m.precision == Precision::day && read_iso_time(in, m);
    if (read && in.take('Z')) m.has_offset = true;
    else if (read && (in.sees('+') || in.sees('-'))) read = in.offset(m, true);
  }
  return checked(in, m, read);
}

std::optional<Moment> to_time(std::string_view iso) {
  Moment m;
  m.sort = Sort::time;
  Digits in(iso);
  const bool read = read_iso_time(in, m);
  return checked(in, m, read);
}

std::optional<Moment> hl7_date_time(std::string_view dtm) {
  Moment m;
  Digits in(dtm);
  bool read = read_date(in, m, '\0');
  if (read && m.precision == Precision::day && !in.done() && !in.sees('+') && !in.sees('-')) {
    m.sort = Sort::date_time;
    read = read_hl7_time(in, m);
  }
  if (read && (in.sees('+') || in.sees('-'))) read = in.offset(m, false);
  if (m.sort == Sort::date) m.has_offset = false, m.offset = 0;
  return checked(in, m, read);
}

std::optional<Moment> hl7_time(std::string_view tm) {
  Moment m;
  m.sort = Sort::time;
  Digits in(tm);
  bool read = read_hl7_time(in, m);
  if (read && (in.sees('+') || in.sees('-'))) read = in.offset(m, false);
  m.has_offset = false;
  m.offset = 0;
  return checked(in, m, read);
}

std::string text(const Moment& m) {
  std::string out;
  if (m.sort != Sort::time) {
    append(out, m.year, 4);
    if (m.precision >= Precision::month) out += '-', append(out, m.month, 2);
    if (m.precision >= Precision::day) out += '-', append(out, m.day, 2);
    if (m.precision >= Precision::hour) out += 'T';
  }
  if (m.precision >= Precision::hour) append(out, m.hour, 2);
  if (m.precision >= Precision::minute) out += ':', append(out, m.minute, 2);
  if (m.precision >= Precision::second) out += ':', append(out, m.second, 2);
  if (m.precision == Precision::fraction) {
    std::string digits;
    append(digits, static_cast<int>(m.nanoseconds), 9);
    out += '.' + digits.substr(0, m.fraction_digits);
  }
  if (!m.has_offset || m.precision < Precision::hour) return out;
  if (m.offset == 0) return out + 'Z';
  const int minutes = m.offset < 0 ? -m.offset : m.offset;
  out += m.offset < 0 ? '-' : '+';
  append(out, minutes / 60, 2);
  out += ':';
  append(out, minutes % 60, 2);
  return out;
}

Moment moment(Time time) {
  Moment m;
  m.sort = Sort::date_time;
  m.precision = Precision::fraction;
  m.fraction_digits = 3;
  m.has_offset = true;
  const auto day = std::chrono::floor<std::chrono::days>(time);
  set_day(m, day.time_since_epoch().count());
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(time - day).count();
  m.hour = static_cast<std::uint8_t>(milliseconds / 3'600'000);
  m.minute = static_cast<std::uint8_t>(milliseconds / 60'000 % 60);
  m.second = static_cast<std::uint8_t>(milliseconds / 1000 % 60);
  m.nanoseconds = static_cast<std::uint32_t>(milliseconds % 1000) * 1'000'000;
  return m;
}

std::optional<int> compare(const Moment& a, const Moment& b) {
  if ((a.sort == Sort::time) != (b.sort == Sort::time)) return std::nullopt;
  const bool timed = a.precision >= Precision::hour && b.precision >= Precision::hour;
  if (!timed || a.has_offset == b.has_offset) return timed ? compare_parts(in_utc(a), in_utc(b)) : compare_parts(a, b);
  // One has no offset: it may be anything from -12:00 to +14:00. Certain only if both ends agree.
  Moment early = a.has_offset ? b : a;
  Moment late = early;
  early.has_offset = late.has_offset = true;
  early.offset = 14 * 60, late.offset = -12 * 60;
  const Moment known = in_utc(a.has_offset ? a : b);
  const auto first = compare_parts(in_utc(early), known);
  const auto last = compare_parts(in_utc(late), known);
  if (!first || first != last || *first == 0) return std::nullopt;
  return a.has_offset ? -*first : *first;
}

bool equivalent(const Moment& a, const Moment& b) {
  if (up_to_seconds(a.precision) != up_to_seconds(b.precision) || (a.sort == Sort::time) != (b.sort == Sort::time)) return false;
  return compare(a, b) == std::optional(0);
}

namespace {

struct TimeUnit {
  std::string_view calendar;
  std::string_view ucum;       // "" where UCUM's is not a calendar's (a, mo)
  Precision precision;
  std::int64_t count;          // of the precision's own unit
};
constexpr std::array time_units = {
    TimeUnit{"year", "", Precision::year, 1},       TimeUnit{"month", "", Precision::month, 1},
    TimeUnit{"week", "wk", Precision::day, 7},      TimeUnit{"day", "d", Precision::day, 1},
    TimeUnit{"hour", "h", Precision::hour, 1},      TimeUnit{"minute", "min", Precision::minute, 1},
    TimeUnit{"second", "s", Precision::second, 1},  TimeUnit{"millisecond", "ms", Precision::fraction, 1},
};

const TimeUnit* time_unit(std::string_view unit) {
  for (const TimeUnit& known : time_units) {
    const bool plural = unit.size() == known.calendar.size() + 1 && unit.starts_with(known.calendar) && unit.back() == 's';
    if (unit == known.calendar || plural || (!known.ucum.empty() && unit == known.ucum)) return &known;
  }
  return nullptr;
}

// So many of this precision's unit make one of the next coarser.
std::int64_t per_coarser(Precision p) {
  static constexpr std::array<std::int64_t, 7> sizes = {1, 12, 30, 24, 60, 60, 1000};
  return sizes[static_cast<std::size_t>(p)];
}

void add_months(Moment& m, std::int64_t months) {
  const std::int64_t total = std::max<std::int64_t>(0, m.year * std::int64_t{12} + (m.month - 1) + months);
  m.year = static_cast<std::int16_t>(total / 12);
  m.month = static_cast<std::uint8_t>(total % 12 + 1);
  m.day = static_cast<std::uint8_t>(std::min<int>(m.day, days_in_month(m.year, m.month)));
}

void add_milliseconds(Moment& m, std::int64_t milliseconds) {
  const std::int64_t fine = m.nanoseconds % 1'000'000;
  std::int64_t total = m.second * std::int64_t{1000} + m.nanoseconds / 1'000'000 + milliseconds;
  std::int64_t minutes = total / 60'000;
  total %= 60'000;
  if (total < 0) total += 60'000, --minutes;
  m.second = static_cast<std::uint8_t>(total / 1000);
  m.nanoseconds = static_cast<std::uint32_t>(total % 1000 * 1'000'000 + fine);
  if (m.nanoseconds != 0 && m.precision != Precision::fraction) m.precision = Precision::fraction, m.fraction_digits = 3;
  shift_minutes(m, minutes);
}

}  // namespace

std::optional<Moment> later(const Moment& moment, const Quantity& by) {
  const TimeUnit* const unit = time_unit(by.unit);
  if (unit == nullptr || (moment.sort == Sort::time && unit->precision < Precision::hour)) return std::nullopt;
  Precision precision = unit->precision;
  Decimal amount = by.value;
  if (precision == Precision::second) {  // the one unit whose fraction counts
    const auto milliseconds = multiply(amount, Decimal{1000, 0});
    if (!milliseconds) return std::nullopt;
    amount = *milliseconds, precision = Precision::fraction;
  }
  while (amount.scale > 0) amount.digits /= 10, --amount.scale;
  std::int64_t count = 0;
  if (__builtin_mul_overflow(amount.digits, unit->count, &count)) return std::nullopt;
  const bool seconds = moment.precision >= Precision::second;
  while (precision > moment.precision && !(seconds && precision == Precision::fraction)) {
    if (precision == Precision::day && moment.precision == Precision::year) count /= 365, precision = Precision::year;
    else count /= per_coarser(precision), precision = static_cast<Precision>(static_cast<int>(precision) - 1);
  }
  constexpr std::int64_t most = 9'000;  // years, counted in each unit: what lies further away is no date
  static constexpr std::array<std::int64_t, 7> limits = {most, most * 12, most * 366, most * 366 * 24, most * 366 * 1440,
                                                         most * 366 * 86'400, most * 366 * 86'400 * 1000};
  const std::int64_t limit = limits[static_cast<std::size_t>(precision)];
  if (count > limit || count < -limit) return std::nullopt;
  Moment out = moment;
  switch (precision) {
    case Precision::year: add_months(out, count * 12); break;
    case Precision::month: add_months(out, count); break;
    case Precision::day: set_day(out, day_number(out) + count); break;
    case Precision::hour: shift_minutes(out, count * 60); break;
    case Precision::minute: shift_minutes(out, count); break;
    case Precision::second: add_milliseconds(out, count * 1000); break;
    case Precision::fraction: add_milliseconds(out, count); break;
  }
  return moment.sort == Sort::time || (out.year >= 1 && out.year <= 9999) ? std::optional(out) : std::nullopt;
}

}  // namespace tombolo::fhirpath
