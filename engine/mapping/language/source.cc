#include "engine/mapping/language/source.h"

#include <algorithm>

namespace tombolo::mapping {

namespace {

// Blanks out comments. A quote ends with its line at the latest, so that one forgotten quote costs one line.
std::string without_comments(std::string_view text) {
  std::string code(text);
  char quote = 0;
  bool comment = false;
  for (std::size_t i = 0; i < code.size(); ++i) {
    const char c = code[i];
    if (c == '\n') {
      quote = 0, comment = false;
    } else if (comment) {
      code[i] = ' ';
    } else if (quote != 0) {
      if (c == '\\') ++i;
      else if (c == quote) quote = 0;
      if (i < code.size() && code[i] == '\n') quote = 0;
    } else if (c == '\'' || c == '`') {
      quote = c;
    } else if (c == '#') {
      comment = true, code[i] = ' ';
    } else if (c == '\r' || c == '\t') {
      code[i] = ' ';
    }
  }
  return code;
}

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

bool continues(std::string_view line) {
  for (const std::string_view word : {"else", "as", "via", "with", "when", "on"})
    if (line.starts_with(word) && (line.size() == word.size() || !is_letter(line[word.size()]))) return true;
  return false;
}

// Turns the ends of lines that the next line continues into blanks, so that for the parser a line is a statement.
void join_lines(std::string& code) {
  std::size_t end = std::string::npos;  // the last line end that nothing but blanks followed
  char last = '\n';
  for (std::size_t i = 0; i < code.size(); ++i) {
    if (code[i] == '\n') {
      if (end == std::string::npos) end = i;
      continue;
    }
    if (code[i] == ' ') continue;
    if (end != std::string::npos && last != '\n' && (last == ',' || continues(std::string_view(code).substr(i))))
      std::fill(code.begin() + static_cast<std::ptrdiff_t>(end), code.begin() + static_cast<std::ptrdiff_t>(i), ' ');
    end = std::string::npos;
    last = code[i];
  }
}

}  // namespace

Source::Source(std::string file, std::string_view text)
    : file_(std::move(file)), text_(text), code_(without_comments(text)), line_starts_{0} {
  join_lines(code_);
  for (std::size_t i = 0; i < text_.size(); ++i)
    if (text_[i] == '\n') line_starts_.push_back(i + 1);
}

int Source::line(std::size_t offset) const {
  return static_cast<int>(std::upper_bound(line_starts_.begin(), line_starts_.end(), offset) - line_starts_.begin());
}

Place Source::place(std::size_t offset) const {
  const int n = line(offset);
  return {file_, n, static_cast<int>(offset - line_starts_[n - 1]) + 1};
}

void Source::error(Diagnostics& diagnostics, std::size_t offset, std::string what) const {
  diagnostics.error(place(offset), std::move(what), text_);
}

void Source::warning(Diagnostics& diagnostics, std::size_t offset, std::string what) const {
  diagnostics.warning(place(offset), std::move(what), text_);
}

}  // namespace tombolo::mapping
