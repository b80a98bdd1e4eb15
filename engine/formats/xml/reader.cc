#include "engine/formats/xml/reader.h"

#include <algorithm>

#include "engine/base/letters.h"
#include "engine/base/text.h"
#include "engine/formats/place.h"

namespace tombolo {
namespace {

constexpr std::string_view xml_space = "http://www.w3.org/XML/1998/namespace";

bool begins_name(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool in_name(char c) { return begins_name(c) || is_digit(c) || c == '-' || c == '.'; }

// Is the character at `at` one that XML 1.0 has no place for: a control character, U+FFFE or U+FFFF?
bool forbidden(std::string_view text, std::size_t at) {
  const auto c = static_cast<unsigned char>(text[at]);
  if (c < 0x20) return !is_blank(text[at]);
  return c == 0xEF && (text.substr(at, 3) == "\xEF\xBF\xBE" || text.substr(at, 3) == "\xEF\xBF\xBF");
}

void append_utf8(std::string& out, std::uint32_t c) {
  const auto tail = [&](int shift) { out += static_cast<char>(0x80 | ((c >> shift) & 0x3F)); };
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | (c >> 6));
    tail(0);
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | (c >> 12));
    tail(6), tail(0);
  } else {
    out += static_cast<char>(0xF0 | (c >> 18));
    tail(12), tail(6), tail(0);
  }
}

}  // namespace

XmlReader::XmlReader(std::string_view bytes, Arena& arena, const XmlLimits& limits) : bytes_(bytes), arena_(arena), limits_(limits) {}

Fault XmlReader::fault(std::size_t offset, std::string what, Kind kind) const {
  return {kind, line_and_column(bytes_, offset), std::move(what)};
}

bool XmlReader::blank() const { return trim(text_).empty(); }

const XmlBinding* XmlReader::binding(std::string_view prefix) const {
  const auto found = std::find_if(bindings_.rbegin(), bindings_.rend(), [&](const XmlBinding& b) { return b.prefix == prefix; });
  return found == bindings_.rend() ? nullptr : &*found;
}

bool XmlReader::take(std::string_view literal) {
  if (!rest().starts_with(literal)) return false;
  at_ += literal.size();
  return true;
}

bool XmlReader::blanks() {
  const std::size_t from = at_;
  while (at_ < bytes_.size() && is_blank(bytes_[at_])) ++at_;
  return at_ > from;
}

// What is no XML wherever it stands, then the declaration.
Result<void> XmlReader::prolog() {
  started_ = true;
  if (bytes_.size() > UINT32_MAX) return fault(0, "an XML text may have 4 GiB at most", Kind::too_large);
  if (bytes_.starts_with("\xFE\xFF") || bytes_.starts_with("\xFF\xFE")) return fault(0, "expected UTF-8, found UTF-16");
  if (const std::size_t bad = not_utf8(bytes_); bad != bytes_.npos) return fault(bad, "this is not UTF-8");
  for (std::size_t i = 0; i < bytes_.size(); ++i) {
    if (forbidden(bytes_, i)) return fault(i, "this character has no place in XML");
  }
  take("\xEF\xBB\xBF");
  if (!rest().starts_with("<?xml") || (rest().size() > 5 && in_name(rest()[5]))) return {};
  const std::size_t begin = at_, close = bytes_.find("?>", at_);
  if (close == bytes_.npos) return fault(begin, "expected ?> at the end of the declaration");
  at_ += 5;
  while (blanks() && at_ < close) {
    if (auto read = attribute(); !read) return read;
  }
  for (const auto& [space, name, value, place] : attributes_) {
    if (name == "version" && value != "1.0") return fault(place, "expected XML 1.0, found another version", Kind::unsupported);
    if (name == "encoding" && !equal_ignoring_case(value, "utf-8") && !equal_ignoring_case(value, "us-ascii")) {
      return fault(place, "expected the encoding UTF-8, found another", Kind::unsupported);
    }
  }
  if (attributes_.empty() || attributes_[0].name != "version") return fault(begin, "expected the version first in the declaration");
  if (at_ != close) return fault(at_, "expected ?> at the end of the declaration");
  at_ += 2;
  return {};
}

Result<XmlKind> XmlReader::next() {
  if (!started_) {
    if (auto begun = prolog(); !begun) return begun.error();
  }
  begin_ = at_;
  if (empty_) return empty_ = false, ended();
  if (at_ == bytes_.size()) {
    if (!open_.empty()) return fault(at_, "expected </" + std::string(open_.back().qualified) + ">, found the end of the text");
    if (!rooted_) return fault(at_, "expected an element, found the end of the text");
    return XmlKind::finish;
  }
  return bytes_[at_] == '<' ? markup() : character_data();
}

Result<XmlKind> XmlReader::markup() {
  if (rest().starts_with("</")) return finish_tag();
  if (rest().starts_with("<!--")) return until("-->", XmlKind::comment, 4);
  if (rest().starts_with("<![CDATA[")) return cdata();
  if (rest().starts_with("<!")) {
    return fault(at_, rest().starts_with("<!DOCTYPE") ? "a DOCTYPE is refused: there are no entities here but those of XML itself" : "this is no markup of XML");
  }
  if (rest().starts_with("<?")) {
    at_ += 2;
    const auto target = qualified_name();
    if (!target) return target.error();
    if (lower(target->name) == "xml") return fault(begin_, "the XML declaration stands at the very beginning or not at all");
    at_ = begin_;
    return until("?>", XmlKind::instruction, 2);
  }
  return start();
}

// A token that ends with `close`. In a comment -- may not stand anywhere else.
Result<XmlKind> XmlReader::until(std::string_view close, XmlKind kind, std::size_t skip) {
  const std::size_t found = bytes_.find(kind == XmlKind::comment ? "--" : close, at_ + skip);
  if (found == bytes_.npos) return fault(begin_, "expected " + std::string(close) + " at its end");
  if (bytes_.substr(found, close.size()) != close) return fault(found, "-- may not stand in a comment");
  text_ = bytes_.substr(begin_ + skip, found - begin_ - skip);
  at_ = found + close.size();
  return kind;
}

Result<XmlKind> XmlReader::cdata() {
  if (open_.empty()) return fault(at_, "text may not stand outside the root element");
  auto kind = until("]]>", XmlKind::text, 9);
  if (kind && text_.find('\r') != text_.npos) {
    std::string lines;
    for (std::size_t i = 0; i < text_.size(); ++i) {
      if (text_[i] != '\r') lines += text_[i];
      else if (text_.substr(i + 1, 1) != "\n") lines += '\n';
    }
    text_ = arena_.copy(lines);
  }
  return kind;
}

Result<XmlKind> XmlReader::character_data() {
  at_ = std::min(bytes_.find('<', at_), bytes_.size());
  const std::string_view raw = bytes_.substr(begin_, at_ - begin_);
  if (const auto close = raw.find("]]>"); close != raw.npos) return fault(begin_ + close, "]]> may not stand in text");
  const auto text = unescape(begin_, at_, false);
  if (!text) return text.error();
  text_ = *text;
  if (open_.empty() && !blank()) return fault(begin_, rooted_ ? "expected nothing after the root element, found text" : "expected an element, found text");
  return XmlKind::text;
}

Result<XmlKind> XmlReader::start() {
  if (rooted_ && open_.empty()) return fault(at_, "expected nothing after the root element, found another element");
  ++at_;
  const auto element = qualified_name();
  if (!element) return element.error();
  if (open_.size() >= limits_.depth) return fault(begin_, "nested more than " + std::to_string(limits_.depth) + " deep", Kind::too_large);
  rooted_ = true;
  open_.push_back({bytes_.substr(begin_ + 1, at_ - begin_ - 1), {}, element->name, bindings_.size()});
  attributes_.clear();
  prefixes_.clear();
  for (;;) {
    const bool apart = blanks();
    if (take(">")) break;
    if (take("/>")) {
      empty_ = true;
      break;
    }
    if (!apart) return fault(at_, at_ == bytes_.size() ? "expected > at the end of the tag" : "expected a blank, > or />");
    if (auto read = attribute(); !read) return read.error();
  }
  const XmlBinding* const bound = binding(element->prefix);
  if (bound != nullptr) open_.back().space = bound->space;
  else if (element->prefix == "xml") open_.back().space = xml_space;
  else if (!element->prefix.empty()) return fault(begin_, "the prefix of this element stands for no namespace");
  if (auto resolved = resolve(); !resolved) return resolved.error();
  qualified_ = open_.back().qualified;
  name_ = open_.back().name;
  space_ = open_.back().space;
  return XmlKind::start;
}

Result<XmlKind> XmlReader::finish_tag() {
  at_ += 2;
  const std::size_t from = at_;
  const auto element = qualified_name();
  if (!element) return element.error();
  const std::string_view found = bytes_.substr(from, at_ - from);
  blanks();
  if (!take(">")) return fault(at_, "expected > at the end of the tag");
  if (open_.empty()) return fault(begin_, "expected no end tag: no element is open");
  if (open_.back().qualified != found) {
    return fault(begin_, "expected </" + std::string(open_.back().qualified) + ">, found </" + std::string(found.substr(0, 64)) + ">");
  }
  return ended();
}

Result<XmlKind> XmlReader::ended() {
  const Open& open = open_.back();
  qualified_ = open.qualified;
  name_ = open.name;
  space_ = open.space;
  bindings_.resize(open.bindings);
  open_.pop_back();
  return XmlKind::end;
}

// One attribute; xmlns becomes a binding. In the declaration of the document there are no elements yet.
Result<void> XmlReader::attribute() {
  const std::size_t begin = at_;
  const auto name = qualified_name();
  if (!name) return name.error();
  blanks();
  if (!take("=")) return fault(at_, "expected = and a value after the name of an attribute");
  blanks();
  const char quote = at_ < bytes_.size() ? bytes_[at_] : '\0';
  if (quote != '"' && quote != '\'') return fault(at_, "expected the value of an attribute in quotes");
  const std::size_t from = at_ + 1, close = bytes_.find(quote, from);
  if (close == bytes_.npos) return fault(at_, "expected the quote at the end of the value");
  const auto value = unescape(from, close, true);
  if (!value) return value.error();
  at_ = close + 1;
  const bool declares = name->prefix == "xmlns" || (name->prefix.empty() && name->name == "xmlns");
  const std::size_t declared = open_.empty() ? 0 : bindings_.size() - open_.back().bindings;
  if (attributes_.size() + declared >= limits_.attributes) {
    return fault(begin, "more than " + std::to_string(limits_.attributes) + " attributes", Kind::too_large);
  }
  if (!declares) {
    attributes_.push_back({{}, name->name, *value, begin});
    prefixes_.push_back(name->prefix);
    return {};
  }
  const std::string_view prefix = name->prefix.empty() ? std::string_view() : name->name;
  if (prefix == "xmlns" || (prefix == "xml") != (*value == xml_space) || (!prefix.empty() && value->empty())) {
    return fault(begin, "this namespace cannot be declared so");
  }
  for (std::size_t i = bindings_.size() - declared; i < bindings_.size(); ++i) {
    if (bindings_[i].prefix == prefix) return fault(begin, "this attribute stands twice in its element");
  }
  bindings_.push_back({prefix, *value, open_.size()});
  return {};
}

// The namespaces of the attributes, once all of the element's declarations are known.
Result<void> XmlReader::resolve() {
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    XmlAttribute& one = attributes_[i];
    if (prefixes_[i] == "xml") one.space = xml_space;
    else if (!prefixes_[i].empty()) {
      const XmlBinding* const bound = binding(prefixes_[i]);
      if (bound == nullptr) return fault(one.begin, "the prefix of this attribute stands for no namespace");
      one.space = bound->space;
    }
  }
  return distinct();
}

Result<void> XmlReader::distinct() const {
  for (std::size_t i = 0; i < attributes_.size(); ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      if (attributes_[i].name == attributes_[k].name && attributes_[i].space == attributes_[k].space) {
        return fault(attributes_[i].begin, "this attribute stands twice in its element");
      }
    }
  }
  return {};
}

Result<XmlReader::Raw> XmlReader::qualified_name() {
  const auto part = [&] {
    const std::size_t from = at_;
    if (at_ < bytes_.size() && begins_name(bytes_[at_])) {
      while (at_ < bytes_.size() && in_name(bytes_[at_])) ++at_;
    }
    return bytes_.substr(from, at_ - from);
  };
  Raw raw;
  raw.name = part();
  if (!raw.name.empty() && take(":")) {
    raw.prefix = raw.name;
    raw.name = part();
  }
  if (raw.name.empty()) return fault(at_, "expected a name");
  if (raw.name.size() > UINT16_MAX) return fault(at_, "a name may have 65535 bytes at most", Kind::too_large);
  return raw;
}

// Text or a value without references, and with the line ends that XML wants. A view into the bytes if nothing changed.
Result<std::string_view> XmlReader::unescape(std::size_t from, std::size_t to, bool attribute) {
  const std::string_view raw = bytes_.substr(from, to - from);
  if (const auto less = raw.find('<'); less != raw.npos) return fault(from + less, "< may not stand in a value");
  if (raw.find_first_of(attribute ? "&\r\n\t" : "&\r") == raw.npos) return raw;
  std::string out;
  out.reserve(raw.size());
  for (std::size_t at = from; at < to; ++at) {
    const char c = bytes_[at];
    if (c == '&') {
      const auto end = reference(at, out);
      if (!end) return end.error();
      at = *end;
    } else if (c == '\r') {
      if (at + 1 < to && bytes_[at + 1] == '\n') continue;
      out += attribute ? ' ' : '\n';
    } else {
      out += attribute && is_blank(c) ? ' ' : c;
    }
  }
  return arena_.copy(out);
}

// Appends what &…; stands for; where its semicolon is.
Result<std::size_t> XmlReader::reference(std::size_t at, std::string& out) const {
  const std::size_t end = bytes_.substr(at, 16).find(';');
  if (end == bytes_.npos) return fault(at, "expected a reference such as &amp;");
  const std::string_view name = bytes_.substr(at + 1, end - 1);
  constexpr std::pair<std::string_view, char> known[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
  for (const auto& [entity, c] : known) {
    if (name == entity) return out += c, at + end;
  }
  if (!name.starts_with('#')) return fault(at, "expected a reference that XML itself knows (amp lt gt quot apos), found another");
  const bool hex = name.size() > 1 && name[1] == 'x';
  const std::string_view digits = name.substr(hex ? 2 : 1);
  std::uint32_t code = 0;
  for (const char c : digits) {
    const int digit = hex ? hex_value(c) : is_digit(c) ? c - '0' : -1;
    if (digit < 0 || code > 0x10FFFF) return fault(at, "expected digits in a character reference");
    code = code * (hex ? 16u : 10u) + static_cast<std::uint32_t>(digit);
  }
  const bool control = code < 0x20 && code != 9 && code != 10 && code != 13;
  const bool no_character = code > 0x10FFFF || (code >= 0xD800 && code < 0xE000) || code == 0xFFFE || code == 0xFFFF;
  if (digits.empty() || control || no_character) return fault(at, "this reference stands for no character of XML");
  append_utf8(out, code);
  return at + end;
}

}  // namespace tombolo
