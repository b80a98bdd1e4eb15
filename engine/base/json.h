// Writing JSON (reading it is formats/json). Appends to a string that the caller owns; text must be valid UTF-8.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace tombolo {

// Appends `text` with its quotes, escaped as RFC 8259 asks (and nothing more: "/" and non-ASCII stay as they are).
void append_json_string(std::string& out, std::string_view text);

// Writes one value in order; commas, colons and indentation are its own business. Unbalanced calls are a bug (assert).
class JsonWriter {
 public:
  // indent: blanks per level; 0 writes compactly, without any white space.
  explicit JsonWriter(std::string& out, int indent = 0) : out_(out), indent_(indent) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  void key(std::string_view name);
  void string(std::string_view text);
  void number(std::int64_t n);
  void literal(std::string_view token);  // true, false, null, or a number's digits as they are to stand (1.00)

  // key + value in one call.
  void member(std::string_view name, std::string_view text) { key(name), string(text); }
  void member(std::string_view name, const char* text) { key(name), string(text); }
  void member(std::string_view name, std::int64_t n) { key(name), number(n); }
  void member(std::string_view name, bool truth) { key(name), literal(truth ? "true" : "false"); }

 private:
  void open(char bracket);
  void close(char bracket);
  void before_value();
  void new_line();

  std::string& out_;
  int indent_;
  std::vector<bool> filled_;  // per open bracket: has it a value yet?
  bool after_key_ = false;
};

}  // namespace tombolo
