// CodeTable: source code → target code, from CSV files in mappings/codes with the columns
// source_code,target_system,target_code,target_display. ExtensionTable: extension name → url and type(s), from extensions.csv.
// Rows are views into the file, which must outlive the table.
//
// The same rows read backwards lead from a target to its source code. Where several source codes have one target the first row
// stands, unless a file with the columns target_system,target_code,source_code says which one it is; such rows count backwards only.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/library.h"

namespace tombolo {

struct CodeRow {
  std::string_view source;
  std::string_view system;   // may be empty: the target is a plain code
  std::string_view code;
  std::string_view display;  // may be empty
};

class CodeTable {
 public:
  CodeTable() = default;
  CodeTable(const CodeTable&) = delete;            // rows view texts it keeps
  CodeTable& operator=(const CodeTable&) = delete;
  CodeTable(CodeTable&&) = default;
  CodeTable& operator=(CodeTable&&) = default;

  // Adds the rows of a file. Within one file a source code may stand once; a row of a later file replaces the earlier one
  // with that source code (overlays). Faults are added to `diagnostics` with file:line:column; sound rows are read all the same.
  void read(const File& file, Diagnostics& diagnostics);

  // Rows that come from something else than CSV, with their places; the same rules, of one file. Faults likewise.
  struct Entry {
    std::string source, system, code, display;
    Place place;
  };
  void add(const std::string& file, std::vector<Entry> entries, Diagnostics& diagnostics);

  // The number of the row (from 1, for Lineage::table_row) of this source code, exactly as written; 0: a miss. Constant time.
  std::uint32_t find(std::string_view source) const;
  // The number of the row that leads back from this target; 0: a miss. A row without a system answers for any; without a system
  // asked for, the code alone counts. Only after index_back().
  std::uint32_t find_back(std::string_view system, std::string_view code) const;
  void index_back();                               // call again after each read()
  const CodeRow& row(std::uint32_t number) const { return rows_[number - 1]; }
  Place place(std::uint32_t number) const;         // file and line of a row
  std::size_t size() const { return rows_.size(); }

 private:
  void read_back(const File& file, Diagnostics& diagnostics);
  void index(std::uint32_t number);
  void grow();

  struct Line {
    std::uint32_t file = 0;
    int line = 0;
  };
  std::vector<CodeRow> rows_;                      // a replaced row stays, unreachable by find
  std::vector<Line> lines_;
  std::vector<std::string> files_;
  std::deque<std::deque<std::string>> unquoted_;
  std::deque<std::vector<Entry>> entries_;
  std::vector<std::uint32_t> slots_;               // open addressing; row numbers, 0: free
  std::vector<std::uint32_t> only_back_;           // rows that count backwards only, the latest last
  std::vector<std::uint32_t> by_target_;           // row numbers by target code; of equal ones the first that counts first
};

struct ExtensionRow {
  std::string_view name;                           // "patient-religion"
  std::string_view url;
  std::vector<std::string_view> types;             // what value[x] may be: "CodeableConcept"; empty: it has extensions inside
};

class ExtensionTable {
 public:
  void read(const File& file, Diagnostics& diagnostics);  // a later file replaces rows by name
  const ExtensionRow* find(std::string_view name) const;  // nullptr: there is none of this name
  std::vector<std::string_view> names() const;            // sorted, for "did you mean …?"

 private:
  std::vector<ExtensionRow> rows_;                 // sorted by name
  std::deque<std::deque<std::string>> unquoted_;
};

}  // namespace tombolo
