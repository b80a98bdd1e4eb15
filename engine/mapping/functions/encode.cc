// text.encode(how): 'base64', 'urlbase64', 'hex', and 'hex-base64', which turns hexadecimal text into Base64 of the bytes it means.
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/functions/joined.h"

#include <string>

namespace tombolo::mapping {

namespace {

std::string base64(std::string_view bytes, bool for_url) {
  const std::string_view alphabet = for_url ? "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
                                            : "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t three = 0;
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - i);
    for (std::size_t k = 0; k < 3; ++k) three = three << 8U | (k < count ? static_cast<unsigned char>(bytes[i + k]) : 0U);
    for (std::size_t k = 0; k < 4; ++k) text += k <= count ? alphabet[three >> (18U - 6U * k) & 63U] : '=';
  }
  return text;
}

std::string hex(std::string_view bytes) {
  std::string text;
  for (const char c : bytes) {
    text += "0123456789abcdef"[static_cast<unsigned char>(c) >> 4U];
    text += "0123456789abcdef"[static_cast<unsigned char>(c) & 15U];
  }
  return text;
}

std::optional<std::string> unhex(std::string_view text) {
  std::string bytes;
  int high = -1;
  for (const char c : text) {
    const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
    if (digit < 0) return std::nullopt;
    if (high < 0) high = digit;
    else bytes += static_cast<char>(high * 16 + digit), high = -1;
  }
  return high < 0 ? std::optional(bytes) : std::nullopt;
}

fhirpath::Shape check(fhirpath::Checking& checking) {
  const auto how = checking.constant(0);
  if (how && *how != "base64" && *how != "urlbase64" && *how != "hex" && *how != "hex-base64")
    checking.error(0, "encode() knows 'base64', 'urlbase64', 'hex' and 'hex-base64'");
  return fhirpath::one(fhirpath::System::string);
}

bool work(fhirpath::Call& call, fhirpath::Items& out) {
  std::optional<std::string_view> text, how;
  if (!call.text(call.input(), text) || !call.text_argument(0, how)) return false;
  if (!text || !how) return true;
  if (*how == "hex-base64") {
    if (const auto bytes = unhex(*text)) out.add(call.text_item(base64(*bytes, false), {&call.input()}));
    return true;
  }
  out.add(call.text_item(*how == "hex" ? hex(*text) : base64(*text, *how == "urlbase64"), {&call.input()}));
  return true;
}

}  // namespace

const fhirpath::Function encode{
    .name = "encode",
    .least = 1,
    .most = 1,
    .kinds = "v",
    .check = check,
    .work = work,
    .example = "'Ada'.encode('base64') = 'QWRh' and '416461'.encode('hex-base64') = 'QWRh'",
};

}  // namespace tombolo::mapping
