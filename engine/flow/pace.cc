#include "engine/flow/pace.h"

#include <algorithm>
#include <string>

#include "engine/base/text.h"

namespace tombolo {
namespace {

using namespace std::chrono_literals;

constexpr int day = 24 * 60;
constexpr Duration slack = 2ms;              // a timer is late by so much: the spacing is kept on the whole
constexpr std::int64_t most_in_a_second = 10'000;
const std::vector<std::string_view> day_names{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

struct Wall {
  int weekday, minute;                       // Monday: 0; of the day
};

Wall wall(const Zone& zone, Time t) {
  const auto local = t + zone.offset_at(t);
  const auto date = std::chrono::floor<std::chrono::days>(local);
  const auto weekday = std::chrono::weekday(date).iso_encoding() - 1;
  return {static_cast<int>(weekday), static_cast<int>(std::chrono::floor<std::chrono::minutes>(local - date).count())};
}

std::optional<PacePlan::Hours> hours_of(std::string_view s) {
  const auto dash = s.find('-');
  if (dash == std::string_view::npos) return std::nullopt;
  const auto from = to_minute_of_day(trim(s.substr(0, dash))), to = to_minute_of_day(trim(s.substr(dash + 1)));
  if (!from || !to || *from == *to || *from == day) return std::nullopt;
  return PacePlan::Hours{*from, *to};
}

// "50/s" "10/min" "1000/h" → the time between two.
std::optional<Duration> interval_of(std::string_view s) {
  const auto slash = s.find('/');
  if (slash == std::string_view::npos) return std::nullopt;
  const auto count = to_integer(trim(s.substr(0, slash)));
  const auto unit = trim(s.substr(slash + 1));
  const Duration span = unit == "s" ? Duration(1s) : unit == "min" ? Duration(1min) : unit == "h" ? Duration(1h) : Duration(0);
  if (!count || *count < 1 || span == Duration(0) || *count > most_in_a_second * (span / Duration(1s))) return std::nullopt;
  return span / *count;
}

std::optional<std::size_t> day_of(std::string_view name) {
  const auto at = std::find(day_names.begin(), day_names.end(), trim(name));
  return at == day_names.end() ? std::nullopt : std::optional<std::size_t>(at - day_names.begin());
}

// "mon-fri", "sat": the days it names, over the week's end too. False: no such day.
bool add_days(std::string_view s, std::array<bool, 7>& days) {
  const auto dash = s.find('-');
  const auto first = day_of(s.substr(0, dash)), last = dash == std::string_view::npos ? first : day_of(s.substr(dash + 1));
  if (!first || !last) return false;
  for (std::size_t d = *first;; d = (d + 1) % 7) {
    days[d] = true;
    if (d == *last) return true;
  }
}

}  // namespace

PacePlan read_pace(const Setting& block, Diagnostics& diagnostics) {
  PacePlan plan;
  Reader reader(block, "send", diagnostics);
  for (const auto& one : reader.texts("hours")) {
    if (const auto hours = hours_of(one)) plan.hours.push_back(*hours);
    else reader.error("hours", "expected a span of the day such as \"06:00-22:00\", found '" + one + "'");
  }
  if (const auto days = reader.texts("days"); !days.empty()) {
    plan.days.fill(false);
    for (const auto& one : days)
      if (!add_days(one, plan.days)) reader.error("days", "expected days such as mon or mon-fri, found '" + one + "'");
  }
  if (const std::string rate = reader.text("rate"); !rate.empty()) {
    if (const auto interval = interval_of(rate)) plan.interval = *interval;
    else reader.error("rate", "expected a rate such as 50/s, 10/min or 1000/h, at most 10000/s, found '" + rate + "'");
  }
  if (const std::string name = reader.text("zone"); !name.empty()) {
    plan.zone = Zone::find(name);
    if (!plan.zone) reader.error("zone", "expected an offset from UTC such as +01:00, or a place such as Europe/Berlin, found '" + name + "'");
  } else if (reader.has("hours") || reader.has("days")) {
    reader.error("zone", "hours and days need a 'zone': whose wall clock is meant?");
  }
  reader.finish();
  return plan;
}

bool Pace::open(Time t) const {
  const Wall now = wall(*plan_.zone, t);
  const auto begun_on = [&](int weekday) { return plan_.days[static_cast<std::size_t>((weekday + 7) % 7)]; };
  if (plan_.hours.empty()) return begun_on(now.weekday);
  return std::any_of(plan_.hours.begin(), plan_.hours.end(), [&](const PacePlan::Hours& h) {
    if (h.from < h.to) return now.minute >= h.from && now.minute < h.to && begun_on(now.weekday);
    return (now.minute >= h.from && begun_on(now.weekday)) || (now.minute < h.to && begun_on(now.weekday - 1));
  });
}

// The first whole minute at which it is open. A week has every opening once, two days more let the clock be put forward over one.
Time Pace::opening(Time t) const {
  const Time begin = std::chrono::ceil<std::chrono::minutes>(t);
  for (int minute = 0; minute < 9 * day; ++minute)
    if (const Time at = begin + std::chrono::minutes(minute); open(at)) return at;
  return begin + std::chrono::days(9);
}

Time Pace::next(Time now) {
  const Time by_rate = std::max(now, due_ - slack);
  if (!plan_.zone) return by_rate;
  if (by_rate < closed_until_) return closed_until_;
  if (open(by_rate)) return by_rate;
  return closed_until_ = opening(by_rate);
}

void Pace::sent(Time now) {
  if (plan_.interval > Duration(0)) due_ = std::max(due_, now) + plan_.interval;
}

}  // namespace tombolo
