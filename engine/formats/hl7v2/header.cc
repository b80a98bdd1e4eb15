#include "engine/formats/hl7v2/header.h"

#include <algorithm>
#include <cstring>

namespace tombolo::hl7v2 {
namespace {

// The n-th piece (from 1) of `text` cut at `at`; all of it is the first if there is no such delimiter.
std::string_view piece(std::string_view text, char at, int n) {
  if (at == 0) return n == 1 ? text : std::string_view{};
  for (; n > 1; --n) {
    const auto next = text.find(at);
    if (next == text.npos) return {};
    text.remove_prefix(next + 1);
  }
  return text.substr(0, text.find(at));
}

}  // namespace

std::string_view field(std::string_view segment, char separator, int n) { return piece(segment, separator, n + 1); }

std::string_view component(std::string_view field, const Delimiters& d, int repetition, int component) {
  return piece(piece(field, d.repetition, repetition), d.component, component);
}

std::string_view part(std::string_view field, const Delimiters& d, int repetition, int number, int subcomponent) {
  return piece(component(field, d, repetition, number), d.subcomponent, subcomponent);
}

std::size_t segment_end(std::string_view text, char line) { return std::min(text.find(line), text.size()); }

Result<Header> Header::read(std::string_view bytes) {
  const auto found = hl7v2::delimiters(bytes);
  if (!found) return found.error();
  Header header;
  header.delimiters_ = *found;
  const std::size_t carriage_return = std::min(bytes.find('\r'), bytes.size());
  const std::size_t end = std::min(bytes.substr(0, carriage_return).find('\n'), carriage_return);
  header.segment_ = bytes.substr(0, end);
  const bool line_feed = end < bytes.size() && bytes[end] == '\n';
  header.line_ = line_feed ? '\n' : '\r';
  std::string_view rest = header.segment_;
  header.fields_[0] = rest.substr(0, 3);
  header.fields_[1] = rest.substr(3, 1);
  rest.remove_prefix(4);
  header.count_ = 2;
  while (header.count_ < static_cast<int>(header.fields_.size())) {
    const auto next = std::min(rest.find(found->field), rest.size());
    header.fields_[static_cast<std::size_t>(header.count_++)] = rest.substr(0, next);
    if (next == rest.size()) break;
    rest.remove_prefix(next + 1);
  }
  return header;
}

}  // namespace tombolo::hl7v2
