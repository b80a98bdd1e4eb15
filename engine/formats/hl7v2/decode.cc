#include "engine/formats/hl7v2/decode.h"

#include <array>
#include <cstring>

#include "engine/base/charset.h"
#include "engine/base/text.h"
#include "engine/formats/hl7v2/header.h"

namespace tombolo::hl7v2 {
namespace {

// Sets by code: 0 UTF-8, 1–16 ISO-8859-n, 17 and on these; the first ones may be cut before they are decoded.
constexpr std::array<std::string_view, 36> others{
    "ASCII",  "CP1250", "CP1251", "CP1252", "CP1253", "CP1254", "CP1255",      "CP1256",        "CP1257",      "CP1258",  "TIS-620", "EUC-JP",
    "EUC-KR", "EUC-TW", "GB2312", "KOI8-R", "CP437",  "CP850",  "CP858",       "MACINTOSH",     "CP932",       "CP949",   "CP950",   "BIG5",
    "GBK",    "GB18030", "UTF-16", "UTF-16LE", "UTF-16BE", "UTF-32", "UTF-32LE", "UTF-32BE", "ISO-2022-JP", "ISO-2022-JP-2", "ISO-2022-KR", ""};
constexpr std::size_t cut_first = 20;  // so many of them
constexpr std::uint8_t first_other = 17, no_code = 255;

bool stateful(std::string_view charset) { return charset.starts_with("ISO-2022"); }

std::string by_default(const Reading& reading) {
  if (reading.charset_default == "UTF-8") return reading.charset_default;
  return charset_name(reading.charset_default).value_or(reading.charset_default);
}

void warn(std::vector<Complaint>* complaints, std::string text) {
  if (complaints != nullptr) complaints->push_back({"MSH-18", "102", "W", std::move(text)});
}

}  // namespace

std::string_view charset_by_mark(std::string_view bytes) {
  const auto begins = [&](const char* text, std::size_t size) { return bytes.starts_with(std::string_view(text, size)); };
  if (begins("\xEF\xBB\xBF", 3)) return "UTF-8";
  if (begins("\xFF\xFE\0\0", 4) || begins("\0\0\xFE\xFF", 4)) return "UTF-32";
  if (begins("\xFF\xFE", 2) || begins("\xFE\xFF", 2)) return "UTF-16";
  if (begins("M\0S\0", 4)) return "UTF-16LE";
  if (begins("\0M\0S", 4)) return "UTF-16BE";
  return {};
}

bool ascii(std::string_view bytes) {
  std::uint64_t any = 0;
  std::size_t at = 0;
  for (; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t eight = 0;
    std::memcpy(&eight, bytes.data() + at, 8);
    any |= eight;
  }
  for (; at < bytes.size(); ++at) any |= static_cast<unsigned char>(bytes[at]);
  return (any & 0x8080808080808080u) == 0;
}

std::uint8_t charset_code(std::string_view charset) {
  if (charset == "UTF-8") return 0;
  if (charset.starts_with("ISO-8859-")) {
    const auto n = to_integer(charset.substr(9));
    return n && *n >= 1 && *n <= 16 ? static_cast<std::uint8_t>(*n) : no_code;
  }
  for (std::size_t i = 0; i + 1 < others.size(); ++i) {
    if (others[i] == charset) return static_cast<std::uint8_t>(first_other + i);
  }
  return no_code;
}

std::string charset_of_code(std::uint8_t code) {
  if (code == 0) return "UTF-8";
  if (code < first_other) return "ISO-8859-" + std::to_string(code);
  return code - first_other < static_cast<int>(others.size()) ? std::string(others[code - std::size_t{first_other}]) : std::string();
}

bool aligned(std::string_view charset) { return charset_code(charset) < first_other + cut_first; }

std::string charset_of(std::string_view bytes, const Reading& reading, std::vector<Complaint>* complaints) {
  if (!reading.charset.empty()) return reading.charset;
  if (const auto found = charset_by_mark(bytes); !found.empty()) return std::string(found);
  const auto header = Header::read(bytes.substr(preamble(bytes)));
  return header ? charset_of(*header, reading, complaints) : by_default(reading);
}

std::string charset_of(const Header& header, const Reading& reading, std::vector<Complaint>* complaints) {
  if (!reading.charset.empty()) return reading.charset;
  if (!reading.obey_message) return by_default(reading);
  const std::string_view stated = trim(hl7v2::component(header.field(18), header.delimiters(), 1, 1));
  if (stated.empty() || stated == "\"\"") return by_default(reading);
  const auto name = charset_name(stated);
  if (!name) warn(complaints, "the character set is not known; read as " + by_default(reading));
  // Names of two- and four-byte sets are wrong on a message that can be read at all before decoding.
  return !name || wide(*name) ? by_default(reading) : *name;
}

std::string decode_piece(std::string_view piece, const std::string& charset) {
  if (ascii(piece) && !stateful(charset)) return std::string(piece);
  auto decoded = to_utf8(piece, charset == "ASCII" ? "UTF-8" : charset);
  return decoded ? std::move(decoded->text) : to_utf8(piece, "UTF-8")->text;
}

Decoded decode(std::string_view bytes, const Reading& reading, Arena& arena, std::vector<Complaint>& complaints) {
  Decoded result{bytes, charset_of(bytes, reading, &complaints), true};
  const bool plain = ascii(bytes);
  if (plain && !wide(result.charset) && !(stateful(result.charset) && bytes.find('\x1B') != bytes.npos)) return result;
  if (result.charset == "ASCII") {
    warn(&complaints, "bytes beyond ASCII in a message that says ASCII");
    result.charset = "UTF-8";
  }
  if (result.charset == "UTF-8" && valid_utf8(bytes)) return result;
  const auto decoded = to_utf8(bytes, result.charset);
  if (!decoded) {
    warn(&complaints, decoded.error().what);
    result.charset = "UTF-8";
    result.text = arena.copy(to_utf8(bytes, "UTF-8")->text);
    return result;
  }
  result.aligned = aligned(result.charset);
  if (decoded->replaced > 0) {
    warn(&complaints, std::to_string(decoded->replaced) + " bytes are no characters of " + result.charset);
  }
  result.text = arena.copy(decoded->text);
  return result;
}

}  // namespace tombolo::hl7v2
