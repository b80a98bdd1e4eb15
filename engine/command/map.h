// tombolo map: carries out maps over messages from files, HL7 v2 or FHIR, without an engine. Exit: 0, 1 if a message could not be mapped or the
// maps have errors, 2 wrong usage, 3 a file could not be read or written.
#pragma once

#include <cstdint>
#include <iosfwd>
#include <optional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tombolo {

struct Desk;

struct MapOptions {
  std::vector<std::string> layers;      // MAP, then what --layer adds: folders or files of mappings/
  std::string input = "-";              // a file, "-" for standard input, or a folder
  std::string out;                      // -o: the folder for the results of a folder
  std::string site, shipped;
  std::string zone;                     // "+01:00": of times that do not say theirs
  bool explain = false;                 // per leaf: path, value, where it comes from, which rule
  bool unmapped = false;                // what no rule read
  bool pretty = false;
  // Where the maps make HL7 v2 of FHIR:
  std::string to = {};                     // the kind of message, "ADT_A04"; empty: as the Bundle's MessageHeader says
  std::string version = "2.5.1";        // of HL7 v2
  std::string at = {}, id = {};               // %received and %message: the output is made of nothing else but these and the Bundle
};

// One Bundle as JSON on `out`, or OUT/<name>.json for each file of a folder (of a FHIR source HL7 v2, .hl7); one line per failure
// on `err`.
int map_command(const MapOptions& options, std::ostream& out, std::ostream& err);

void add_map(CLI::App& app, Desk& desk);

}  // namespace tombolo
