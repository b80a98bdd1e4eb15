#include "engine/base/charset.h"

#include <iconv.h>

#include <array>
#include <cerrno>
#include <utility>

#include "engine/base/text.h"

namespace tombolo {
namespace {

// Spelling without blanks and punctuation, in capitals → iconv's name.
struct Spelling {
  std::string_view plain, name;
};
constexpr std::array spellings{
    Spelling{"UTF8", "UTF-8"},           Spelling{"UNICODEUTF8", "UTF-8"},     Spelling{"UNICODE", "UTF-8"},
    Spelling{"ISOIR192", "UTF-8"},       Spelling{"UNICODEUTF16", "UTF-16"},   Spelling{"UTF16", "UTF-16"},
    Spelling{"UTF16LE", "UTF-16LE"},     Spelling{"UTF16BE", "UTF-16BE"},      Spelling{"UNICODEUTF32", "UTF-32"},
    Spelling{"UTF32", "UTF-32"},         Spelling{"ASCII", "ASCII"},           Spelling{"USASCII", "ASCII"},
    Spelling{"ISOIR6", "ASCII"},         Spelling{"ANSIX341968", "ASCII"},     Spelling{"LATIN1", "ISO-8859-1"},
    Spelling{"ISOIR100", "ISO-8859-1"},  Spelling{"ISOIR101", "ISO-8859-2"},   Spelling{"ISOIR109", "ISO-8859-3"},
    Spelling{"ISOIR110", "ISO-8859-4"},  Spelling{"ISOIR144", "ISO-8859-5"},   Spelling{"ISOIR127", "ISO-8859-6"},
    Spelling{"ISOIR126", "ISO-8859-7"},  Spelling{"ISOIR138", "ISO-8859-8"},   Spelling{"ISOIR148", "ISO-8859-9"},
    Spelling{"ISOIR166", "TIS-620"},     Spelling{"TIS620", "TIS-620"},        Spelling{"ANSI", "CP1252"},
    Spelling{"ISOIR14", "CP932"},        Spelling{"SHIFTJIS", "CP932"},        Spelling{"SJIS", "CP932"},
    Spelling{"WINDOWS31J", "CP932"},     Spelling{"CP932", "CP932"},           Spelling{"MS932", "CP932"},
    Spelling{"ISOIR87", "ISO-2022-JP"},  Spelling{"ISO2022JP", "ISO-2022-JP"}, Spelling{"ISOIR159", "ISO-2022-JP-2"},
    Spelling{"ISO2022JP2", "ISO-2022-JP-2"}, Spelling{"ISO2022JP1", "ISO-2022-JP-2"}, Spelling{"EUCJP", "EUC-JP"},
    Spelling{"GB180302000", "GB18030"},  Spelling{"GB18030", "GB18030"},       Spelling{"GBK", "GBK"},
    Spelling{"CP936", "GBK"},            Spelling{"GB2312", "GB2312"},         Spelling{"GB231280", "GB2312"},
    Spelling{"EUCCN", "GB2312"},         Spelling{"KSX1001", "EUC-KR"},        Spelling{"KSC5601", "EUC-KR"},
    Spelling{"EUCKR", "EUC-KR"},         Spelling{"ISOIR149", "EUC-KR"},       Spelling{"CP949", "CP949"},
    Spelling{"ISO2022KR", "ISO-2022-KR"},
    Spelling{"CNS116431992", "EUC-TW"},  Spelling{"EUCTW", "EUC-TW"},          Spelling{"BIG5", "BIG5"},
    Spelling{"CP950", "CP950"},          Spelling{"KOI8R", "KOI8-R"},          Spelling{"CP437", "CP437"},
    Spelling{"CP850", "CP850"},          Spelling{"CP858", "CP858"},           Spelling{"MACINTOSH", "MACINTOSH"},
};

std::string plain(std::string_view spelling) {
  std::string out;
  for (const char c : spelling) {
    if (c >= 'a' && c <= 'z') out += static_cast<char>(c - 'a' + 'A');
    else if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

// "n" of the family, if `text` is `family` followed by a number from least to most.
std::optional<int> member(std::string_view text, std::string_view family, int least, int most) {
  if (!text.starts_with(family)) return {};
  text.remove_prefix(family.size());
  if (text.empty() || text.size() > 4) return {};
  int n = 0;
  for (const char c : text) {
    if (c < '0' || c > '9') return {};
    n = n * 10 + (c - '0');
  }
  return n >= least && n <= most ? std::optional(n) : std::nullopt;
}

class Converter {
 public:
  Converter(const std::string& to, const std::string& from) : handle_(iconv_open(to.c_str(), from.c_str())) {}
  ~Converter() {
    if (*this) iconv_close(handle_);
  }
  Converter(const Converter&) = delete;
  Converter& operator=(const Converter&) = delete;
  explicit operator bool() const { return handle_ != reinterpret_cast<iconv_t>(-1); }

  // Converts what it can, appends it to `out` and takes it off `in`. True if nothing is left.
  bool convert(std::string_view& in, std::string& out) {
    std::array<char, 4096> piece;
    while (true) {
      char* from = const_cast<char*>(in.data());  // iconv's old signature; it does not write there
      std::size_t left = in.size();
      char* to = piece.data();
      std::size_t room = piece.size();
      const bool flush = left == 0;  // back to the initial state of ISO-2022
      const std::size_t done = flush ? iconv(handle_, nullptr, nullptr, &to, &room) : iconv(handle_, &from, &left, &to, &room);
      const int why = errno;
      in = in.substr(in.size() - left);
      out.append(piece.data(), piece.size() - room);
      if (done == static_cast<std::size_t>(-1)) {
        if (why != E2BIG) return false;
      } else if (flush) {
        return true;
      }
    }
  }

 private:
  iconv_t handle_;
};

}  // namespace

std::optional<std::string> charset_name(std::string_view spelling) {
  const std::string text = plain(spelling);
  if (text.empty()) return {};
  for (const auto& [known, name] : spellings) {
    if (text == known) return std::string(name);
  }
  for (const std::string_view family : {"8859", "ISO8859"}) {
    if (const auto n = member(text, family, 1, 16); n && *n != 12) return "ISO-8859-" + std::to_string(*n);
  }
  for (const std::string_view family : {"WINDOWS", "CP", "WIN", "MSCP", "CODEPAGE", ""}) {
    if (const auto n = member(text, family, 1250, 1258)) return "CP" + std::to_string(*n);
  }
  return {};
}

// iconv takes characters beyond U+10FFFF, which UTF-8 has not had since RFC 3629. Each of their bytes is replaced.
static void replace_wrong(Transcoded& result) {
  if (valid_utf8(result.text)) return;
  std::string sound;
  for (std::size_t at = 0; at < result.text.size();) {
    std::size_t size = 1;
    while (size < 4 && !valid_utf8(std::string_view(result.text).substr(at, size))) ++size;
    const auto character = std::string_view(result.text).substr(at, size);
    const bool valid = valid_utf8(character);
    sound += valid ? character : "\xEF\xBF\xBD";
    if (!valid) ++result.replaced;
    at += valid ? size : 1;
  }
  result.text = std::move(sound);
}

Result<Transcoded> to_utf8(std::string_view bytes, const std::string& from) {
  Converter converter("UTF-8", from);
  if (!converter) return Fault{Kind::unsupported, "", "no character set called " + from};
  Transcoded result;
  result.text.reserve(bytes.size() + bytes.size() / 4);
  while (!converter.convert(bytes, result.text)) {
    result.text += "\xEF\xBF\xBD";
    ++result.replaced;
    if (bytes.empty()) break;
    bytes.remove_prefix(1);
  }
  replace_wrong(result);
  return result;
}

Result<std::string> from_utf8(std::string_view text, const std::string& to) {
  Converter converter(to, "UTF-8");
  if (!converter) return Fault{Kind::unsupported, "", "no character set called " + to};
  std::string result;
  std::string_view left = text;
  if (!converter.convert(left, result)) {
    return Fault{Kind::malformed, "", "the character at byte " + std::to_string(text.size() - left.size()) + " does not exist in " + to};
  }
  return result;
}

}  // namespace tombolo
