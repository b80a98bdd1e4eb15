// What is wrong with a text a person wrote (channel file, map, table), each with its place. Loading collects all of them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tombolo {

// A place in a file. Lines and columns count from 1 (columns in bytes); 0 means "the file as a whole".
struct Place {
  std::string file;
  int line = 0;
  int column = 0;
};
std::string text(const Place& place);  // "adt.yaml:14:3"

enum class Severity { error, warning, note };
std::string_view name(Severity severity);

struct Diagnostic {
  Severity severity = Severity::error;
  Place place;
  std::string text;    // what was found, what was expected
  std::string quoted;  // the line itself, empty if there is none
  bool in_private = false;  // its line is never quoted, under no diagnostic: a secret may stand there
};

class Diagnostics {
 public:
  // source: the whole text that place.line counts in; its line is copied into the diagnostic.
  void add(Severity severity, Place place, std::string text, std::string_view source = {});
  void error(Place place, std::string text, std::string_view source = {});
  void warning(Place place, std::string text, std::string_view source = {});
  void error_in_private(Place place, std::string text);
  void append(const Diagnostics& others);
  void append_new(const Diagnostics& others);  // those that are not there yet: of one place, with the same text
  // Gives every diagnostic of `file` that has none yet its line of `source`.
  void quote(std::string_view file, std::string_view source);

  bool failed() const;  // is there an error?
  bool empty() const { return list_.empty(); }
  const std::vector<Diagnostic>& list() const { return list_; }

  // As compilers print them: "file:line:col: error: text", the line quoted below and a caret under the column.
  std::string print() const;
  std::string print_json() const;  // one JSON object a line

 private:
  std::vector<Diagnostic> list_;
};

// Line and column (from 1) of a byte offset in `source`.
Place place_of(std::string file, std::string_view source, std::size_t offset);

}  // namespace tombolo
