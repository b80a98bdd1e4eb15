// Where something stands in a text, for Faults.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace tombolo {

// "4:17": line and column (in bytes), from 1. An offset behind the end is the end.
std::string line_and_column(std::string_view bytes, std::size_t offset);

// Where the first thing stands that is not UTF-8, or is a NUL; npos: nowhere.
std::size_t not_utf8(std::string_view bytes);

}  // namespace tombolo
