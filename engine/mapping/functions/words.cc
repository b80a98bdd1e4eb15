// words(a, b, …): the valued parts with a blank between. Empty if there is none.
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/functions/joined.h"

namespace tombolo::mapping {

namespace {

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  Texts texts(call.arena());
  if (!texts_of_arguments(call, false, texts)) return false;
  add_joined(call, texts, " ", out);
  return true;
}

}  // namespace

const fhirpath::Function words{
    .name = "words",
    .least = 1,
    .most = fhirpath::Function::any,
    .kinds = "v",
    .check = [](fhirpath::Checking&) { return fhirpath::one(fhirpath::System::string); },
    .work = work,
    .example = R"(words('Ada', {}, 'Lovelace') = 'Ada Lovelace')",
};

}  // namespace tombolo::mapping
