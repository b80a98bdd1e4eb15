// Differences of two JSON texts, for people: where, what was expected, what was found.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tombolo::trial {

struct Difference {
  std::string path;      // "entry[2].resource.name[0].family"
  std::string expected;  // JSON, shortened; empty: nothing was expected there
  std::string found;     // empty: nothing stands there
};

// Items of a list are paired from both ends, so that one that came or went does not make all others differ. A text that is no
// JSON differs as a whole.
std::vector<Difference> differences(std::string_view expected, std::string_view found);

}  // namespace tombolo::trial
