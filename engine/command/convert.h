// convert: FHIR R4 as JSON or XML in, JSON or XML out.
#pragma once

#include <iosfwd>
#include <string>

namespace CLI {
class App;
}

namespace tombolo {

struct Desk;

struct ConvertOptions {
  std::string input = "-";        // a file, a folder, or - for standard input
  std::string to = "json";        // json or xml
  std::string out;                // a file; of a folder the folder for the results. Empty: `out` below
  std::string unknown = "refuse"; // elements that R4 does not have: refuse or keep
  std::string comments = "refuse";  // of XML: refuse or skip
  bool unchecked = false;         // cardinalities and the syntax of values do not matter
  bool pretty = false;
  std::string shipped;
};

// 0: converted; 1: something was refused, each with its place, on `err`; 2: wrong usage; 3: could not try.
int convert_command(const ConvertOptions& options, std::ostream& out, std::ostream& err);

void add_convert(CLI::App& app, Desk& desk);

}  // namespace tombolo
