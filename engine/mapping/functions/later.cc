// later(start, offset, unit): the time that many units later, in the precision of the start; unit in UCUM (min, h, d), in words
// (minutes) or as HL7 writes it (M is minute there: MIN, HR, S too). Without unit: minutes.
#include <algorithm>
#include <iterator>

#include "engine/base/text.h"
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/functions/joined.h"

namespace tombolo::mapping {

namespace {

using fhirpath::Moment;

std::string_view ucum(std::string_view unit) {
  struct Name {
    std::string_view written, meant;
  };
  static constexpr Name names[] = {{"", "min"},      {"m", "min"},    {"min", "min"},   {"minute", "min"}, {"minutes", "min"}, {"s", "s"},   {"sec", "s"},
                                   {"second", "s"},  {"seconds", "s"}, {"h", "h"},      {"hr", "h"},       {"hour", "h"},      {"hours", "h"},
                                   {"d", "d"},       {"day", "d"},    {"days", "d"},    {"w", "wk"},       {"wk", "wk"},       {"week", "wk"}, {"weeks", "wk"}};
  const auto found = std::find_if(std::begin(names), std::end(names), [&](const Name& n) { return equal_ignoring_case(n.written, unit); });
  return found == std::end(names) ? unit : found->meant;
}

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  fhirpath::Items start(call.arena());
  std::optional<std::string_view> offset, unit;
  if (!call.argument(0, start) || !call.text_argument(1, offset) || (call.count() > 2 && !call.text_argument(2, unit))) return false;
  if (start.empty() || !offset) return true;
  const auto text = leaf_text(start[0], call).value_or("");
  auto begin = fhirpath::hl7_date_time(text);
  if (!begin) begin = fhirpath::to_date_time(text);
  const auto amount = fhirpath::to_decimal(*offset);
  if (!begin || !amount) return true;
  const auto end = fhirpath::later(*begin, {*amount, ucum(unit.value_or("")), false});
  if (end) add_text(call, call.arena().copy(fhirpath::text(*end)), start[0].sources(), out);
  return true;
}

}  // namespace

const fhirpath::Function later{
    .name = "later",
    .least = 2,
    .most = 3,
    .kinds = "v",
    .check = [](fhirpath::Checking&) { return fhirpath::one(fhirpath::System::date_time); },
    .work = work,
    .example = "later('20261123100000+0100', '45', 'min') = '2026-11-23T10:45:00+01:00'",
};

}  // namespace tombolo::mapping
