// together(a, b, …): a key of parts, the identifier first; empty if the first part is.
#include "engine/mapping/compiler/types.h"
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/functions/joined.h"

namespace tombolo::mapping {

namespace {

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  Texts texts(call.arena());
  if (!texts_of_arguments(call, true, texts)) return false;
  if (!texts.parts.empty() && !texts.parts.front().empty()) add_joined(call, texts, "\x1f", out);
  return true;
}

}  // namespace

const fhirpath::Function together{
    .name = "together",
    .least = 1,
    .most = fhirpath::Function::any,
    .kinds = "v",
    .check = [](fhirpath::Checking&) { return fhirpath::one(fhirpath::System::string); },
    .work = work,
    .example = "together('a', 'b') != together('ab') and together({}, 'b').empty()",
};

}  // namespace tombolo::mapping
