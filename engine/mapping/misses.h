// Misses: codes that their table does not have, as they may be counted and shown to people.
//
// What is shown of a message is a code and nothing else: the text stands where HL7 puts codes (a value of type ID or IS, or
// component 1 or 4 of a CE, CWE or CNE), has no blank and at most 64 bytes. Anything else could be a name, or a finding in
// words; it is counted without its text.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/mapping/mapping.h"
#include "engine/schema/hl7v2.h"

namespace tombolo {

struct Miss {
  std::string table;   // "marital-status"
  std::string field;   // "PID-16.1"
  std::string code;    // empty: not shown
  bool ignored = false;  // the rule writes nothing then (`on miss ignore`); another may keep the code as it came
};

// Those of one run whose place in the source is known.
std::vector<Miss> misses_of(const std::vector<RunReport::Miss>& missed, const std::function<std::string_view(const CodeTable&)>& table,
                            const Tree& source, const V2Dictionary& dictionary);

}  // namespace tombolo
