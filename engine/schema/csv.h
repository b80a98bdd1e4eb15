// Csv: rows of a comma-separated file that people keep in spreadsheets. RFC 4180 quoting; lines that begin with # and empty
// lines are skipped; the first row names the columns. Fields are views into the text, or into the reader where "" was undone.
#pragma once

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"

namespace tombolo {

class Csv {
 public:
  // text must outlive the reader and what it lends. A UTF-8 byte order mark is skipped.
  Csv(std::string file, std::string_view text, Diagnostics& diagnostics);

  // Reads the first row and checks that it has exactly these columns (in this order). False: it has not, an error was added.
  bool header(const std::vector<std::string_view>& columns);

  // The next row with as many fields as there are columns; rows with another number are errors and passed over.
  std::optional<std::vector<std::string_view>> next();

  Place place(std::size_t field = 0) const;              // of a field of the row that next() gave
  int line() const { return line_; }                     // of that row, without looking through the text again
  void error(std::size_t field, std::string what) const;

  // Texts that were changed by undoing quotes; keep them as long as the fields are used.
  std::deque<std::string> take_unquoted() { return std::move(unquoted_); }

 private:
  bool read_row();
  std::optional<std::string_view> read_field();

  std::string file_;
  std::string_view text_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  std::size_t columns_ = 0;
  std::size_t counted_ = 0;                              // lines are counted up to here
  int line_ = 1;
  std::vector<std::string_view> row_;
  std::vector<std::size_t> begins_;                      // offset of each field of the row
  std::deque<std::string> unquoted_;
};

}  // namespace tombolo
