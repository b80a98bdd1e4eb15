// Lists of texts in one column: netstrings ("5:hello3:you"), so that any byte may stand in them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tombolo::store {

void pack(std::string& out, std::string_view text);
std::string pack(const std::vector<std::string>& texts);
std::vector<std::string> unpack(std::string_view packed);  // stops at what it cannot read

}  // namespace tombolo::store
