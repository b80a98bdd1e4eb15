#include "engine/formats/hl7v2/escape.h"

#include <algorithm>
#include <optional>

#include "engine/base/charset.h"
#include "engine/base/letters.h"
#include "engine/base/text.h"

namespace tombolo::hl7v2 {
namespace {

constexpr int most_blanks = 999;  // of \.sp+n\ and \.sk+n\: nobody asks for more and means it

std::optional<std::string> hex_bytes(std::string_view digits) {
  if (digits.empty() || digits.size() % 2 != 0) return {};
  std::string bytes;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const int high = hex_value(digits[i]), low = hex_value(digits[i + 1]);
    if (high < 0 || low < 0) return {};
    bytes += static_cast<char>(high * 16 + low);
  }
  return bytes;
}

std::optional<std::string> hex_text(std::string_view digits, const std::string& charset) {
  auto bytes = hex_bytes(digits);
  if (!bytes || bytes->find('\0') != bytes->npos) return {};
  if (charset.empty() || charset == "UTF-8") return valid_utf8(*bytes) ? bytes : std::nullopt;
  const auto decoded = to_utf8(*bytes, charset);
  return decoded && decoded->replaced == 0 ? std::optional(decoded->text) : std::nullopt;
}

// The number after a formatting command, "+3" or "3"; 1 if there is none; nothing if it is no number.
std::optional<int> amount(std::string_view text) {
  if (text.empty()) return 1;
  const auto n = to_integer(text);
  return n ? std::optional(static_cast<int>(std::clamp<std::int64_t>(*n, 0, most_blanks))) : std::nullopt;
}

std::optional<std::string> layout(std::string_view command) {
  const std::string_view name = command.substr(0, 3);
  const auto n = amount(command.size() > 3 ? command.substr(3) : std::string_view{});
  if (!n) return {};
  if (name == ".br" || name == ".ce") return "\n";
  if (name == ".sp") return std::string(static_cast<std::size_t>(*n), '\n');
  if (name == ".sk") return std::string(static_cast<std::size_t>(*n), ' ');
  if (name == ".in" || name == ".ti" || name == ".fi" || name == ".nf") return "";
  return {};
}

// What stands for the letters between two escape characters; nothing if nobody knows.
std::optional<std::string> meaning(std::string_view code, const Delimiters& d, const std::string& charset) {
  if (code.empty()) return {};
  const auto one = [](char c) { return c == 0 ? std::nullopt : std::optional(std::string(1, c)); };
  if (code.size() == 1) {
    switch (code.front()) {
      case 'F': return one(d.field);
      case 'S': return one(d.component);
      case 'T': return one(d.subcomponent);
      case 'R': return one(d.repetition);
      case 'E': return one(d.escape);
      case 'P': return one(d.truncation);
      case 'H':
      case 'N': return "";
      default: return {};
    }
  }
  if (code.front() == '.') return layout(code);
  if (code.front() == 'X') return hex_text(code.substr(1), charset);
  return {};
}

// \C…\ \M…\ \Z…\ stand for themselves, with both their escape characters.
bool kept_whole(std::string_view code) {
  return code.size() > 1 && (code.front() == 'C' || code.front() == 'M' || code.front() == 'Z') && hex_bytes(code.substr(1)).has_value();
}

std::string_view name_of(char c, const Delimiters& d) {
  if (c == d.escape) return "E";
  if (c == d.field) return "F";
  if (c == d.component) return "S";
  if (c == d.repetition) return "R";
  if (c == d.subcomponent) return "T";
  if (c == d.truncation) return "P";
  if (c == '\n') return ".br";
  return {};
}

}  // namespace

std::string_view unescape(std::string_view text, const Delimiters& delimiters, Arena& arena, const std::string& charset) {
  if (delimiters.escape == 0) return text;
  std::size_t open = text.find(delimiters.escape);
  if (open == text.npos) return text;
  std::string out;
  std::size_t done = 0;
  while (open != text.npos) {
    const std::size_t close = text.find(delimiters.escape, open + 1);
    if (close == text.npos) break;
    const std::string_view code = text.substr(open + 1, close - open - 1);
    if (const auto stands_for = meaning(code, delimiters, charset)) {
      out.append(text, done, open - done);
      out.append(*stands_for);
      done = close + 1;
      open = text.find(delimiters.escape, done);
    } else {
      open = kept_whole(code) ? text.find(delimiters.escape, close + 1) : close;
    }
  }
  if (done == 0) return text;
  out.append(text, done);
  return arena.copy(out);
}

void append_escaped(std::string& out, std::string_view text, const Delimiters& delimiters) {
  static constexpr char digits[] = "0123456789ABCDEF";
  for (const char c : text) {
    const std::string_view name = c == 0 ? std::string_view{} : name_of(c, delimiters);
    const bool control = static_cast<unsigned char>(c) < 0x20 && c != '\t';
    if (name.empty() && !control) {
      out += c;
    } else if (delimiters.escape == 0) {
      out += ' ';
    } else {
      out += delimiters.escape;
      if (!name.empty()) out += name;
      else (out += 'X') += {digits[(c >> 4) & 15], digits[c & 15]};
      out += delimiters.escape;
    }
  }
}

}  // namespace tombolo::hl7v2
