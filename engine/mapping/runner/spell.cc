#include "engine/mapping/runner/spell.h"

#include "engine/base/text.h"
#include "engine/fhirpath/value.h"

namespace tombolo::mapping {

using fhirpath::Moment;
using fhirpath::Precision;
using Quality = Spelled::Quality;

namespace {

Spelled good(std::string_view text) { return {Quality::good, text}; }
Spelled checked(std::string_view text, Primitive as) { return {valid(as, text) ? Quality::good : Quality::bad, text}; }

Spelled moment_text(Moment m, bool whole, Arena& arena) {
  return {whole ? Quality::good : Quality::partial, arena.copy(fhirpath::text(m))};
}

// The longest valid front part of an HL7 time: 19900230 → 199002.
std::optional<Moment> front(std::string_view dtm) {
  std::size_t digits = 0;
  while (digits < dtm.size() && dtm[digits] >= '0' && dtm[digits] <= '9') ++digits;
  for (const std::size_t size : {14U, 12U, 10U, 8U, 6U, 4U})
    if (digits >= size)
      if (const auto m = fhirpath::hl7_date_time(dtm.substr(0, size))) return m;
  return std::nullopt;
}

bool looks_iso(std::string_view text) { return text.size() > 4 && text[4] == '-' && (text.size() < 8 || text[7] == '-' || text.size() == 7); }

Spelled date(Moment m, bool whole, Arena& arena) {
  m.sort = Moment::Sort::date;
  m.has_offset = false;
  if (m.precision > Precision::day) m.precision = Precision::day;
  return moment_text(m, whole, arena);
}

// FHIR wants seconds and a zone as soon as there is an hour. Seconds that are not known are written as 00; a zone is not made up.
Spelled date_time(Moment m, bool whole, const Zone* zone, Arena& arena) {
  if (m.precision <= Precision::day) return date(m, whole, arena);
  if (!m.has_offset) {
    const auto offset = zone ? zone->offset({m.year, m.month, m.day, m.hour, m.minute, m.second}) : std::nullopt;
    if (!offset) return date(m, false, arena);
    m.has_offset = true;
    m.offset = *offset;
  }
  if (m.precision == Precision::hour || m.precision == Precision::minute) m.precision = Precision::second;
  m.sort = Moment::Sort::date_time;
  return moment_text(m, whole, arena);
}

Spelled temporal(std::string_view text, bool from_hl7, Primitive as, const Zone* zone, Arena& arena) {
  bool whole = true;
  auto m = from_hl7 && !looks_iso(text) ? fhirpath::hl7_date_time(text) : fhirpath::to_date_time(text);
  if (!m && !looks_iso(text)) {
    m = fhirpath::hl7_date_time(text);
    if (!m) m = front(text), whole = false;
  }
  if (!m) return {Quality::bad, text};
  const auto spelled = as == Primitive::date ? date(*m, whole, arena) : date_time(*m, whole, zone, arena);
  if (valid(as, spelled.text)) return spelled;  // FHIR has no year 0000; an instant needs a zone
  return {Quality::bad, as == Primitive::instant ? spelled.text : text};
}

Spelled time(std::string_view text, Arena& arena) {
  auto m = text.find(':') == std::string_view::npos ? fhirpath::hl7_time(text) : fhirpath::to_time(text);
  if (!m) return {Quality::bad, text};
  if (m->precision < Precision::second) m->precision = Precision::second;
  return good(arena.copy(fhirpath::text(*m)));
}

// HL7 writes +5, .5, 5. and 007; FHIR and JSON do not. Digits behind the point stay.
Spelled number(std::string_view text, Primitive as, Arena& arena) {
  auto digits = text;
  const bool minus = digits.starts_with('-');
  if (minus || digits.starts_with('+')) digits.remove_prefix(1);
  if (digits.find_first_not_of("0123456789.") != std::string_view::npos) return checked(text, as);
  while (digits.size() > 1 && digits[0] == '0' && digits[1] != '.') digits.remove_prefix(1);
  if (digits.ends_with('.')) digits.remove_suffix(1);
  if (!minus && digits == text && !digits.starts_with('.')) return checked(text, as);
  return checked(arena.join({minus ? "-" : "", digits.starts_with('.') ? "0" : "", digits}), as);
}

Spelled truth(std::string_view text) {
  for (const std::string_view yes : {"Y", "true", "1", "yes", "T"})
    if (equal_ignoring_case(text, yes)) return good("true");
  for (const std::string_view no : {"N", "false", "0", "no", "F"})
    if (equal_ignoring_case(text, no)) return good("false");
  return {Quality::bad, text};
}

}  // namespace

Spelled spell(std::string_view text, bool from_hl7, Primitive as, const Zone* zone, Arena& arena) {
  const auto trimmed = trim(text);
  if (trimmed.empty()) return {};
  switch (as) {
    case Primitive::string:
    case Primitive::markdown: return checked(text, as);
    case Primitive::boolean: return truth(trimmed);
    case Primitive::integer:
    case Primitive::unsigned_int:
    case Primitive::positive_int:
    case Primitive::decimal: return number(trimmed, as, arena);
    case Primitive::date:
    case Primitive::date_time:
    case Primitive::instant: return temporal(trimmed, from_hl7, as, zone, arena);
    case Primitive::time: return time(trimmed, arena);
    default: return checked(trimmed, as);
  }
}

}  // namespace tombolo::mapping
