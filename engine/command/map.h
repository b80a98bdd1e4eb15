// tombolo map: carries out maps over messages from files, without an engine. Exit: 0, 1 if a message could not be mapped or the
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
};

// One Bundle as JSON on `out`, or OUT/<name>.json for each file of a folder; one line per failure on `err`.
int map_command(const MapOptions& options, std::ostream& out, std::ostream& err);

void add_map(CLI::App& app, Desk& desk);

}  // namespace tombolo
