// Layout: how a map file stands on the page. Only blanks and line ends change, never a word, so what the file means stays.
#pragma once

#include <string>
#include <string_view>

namespace tombolo::mapping {

// The text with two blanks for each block a line stands in, the arrows of neighbouring rules in one column, a blank before `{` and
// behind `,`, two before a comment, no blanks at line ends and one empty line at most. What stood in a column (behind two blanks or
// more: arrows, clauses, comments) keeps it; a line that continues another one keeps its distance to it.
// Laying out twice is laying out once. `text` parses: what does not may be laid out oddly, but loses nothing.
std::string lay_out(std::string_view text);

}  // namespace tombolo::mapping
