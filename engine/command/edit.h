// tombolo edit: changes HL7 v2 messages from files, without an engine. Exit: 0, 1 if a message could not be edited or the edits
// have errors, 2 wrong usage, 3 a file could not be read or written.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace tombolo {

struct Desk;

struct EditOptions {
  std::vector<std::string> layers;      // EDIT, then what --layer adds: folders or files of mappings/
  std::string name;                     // of an edit that is `called` something; empty: by the message's structure
  std::string input = "-";              // a file, "-" for standard input, or a folder
  std::string out;                      // -o: the folder for the results of a folder
  std::string site, shipped;
  bool explain = false;                 // instead of the message: what changed, before → after, which rule
};

// The message on `out`, byte for byte but for what the edits change, or OUT/<name>.hl7 for each file of a folder; one line per
// failure on `err`. Of a file with several messages each is changed in its place.
int edit_command(const EditOptions& options, std::ostream& out, std::ostream& err);

void add_edit(CLI::App& app, Desk& desk);

}  // namespace tombolo
