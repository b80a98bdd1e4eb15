// Character sets, by glibc's iconv. Inside the house all text is UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.h"

namespace tombolo {

// The iconv name for a name of HL7 table 0211 or one of the spellings seen in the field ("8859/1", "UNICODE UTF-8",
// "UTF8", "GB 18030-2000", "BIG-5", "windows-1252" …); nothing if nobody knows it. "" is not a name.
std::optional<std::string> charset_name(std::string_view spelling);

struct Transcoded {
  std::string text;          // valid UTF-8; bytes that mean nothing in `from` became U+FFFD
  std::size_t replaced = 0;  // how many such places
};

// from: an iconv name, as charset_name gives it. Fault{unsupported} if iconv does not know it.
Result<Transcoded> to_utf8(std::string_view bytes, const std::string& from);

// The other way; characters that `to` cannot hold are a Fault with the byte offset.
Result<std::string> from_utf8(std::string_view text, const std::string& to);

}  // namespace tombolo
