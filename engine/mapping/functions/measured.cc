#include "engine/mapping/functions/measured.h"

#include "engine/base/text.h"
#include "engine/fhirpath/value.h"

namespace tombolo::mapping {

Measured measured(std::string_view text) {
  text = trim(text);
  Measured result;
  for (const std::string_view sign : {"<=", ">=", "<", ">"}) {
    if (!text.starts_with(sign)) continue;
    result.comparator = sign;
    text.remove_prefix(sign.size());
    break;
  }
  text = trim(text);
  if (fhirpath::to_decimal(text)) result.number = text;
  return result.number.empty() ? Measured{} : result;
}

}  // namespace tombolo::mapping
