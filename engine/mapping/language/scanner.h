// Scanner: reads words, numbers, names and whole expressions from the code of a map file. It never leaves the line
// unless told to. After a complaint `failed()` holds until the parser has skipped to the next statement.
#pragma once

#include <string>
#include <string_view>

#include "engine/mapping/language/source.h"
#include "engine/mapping/language/syntax.h"

namespace tombolo::mapping {

class Scanner {
 public:
  Scanner(const Source& source, Diagnostics& diagnostics) : source_(source), code_(source.code()), diagnostics_(diagnostics) {}

  const Source& source() const { return source_; }
  std::uint32_t at() const { return static_cast<std::uint32_t>(at_); }
  bool at_end() const { return at_ >= code_.size(); }
  char peek() const { return at_end() ? '\0' : code_[at_]; }

  void blanks();                                // over blanks of this line
  void lines();                                 // over blanks and line ends
  bool line_over();                             // is only `}` or nothing left on this line?
  void skip_line();                             // to the line end, or in front of an open `{`'s body

  void skip_whole_line();

  bool take(std::string_view sign);             // "<-", "{", ":": after blanks; false if something else stands there
  bool take_word(std::string_view word);        // a whole word
  bool see_word(std::string_view word);         // the same without moving
  Words word();                                 // [A-Za-z_][A-Za-z0-9_]*, or empty
  Words name();                                 // words joined by - and . : CX-Identifier, Observation.component
  Words quoted(char quote);                     // with its quotes, or empty
  Words number();                               // digits, or empty
  // Up to `,`, `{`, `}`, the line's end or a clause's word outside brackets; complains if there is nothing.
  Words expression();

  void expected(std::string_view what);         // complains about what stands here
  void complain(std::uint32_t at, std::string text);
  bool failed() const { return failed_; }
  void recover() { failed_ = false; }

 private:
  std::string found() const;
  bool ends_expression(std::size_t begin) const;

  const Source& source_;
  std::string_view code_;
  Diagnostics& diagnostics_;
  std::size_t at_ = 0;
  bool failed_ = false;
};

bool is_letter(char c);
bool is_digit(char c);

}  // namespace tombolo::mapping
