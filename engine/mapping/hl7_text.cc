#include "engine/mapping/hl7_text.h"

#include <algorithm>
#include <cstdlib>

namespace tombolo::mapping {

std::string hl7_text(const fhirpath::Moment& m) {
  using fhirpath::Precision;
  std::string out;
  const auto add = [&](int number, std::size_t digits) {
    const auto text = std::to_string(number);
    out.append(digits - std::min(digits, text.size()), '0').append(text);
  };
  const bool time_only = m.sort == fhirpath::Moment::Sort::time;
  if (!time_only) add(m.year, 4);
  if (!time_only && m.precision >= Precision::month) add(m.month, 2);
  if (!time_only && m.precision >= Precision::day) add(m.day, 2);
  if (m.precision >= Precision::hour) add(m.hour, 2);
  if (m.precision >= Precision::hour) add(m.minute, 2);
  if (m.precision >= Precision::second) add(m.second, 2);
  if (m.precision == Precision::fraction) {
    auto digits = std::to_string(1'000'000'000ULL + m.nanoseconds).substr(1);
    digits.resize(std::clamp<std::size_t>(m.fraction_digits, 1, 4));
    out.append(".").append(digits);
  }
  if (m.has_offset && m.precision >= Precision::hour && !time_only) {
    out += m.offset < 0 ? '-' : '+';
    add(std::abs(m.offset) / 60, 2), add(std::abs(m.offset) % 60, 2);
  }
  return out;
}

std::optional<std::string> hl7_time_text(std::string_view iso, const V2Type& type) {
  using fhirpath::Moment;
  auto moment = type.name == "TM" ? fhirpath::to_time(iso) : fhirpath::to_date_time(iso);
  if (!moment && type.name == "TM") moment = fhirpath::to_date_time(iso);
  if (!moment) return std::nullopt;
  if (type.name == "TM" && moment->sort == Moment::Sort::date) return std::nullopt;
  if (type.name == "TM") moment->sort = Moment::Sort::time;
  if (type.name == "DT") moment->precision = std::min(moment->precision, fhirpath::Precision::day);
  return hl7_text(*moment);
}

}  // namespace tombolo::mapping
