// earliest(a, b, …): the first in time of all items of its arguments; what cannot be compared stays behind what came before it.
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/functions/joined.h"

namespace tombolo::mapping {

namespace {

std::optional<fhirpath::Moment> moment_of(const fhirpath::Item& item, fhirpath::Call& call) {
  const auto text = leaf_text(item, call).value_or("");
  auto moment = fhirpath::hl7_date_time(text);
  return moment ? moment : fhirpath::to_date_time(text);
}

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  std::optional<fhirpath::Moment> best;
  fhirpath::Item first;
  for (std::size_t i = 0; i < call.count(); ++i) {
    fhirpath::Items items(call.arena());
    if (!call.argument(i, items)) return false;
    for (const auto& item : items) {
      const auto moment = moment_of(item, call);
      if (!moment || (best && fhirpath::compare(*moment, *best).value_or(0) >= 0)) continue;
      best = moment;
      first = item;
    }
  }
  if (best) out.add(first);
  return true;
}

}  // namespace

const fhirpath::Function earliest{
    .name = "earliest",
    .least = 1,
    .most = fhirpath::Function::any,
    .kinds = "v",
    .check = [](fhirpath::Checking& checking) {
      auto shape = checking.shape(0);
      shape.many = false;
      shape.may_be_absent = true;
      return shape;
    },
    .work = work,
    .example = "earliest('20261123', '20250101') = '20250101'",
};

}  // namespace tombolo::mapping
