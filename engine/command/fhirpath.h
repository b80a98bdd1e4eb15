// tombolo fhirpath: an expression over a FHIR resource, or a list of such cases. Exit: 0; 1 if the one expression gives no result
// but an error; 2 wrong usage; 3 a file could not be read.
#pragma once

#include <iosfwd>
#include <string>

#include "engine/fhirpath/bind.h"

namespace CLI {
class App;
}

namespace tombolo {

struct Desk;

struct FhirpathOptions {
  std::string expression;
  std::string input;                    // a resource, "-" for standard input; empty: none
  std::string batch;                    // instead: a JSON list of cases; their inputs stand beside it in inputs/
  fhirpath::Checks checks = fhirpath::Checks::usual;
  std::string shipped;
};

// A JSON line for the expression or each case: {"name", "result": [{"type", "value"}]} or {"name", "error"}, where the error begins
// with line and column. A computed value is text as FHIRPath spells it, an element without a value its JSON. What trace() shows
// goes to `err`.
//
// A case has `name` and `expression`, and may have `inputjson` and `inputfile` (the latter is read where the first is not there or
// cannot be read), `mode` ("strict") and `predicate` (true: the result is whether there is one).
int fhirpath_command(const FhirpathOptions& options, std::ostream& out, std::ostream& err);

void add_fhirpath(CLI::App& app, Desk& desk);

}  // namespace tombolo
