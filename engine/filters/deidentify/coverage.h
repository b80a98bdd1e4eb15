// Coverage: the table that says for every leaf of R4 what a policy does to it, and which rule.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "engine/filters/deidentify/verdicts.h"

namespace tombolo::deidentify {

struct Coverage {
  std::string table;                           // "Patient.birthDate  year  shipped:…/safe-harbor.yaml:40", a line a leaf
  std::array<std::size_t, 9> leaves{};         // how many leaves each Method decides; drop counts those without a rule too
};

// resource: a type, or empty for all of them. What is below an element and all fares alike is one line, "Patient.photo.*". An
// element inside one of its own kind is not spelled out again; ids of elements and extensions that no rule names are left out;
// rules that begin with nodesByType('Extension') stand once, at the end.
Coverage coverage(const Verdicts& verdicts, std::string_view resource);

}  // namespace tombolo::deidentify
