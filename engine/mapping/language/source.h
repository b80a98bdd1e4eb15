// Source: the text of one map file, beside it the same text with comments and continued line ends blanked out: every
// offset stays what it was, and a statement is a line.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"

namespace tombolo::mapping {

class Source {
 public:
  Source(std::string file, std::string_view text);
  Source(const Source&) = delete;  // views into it are everywhere
  Source& operator=(const Source&) = delete;

  const std::string& file() const { return file_; }
  std::string_view text() const { return text_; }      // as the person wrote it
  std::string_view code() const { return code_; }      // the same length; what the parser reads

  Place place(std::size_t offset) const;               // line and column from 1
  int line(std::size_t offset) const;

  void error(Diagnostics& diagnostics, std::size_t offset, std::string what) const;
  void warning(Diagnostics& diagnostics, std::size_t offset, std::string what) const;

 private:
  std::string file_;
  std::string text_;
  std::string code_;
  std::vector<std::size_t> line_starts_;
};

}  // namespace tombolo::mapping
