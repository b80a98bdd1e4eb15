#include "engine/connectors/file/names.h"

#include <algorithm>

#include "engine/base/letters.h"
#include "engine/base/text.h"

namespace tombolo {
namespace {

const std::vector<std::string_view> names{"date", "hour", "channel", "id", "control_id", "type"};

bool harmless(char c) {
  return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-';
}

std::string value_of(std::string_view name, const Envelope& e) {
  if (name == "date") return iso8601(e.now).substr(0, 10);
  if (name == "hour") return iso8601(e.now).substr(0, 13);
  if (name == "channel") return file_name_part(e.channel);
  if (name == "id") return file_name_part(e.id);
  if (name == "control_id") return file_name_part(e.control_id);
  return file_name_part(e.type);
}

}  // namespace

std::string file_name_part(std::string_view value) {
  constexpr std::size_t longest = 100;
  if (value.empty()) return "none";
  std::string part(value.substr(0, longest));
  char before = '.';  // so that a first dot is replaced, too
  for (char& c : part) {
    if (!harmless(c) || (c == '.' && before == '.')) c = '_';
    before = c;
  }
  return part;
}

Result<NameTemplate> NameTemplate::parse(std::string_view text) {
  NameTemplate made;
  if (text.empty() || text.ends_with('/'))
    return Fault{Kind::malformed, "", "expected a file's name such as out/{date}.ndjson"};
  for (const auto part : split(text, '/')) {
    if (part == "..") return Fault{Kind::refused, "", "'..' is not allowed in a path"};
  }
  while (!text.empty()) {
    const std::size_t open = text.find_first_of("{}");
    if (open > 0) made.pieces_.push_back({false, std::string(text.substr(0, open))});
    if (open == std::string_view::npos) break;
    const std::size_t close = text.find('}', open);
    if (text[open] == '}' || close == std::string_view::npos)
      return Fault{Kind::malformed, "", "a name stands between { and }"};
    const std::string_view name = text.substr(open + 1, close - open - 1);
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      return Fault{Kind::malformed, "", "no such name: {" + std::string(name) + "}" + suggestion(name, names)};
    }
    made.pieces_.push_back({true, std::string(name)});
    text.remove_prefix(close + 1);
  }
  return made;
}

std::filesystem::path NameTemplate::of(const Envelope& envelope) const {
  std::string path;
  for (const auto& piece : pieces_) path += piece.is_name ? value_of(piece.text, envelope) : piece.text;
  return path;
}

bool NameTemplate::uses(std::string_view name) const {
  return std::any_of(pieces_.begin(), pieces_.end(), [&](const Piece& p) { return p.is_name && p.text == name; });
}

}  // namespace tombolo
