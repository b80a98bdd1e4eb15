#include "engine/base/time.h"

#include <fmt/format.h>
#include <sys/random.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <charconv>
#include <stdexcept>

namespace tombolo {
namespace {

using namespace std::chrono;

struct Parts {
  year_month_day date;
  hh_mm_ss<microseconds> clock;
};

Parts parts(Time t) {
  const auto day = floor<days>(t);
  return {year_month_day(day), hh_mm_ss<microseconds>(t - day)};
}

struct Unit {
  std::string_view name;
  std::int64_t micros;
};
constexpr std::array<Unit, 8> units{{{"us", 1},
                                     {"ms", 1'000},
                                     {"s", 1'000'000},
                                     {"m", 60'000'000},
                                     {"h", 3'600'000'000},
                                     {"d", 86'400'000'000},
                                     {"w", 604'800'000'000},
                                     {"y", 31'536'000'000'000}}};

// Reads exactly `count` digits at the front of `s`.
std::optional<int> digits(std::string_view& s, std::size_t count) {
  int n = 0;
  if (s.size() < count) return std::nullopt;
  const auto [end, wrong] = std::from_chars(s.data(), s.data() + count, n);
  if (wrong != std::errc{} || end != s.data() + count || s[0] == '-') return std::nullopt;
  s.remove_prefix(count);
  return n;
}

bool take(std::string_view& s, char c) {
  if (s.empty() || s[0] != c) return false;
  s.remove_prefix(1);
  return true;
}

}  // namespace

// An id is 48 bits of start time and chance, then a counter: 20 characters of base 32, no clock asked after the start.
World real_world() {
  std::uint64_t chance = 0;
  if (getrandom(&chance, sizeof chance, 0) != sizeof chance) throw std::runtime_error("the system gives no random bytes");
  auto counter = std::make_shared<std::atomic<std::uint64_t>>(0);
  auto id = [chance, counter] {
    constexpr std::string_view letters = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    std::string out(20, '0');
    const std::uint64_t n = ++*counter;
    for (int i = 0; i < 12; ++i) out[11 - i] = letters[(chance >> (5 * i)) & 31];
    for (int i = 0; i < 8; ++i) out[19 - i] = letters[(n >> (5 * i)) & 31];
    return out;
  };
  return {[] { return time_point_cast<microseconds>(system_clock::now()); }, std::move(id)};
}

std::int64_t micros(Time t) { return t.time_since_epoch().count(); }
Time from_micros(std::int64_t n) { return Time(microseconds(n)); }

std::string iso8601(Time t) {
  const auto p = parts(t);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", int(p.date.year()), unsigned(p.date.month()),
                     unsigned(p.date.day()), p.clock.hours().count(), p.clock.minutes().count(), p.clock.seconds().count(),
                     p.clock.subseconds().count() / 1000);
}

std::string hl7_time(Time t) {
  const auto p = parts(t);
  return fmt::format("{:04}{:02}{:02}{:02}{:02}{:02}.{:03}+0000", int(p.date.year()), unsigned(p.date.month()),
                     unsigned(p.date.day()), p.clock.hours().count(), p.clock.minutes().count(), p.clock.seconds().count(),
                     p.clock.subseconds().count() / 1000);
}

std::optional<Time> from_iso8601(std::string_view s) {
  const auto y = digits(s, 4);
  if (!y || !take(s, '-')) return std::nullopt;
  const auto m = digits(s, 2);
  if (!m || !take(s, '-')) return std::nullopt;
  const auto d = digits(s, 2);
  if (!d) return std::nullopt;
  const year_month_day date{year{*y}, month{unsigned(*m)}, day{unsigned(*d)}};
  if (!date.ok()) return std::nullopt;
  Time t = sys_days(date);
  if (s.empty()) return t;
  if (!take(s, 'T') && !take(s, ' ')) return std::nullopt;
  const auto hour = digits(s, 2);
  if (!hour || !take(s, ':')) return std::nullopt;
  const auto minute = digits(s, 2);
  if (!minute || *hour > 23 || *minute > 59) return std::nullopt;
  t += hours(*hour) + minutes(*minute);
  if (take(s, ':')) {
    const auto second = digits(s, 2);
    if (!second || *second > 60) return std::nullopt;
    t += seconds(*second);
    if (take(s, '.')) {
      std::int64_t unit = 100'000;
      while (!s.empty() && s[0] >= '0' && s[0] <= '9') {
        t += microseconds((s[0] - '0') * unit);
        unit /= 10;
        s.remove_prefix(1);
      }
    }
  }
  if (s.empty() || s == "Z") return t;
  const bool east = s[0] == '+';
  if (!east && s[0] != '-') return std::nullopt;
  s.remove_prefix(1);
  const auto zone_hours = digits(s, 2);
  if (!zone_hours) return std::nullopt;
  take(s, ':');
  const auto zone_minutes = digits(s, 2);
  if (!zone_minutes || !s.empty()) return std::nullopt;
  const auto offset = hours(*zone_hours) + minutes(*zone_minutes);
  return east ? t - offset : t + offset;
}

std::optional<std::int16_t> to_offset(std::string_view s) {
  if (s == "Z") return std::int16_t{0};
  const auto digit = [&](std::size_t i) { return s[i] >= '0' && s[i] <= '9'; };
  if (s.size() != 6 || (s[0] != '+' && s[0] != '-') || s[3] != ':') return std::nullopt;
  if (!digit(1) || !digit(2) || !digit(4) || !digit(5)) return std::nullopt;
  const int minutes = ((s[1] - '0') * 10 + s[2] - '0') * 60 + (s[4] - '0') * 10 + s[5] - '0';
  if (s[4] > '5' || minutes > 14 * 60) return std::nullopt;
  return static_cast<std::int16_t>(s[0] == '-' ? -minutes : minutes);
}

std::optional<int> to_minute_of_day(std::string_view s) {
  const auto digit = [&](std::size_t i) { return s[i] >= '0' && s[i] <= '9' ? s[i] - '0' : 100; };
  if (s.size() != 5 || s[2] != ':') return std::nullopt;
  const int hour = digit(0) * 10 + digit(1), minute = digit(3) * 10 + digit(4);
  if (hour > 24 || minute > 59 || (hour == 24 && minute > 0)) return std::nullopt;
  return hour * 60 + minute;
}

std::string text(Duration d) {
  std::string out;
  std::int64_t rest = d.count();
  if (rest < 0) return "-" + text(-d);
  constexpr std::array<std::size_t, 6> order{5, 4, 3, 2, 1, 0};  // days down to microseconds
  for (const std::size_t i : order) {
    const std::int64_t n = rest / units[i].micros;
    if (n > 0) out += fmt::format("{}{}", n, units[i].name);
    rest %= units[i].micros;
  }
  return out.empty() ? "0s" : out;
}

std::optional<Duration> to_duration(std::string_view s) {
  if (s == "0") return Duration(0);
  std::int64_t total = 0;
  if (s.empty()) return std::nullopt;
  while (!s.empty()) {
    std::int64_t n = 0;
    const auto [end, wrong] = std::from_chars(s.data(), s.data() + s.size(), n);
    if (wrong != std::errc{} || n < 0) return std::nullopt;
    s.remove_prefix(static_cast<std::size_t>(end - s.data()));
    const std::string_view name = s.substr(0, s.find_first_of("0123456789"));
    std::int64_t unit = 0;
    for (const auto& u : units) {
      if (u.name == name) unit = u.micros;
    }
    std::int64_t part = 0;
    if (unit == 0 || __builtin_mul_overflow(n, unit, &part) || __builtin_add_overflow(total, part, &total)) return std::nullopt;
    s.remove_prefix(name.size());
  }
  return Duration(total);
}

}  // namespace tombolo
