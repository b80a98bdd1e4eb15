#include "engine/formats/hl7v2/escape.h"

#include <catch2/catch.hpp>

using namespace tombolo;
using namespace tombolo::hl7v2;

namespace {
std::string read(std::string_view text, const Delimiters& d = {}, const std::string& charset = {}) {
  Arena arena;
  return std::string(unescape(text, d, arena, charset));
}
std::string write(std::string_view text, const Delimiters& d = {}) {
  std::string out;
  append_escaped(out, text, d);
  return out;
}
}  // namespace

TEST_CASE("escapes of the delimiters stand for the sender's delimiters", "[hl7v2]") {
  CHECK(read("a\\F\\b\\S\\c\\T\\d\\R\\e\\E\\f") == "a|b^c&d~e\\f");
  Delimiters d{'$', '%', '*', '!', '@', '#'};
  CHECK(read("a!F!b!S!c!T!d!R!e!E!f!P!g\\F\\", d) == "a$b%c@d*e!f#g\\F\\");
  CHECK(read("\\P\\") == "\\P\\");
}

TEST_CASE("hexadecimal escapes are bytes of the message's character set", "[hl7v2]") {
  CHECK(read("a\\X0D0A\\b") == "a\r\nb");
  CHECK(read("\\XC3A9\\") == "é");
  CHECK(read("\\XE9\\", {}, "ISO-8859-1") == "é");
  CHECK(read("\\xE9\\") == "\\xE9\\");
  CHECK(read("\\XE9\\") == "\\XE9\\");
  CHECK(read("\\X0\\ \\XZZ\\ \\X\\ \\X00\\") == "\\X0\\ \\XZZ\\ \\X\\ \\X00\\");
}

TEST_CASE("formatting commands become line feeds and blanks, highlighting nothing", "[hl7v2]") {
  CHECK(read("one\\.br\\two\\.sp\\three\\.sp+2\\four\\.ce\\five\\.sk3\\six") == "one\ntwo\nthree\n\nfour\nfive   six");
  CHECK(read("\\H\\loud\\N\\ \\.in+4\\in\\.ti-2\\\\.fi\\\\.nf\\out") == "loud inout");
  CHECK(read("\\.sp99999999\\").size() == 999);
  CHECK(read("\\.xy\\ \\.spx\\") == "\\.xy\\ \\.spx\\");
}

TEST_CASE("what nobody knows is kept as written", "[hl7v2]") {
  CHECK(read("C:\\temp\\new") == "C:\\temp\\new");
  CHECK(read("50\\") == "50\\");
  CHECK(read("\\\\srv\\E\\share") == "\\\\srv\\share");
  CHECK(read("\\C2842\\ \\M244200\\ \\Z0A\\") == "\\C2842\\ \\M244200\\ \\Z0A\\");
  CHECK(read("\\Z0A\\F\\") == "\\Z0A\\F\\");
  CHECK(read("\\Q\\F\\") == "\\Q|");
}

TEST_CASE("text without an escape is a view of itself", "[hl7v2]") {
  Arena arena;
  const std::string_view text = "no escape here";
  CHECK(unescape(text, {}, arena).data() == text.data());
  const std::string_view unknown = "C:\\temp";
  CHECK(unescape(unknown, {}, arena).data() == unknown.data());
}

TEST_CASE("what is written reads back", "[hl7v2]") {
  for (const std::string text : {"a|b^c&d~e\\f", "line\nline\r\n", "\\F\\", "\x01\x1F", "tab\tand é", "\\X41\\", "C:\\temp\\new\\"}) {
    CHECK(read(write(text)) == text);
  }
  CHECK(write("a|b\nc") == "a\\F\\b\\.br\\c");
  Delimiters d;
  d.escape = 0;
  CHECK(write("a|b\\c", d) == "a b\\c");
}
