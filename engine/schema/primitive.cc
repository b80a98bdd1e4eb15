#include "engine/schema/primitive.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "engine/base/letters.h"
#include "engine/base/text.h"

namespace tombolo {
namespace {


// Reads a text from the front; each step answers whether the wanted thing was there and steps over it.
class Scanner {
 public:
  explicit Scanner(std::string_view text) : text_(text) {}
  bool end() const { return at_ == text_.size(); }
  bool take(char c) {
    if (end() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool number(std::size_t digits, int least, int most, int& n) {
    if (text_.size() - at_ < digits) return false;
    n = 0;
    for (std::size_t i = 0; i < digits; ++i) {
      if (!is_digit(text_[at_ + i])) return false;
      n = n * 10 + (text_[at_ + i] - '0');
    }
    at_ += digits;
    return n >= least && n <= most;
  }
  bool digits() {
    const std::size_t begin = at_;
    while (!end() && is_digit(text_[at_])) ++at_;
    return at_ > begin;
  }
  std::size_t at() const { return at_; }

 private:
  std::string_view text_;
  std::size_t at_ = 0;
};

int days_in(int year, int month) {
  constexpr std::array<int, 12> days{31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return month == 2 && leap ? 29 : days[static_cast<std::size_t>(month - 1)];
}

// YYYY, YYYY-MM or YYYY-MM-DD. parts: how many of the three were there.
bool scan_date(Scanner& s, int& parts) {
  int year = 0, month = 0, day = 0;
  parts = 0;
  if (!s.number(4, 1, 9999, year)) return false;
  parts = 1;
  if (!s.take('-')) return true;
  if (!s.number(2, 1, 12, month)) return false;
  parts = 2;
  if (!s.take('-')) return true;
  parts = 3;
  return s.number(2, 1, days_in(year, month), day);
}

bool scan_time(Scanner& s) {
  int n = 0;
  if (!s.number(2, 0, 23, n) || !s.take(':') || !s.number(2, 0, 59, n) || !s.take(':') || !s.number(2, 0, 60, n)) return false;
  return !s.take('.') || s.digits();
}

bool scan_zone(Scanner& s) {
  if (s.take('Z')) return true;
  int hours = 0, minutes = 0;
  if (!s.take('+') && !s.take('-')) return false;
  if (!s.number(2, 0, 14, hours) || !s.take(':') || !s.number(2, 0, 59, minutes)) return false;
  return hours < 14 || minutes == 0;
}

bool is_date(std::string_view value) {
  Scanner s(value);
  int parts = 0;
  return scan_date(s, parts) && s.end();
}

bool is_date_time(std::string_view value, bool whole) {
  Scanner s(value);
  int parts = 0;
  if (!scan_date(s, parts)) return false;
  if (s.end()) return !whole;
  return parts == 3 && s.take('T') && scan_time(s) && scan_zone(s) && s.end();
}

bool is_time(std::string_view value) {
  Scanner s(value);
  return scan_time(s) && s.end();
}

bool is_integer(std::string_view value, std::int64_t least) {
  const std::string_view digits = value.starts_with('-') ? value.substr(1) : value;
  if (digits.empty() || (digits.size() > 1 && digits.front() == '0') || value == "-0") return false;
  std::int64_t n = 0;
  const auto [end, wrong] = std::from_chars(value.data(), value.data() + value.size(), n);
  return wrong == std::errc{} && end == value.data() + value.size() && n >= least && n <= 2147483647;
}

bool is_decimal(std::string_view value) {
  Scanner s(value);
  s.take('-');
  if (!s.take('0') && !s.digits()) return false;
  if (s.take('.') && !s.digits()) return false;
  if (s.take('e') || s.take('E')) {
    if (!s.take('+')) s.take('-');
    if (!s.digits()) return false;
  }
  return s.end();
}

// No control characters but tab, CR and LF; and something else than white space.
bool is_string(std::string_view value) {
  bool inked = false;
  for (const char c : value) {
    if (static_cast<unsigned char>(c) < 0x20 && !is_blank(c)) return false;
    inked |= !is_blank(c);
  }
  return inked;
}

bool is_code(std::string_view value) {
  if (value.empty() || is_blank(value.front()) || is_blank(value.back())) return false;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (static_cast<unsigned char>(value[i]) < 0x20 && !is_blank(value[i])) return false;
    if (is_blank(value[i]) && is_blank(value[i + 1])) return false;
  }
  return true;
}

bool is_id(std::string_view value) {
  return !value.empty() && value.size() <= 64 && std::all_of(value.begin(), value.end(), [](char c) {
    return is_letter_or_digit(c) || c == '-' || c == '.';
  });
}

bool is_uri(std::string_view value) {
  return !value.empty() && std::none_of(value.begin(), value.end(), [](char c) { return static_cast<unsigned char>(c) <= 0x20; });
}

bool is_oid(std::string_view value) {
  if (!value.starts_with("urn:oid:")) return false;
  Scanner s(value.substr(8));
  int root = 0;
  if (!s.number(1, 0, 2, root)) return false;
  while (s.take('.')) {
    if (!s.take('0') && !s.digits()) return false;
  }
  return s.end() && s.at() > 1;
}

bool is_uuid(std::string_view value) {
  if (!value.starts_with("urn:uuid:") || value.size() != 45) return false;
  for (std::size_t i = 0; i < 36; ++i) {
    const char c = value[9 + i];
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    if (dash ? c != '-' : !is_digit(c) && (c < 'a' || c > 'f')) return false;
  }
  return true;
}

bool is_base64(std::string_view value) {
  std::size_t count = 0, pads = 0;
  for (const char c : value) {
    if (is_blank(c)) continue;
    ++count;
    if (c == '=') {
      ++pads;
      continue;
    }
    const bool letter = is_letter_or_digit(c) || c == '+' || c == '/';
    if (!letter || pads > 0) return false;
  }
  return count > 0 && count % 4 == 0 && pads <= 2;
}

bool is_xhtml(std::string_view value) {
  value = trim(value);
  return value.starts_with("<div") && value.ends_with('>');
}

constexpr std::array<std::pair<std::string_view, Primitive>, 20> names{{
    {"boolean", Primitive::boolean}, {"integer", Primitive::integer}, {"unsignedInt", Primitive::unsigned_int},
    {"positiveInt", Primitive::positive_int}, {"decimal", Primitive::decimal}, {"string", Primitive::string},
    {"markdown", Primitive::markdown}, {"code", Primitive::code}, {"id", Primitive::id}, {"uri", Primitive::uri},
    {"url", Primitive::url}, {"canonical", Primitive::canonical}, {"oid", Primitive::oid}, {"uuid", Primitive::uuid},
    {"base64Binary", Primitive::base64_binary}, {"date", Primitive::date}, {"dateTime", Primitive::date_time},
    {"instant", Primitive::instant}, {"time", Primitive::time}, {"xhtml", Primitive::xhtml},
}};

}  // namespace

Primitive primitive(std::string_view name) {
  const auto found = std::find_if(names.begin(), names.end(), [&](const auto& pair) { return pair.first == name; });
  return found == names.end() ? Primitive::none : found->second;
}

bool quoted(Primitive kind) { return kind > Primitive::decimal; }

bool valid(Primitive kind, std::string_view value) {
  switch (kind) {
    case Primitive::none: return false;
    case Primitive::boolean: return value == "true" || value == "false";
    case Primitive::integer: return is_integer(value, -2147483648LL);
    case Primitive::unsigned_int: return is_integer(value, 0);
    case Primitive::positive_int: return is_integer(value, 1);
    case Primitive::decimal: return is_decimal(value);
    case Primitive::string:
    case Primitive::markdown: return is_string(value);
    case Primitive::code: return is_code(value);
    case Primitive::id: return is_id(value);
    case Primitive::uri:
    case Primitive::url:
    case Primitive::canonical: return is_uri(value);
    case Primitive::oid: return is_oid(value);
    case Primitive::uuid: return is_uuid(value);
    case Primitive::base64_binary: return is_base64(value);
    case Primitive::date: return is_date(value);
    case Primitive::date_time: return is_date_time(value, false);
    case Primitive::instant: return is_date_time(value, true);
    case Primitive::time: return is_time(value);
    case Primitive::xhtml: return is_xhtml(value);
  }
  return false;
}

std::string_view expected(Primitive kind) {
  switch (kind) {
    case Primitive::none: return "expected an element with children";
    case Primitive::boolean: return "expected true or false";
    case Primitive::integer: return "expected a whole number of 32 bits";
    case Primitive::unsigned_int: return "expected a whole number from 0 to 2147483647";
    case Primitive::positive_int: return "expected a whole number from 1 to 2147483647";
    case Primitive::decimal: return "expected a decimal number such as 1.50";
    case Primitive::string:
    case Primitive::markdown: return "expected text that is not blank, without control characters";
    case Primitive::code: return "expected a code: no blanks at its ends, single ones within";
    case Primitive::id: return "expected 1 to 64 of A-Z a-z 0-9 - .";
    case Primitive::uri:
    case Primitive::url:
    case Primitive::canonical: return "expected a URI without blanks";
    case Primitive::oid: return "expected urn:oid: and an OID";
    case Primitive::uuid: return "expected urn:uuid: and a UUID in lower case";
    case Primitive::base64_binary: return "expected base64";
    case Primitive::date: return "expected YYYY, YYYY-MM or YYYY-MM-DD";
    case Primitive::date_time: return "expected YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDThh:mm:ss with a zone";
    case Primitive::instant: return "expected YYYY-MM-DDThh:mm:ss with a zone";
    case Primitive::time: return "expected hh:mm:ss";
    case Primitive::xhtml: return "expected one <div> element";
  }
  return "";
}

}  // namespace tombolo
