// lines(a, b, …): the valued parts, a line each. Empty if there is none.
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/functions/joined.h"

namespace tombolo::mapping {

namespace {

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  Texts texts(call.arena());
  if (!texts_of_arguments(call, false, texts)) return false;
  add_joined(call, texts, "\n", out);
  return true;
}

}  // namespace

const fhirpath::Function lines{
    .name = "lines",
    .least = 1,
    .most = fhirpath::Function::any,
    .kinds = "v",
    .check = [](fhirpath::Checking&) { return fhirpath::one(fhirpath::System::string); },
    .work = work,
    .example = R"(lines('a', {}, 'b') = 'a\nb')",
};

}  // namespace tombolo::mapping
