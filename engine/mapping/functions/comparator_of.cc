// text.comparatorOf(): the comparator (< <= >= >) in front of a number.
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/functions/joined.h"
#include "engine/mapping/functions/measured.h"

namespace tombolo::mapping {

namespace {

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  for (const auto& item : call.input()) {
    const auto text = leaf_text(item, call);
    if (!text) continue;
    const auto found = measured(*text).comparator;
    if (!found.empty()) add_text(call, found, item.sources(), out);
  }
  return true;
}

}  // namespace

const fhirpath::Function comparator_of{
    .name = "comparatorOf",
    .kinds = "",
    .check = [](fhirpath::Checking& checking) {
      auto shape = fhirpath::one(fhirpath::System::string);
      shape.many = checking.input().many;
      return shape;
    },
    .work = work,
    .example = R"('<5'.comparatorOf() = '<' and '5'.comparatorOf().empty())",
};

}  // namespace tombolo::mapping
