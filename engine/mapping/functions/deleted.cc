// path.deleted(): does the sender say "" there, that the value is no longer so?
#include "engine/mapping/functions/functions.h"

namespace tombolo::mapping {

namespace {

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  bool met = false;
  for (const auto& item : call.input())
    if (const auto* const ref = item.node()) met = met || (*ref->tree)[ref->node].holds == Holds::deleted;
  out.add(call.item(met, {&call.input()}));
  return true;
}

}  // namespace

const fhirpath::Function deleted{
    .name = "deleted",
    .kinds = "",
    .check = [](fhirpath::Checking&) { return fhirpath::one(fhirpath::System::boolean); },
    .work = work,
    .sees_deleted = true,
    .example = "'x'.deleted() = false",
};

}  // namespace tombolo::mapping
