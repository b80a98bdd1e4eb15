// Escapes of HL7 v2 text (chapter 2.7): what is written between two escape characters, and what we make of it.
//
//   \F\ \S\ \T\ \R\ \E\ \P\   the sender's delimiters (\P\ only where it named a truncation character)
//   \Xdd…\                    bytes in the message's character set; kept as written if they are no text there
//   \.br\ \.ce\               a line feed;  \.sp\ \.sp+n\  one, or n;  \.sk+n\  n blanks
//   \.in…\ \.ti…\ \.fi\ \.nf\ \H\ \N\   layout and highlighting: nothing
//   \Cxxyy\ \Mxxyyzz\ \Zdd\   kept as written: they switch sets or are local, and dropping them would lose that
//   anything else             kept as written; an escape character without a partner is itself
#pragma once

#include <string>
#include <string_view>

#include "engine/base/arena.h"
#include "engine/formats/hl7v2/message.h"

namespace tombolo::hl7v2 {

// A view into `text` where nothing changed, else into the arena. charset: iconv's name, for \X…\; empty is UTF-8.
std::string_view unescape(std::string_view text, const Delimiters& delimiters, Arena& arena, const std::string& charset = {});

// Appends `text` so that unescape gives it back. Line feeds become \.br\, other control characters \Xdd\.
// Without an escape character what would have to be escaped becomes a blank.
void append_escaped(std::string& out, std::string_view text, const Delimiters& delimiters);

}  // namespace tombolo::hl7v2
