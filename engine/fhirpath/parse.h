// Reading FHIRPath text. Any bytes are safe: depth and size are limited, and what is wrong comes with its place.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/fhirpath/ast.h"

namespace tombolo::fhirpath {

// What is wrong at a byte of the text (see place_of in base/diagnostic.h for line and column).
struct Problem {
  Severity severity = Severity::error;
  std::size_t offset = 0;
  std::string text;  // what was found, what was expected
};

constexpr std::size_t max_expression_size = 64 * 1024;  // bytes of one expression
constexpr int max_expression_depth = 100;               // brackets, calls, operators within each other

// An expression, or the one problem that stopped the reading.
struct Parsed {
  Expression expression;
  std::size_t end = 0;              // just behind the last byte of the expression (blanks after it not counted)
  std::optional<Problem> problem;
  explicit operator bool() const { return !problem; }
};

// The whole text is one expression. Comments: // and /* */.
Parsed parse(std::string_view text, Dialect dialect);

// The longest expression that begins at `start` (blanks before it are skipped); ends before the first token that cannot continue
// it: `as via with when on else`, `<-`, a comma, a brace. In the map dialect `#` begins a comment too, and a line's end ends the
// expression, unless a bracket is open or an operand is due. Offsets count from the start of `text`.
Parsed parse_longest(std::string_view text, std::size_t start, Dialect dialect);

// An HL7 address alone, as it stands on the left side of a rule (`PID-3`, `PATIENT.PID`, `XPN.1.1`).
struct ParsedAddress {
  Address address;
  std::size_t end = 0;
  std::optional<Problem> problem;
  explicit operator bool() const { return !problem; }
};
ParsedAddress parse_address(std::string_view text, std::size_t start);

// Does an address begin here? By shape: two or more capitals and digits (and _), not a call.
bool looks_like_address(std::string_view text, std::size_t start);

}  // namespace tombolo::fhirpath
