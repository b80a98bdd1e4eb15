#include <catch2/catch.hpp>

#include "engine/base/diagnostic.h"
#include "engine/base/events.h"
#include "engine/base/json.h"
#include "engine/base/library.h"
#include "engine/base/log.h"
#include "engine/base/result.h"
#include "engine/base/text.h"
#include "engine/base/time.h"
#include "tests/support/temp.h"

using namespace tombolo;

TEST_CASE("a fault says where, what was found and what was expected", "[result]") {
  const Result<int> none = Fault{Kind::malformed, "PID-7", "expected YYYYMMDD, found 3 letters"};
  REQUIRE_FALSE(none);
  CHECK(text(none.error()) == "PID-7: expected YYYYMMDD, found 3 letters");
  CHECK_THROWS_AS(none.value(), FaultError);
}

TEST_CASE("the nearest name is offered only when it is near", "[text]") {
  CHECK(suggestion("birtDate", {"name", "birthDate"}) == ": did you mean 'birthDate'?");
  CHECK(suggestion("lisetn", {"listen"}) == ": did you mean 'listen'?");
  CHECK(suggestion("zebra", {"name", "birthDate"}).empty());
}

TEST_CASE("UTF-8 is told from everything that only looks like it", "[text]") {
  CHECK(valid_utf8("M\xC3\xBCller \xE2\x82\xAC \xF0\x9F\x98\x80"));
  for (const auto* wrong : {"\xFC", "\xC0\xAF", "\xED\xA0\x80", "\xE2\x82", "\xF5\x80\x80\x80", "\x80", "\xF4\x90\x80\x80"}) {
    CHECK_FALSE(valid_utf8(wrong));
  }
}

TEST_CASE("times are printed and read back to the millisecond", "[time]") {
  const auto t = from_iso8601("2026-11-23T15:41:52.123Z");
  REQUIRE(t);
  CHECK(iso8601(*t) == "2026-11-23T15:41:52.123Z");
  CHECK(hl7_time(*t) == "20261123154152.123+0000");
  CHECK(from_iso8601("2026-11-23T16:41:52.123+01:00") == t);
  CHECK_FALSE(from_iso8601("2026-02-30"));
  CHECK_FALSE(from_iso8601("2026-11-23T25:00"));
  CHECK(text(Duration(std::chrono::seconds(90))) == "1m30s");
}

TEST_CASE("ids of one run never repeat and fit MSH-10", "[time]") {
  const World world = real_world();
  const std::string a = world.new_id(), b = world.new_id();
  CHECK(a != b);
  CHECK(a.size() == 20);
  CHECK(real_world().new_id().substr(0, 12) != a.substr(0, 12));
}

TEST_CASE("JSON is written compactly and prettily, with every control character escaped", "[json]") {
  std::string compact, pretty;
  for (auto* out : {&compact, &pretty}) {
    JsonWriter json(*out, out == &pretty ? 2 : 0);
    json.begin_object();
    json.member("a\"b", std::string_view("line\n\x01\x7F tab\t\\", 13));
    json.key("list");
    json.begin_array();
    json.literal("1.00");
    json.begin_object();
    json.end_object();
    json.end_array();
    json.member("ok", true);
    json.end_object();
  }
  CHECK(compact == "{\"a\\\"b\":\"line\\n\\u0001\x7F tab\\t\\\\\",\"list\":[1.00,{}],\"ok\":true}");
  CHECK(pretty == "{\n  \"a\\\"b\": \"line\\n\\u0001\x7F tab\\t\\\\\",\n  \"list\": [\n    1.00,\n    {}\n  ],\n  \"ok\": true\n}");
}

TEST_CASE("a log line is one line, as text and as JSON, whatever a field holds", "[log]") {
  std::string lines;
  const auto out = [&](std::string_view line) { (lines += line) += '\n'; };
  const auto now = [] { return *from_iso8601("2026-01-02T03:04:05Z"); };
  Log text(Log::Style::text, Level::info, now, out);
  text(event::engine_started, {{"channels", "2"}, {"place", "a b\nc"}});
  Log json(Log::Style::json, Level::info, now, out);
  json(event::engine_started, {{"channels", "2"}});
  json.set_least(Level::error);
  json(event::engine_started);
  CHECK(lines ==
        "2026-01-02T03:04:05.000Z info T1001 engine started channels=2 place=\"a b\\nc\"\n"
        "{\"time\":\"2026-01-02T03:04:05.000Z\",\"level\":\"info\",\"code\":\"T1001\",\"text\":\"engine started\",\"channels\":\"2\"}\n");
}

TEST_CASE("every event has a code of its own and an explanation", "[log]") {
  std::vector<std::string_view> codes;
  for (const Event* event : event::all()) {
    CHECK(event->help.size() > 20);
    CHECK(std::find(codes.begin(), codes.end(), event->code) == codes.end());
    codes.push_back(event->code);
  }
}

TEST_CASE("a site's file hides the shipped one of the same name, and no name leaves its folder", "[library]") {
  test::TempFolder site, shipped;
  test::write_file(shipped / "mappings/codes/sex.csv", "shipped");
  test::write_file(shipped / "mappings/codes/race.csv", "shipped");
  test::write_file(site / "mappings/codes/sex.csv", "site");
  test::write_file(site.path().parent_path() / "outside.csv", "outside");
  const Library library(site.path(), shipped.path());
  CHECK(library.find("mappings/codes/sex.csv")->text == "site");
  CHECK(library.find("mappings/codes/race.csv")->text == "shipped");
  CHECK(library.list("mappings/codes") == std::vector<std::string>{"mappings/codes/race.csv", "mappings/codes/sex.csv"});
  CHECK_FALSE(library.find("../outside.csv"));
  CHECK_FALSE(library.find("/etc/passwd"));
  CHECK_FALSE(library.find("mappings/../../outside.csv"));
  std::filesystem::remove(site.path().parent_path() / "outside.csv");
}

TEST_CASE("an offset from UTC has a sign, two hours and two minutes", "[time]") {
  CHECK(to_offset("+01:00") == 60);
  CHECK(to_offset("-05:30") == -330);
  CHECK(to_offset("Z") == 0);
  CHECK(to_offset("+14:00") == 840);
  for (const auto* wrong : {"", "+1:00", "+0100", "01:00", "+14:01", "+01:60", "+aa:00"}) CHECK_FALSE(to_offset(wrong));
}
