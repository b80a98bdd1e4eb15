// What a FHIRPath text says, before names mean anything: terms in one vector, children by index, each with its byte offset.
// An Expression owns all its text; it outlives the source it was read from.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace tombolo::fhirpath {

// standard: FHIRPath as HL7 publishes it (N1 and 2.0).
// map: the language of maps, filters and routes: HL7 addresses, prefix `not`, "has a value" where a condition is due; no bare
// index, no infix `as` (design: "Expressions and addresses").
enum class Dialect : std::uint8_t { standard, map };

enum class Form : std::uint8_t {
  nothing,    // {}
  boolean,    // text: true or false
  string,     // text: without quotes and escapes
  integer,    // text: digits
  long_integer,  // 5L; text: digits
  decimal,    // text: digits as written
  date, date_time, time,  // text: ISO 8601, without @ and T in front
  quantity,   // text: the number as written; unit: UCUM, or a calendar word ("day", "days") if `calendar`
  name,       // text: an element of the focus, or the focus's own type
  member,     // first . text
  index,      // first [ second ]
  call,       // text ( arguments ), on `first`; first == none: on the focus
  focus,      // $this
  position,   // $index
  total,      // $total
  variable,   // %text
  address,    // an HL7 address: Expression::addresses[address]
  unary,      // op first
  binary,     // first op second
  type_test,  // first is text
  type_cast,  // first as text
};

enum class Operator : std::uint8_t {
  none, plus, minus, logical_not,                                  // unary
  multiply, divide, div, mod, add, subtract, concatenate,          // binary …
  unite, less, less_or_equal, greater, greater_or_equal,
  equal, not_equal, equivalent, not_equivalent,
  in, contains, logical_and, logical_or, logical_xor, implies,
};
std::string_view spelling(Operator op);

using TermId = std::uint32_t;
constexpr TermId no_term = UINT32_MAX;

struct Term {
  Form form = Form::nothing;
  Operator op = Operator::none;
  bool calendar = false;          // quantity: the unit is a calendar word
  std::uint32_t offset = 0;       // bytes from the start of the text that was parsed; of the operator where there is one
  std::string text;
  std::string unit;
  TermId first = no_term;
  TermId second = no_term;
  std::uint32_t arguments = 0;    // of a call: Expression::arguments[arguments … + argument_count)
  std::uint32_t argument_count = 0;
  std::uint32_t address = 0;
};

// `PATIENT_RESULT.PID-5[1].4.2`, `PV2.ROL`, `NTE`, `CX.4.2`. Numbers count from 1; 0 is "not said". By shape alone a group, a
// segment and a data type look alike: binding tells them apart.
struct Address {
  std::vector<std::string> names;  // at least one; the last is the segment (or the group, or the data type)
  int occurrence = 0;              // OBX[2]
  int field = 0;                   // PID-3, and not 0 tells that the last name is a segment
  int repetition = 0;              // PID-3[1]
  int component = 0;               // PID-3.4, or CX.4
  int subcomponent = 0;
  std::uint32_t offset = 0;
};
std::string text(const Address& address);  // as written

struct Expression {
  std::vector<Term> terms;
  std::vector<TermId> arguments;
  std::vector<Address> addresses;
  TermId root = no_term;
  Dialect dialect = Dialect::standard;

  const Term& operator[](TermId id) const { return terms[id]; }
  std::span<const TermId> arguments_of(const Term& call) const {
    return std::span(arguments).subspan(call.arguments, call.argument_count);
  }
};

// The expression with all parentheses that it does not need, in a canonical spelling: for tests and for showing people.
std::string print(const Expression& expression);

}  // namespace tombolo::fhirpath
