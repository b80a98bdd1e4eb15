#include "engine/fhirpath/lexer.h"

#include "engine/base/letters.h"

namespace tombolo::fhirpath {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }

void append_utf8(std::string& out, char32_t c) {
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    out += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    out += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

// Four hexadecimal digits at `at`, or -1.
long code_unit(std::string_view text, std::size_t at) {
  if (at + 4 > text.size()) return -1;
  long unit = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int digit = hex_value(text[at + i]);
    if (digit < 0) return -1;
    unit = unit * 16 + digit;
  }
  return unit;
}

}  // namespace

Token Lexer::next() {
  Token token;
  token.begin = at_;
  if (!skip_blanks(token)) return token;
  token.begin = at_;
  const char c = peek();
  if (at_ >= text_.size()) {
    token.mark = Mark::end;
  } else if (is_digit(c)) {
    number(token);
  } else if (is_letter(c)) {
    word(token);
  } else if (c == '\'') {
    token.mark = Mark::string;
    quoted(token, c);
  } else if (c == '`') {
    token.mark = Mark::quoted_word;
    if (quoted(token, c) && token.text.empty()) bad(token, token.begin, "a name in backticks is empty");
  } else if (c == '@') {
    moment(token);
  } else {
    symbol(token);
  }
  token.end = at_;
  return token;
}

bool Lexer::skip_blanks(Token& token) {
  for (;;) {
    const char c = peek();
    if (at_ >= text_.size()) return true;
    if (c == '\n' || c == '\r') token.starts_line = true;
    const bool line_comment = (c == '/' && peek(1) == '/') || (c == '#' && dialect_ == Dialect::map);
    if (is_blank(c)) {
      ++at_;
    } else if (line_comment) {
      while (at_ < text_.size() && peek() != '\n' && peek() != '\r') ++at_;
    } else if (c == '/' && peek(1) == '*') {
      const std::size_t close = text_.find("*/", at_ + 2);
      if (close == std::string_view::npos) {
        bad(token, at_, "a comment has no end: expected */");
        return false;
      }
      at_ = close + 2;
    } else {
      return true;
    }
  }
}

std::size_t Lexer::digits() {
  const std::size_t begin = at_;
  while (is_digit(peek())) ++at_;
  return at_ - begin;
}

void Lexer::number(Token& token) {
  token.mark = Mark::integer;
  digits();
  if (peek() == '.' && is_digit(peek(1))) {
    token.mark = Mark::decimal;
    ++at_;
    digits();
  }
  token.text = text_.substr(token.begin, at_ - token.begin);
  const bool ends_after_letter = !is_letter(peek(1)) && !is_digit(peek(1));
  if (token.mark == Mark::integer && peek() == 'L' && ends_after_letter) {
    token.mark = Mark::long_integer;
    ++at_;
  }
}

// @YYYY[-MM[-DD]], the same with T[hh[:mm[:ss[.f]]][Z|±hh:mm]], or @Thh[:mm[:ss[.f]]].
void Lexer::moment(Token& token) {
  ++at_;
  const auto two_digits_after = [this](char sign) {
    if (peek() != sign || !is_digit(peek(1)) || !is_digit(peek(2))) return false;
    at_ += 3;
    return true;
  };
  const std::size_t begin = at_;
  token.mark = Mark::date;
  if (peek() != 'T') {
    if (digits() != 4) return bad(token, token.begin, "a date begins with four digits: @2026-01-31");
    if (two_digits_after('-')) two_digits_after('-');
  }
  if (peek() == 'T') {
    token.mark = at_ == begin ? Mark::time : Mark::date_time;
    const bool has_time = two_digits_after('T');
    if (!has_time) {
      if (token.mark == Mark::time) return bad(token, token.begin, "a time begins with two digits: @T08:30");
      ++at_;
    }
    if (has_time && two_digits_after(':') && two_digits_after(':') && peek() == '.' && is_digit(peek(1))) {
      ++at_;
      digits();
    }
    if (token.mark == Mark::date_time && has_time) {
      if (peek() == 'Z') ++at_;
      else if (two_digits_after('+') || two_digits_after('-')) two_digits_after(':');
    }
  }
  token.text = text_.substr(begin, at_ - begin);
  if (token.mark == Mark::time) token.text.erase(0, 1);
  if (token.text.ends_with('T')) token.text.pop_back();
}

void Lexer::word(Token& token) {
  token.mark = Mark::word;
  while (is_letter(peek()) || is_digit(peek())) ++at_;
  token.text = text_.substr(token.begin, at_ - token.begin);
}

void Lexer::symbol(Token& token) {
  token.mark = Mark::symbol;
  const char c = peek();
  const char after = peek(1);
  if ((c == '$' || c == '%') && is_letter(after)) {
    const std::size_t begin = ++at_;
    while (is_letter(peek()) || is_digit(peek())) ++at_;
    token.mark = c == '$' ? Mark::dollar : Mark::percent;
    token.text = text_.substr(begin, at_ - begin);
    return;
  }
  if (c == '%' && (after == '\'' || after == '`')) {
    ++at_;
    token.mark = Mark::percent;
    quoted(token, after);
    return;
  }
  const bool twofold = ((c == '<' || c == '>' || c == '!') && after == '=') || (c == '!' && after == '~') ||
                       (c == '<' && after == '-' && dialect_ == Dialect::map);
  const std::size_t size = twofold ? 2 : 1;
  token.text = text_.substr(at_, size);
  at_ += size;
}

// Reads '…', `…`; the opening quote stands at at_.
bool Lexer::quoted(Token& token, char quote) {
  const std::size_t begin = at_++;
  while (at_ < text_.size() && peek() != quote) {
    if (peek() == '\\') {
      if (!escape(token)) return false;
    } else {
      token.text += text_[at_++];
    }
  }
  if (at_ >= text_.size()) {
    bad(token, begin, std::string("a text has no end: expected ") + quote);
    return false;
  }
  ++at_;
  return true;
}

bool Lexer::escape(Token& token) {
  static constexpr std::string_view escapes = "'\"`\\/frnt";
  static constexpr std::string_view meanings = "'\"`\\/\f\r\n\t";
  const std::size_t begin = at_;
  const char c = peek(1);
  if (const auto known = escapes.find(c); c != '\0' && known != std::string_view::npos) {
    token.text += meanings[known];
    at_ += 2;
    return true;
  }
  long unit = c == 'u' ? code_unit(text_, at_ + 2) : -1;
  if (unit < 0 && dialect_ == Dialect::standard) return ++at_, true;  // "it will be ignored": '\\p' is 'p'
  if (unit < 0) {
    bad(token, begin, "unknown escape: expected \\' \\\" \\` \\\\ \\/ \\f \\r \\n \\t or \\u with four hexadecimal digits");
    return false;
  }
  at_ += 6;
  if (unit >= 0xD800 && unit < 0xDC00 && peek() == '\\' && peek(1) == 'u') {
    const long low = code_unit(text_, at_ + 2);
    if (low >= 0xDC00 && low < 0xE000) {
      unit = 0x10000 + ((unit - 0xD800) << 10) + (low - 0xDC00);
      at_ += 6;
    }
  }
  if (unit >= 0xD800 && unit < 0xE000) {
    bad(token, begin, "half a surrogate pair is no character");
    return false;
  }
  append_utf8(token.text, static_cast<char32_t>(unit));
  return true;
}

void Lexer::bad(Token& token, std::size_t where, std::string what) {
  token.mark = Mark::bad;
  token.begin = where;
  token.text = std::move(what);
}

}  // namespace tombolo::fhirpath
