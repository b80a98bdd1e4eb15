// The bytes of a message as UTF-8. The character set comes from the channel's override, a byte order mark, MSH-18's first
// repetition, or the channel's default, in this order. Pure ASCII and valid UTF-8 stay as they are: views, no copies.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/formats/format.h"
#include "engine/formats/hl7v2/header.h"

namespace tombolo::hl7v2 {

struct Decoded {
  std::string_view text;        // valid UTF-8: the bytes themselves, or in the arena
  std::string charset;          // iconv's name
  bool aligned = true;          // delimiters stand in `text` as in the bytes: no character's byte looks like one
};

// Contradictions (bytes that mean nothing in the set, an unknown name in MSH-18) are complaints of severity W.
Decoded decode(std::string_view bytes, const Reading& reading, Arena& arena, std::vector<Complaint>& complaints);

// The same for a piece of a message whose character set is known; for peek. `charset` as in Decoded.
std::string decode_piece(std::string_view piece, const std::string& charset);

// What the first bytes say: a byte order mark, or how "MSH" looks in UTF-16; empty: nothing.
std::string_view charset_by_mark(std::string_view bytes);
inline bool wide(std::string_view charset) { return charset.starts_with("UTF-16") || charset.starts_with("UTF-32"); }

// The set a message would be read in, without reading it.
std::string charset_of(std::string_view bytes, const Reading& reading, std::vector<Complaint>* complaints = nullptr);
// The same where the header has been read already; it knows nothing of UTF-16 and UTF-32.
std::string charset_of(const Header& header, const Reading& reading, std::vector<Complaint>* complaints = nullptr);

bool ascii(std::string_view bytes);
// May messages in this set be cut at delimiters before they are decoded?
bool aligned(std::string_view charset);

// One byte that stands for a set, to be kept in a node; 255 for one that charset_name never gives.
std::uint8_t charset_code(std::string_view charset);
std::string charset_of_code(std::uint8_t code);

}  // namespace tombolo::hl7v2
