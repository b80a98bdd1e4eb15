// The editor's grammar, held against the language: every word that begins a statement or a clause is coloured.
#include <catch2/catch.hpp>

#include <string>

#include "engine/base/files.h"

TEST_CASE("the editor's grammar knows every word of the language", "[mapping][language]") {
  const auto grammar = tombolo::read_file(TOMBOLO_SOURCE_DIR "/mappings/editor/syntaxes/tombolo-map.tmLanguage.json");
  for (const std::string word : {"map", "extend", "edit", "segment", "template", "to", "called", "after", "before", "repeats", "reads", "takes", "entry", "let",
                                 "each", "if", "include", "gives", "replace", "remove", "delete", "add", "move", "copy", "else", "as", "via", "with", "when", "on", "error",
                                 "miss", "keep partial", "keep text", "data absent", "drop", "try next", "ignore", "fail"}) {
    INFO(word);
    const bool known = grammar.find("(" + word) != std::string::npos || grammar.find("|" + word) != std::string::npos;
    CHECK(known);
  }
}
