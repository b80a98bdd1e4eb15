#include "engine/filters/validate/primitives.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "engine/base/letters.h"
#include "engine/base/text.h"

namespace tombolo {
namespace {

bool digits(std::string_view s) { return !s.empty() && std::all_of(s.begin(), s.end(), is_digit); }

// Takes `count` digits from the front as a number between least and most.
bool take(std::string_view& s, std::size_t count, int least, int most, int* out = nullptr) {
  if (s.size() < count || !digits(s.substr(0, count))) return false;
  int n = 0;
  for (const char c : s.substr(0, count)) n = n * 10 + (c - '0');
  s.remove_prefix(count);
  if (out) *out = n;
  return n >= least && n <= most;
}

// "+0100", "-0530": takes it off the end if there is one; false if what stands there is none.
bool zone(std::string_view& s) {
  const auto at = s.find_first_of("+-");
  if (at == s.npos) return true;
  std::string_view z = s.substr(at + 1);
  s = s.substr(0, at);
  return take(z, 2, 0, 14) && take(z, 2, 0, 59) && z.empty();
}

// HH[MM[SS[.S[S[S[S]]]]]] to the end.
bool clock(std::string_view s) {
  if (!take(s, 2, 0, 23)) return false;
  if (s.empty()) return true;
  if (!take(s, 2, 0, 59)) return false;
  if (s.empty()) return true;
  if (!take(s, 2, 0, 59)) return false;
  return s.empty() || (s.front() == '.' && s.size() <= 5 && digits(s.substr(1)));
}

// YYYY[MM[DD]] from the front; `whole`: the day was there, so a time may follow.
bool calendar(std::string_view& s, bool& whole) {
  int year = 0, month = 0, day = 0;
  whole = false;
  if (!take(s, 4, 1, 9999, &year)) return false;
  if (s.empty()) return true;
  if (!take(s, 2, 1, 12, &month)) return false;
  if (s.empty()) return true;
  whole = true;
  return take(s, 2, 1, 31, &day) && std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                                                std::chrono::day(static_cast<unsigned>(day))).ok();
}

struct Form {
  std::string_view type;
  bool (*fits)(std::string_view);
  std::string_view expected;
};
constexpr std::array<Form, 6> forms{{{"NM", is_number, "no number (NM)"},
                                     {"SI", is_sequence, "no sequence number (SI)"},
                                     {"DT", is_date, "no date (DT: YYYY[MM[DD]])"},
                                     {"TM", is_time, "no time of day (TM: HH[MM[SS]])"},
                                     {"TS", is_moment, "no date and time (TS: YYYY[MM[DD[HHMM[SS]]]])"},
                                     {"DTM", is_moment, "no date and time (DTM: YYYY[MM[DD[HH[MM[SS]]]]])"}}};

constexpr std::array<std::pair<std::string_view, std::size_t>, 9> lengths{
    {{"DT", 8}, {"DTM", 24}, {"FT", 65536}, {"IS", 20}, {"NM", 16}, {"SI", 4}, {"ST", 199}, {"TM", 16}, {"TX", 65536}}};

}  // namespace

bool is_number(std::string_view text) {
  std::string_view s = trim(text);
  if (!s.empty() && (s.front() == '+' || s.front() == '-')) s.remove_prefix(1);
  const auto point = std::min(s.find('.'), s.size());
  const std::string_view whole = s.substr(0, point), rest = point < s.size() ? s.substr(point + 1) : std::string_view{};
  return (whole.empty() || digits(whole)) && (rest.empty() || digits(rest)) && whole.size() + rest.size() > 0;
}

bool is_sequence(std::string_view text) { return digits(trim(text)); }

bool is_date(std::string_view text) {
  std::string_view s = trim(text);
  bool whole = false;
  return calendar(s, whole) && s.empty();
}

bool is_time(std::string_view text) {
  std::string_view s = trim(text);
  return zone(s) && clock(s);
}

bool is_moment(std::string_view text) {
  std::string_view s = trim(text);
  bool whole = false;
  return zone(s) && calendar(s, whole) && (s.empty() || (whole && clock(s)));
}

std::string_view unlike(std::string_view type, std::string_view value) {
  const auto form = std::find_if(forms.begin(), forms.end(), [&](const Form& f) { return f.type == type; });
  return form == forms.end() || form->fits(value) ? std::string_view{} : form->expected;
}

std::size_t longest(std::string_view type) {
  for (const auto& [name, length] : lengths) {
    if (name == type) return length;
  }
  return 0;
}

}  // namespace tombolo
