// HL7 addresses: PID-3[1].4.2, PATIENT_RESULT.PID-5, OBX[2]-5, PV2.ROL, NTE, CX.4.2.
#include <cctype>

#include "engine/base/letters.h"
#include "engine/fhirpath/parse.h"

namespace tombolo::fhirpath {
namespace {

bool is_capital(char c) { return c >= 'A' && c <= 'Z'; }
bool is_word(char c) { return is_letter_or_digit(c) || c == '_'; }

class AddressReader {
 public:
  AddressReader(std::string_view text, std::size_t start) : text_(text), at_(start) {}

  ParsedAddress read() {
    result_.address.offset = static_cast<std::uint32_t>(at_);
    names();
    Address& address = result_.address;
    if (!result_.problem && peek() == '[') occurrence(address.occurrence);
    if (!result_.problem && peek() == '-' && is_digit(peek(1))) field();
    else if (!result_.problem && peek() == '.' && is_digit(peek(1))) type_part();
    result_.end = at_;
    return std::move(result_);
  }

 private:
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  void fail(std::size_t where, std::string what) {
    if (!result_.problem) result_.problem = Problem{Severity::error, where, std::move(what)};
  }

  void names() {
    for (;;) {
      const std::size_t begin = at_;
      while (is_word(peek())) ++at_;
      result_.address.names.emplace_back(text_.substr(begin, at_ - begin));
      if (peek() != '.' || !looks_like_address(text_, at_ + 1)) return;
      ++at_;
    }
  }

  int number() {
    const std::size_t begin = at_;
    int n = 0;
    while (is_digit(peek())) {
      if (n < 100'000) n = n * 10 + (peek() - '0');
      ++at_;
    }
    if (at_ == begin) fail(begin, "expected a number");
    else if (n == 0) fail(begin, "numbers in an address count from 1, found 0");
    else if (n >= 100'000) fail(begin, "this number is too large for an address");
    return n;
  }

  void occurrence(int& n) {
    const std::size_t begin = at_++;
    if (!is_digit(peek())) return fail(begin, "expected a number counted from 1 in the brackets of an address");
    n = number();
    if (peek() != ']') return fail(at_, "expected ] after the number");
    ++at_;
  }

  void field() {
    ++at_;
    result_.address.field = number();
    if (!result_.problem && peek() == '[') occurrence(result_.address.repetition);
    parts();
    if (peek() == '-' && is_digit(peek(1))) fail(at_, "a component is written with a dot: PID-3.4; a subtraction with blanks");
  }

  void type_part() {
    if (result_.address.occurrence != 0) return fail(at_, "expected '-' and a field number after the brackets: OBX[2]-5");
    parts();
  }

  // .n[.n]
  void parts() {
    for (int* part : {&result_.address.component, &result_.address.subcomponent}) {
      if (result_.problem || peek() != '.' || !is_digit(peek(1))) return;
      ++at_;
      *part = number();
    }
    if (peek() == '.' && is_digit(peek(1))) fail(at_, "an address ends with the subcomponent: PID-3.4.2");
  }

  std::string_view text_;
  std::size_t at_;
  ParsedAddress result_;
};

}  // namespace

bool looks_like_address(std::string_view text, std::size_t start) {
  if (start >= text.size() || !is_capital(text[start])) return false;
  std::size_t at = start;
  while (at < text.size() && is_word(text[at])) {
    if (text[at] >= 'a' && text[at] <= 'z') return false;
    ++at;
  }
  return at - start >= 2 && (at == text.size() || text[at] != '(');
}

ParsedAddress parse_address(std::string_view text, std::size_t start) {
  if (!looks_like_address(text, start)) {
    ParsedAddress none;
    none.end = start;
    none.problem = Problem{Severity::error, start, "expected an address such as PID-3.1"};
    return none;
  }
  return AddressReader(text, start).read();
}

std::string text(const Address& address) {
  std::string out;
  for (const std::string& name : address.names) out += (out.empty() ? "" : ".") + name;
  const auto append = [&out](std::string_view before, int n, std::string_view after) {
    if (n != 0) out.append(before).append(std::to_string(n)).append(after);
  };
  append("[", address.occurrence, "]");
  append("-", address.field, "");
  append("[", address.repetition, "]");
  append(".", address.component, "");
  append(".", address.subcomponent, "");
  return out;
}

}  // namespace tombolo::fhirpath
