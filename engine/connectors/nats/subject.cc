#include "engine/connectors/nats/subject.h"

#include <algorithm>

#include "engine/base/letters.h"
#include "engine/base/text.h"

namespace tombolo::nats {
namespace {

constexpr std::size_t longest_token = 100;

bool plain(char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; }

std::string token(std::string_view value) {
  std::string made(value.substr(0, longest_token));
  std::replace_if(made.begin(), made.end(), [](char c) { return !plain(c); }, '_');
  return made.empty() ? "none" : made;
}

// The text with its names in braces replaced by what `value` gives.
template <class Value>
std::string filled(std::string_view text, Value value) {
  std::string made;
  while (!text.empty()) {
    const std::size_t open = text.find('{');
    made += text.substr(0, open);
    if (open == text.npos) break;
    const std::size_t end = text.find('}', open);
    made += value(text.substr(open + 1, end - open - 1));
    text.remove_prefix(end + 1);
  }
  return made;
}

}  // namespace

bool good_name(std::string_view name) { return !name.empty() && name.size() < 256 && std::all_of(name.begin(), name.end(), plain); }

bool good_subject(std::string_view subject, bool wildcards) {
  const auto tokens = split(subject, '.');
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::string_view one = tokens[i];
    if (wildcards && (one == "*" || (one == ">" && i + 1 == tokens.size()))) continue;
    if (one.empty() || one.find_first_of("*>{}") != one.npos) return false;
    if (std::any_of(one.begin(), one.end(), [](char c) { return static_cast<unsigned char>(c) <= ' ' || c == '\x7f'; })) return false;
  }
  return !subject.empty() && subject.size() < 1024 && subject.front() != '$';
}

Result<Subject> Subject::parse(std::string_view text) {
  bool known = std::count(text.begin(), text.end(), '{') == std::count(text.begin(), text.end(), '}');
  for (std::size_t at = text.find('{'); known && at != text.npos; at = text.find('{', at + 1)) {
    const std::size_t end = text.find('}', at);
    const std::string_view name = end == text.npos ? "" : text.substr(at + 1, end - at - 1);
    known = name == "channel" || name == "type" || name == "control_id";
  }
  if (!known) return Fault{Kind::malformed, "", "a subject knows {channel}, {type} and {control_id}; found '" + std::string(text) + "'"};
  if (!good_subject(filled(text, [](std::string_view) { return "x"; }), false))
    return Fault{Kind::malformed, "", "expected a subject such as hl7.{channel}.{type}, found '" + std::string(text) + "'"};
  Subject made;
  made.text_ = text;
  return made;
}

std::string Subject::of(const Envelope& envelope) const {
  return filled(text_, [&](std::string_view name) { return token(name == "channel" ? envelope.channel : name == "type" ? envelope.type : envelope.control_id); });
}

}  // namespace tombolo::nats
