// The lists of FHIRPath's own functions, and the checks that many of them share.
#pragma once

#include <span>

#include "engine/fhirpath/code.h"
#include "engine/fhirpath/function.h"

namespace tombolo::fhirpath {

std::span<const Function> existence_functions();
std::span<const Function> filtering_functions();
std::span<const Function> combining_functions();
std::span<const Function> string_functions();
std::span<const Function> regex_functions();
std::span<const Function> maths_functions();
std::span<const Function> conversion_functions();
std::span<const Function> boundary_functions();
std::span<const Function> tree_functions();
std::span<const Function> moment_functions();
std::span<const Function> fhir_functions();

namespace checks {

inline Shape truth(Checking&) { return {{type_of(System::boolean)}, false, false}; }       // always an answer
inline Shape maybe_truth(Checking&) { return one(System::boolean); }
inline Shape text(Checking&) { return one(System::string); }
inline Shape whole(Checking&) { return one(System::integer); }
inline Shape count(Checking&) { return {{type_of(System::integer)}, false, false}; }
inline Shape number(Checking&) { return one(System::decimal); }
inline Shape same(Checking& c) { return c.input(); }                                       // as many as before
inline Shape fewer(Checking& c) {
  Shape shape = c.input();
  shape.may_be_absent = true;
  return shape;
}
inline Shape single(Checking& c) {
  Shape shape = c.input();
  shape.many = false;
  return shape;
}
// In the map dialect, and strictly, a function of one value is not called on what may repeat.
void one_input(Checking& c);
template <Shape (*then)(Checking&)>
Shape of_one(Checking& c) {
  one_input(c);
  return then(c);
}
// Strict: the first, the last, the rest of what has no order mean nothing.
void ordered_input(Checking& c);
template <Shape (*then)(Checking&)>
Shape of_ordered(Checking& c) {
  ordered_input(c);
  return then(c);
}
// The input is text, or a leaf that can be read as text.
void text_input(Checking& c);
template <Shape (*then)(Checking&)>
Shape of_text(Checking& c) {
  one_input(c);
  text_input(c);
  return then(c);
}

}  // namespace checks
}  // namespace tombolo::fhirpath
