#include "engine/base/json.h"

#include <cassert>

#include "engine/base/json_scan.h"

namespace tombolo {
namespace {

void append_escape(std::string& out, unsigned char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\b': out += "\\b"; return;
    case '\f': out += "\\f"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default:
      out += "\\u00";
      out += hex[c >> 4];
      out += hex[c & 15];
  }
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  for (;;) {
    const std::size_t plain = plain_prefix(text);
    out.append(text, 0, plain);
    if (plain == text.size()) break;
    append_escape(out, static_cast<unsigned char>(text[plain]));
    text.remove_prefix(plain + 1);
  }
  out += '"';
}

void JsonWriter::key(std::string_view name) {
  assert(!filled_.empty() && !after_key_);
  before_value();
  append_json_string(out_, name);
  out_ += indent_ > 0 ? ": " : ":";
  after_key_ = true;
}

void JsonWriter::string(std::string_view text) {
  before_value();
  append_json_string(out_, text);
}

void JsonWriter::number(std::int64_t n) { literal(std::to_string(n)); }

void JsonWriter::literal(std::string_view token) {
  before_value();
  out_ += token;
}

void JsonWriter::open(char bracket) {
  before_value();
  out_ += bracket;
  filled_.push_back(false);
}

void JsonWriter::close(char bracket) {
  assert(!filled_.empty() && !after_key_);
  const bool filled = filled_.back();
  filled_.pop_back();
  if (filled) new_line();
  out_ += bracket;
}

void JsonWriter::before_value() {
  if (after_key_) {
    after_key_ = false;
    return;
  }
  if (filled_.empty()) return;
  if (filled_.back()) out_ += ',';
  filled_.back() = true;
  new_line();
}

void JsonWriter::new_line() {
  if (indent_ == 0) return;
  out_ += '\n';
  out_.append(filled_.size() * static_cast<std::size_t>(indent_), ' ');
}

}  // namespace tombolo
