// A number as laboratories send it: "<5", ">= 3.2", "7".
#pragma once

#include <string_view>

namespace tombolo::mapping {

struct Measured {
  std::string_view comparator;   // < <= >= >, or empty
  std::string_view number;       // or empty, if the rest is none
};
Measured measured(std::string_view text);

}  // namespace tombolo::mapping
