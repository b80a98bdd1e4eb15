// Small questions about text. Results that are views borrow from their argument.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace tombolo {

std::string_view trim(std::string_view s);                             // without ASCII blanks, tabs, CR and LF at both ends
std::string lower(std::string_view s);                                 // ASCII only; other bytes stay
std::string upper(std::string_view s);                                 // ASCII only; other bytes stay
std::string quoted(std::string_view s);                                 // 'between single quotes'
bool equal_ignoring_case(std::string_view a, std::string_view b);      // ASCII only
std::vector<std::string_view> split(std::string_view s, char at);      // "a,,b" gives three, "" gives one empty
std::optional<std::int64_t> to_integer(std::string_view s);            // decimal digits with an optional sign, nothing else
bool valid_utf8(std::string_view s);                                   // RFC 3629: no surrogates, no overlong forms

// The name nearest to `found` (Damerau-Levenshtein, at most a third of its letters), for "did you mean …?".
std::optional<std::string_view> nearest(std::string_view found, const std::vector<std::string_view>& names);

// ": did you mean 'listen'?" or "": the tail of an error about an unknown name.
std::string suggestion(std::string_view found, const std::vector<std::string_view>& names);

}  // namespace tombolo
