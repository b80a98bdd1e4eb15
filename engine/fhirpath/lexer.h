// Tokens of FHIRPath, one at a time. Views borrow from the text.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "engine/fhirpath/ast.h"

namespace tombolo::fhirpath {

enum class Mark : std::uint8_t {
  end,         // of the text
  bad,         // text: what is wrong here
  word,        // an identifier or a keyword, as written
  quoted_word, // `…`; text: without quotes and escapes
  string,      // '…'; text: without quotes and escapes
  integer, long_integer, decimal,
  date, date_time, time,  // text: without @ and T in front
  dollar,      // $this; text: this
  percent,     // %name, %`name`, %'name'; text: name
  symbol,      // text: one of ( ) [ ] { } , . + - * / | & < <= > >= = != ~ !~ <- and any other single character
};

struct Token {
  Mark mark = Mark::end;
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string text;
  bool starts_line = false;  // a line ended before it

  bool is(Mark wanted, std::string_view spelled) const { return mark == wanted && text == spelled; }
  bool is_symbol(std::string_view spelled) const { return is(Mark::symbol, spelled); }
  bool is_word(std::string_view spelled) const { return is(Mark::word, spelled); }
};

class Lexer {
 public:
  Lexer(std::string_view text, std::size_t start, Dialect dialect) : text_(text), at_(start), dialect_(dialect) {}

  Token next();
  void go_to(std::size_t offset) { at_ = offset; }

 private:
  bool skip_blanks(Token& token);  // and comments; false: a comment without an end
  void number(Token& token);
  void moment(Token& token);
  void word(Token& token);
  void symbol(Token& token);
  bool quoted(Token& token, char quote);
  bool escape(Token& token);
  void bad(Token& token, std::size_t where, std::string what);
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  std::size_t digits();            // skips them, answers how many

  std::string_view text_;
  std::size_t at_;
  Dialect dialect_;
};

}  // namespace tombolo::fhirpath
