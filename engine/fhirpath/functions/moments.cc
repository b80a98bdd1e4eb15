// Parts of dates and times: yearOf monthOf dayOf hourOf minuteOf secondOf millisecondOf timezoneOffsetOf dateOf timeOf.
#include <array>

#include "engine/fhirpath/functions/functions.h"

namespace tombolo::fhirpath {
namespace {

// The one date or time of the input; nothing: there is none.
bool one_moment(Call& call, std::optional<Moment>& out) {
  if (call.input().empty()) return true;
  if (call.input().size() > 1 && call.dialect() == Dialect::standard) return call.fail("expected one item, found " + std::to_string(call.input().size()));
  const Item value = value_of(call.input()[0], call.types());
  if (const auto* const m = std::get_if<Moment>(&value.held)) out = *m;
  return out.has_value() || call.fail("expected a date or a time");
}

int component(const Moment& m, Precision which) {
  switch (which) {
    case Precision::year: return m.year;
    case Precision::month: return m.month;
    case Precision::day: return m.day;
    case Precision::hour: return m.hour;
    case Precision::minute: return m.minute;
    case Precision::second: return m.second;
    case Precision::fraction: break;
  }
  return static_cast<int>(m.nanoseconds / 1'000'000);
}

template <Precision which>
bool part(Call& call, Items& out) {
  std::optional<Moment> m;
  if (!one_moment(call, m)) return false;
  const bool there = m && m->precision >= which && (m->sort != Moment::Sort::time || which >= Precision::hour);
  if (there) out.add(call.item(std::int64_t{component(*m, which)}, {&call.input()}));
  return true;
}

// In hours.
bool zone(Call& call, Items& out) {
  std::optional<Moment> m;
  if (!one_moment(call, m)) return false;
  const auto hours = m && m->has_offset ? divide(Decimal{m->offset, 0}, Decimal{60, 0}) : std::nullopt;
  if (hours) out.add(call.item(*hours, {&call.input()}));
  return true;
}

bool date(Call& call, Items& out) {
  std::optional<Moment> m;
  if (!one_moment(call, m)) return false;
  if (!m || m->sort == Moment::Sort::time) return true;
  m->sort = Moment::Sort::date;
  m->precision = std::min(m->precision, Precision::day);
  m->has_offset = false;
  out.add(call.item(*m, {&call.input()}));
  return true;
}

bool time(Call& call, Items& out) {
  std::optional<Moment> m;
  if (!one_moment(call, m)) return false;
  if (!m || m->precision < Precision::hour) return true;
  m->sort = Moment::Sort::time;
  m->has_offset = false;
  out.add(call.item(*m, {&call.input()}));
  return true;
}

Shape a_date(Checking&) { return one(System::date); }
Shape a_time(Checking&) { return one(System::time); }
constexpr auto whole = checks::of_one<checks::whole>;

constexpr std::array functions = {
    Function{"yearOf", 0, 0, "", whole, part<Precision::year>, false, "@2026-01-31.yearOf() = 2026"},
    Function{"monthOf", 0, 0, "", whole, part<Precision::month>, false, "@2026-01-31.monthOf() = 1"},
    Function{"dayOf", 0, 0, "", whole, part<Precision::day>, false, "@2026-01.dayOf().empty()"},
    Function{"hourOf", 0, 0, "", whole, part<Precision::hour>, false, "@2026-01-31T16:30:40.002-07:00.hourOf() = 16"},
    Function{"minuteOf", 0, 0, "", whole, part<Precision::minute>, false, "@T16:30.minuteOf() = 30"},
    Function{"secondOf", 0, 0, "", whole, part<Precision::second>, false, "@T16:30:40.secondOf() = 40"},
    Function{"millisecondOf", 0, 0, "", whole, part<Precision::fraction>, false, "@2026-01-31T16:30:40.002Z.millisecondOf() = 2"},
    Function{"timezoneOffsetOf", 0, 0, "", checks::of_one<checks::number>, zone, false, "@2026-01-31T16:30:40-07:30.timezoneOffsetOf() = -7.5"},
    Function{"dateOf", 0, 0, "", checks::of_one<a_date>, date, false, "@2026-01-31T16:30Z.dateOf() = @2026-01-31"},
    Function{"timeOf", 0, 0, "", checks::of_one<a_time>, time, false, "@2026-01-31T16:30:00Z.timeOf() = @T16:30:00"},
};

}  // namespace

std::span<const Function> moment_functions() { return functions; }

}  // namespace tombolo::fhirpath
