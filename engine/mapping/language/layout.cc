#include "engine/mapping/language/layout.h"

#include <algorithm>
#include <array>
#include <map>
#include <vector>

#include "engine/base/text.h"

namespace tombolo::mapping {
namespace {

constexpr int step = 2;            // blanks a block
constexpr int widest = 28;         // a longer target moves no arrow but its own

// What stands in one line, in order: the target, the arrow with what follows, clauses behind two blanks, the comment.
struct Cell {
  std::string text;
  int column = 0;                  // where it stood, in characters from the line's first; 0: right behind the one before
};

struct Line {
  std::vector<Cell> cells;         // of an empty line none
  int stood = 0;                   // its blanks in front
  int indent = 0;                  // what it gets
  int opens = 0;                   // blocks it leaves open, or closes
  bool closes = false;             // begins with }
  bool continues = false;          // the line before
  bool comment = false;            // nothing else
  bool begins_part = false;        // map, extend …
  bool rule = false;               // a target and its arrow, no block
  bool awaits = false;             // ends in a comma
};

bool is_word(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

template <std::size_t N>
std::string_view first_word(std::string_view text, const std::array<std::string_view, N>& words) {
  for (const auto word : words)
    if (text.starts_with(word) && (text.size() == word.size() || !is_word(text[word.size()]))) return word;
  return {};
}

constexpr std::array<std::string_view, 6> clauses{"else", "as", "via", "with", "when", "on"};
constexpr std::array<std::string_view, 5> parts{"map", "extend", "edit", "segment", "template"};

// "map PID to …", but not "map <- …"; a `let` at the left edge belongs to no map.
bool is_part(std::string_view text, bool at_edge) {
  if (at_edge && text.starts_with("let ")) return true;
  const auto word = first_word(text, parts);
  if (word.empty()) return false;
  const auto next = text.find_first_not_of(' ', word.size());
  return next != std::string_view::npos && next > word.size() && (is_word(text[next]) || text[next] == '*');
}

int width(std::string_view text) {  // in characters
  return static_cast<int>(std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; }));
}

// Cuts one line, without its blanks in front and at the end, into its cells.
class Cutter {
 public:
  Cutter(std::string_view text, Line& line) : text_(text), line_(line) {}

  void cut() {
    for (std::size_t i = 0; i < text_.size(); ++i) {
      const char c = text_[i];
      if (quote_ != 0) quoted(i);
      else if (c == '#') return comment(i);
      else if (c == ' ' || c == '\t') i = blanks(i);
      else sign(i);
    }
    end_cell();
    if (blocks_ || line_.continues) line_.rule = false;
  }

 private:
  void quoted(std::size_t& i) {
    made_ += text_[i];
    if (text_[i] == '\\' && i + 1 < text_.size()) made_ += text_[++i];
    else if (text_[i] == quote_) quote_ = 0;
  }

  // Two blanks or more begin a new cell in a column of its own; one is one. Gives the last of them.
  std::size_t blanks(std::size_t i) {
    const auto next = text_.find_first_not_of(" \t", i);
    if (next - i >= 2 && depth_ == 0 && text_[next] != '#') {
      end_cell();
      column_ = width(text_.substr(0, next));
    } else if (!made_.empty() && made_.back() != ' ') {
      made_ += ' ';
    }
    return next - 1;
  }

  void sign(std::size_t i) {
    const char c = text_[i];
    const char next = i + 1 < text_.size() ? text_[i + 1] : ' ';
    if (c == '\'' || c == '`') quote_ = c;
    if (c == '(' || c == '[') ++depth_;
    if ((c == ')' || c == ']') && depth_ > 0) --depth_;
    if (c == '{') open(next);
    if (c == '}') --line_.opens;
    if (c == '<' && next == '-' && depth_ == 0 && !line_.rule) {
      if (!made_.empty()) end_cell();
      line_.rule = true;
    }
    made_ += c;
    if (next != ' ' && (c == ',' || made_ == "<-")) made_ += ' ';
  }

  void open(char next) {
    ++line_.opens;
    if (next == '}') return;       // FHIRPath's nothing
    blocks_ = true;
    if (!made_.empty() && made_.back() != ' ') made_ += ' ';
  }

  void comment(std::size_t i) {
    const bool in_column = i >= 2 && text_[i - 1] == ' ' && text_[i - 2] == ' ';
    end_cell();
    line_.comment = line_.cells.empty();
    line_.cells.push_back({std::string(text_.substr(i)), in_column ? width(text_.substr(0, i)) : 0});
    if (blocks_ || line_.continues) line_.rule = false;
  }

  void end_cell() {
    if (made_.ends_with(' ')) made_.pop_back();
    if (!made_.empty()) line_.cells.push_back({std::move(made_), column_});
    made_.clear();
    column_ = 0;
  }

  std::string_view text_;
  Line& line_;
  std::string made_;
  int column_ = 0;
  int depth_ = 0;
  char quote_ = 0;
  bool blocks_ = false;
};

Line read(std::string_view raw, bool awaited) {
  Line line;
  const auto begin = std::min(raw.find_first_not_of(" \t\r"), raw.size());
  const auto end = raw.find_last_not_of(" \t\r");
  const auto text = begin == raw.size() ? std::string_view() : raw.substr(begin, end + 1 - begin);
  for (const char c : raw.substr(0, begin)) line.stood += c == '\t' ? step : 1;
  line.closes = text.starts_with('}');
  line.begins_part = is_part(text, begin == 0);
  line.continues = !text.empty() && !text.starts_with('#') && (awaited || !first_word(text, clauses).empty());
  Cutter(text, line).cut();
  for (const auto& cell : line.cells)
    if (!cell.text.starts_with('#')) line.awaits = cell.text.ends_with(',');
  return line;
}

// Two blanks a block; comments stand like the line below them, unless that closes the block.
void indent(std::vector<Line>& lines) {
  int depth = 0, first_stood = 0, first_indent = 0;
  bool in_part = false;
  for (auto& line : lines) {
    if (line.cells.empty()) continue;
    if (line.begins_part && depth <= 0) in_part = true, depth = 0;
    const bool at_edge = (line.begins_part && depth == 0) || (line.comment && line.stood == 0);
    line.indent = at_edge ? 0 : step * (std::max(depth - (line.closes ? 1 : 0), 0) + (in_part ? 1 : 0));
    if (line.continues) line.indent = std::max(first_indent + line.stood - first_stood, first_indent + step);
    else if (!line.comment) first_stood = line.stood, first_indent = line.indent;
    depth = std::max(depth + line.opens, 0);
  }
}

int target_width(const Line& line) { return width(line.cells.front().text); }

// The column that somebody gave most of these arrows, or 0.
int given_column(std::vector<Line>::const_iterator first, std::vector<Line>::const_iterator last) {
  std::map<int, int> given;
  for (auto line = first; line != last; ++line)
    if (const int column = line->cells[1].column; column != 0 && column <= widest) ++given[column];
  const auto most = std::max_element(given.begin(), given.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
  return most == given.end() ? 0 : most->first;
}

// Where the arrows of rules below each other stand: in the column they were given, else in that of the longest target.
void align(std::vector<Line>& lines) {
  for (auto first = lines.begin(); first != lines.end();) {
    if (!first->rule) {
      ++first;
      continue;
    }
    const auto last = std::find_if(first, lines.end(), [&](const Line& l) { return !l.rule || l.indent != first->indent; });
    int column = given_column(first, last);
    if (column == 0) {
      for (auto line = first; line != last; ++line)
        if (target_width(*line) <= widest) column = std::max(column, target_width(*line) + 1);
    }
    for (auto line = first; line != last; ++line) line->cells[1].column = std::max(line->cells[1].column, column);
    first = last;
  }
}

std::string print(const Line& line) {
  if (line.cells.empty()) return "";
  std::string out(static_cast<std::size_t>(line.indent), ' ');
  int at = 0;                      // from the line's first character
  for (const auto& cell : line.cells) {
    const bool first = &cell == &line.cells.front();
    const int gap = first ? 0 : cell.text.starts_with('#') ? 2 : 1;
    const int column = first ? 0 : std::max(cell.column, at + gap);
    out.append(static_cast<std::size_t>(column - at), ' ').append(cell.text);
    at = column + width(cell.text);
  }
  return out;
}

}  // namespace

std::string lay_out(std::string_view text) {
  std::vector<Line> lines;
  bool awaited = false;
  for (const auto raw : split(text, '\n')) {
    lines.push_back(read(raw, awaited));
    if (!lines.back().cells.empty() && !lines.back().comment) awaited = lines.back().awaits;
  }
  indent(lines);
  align(lines);
  std::string out;
  bool empty = true;               // at the beginning, and behind an empty line
  for (const auto& line : lines) {
    if (line.cells.empty() && empty) continue;
    empty = line.cells.empty();
    out.append(print(line)).append("\n");
  }
  if (out.ends_with("\n\n")) out.pop_back();
  return out;
}

}  // namespace tombolo::mapping
