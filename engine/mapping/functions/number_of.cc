// text.numberOf(): the number behind a comparator, with its digits; text that is none stays, so that the target can complain.
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/functions/joined.h"
#include "engine/mapping/functions/measured.h"

namespace tombolo::mapping {

namespace {

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  for (const auto& item : call.input()) {
    const auto text = leaf_text(item, call);
    if (!text) continue;
    const auto found = measured(*text).number;
    add_text(call, found.empty() ? *text : found, item.sources(), out);
  }
  return true;
}

}  // namespace

const fhirpath::Function number_of{
    .name = "numberOf",
    .kinds = "",
    .check = [](fhirpath::Checking& checking) {
      auto shape = fhirpath::one(fhirpath::System::string);
      shape.many = checking.input().many;
      return shape;
    },
    .work = work,
    .example = R"('<= 5.20'.numberOf() = '5.20')",
};

}  // namespace tombolo::mapping
