// Text: length substring startsWith endsWith contains indexOf upper lower replace split join trim encode decode escape …
// Positions and lengths count characters (code points), not bytes.
#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/fhirpath/functions/functions.h"

namespace tombolo::fhirpath {
namespace {

using Text = std::optional<std::string_view>;

bool continues(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

std::int64_t characters(std::string_view s) {
  return static_cast<std::int64_t>(std::count_if(s.begin(), s.end(), [](char c) { return !continues(c); }));
}

// Bytes before the nth character; the whole size if there are fewer.
std::size_t bytes_before(std::string_view s, std::int64_t n) {
  std::size_t at = 0;
  for (; n > 0 && at < s.size(); --n) {
    ++at;
    while (at < s.size() && continues(s[at])) ++at;
  }
  return at;
}

bool give(Call& call, decltype(Item::held) value, Items& out) {
  out.add(call.item(value, {&call.input()}));
  return true;
}
bool give_text(Call& call, std::string_view text, Items& out) {
  out.add(call.text_item(text, {&call.input()}));
  return true;
}

bool length(Call& call, Items& out) {
  Text text;
  if (!call.text(call.input(), text)) return false;
  return !text || give(call, characters(*text), out);
}

bool substring(Call& call, Items& out) {
  Text text;
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> count;
  if (!call.text(call.input(), text) || !call.integer_argument(0, start)) return false;
  if (call.count() > 1 && !call.integer_argument(1, count)) return false;
  if (!text || !start || *start < 0 || *start >= characters(*text)) return true;
  std::string_view part = text->substr(bytes_before(*text, *start));
  if (count) part = part.substr(0, bytes_before(part, std::max<std::int64_t>(0, *count)));
  return give(call, part, out);
}

// Two texts: the input and the one argument. absent: one is not there.
bool two_texts(Call& call, Text& text, Text& other, bool& absent) {
  if (!call.text(call.input(), text) || !call.text_argument(0, other)) return false;
  absent = !text || !other;
  return true;
}

template <bool (*holds)(std::string_view, std::string_view)>
bool test(Call& call, Items& out) {
  Text text;
  Text other;
  bool absent = false;
  if (!two_texts(call, text, other, absent)) return false;
  return absent || give(call, holds(*text, *other), out);
}
bool starts(std::string_view s, std::string_view with) { return s.starts_with(with); }
bool ends(std::string_view s, std::string_view with) { return s.ends_with(with); }
bool holds(std::string_view s, std::string_view what) { return s.find(what) != std::string_view::npos; }

template <bool last>
bool index_of(Call& call, Items& out) {
  Text text;
  Text other;
  bool absent = false;
  if (!two_texts(call, text, other, absent)) return false;
  if (absent) return true;
  const std::size_t at = last && !other->empty() ? text->rfind(*other) : text->find(*other);
  return give(call, at == std::string_view::npos ? std::int64_t{-1} : characters(text->substr(0, at)), out);
}

// Letters of Latin-1, Greek and Cyrillic change their case as well; the rest stays.
char32_t change_case(char32_t c, bool up) {
  const auto between = [c](char32_t low, char32_t high) { return c >= low && c <= high; };
  if (up) {
    if (between('a', 'z') || (between(0xE0, 0xFE) && c != 0xF7) || between(0x3B1, 0x3C1) || between(0x3C3, 0x3C9) || between(0x430, 0x44F)) return c - 32;
    if (between(0x450, 0x45F)) return c - 80;
    if (c == 0xFF) return 0x178;
    if ((between(0x100, 0x137) || between(0x14A, 0x177)) && c != 0x131) return c & ~char32_t{1};
    return c;
  }
  if (between('A', 'Z') || (between(0xC0, 0xDE) && c != 0xD7) || between(0x391, 0x3A1) || between(0x3A3, 0x3A9) || between(0x410, 0x42F)) return c + 32;
  if (between(0x400, 0x40F)) return c + 80;
  if (c == 0x178) return 0xFF;
  if ((between(0x100, 0x137) || between(0x14A, 0x177)) && c != 0x130) return c | 1;
  return c;
}

template <bool up>
bool cased(Call& call, Items& out) {
  Text text;
  if (!call.text(call.input(), text)) return false;
  if (!text) return true;
  std::string changed;
  for (std::size_t i = 0; i < text->size(); ++i) {
    const auto byte = static_cast<unsigned char>((*text)[i]);
    const bool pair = byte >= 0xC2 && byte < 0xE0 && i + 1 < text->size();
    if (!pair) {
      changed += byte < 0x80 ? static_cast<char>(change_case(byte, up)) : static_cast<char>(byte);
      continue;
    }
    const char32_t c = change_case(static_cast<char32_t>((byte & 0x1F) << 6 | ((*text)[++i] & 0x3F)), up);
    changed += static_cast<char>(0xC0 | (c >> 6));
    changed += static_cast<char>(0x80 | (c & 0x3F));
  }
  return give_text(call, changed, out);
}

bool replace(Call& call, Items& out) {
  Text text;
  Text pattern;
  Text with;
  if (!call.text(call.input(), text) || !call.text_argument(0, pattern) || !call.text_argument(1, with)) return false;
  if (!text || !pattern || !with) return true;
  std::string changed;
  if (pattern->empty()) {  // between all characters
    for (std::size_t i = 0; i < text->size(); ++i) {
      if (!continues((*text)[i])) changed += *with;
      changed += (*text)[i];
    }
    return give_text(call, changed += *with, out);
  }
  for (std::size_t at = 0; at <= text->size();) {
    const std::size_t found = std::min(text->find(*pattern, at), text->size());
    changed += text->substr(at, found - at);
    if (found == text->size()) break;
    changed += *with;
    at = found + pattern->size();
  }
  return give_text(call, changed, out);
}

bool trimmed(Call& call, Items& out) {
  Text text;
  if (!call.text(call.input(), text)) return false;
  return !text || give(call, trim(*text), out);
}

bool split_at(Call& call, Items& out) {
  Text text;
  Text separator;
  bool absent = false;
  if (!two_texts(call, text, separator, absent)) return false;
  if (absent) return true;
  std::string_view rest = *text;
  for (;;) {
    const std::size_t at = separator->empty() ? bytes_before(rest, 1) : rest.find(*separator);
    const bool last = at == std::string_view::npos || (separator->empty() && at == rest.size());
    give(call, last ? rest : rest.substr(0, at), out);
    if (last) return true;
    rest.remove_prefix(at + separator->size());
  }
}

bool join(Call& call, Items& out) {
  Text separator = "";
  if (call.count() > 0 && !call.text_argument(0, separator)) return false;
  if (call.input().empty()) return true;
  std::string joined;
  bool first = true;
  for (const Item& item : call.input()) {
    const auto part = text(item, call.arena());
    if (!part) return call.fail("expected text, found a complex value");
    if (!first) joined += separator.value_or("");
    first = false;
    joined += *part;
  }
  return give_text(call, joined, out);
}

bool characters_of(Call& call, Items& out) {
  Text text;
  if (!call.text(call.input(), text)) return false;
  while (text && !text->empty()) {
    const std::size_t size = bytes_before(*text, 1);
    give(call, text->substr(0, size), out);
    text->remove_prefix(size);
  }
  return true;
}

// Encodings

constexpr std::string_view base64_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
constexpr std::string_view hex_letters = "0123456789abcdef";

std::string to_base64(std::string_view bytes, std::string_view letters) {
  std::string out;
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t group = 0;
    const std::size_t size = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) group = group << 8 | (k < size ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) out += k <= size ? letters[group >> (18 - 6 * k) & 63] : '=';
  }
  return out;
}

std::optional<std::string> from_base64(std::string_view text, std::string_view letters) {
  std::string out;
  std::uint32_t group = 0;
  int bits = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (const char c : text) {
    if (c == '\r' || c == '\n' || c == ' ') continue;
    const auto value = letters.find(c);
    if (value == std::string_view::npos) return std::nullopt;
    group = (group << 6 | static_cast<std::uint32_t>(value)) & 0xFFFFFF;
    bits += 6;
    if (bits >= 8) bits -= 8, out += static_cast<char>(group >> bits & 0xFF);
  }
  return bits == 6 ? std::nullopt : std::optional(out);
}

std::string to_hex(std::string_view bytes) {
  std::string out;
  for (const char c : bytes) {
    out += hex_letters[static_cast<unsigned char>(c) >> 4];
    out += hex_letters[static_cast<unsigned char>(c) & 15];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  std::string out;
  const std::string digits = lower(text);
  if (digits.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < digits.size(); i += 2) {
    const auto high = hex_letters.find(digits[i]);
    const auto low = hex_letters.find(digits[i + 1]);
    if (high == std::string_view::npos || low == std::string_view::npos) return std::nullopt;
    out += static_cast<char>(high << 4 | low);
  }
  return out;
}

bool encode(Call& call, Items& out) {
  Text text;
  Text how;
  bool absent = false;
  if (!two_texts(call, text, how, absent)) return false;
  if (absent) return true;
  if (*how == "base64") return give_text(call, to_base64(*text, base64_letters), out);
  if (*how == "urlbase64") return give_text(call, to_base64(*text, url_letters), out);
  if (*how == "hex") return give_text(call, to_hex(*text), out);
  if (*how == "hex-base64") {  // what is hexadecimal becomes base64: HL7's ED with encoding Hex
    const auto bytes = from_hex(*text);
    return bytes ? give_text(call, to_base64(*bytes, base64_letters), out) : call.fail("expected hexadecimal digits");
  }
  return call.fail("unknown encoding: expected base64, urlbase64, hex or hex-base64");
}

bool decode(Call& call, Items& out) {
  Text text;
  Text how;
  bool absent = false;
  if (!two_texts(call, text, how, absent)) return false;
  if (absent) return true;
  std::optional<std::string> bytes;
  if (*how == "base64") bytes = from_base64(*text, base64_letters);
  else if (*how == "urlbase64") bytes = from_base64(*text, url_letters);
  else if (*how == "hex") bytes = from_hex(*text);
  else return call.fail("unknown encoding: expected base64, urlbase64 or hex");
  if (!bytes || !valid_utf8(*bytes)) return call.fail("this is no text in that encoding");
  return give_text(call, *bytes, out);
}

Shape check_encoding(Checking& c) {
  const auto how = c.constant(0);
  static constexpr std::array<std::string_view, 4> known = {"base64", "urlbase64", "hex", "hex-base64"};
  if (how && std::find(known.begin(), known.end(), *how) == known.end()) {
    c.error(0, "unknown encoding '" + std::string(*how) + "'" + suggestion(*how, {known.begin(), known.end()}));
  }
  return checks::of_text<checks::text>(c);
}

struct Escape {
  char plain;
  std::string_view escaped;
};
constexpr std::array html_escapes = {Escape{'&', "&amp;"}, Escape{'<', "&lt;"}, Escape{'>', "&gt;"}, Escape{'"', "&quot;"}, Escape{'\'', "&#39;"}};
constexpr std::array json_escapes = {Escape{'\\', "\\\\"}, Escape{'"', "\\\""}, Escape{'\n', "\\n"}, Escape{'\r', "\\r"}, Escape{'\t', "\\t"}, Escape{'\f', "\\f"}};

std::string escaped(std::string_view text, std::span<const Escape> escapes) {
  std::string out;
  for (const char c : text) {
    const auto found = std::find_if(escapes.begin(), escapes.end(), [c](const Escape& e) { return e.plain == c; });
    if (found == escapes.end()) out += c;
    else out += found->escaped;
  }
  return out;
}

std::string unescaped(std::string_view text, std::span<const Escape> escapes) {
  std::string out;
  while (!text.empty()) {
    const auto found = std::find_if(escapes.begin(), escapes.end(), [text](const Escape& e) { return text.starts_with(e.escaped); });
    out += found == escapes.end() ? text[0] : found->plain;
    text.remove_prefix(found == escapes.end() ? 1 : found->escaped.size());
  }
  return out;
}

template <std::string (*change)(std::string_view, std::span<const Escape>)>
bool escape(Call& call, Items& out) {
  Text text;
  Text how;
  bool absent = false;
  if (!two_texts(call, text, how, absent)) return false;
  if (absent) return true;
  if (*how == "html") return give_text(call, change(*text, html_escapes), out);
  if (*how == "json") return give_text(call, change(*text, json_escapes), out);
  return call.fail("unknown target: expected html or json");
}

Shape many_texts(Checking&) { return {{type_of(System::string)}, true, true}; }

constexpr std::array functions = {
    Function{"length", 0, 0, "", checks::of_text<checks::whole>, length, false, "'Zoë'.length() = 3"},
    Function{"substring", 1, 2, "i", checks::of_text<checks::text>, substring, false, "'abcdef'.substring(2, 3) = 'cde'"},
    Function{"startsWith", 1, 1, "s", checks::of_text<checks::maybe_truth>, test<starts>, false, "'abc'.startsWith('ab')"},
    Function{"endsWith", 1, 1, "s", checks::of_text<checks::maybe_truth>, test<ends>, false, "'abc'.endsWith('bc')"},
    Function{"contains", 1, 1, "s", checks::of_text<checks::maybe_truth>, test<holds>, false, "'abc'.contains('b')"},
    Function{"indexOf", 1, 1, "s", checks::of_text<checks::whole>, index_of<false>, false, "'abcb'.indexOf('b') = 1"},
    Function{"lastIndexOf", 1, 1, "s", checks::of_text<checks::whole>, index_of<true>, false, "'abcb'.lastIndexOf('b') = 3"},
    Function{"upper", 0, 0, "", checks::of_text<checks::text>, cased<true>, false, "'Märta'.upper() = 'MÄRTA'"},
    Function{"lower", 0, 0, "", checks::of_text<checks::text>, cased<false>, false, "'MÄRTA'.lower() = 'märta'"},
    Function{"replace", 2, 2, "s", checks::of_text<checks::text>, replace, false, "'a-b-c'.replace('-', '') = 'abc'"},
    Function{"trim", 0, 0, "", checks::of_text<checks::text>, trimmed, false, "' a '.trim() = 'a'"},
    Function{"split", 1, 1, "s", checks::of_text<many_texts>, split_at, false, "'a,b'.split(',').last() = 'b'"},
    Function{"join", 0, 1, "s", checks::text, join, false, "('a' | 'b').join('-') = 'a-b'"},
    Function{"toChars", 0, 0, "", checks::of_text<many_texts>, characters_of, false, "'abc'.toChars().count() = 3"},
    Function{"encode", 1, 1, "s", check_encoding, encode, false, "'test'.encode('base64') = 'dGVzdA=='"},
    Function{"decode", 1, 1, "s", check_encoding, decode, false, "'74657374'.decode('hex') = 'test'"},
    Function{"escape", 1, 1, "s", checks::of_text<checks::text>, escape<escaped>, false, "'a<b'.escape('html') = 'a&lt;b'"},
    Function{"unescape", 1, 1, "s", checks::of_text<checks::text>, escape<unescaped>, false, "'a&lt;b'.unescape('html') = 'a<b'"},
};

}  // namespace

std::span<const Function> string_functions() { return functions; }

}  // namespace tombolo::fhirpath
