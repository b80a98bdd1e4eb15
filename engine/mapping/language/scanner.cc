#include "engine/mapping/language/scanner.h"

#include <algorithm>
#include <array>
#include <vector>

namespace tombolo::mapping {

namespace {

constexpr std::array<std::string_view, 6> clause_words{"else", "as", "via", "with", "when", "on"};
constexpr std::size_t deepest = 200;  // brackets in one expression

bool is_letter_or_digit(char c) { return is_letter(c) || is_digit(c); }

}  // namespace

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

void Scanner::blanks() {
  while (peek() == ' ') ++at_;
}

void Scanner::lines() {
  while (peek() == ' ' || peek() == '\n') ++at_;
}

bool Scanner::line_over() {
  blanks();
  return at_end() || peek() == '\n' || peek() == '}';
}

void Scanner::skip_line() {
  while (!at_end() && peek() != '\n' && peek() != '{' && peek() != '}') ++at_;
}

void Scanner::skip_whole_line() {
  while (!at_end() && peek() != '\n') ++at_;
}

bool Scanner::take(std::string_view sign) {
  blanks();
  if (!code_.substr(at_).starts_with(sign)) return false;
  at_ += sign.size();
  return true;
}

bool Scanner::see_word(std::string_view word) {
  blanks();
  const auto rest = code_.substr(at_);
  return rest.starts_with(word) && (rest.size() == word.size() || !is_letter_or_digit(rest[word.size()]));
}

bool Scanner::take_word(std::string_view word) {
  if (!see_word(word)) return false;
  at_ += word.size();
  return true;
}

Words Scanner::word() {
  blanks();
  const auto begin = at_;
  if (is_letter(peek()))
    while (is_letter_or_digit(peek())) ++at_;
  return {code_.substr(begin, at_ - begin), static_cast<std::uint32_t>(begin)};
}

Words Scanner::name() {
  blanks();
  const auto begin = at_;
  while (is_letter_or_digit(peek()) ||
         (at_ > begin && (peek() == '-' || peek() == '.') && at_ + 1 < code_.size() && is_letter_or_digit(code_[at_ + 1])))
    ++at_;
  return {code_.substr(begin, at_ - begin), static_cast<std::uint32_t>(begin)};
}

Words Scanner::quoted(char quote) {
  blanks();
  if (peek() != quote) return {{}, at()};
  const auto begin = at_++;
  while (!at_end() && peek() != quote && peek() != '\n') at_ += peek() == '\\' ? 2 : 1;
  at_ = std::min(at_, code_.size());
  if (peek() != quote) {
    complain(static_cast<std::uint32_t>(begin), std::string("the quote ") + quote + " is not closed on its line");
    return {{}, at()};
  }
  ++at_;
  return {code_.substr(begin, at_ - begin), static_cast<std::uint32_t>(begin)};
}

Words Scanner::number() {
  blanks();
  const auto begin = at_;
  while (is_digit(peek())) ++at_;
  return {code_.substr(begin, at_ - begin), static_cast<std::uint32_t>(begin)};
}

// Is there a clause's word here? After a dot or a % it is a name, and so it is as the first word.
bool Scanner::ends_expression(std::size_t begin) const {
  if (at_ == begin || !is_letter(peek())) return false;
  const char before = code_[at_ - 1];
  if (before == '.' || before == '%' || before == '@' || is_letter_or_digit(before)) return false;
  auto end = at_;
  while (end < code_.size() && is_letter_or_digit(code_[end])) ++end;
  const auto word = code_.substr(at_, end - at_);
  return std::find(clause_words.begin(), clause_words.end(), word) != clause_words.end();
}

Words Scanner::expression() {
  blanks();
  const auto begin = at_;
  if (std::any_of(clause_words.begin(), clause_words.end(), [&](auto w) { return see_word(w); })) {
    expected("an expression");
    return {{}, at()};
  }
  std::vector<std::size_t> open;
  while (!at_end() && peek() != '\n') {
    const char c = peek();
    if (c == '\'' || c == '`') {
      if (quoted(c).empty()) return {{}, at()};
      continue;
    }
    if (c == '(' || c == '[') {
      open.push_back(at_);
      if (open.size() > deepest) return complain(at(), "brackets nest too deeply"), Words{{}, at()};
    } else if ((c == ')' || c == ']') && !open.empty()) {
      open.pop_back();
    } else if (open.empty()) {
      if (c == '{') {  // {} is FHIRPath's nothing, unless a statement waits for its block
        const auto close = code_.find_first_not_of(' ', at_ + 1);
        if (at_ != begin || close == std::string_view::npos || code_[close] != '}') break;
        at_ = close;
      } else if (c == ',' || c == '}' || ends_expression(begin)) {
        break;
      }
    }
    ++at_;
  }
  if (!open.empty()) {
    complain(static_cast<std::uint32_t>(open.back()), std::string("the bracket ") + code_[open.back()] + " is not closed on its line");
    return {{}, at()};
  }
  auto end = at_;
  while (end > begin && code_[end - 1] == ' ') --end;
  if (end == begin) expected("an expression");
  return {code_.substr(begin, end - begin), static_cast<std::uint32_t>(begin)};
}

std::string Scanner::found() const {
  if (at_end() || peek() == '\n') return "the line ends";
  auto end = at_;
  if (is_letter_or_digit(peek()))
    while (end < code_.size() && is_letter_or_digit(code_[end])) ++end;
  else
    ++end;
  while (end < code_.size() && (static_cast<unsigned char>(code_[end]) & 0xC0U) == 0x80U) ++end;
  return "found '" + std::string(code_.substr(at_, end - at_)) + "'";
}

void Scanner::expected(std::string_view what) {
  blanks();
  complain(at(), "expected " + std::string(what) + ", " + (found().starts_with("the") ? "but " : "") + found());
}

void Scanner::complain(std::uint32_t at, std::string text) {
  if (!failed_) source_.error(diagnostics_, at, std::move(text));
  failed_ = true;
}

}  // namespace tombolo::mapping
