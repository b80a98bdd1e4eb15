#include "engine/base/charset.h"

#include <catch2/catch.hpp>

#include "engine/base/text.h"

using namespace tombolo;

TEST_CASE("character sets are known by the names of table 0211 and by those seen in the field", "[charset]") {
  const std::pair<const char*, const char*> names[] = {
      {"UNICODE UTF-8", "UTF-8"},      {"UTF8", "UTF-8"},          {"utf-8", "UTF-8"},        {"UNICODE", "UTF-8"},
      {"ASCII", "ASCII"},              {"8859/1", "ISO-8859-1"},   {"8859-1", "ISO-8859-1"},  {"ISO-8859-15", "ISO-8859-15"},
      {"8859/9", "ISO-8859-9"},        {"windows-1252", "CP1252"}, {"WINDOWS-1250", "CP1250"}, {"GB 18030-2000", "GB18030"},
      {"GBK", "GBK"},                  {"GB2312", "GB2312"},       {"KS X 1001", "EUC-KR"},   {"CNS 11643-1992", "EUC-TW"},
      {"BIG-5", "BIG5"},               {"Shift_JIS", "CP932"},     {"ISO IR14", "CP932"},     {"ISO IR87", "ISO-2022-JP"},
      {"ISO IR159", "ISO-2022-JP-2"},  {"UNICODE UTF-16", "UTF-16"},
  };
  for (const auto& [spelling, name] : names) {
    INFO(spelling);
    REQUIRE(charset_name(spelling) == name);
    CHECK(to_utf8("A", charset_name(spelling).value()).has_value());  // iconv knows it
  }
  for (const char* unknown : {"", " ", "KLINGON", "8859/12", "8859/99", "WINDOWS-9999"}) CHECK_FALSE(charset_name(unknown));
}

TEST_CASE("text becomes UTF-8", "[charset]") {
  CHECK(to_utf8("M\xFCller", "ISO-8859-1")->text == "Müller");
  CHECK(to_utf8("\x80", "CP1252")->text == "€");
  CHECK(to_utf8("\x1B$B;3ED\x1B(B", "ISO-2022-JP")->text == "山田");
  CHECK(to_utf8(std::string_view("\xFF\xFEM\0S\0", 6), "UTF-16")->text == "MS");
  CHECK(to_utf8("\xB1\xE8", "EUC-KR")->text == "김");
  CHECK(to_utf8("plain", "UTF-8")->replaced == 0);
  CHECK(to_utf8("x", "KLINGON").error().kind == Kind::unsupported);
}

TEST_CASE("bytes that mean nothing are replaced and counted", "[charset]") {
  const auto broken = to_utf8("a\xFF|b\xC3|c\xE2\x82", "UTF-8");
  REQUIRE(broken.has_value());
  CHECK(valid_utf8(broken->text));
  CHECK(broken->text == "a\xEF\xBF\xBD|b\xEF\xBF\xBD|c\xEF\xBF\xBD\xEF\xBF\xBD");
  CHECK(broken->replaced == 4);
  CHECK(to_utf8("caf\xE9", "ASCII")->replaced == 1);
}

TEST_CASE("what is beyond Unicode is no character, though iconv takes it", "[charset]") {
  for (const std::string set : {"UTF-8", "UTF-32BE", "GB18030"}) {
    const auto text = to_utf8(set == "UTF-8" ? "a\xF5\xAF\xB6\xBB" "b\xF4\x90\x80\x80\xC3\xA4" : set == "UTF-32BE" ? std::string_view("\0\x16\xFD\xBB", 4) : "\xFE\x39\xFE\x39", set);
    REQUIRE(text.has_value());
    INFO(set);
    CHECK(valid_utf8(text->text));
    CHECK(text->replaced > 0);
  }
  CHECK(to_utf8("a\xF5\xAF\xB6\xBB" "b\xC3\xA4", "UTF-8")->text == "a\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD\xEF\xBF\xBD" "b\xC3\xA4");
}

TEST_CASE("UTF-8 goes back to where it came from", "[charset]") {
  for (const char* name : {"ISO-8859-1", "CP1252", "UTF-8"}) CHECK(to_utf8(*from_utf8("Müller", name), name)->text == "Müller");
  for (const char* name : {"ISO-2022-JP", "CP932", "GB18030", "BIG5"}) CHECK(to_utf8(*from_utf8("山田 A", name), name)->text == "山田 A");
  CHECK(from_utf8("山", "ISO-2022-JP")->ends_with("\x1B(B"));
  const auto refused = from_utf8("ab山", "ISO-8859-1");
  REQUIRE(refused.has_error());
  CHECK(refused.error().what == "the character at byte 2 does not exist in ISO-8859-1");
}

TEST_CASE("long texts are converted piece by piece", "[charset]") {
  std::string bytes;
  for (int i = 0; i < 10000; ++i) bytes += "\xE9";
  CHECK(to_utf8(bytes, "ISO-8859-1")->text.size() == 20000);
}
