#include "engine/formats/json/json.h"

#include <catch2/catch.hpp>

using namespace tombolo;

namespace {
std::string again(std::string_view bytes) {
  Arena arena;
  Tree tree(arena);
  const auto read = parse_json(bytes, tree);
  return read ? print_json(tree, tree.root()) : "fault: " + text(read.error());
}
}  // namespace

TEST_CASE("any JSON value comes out as it went in", "[json]") {
  for (const auto* text : {"{}", "[]", "null", "true", "\"\"", "1.00", "-0", "1e5", R"({"a":1,"b":[],"c":[1],"d":[1,2],"e":{}})", "[[],[1,[2,{}]],{}]",
                           R"({"a":[[1],[]],"b":[{"c":[null]}]})", R"([{"a":"b"},{"a":["b"]}])", R"({"":[""],"x":[[""]]})", R"({"a":[],"b":[[],[]]})",
                           "\"\xC3\xA4\xE2\x82\xAC\"", R"("\"\\\b\f\n\r\t\u0001")", "12345678901234567890.123456789012345678901234567890"}) {
    CHECK(again(text) == text);
  }
  CHECK(again(" { \"a\" : [ 1 , 2 ] } \n") == "{\"a\":[1,2]}");
  CHECK(again("\xEF\xBB\xBF{\"a\":1}") == "{\"a\":1}");
  CHECK(again(R"("\u00e4\ud83d\ude00\/")") == "\"\xC3\xA4\xF0\x9F\x98\x80/\"");
}

TEST_CASE("a node knows where its bytes are", "[json]") {
  const std::string_view bytes = "{\"a\": [1, {\"b\" : \"x\\ty\"}],\n \"c\": true}";
  Arena arena;
  Tree tree(arena);
  REQUIRE(parse_json(bytes, tree));
  const auto raw = [&](NodeId node) { return bytes.substr(tree[node].begin, tree[node].length); };
  const NodeId one = tree.child(tree.root(), "a");
  CHECK(raw(tree.root()) == bytes);
  CHECK(raw(one) == "1");
  CHECK(raw(tree.next_same(one)) == "{\"b\" : \"x\\ty\"}");
  const NodeId b = tree.child(tree.next_same(one), "b");
  CHECK(raw(b) == "\"x\\ty\"");
  CHECK(raw(tree.child(tree.root(), "c")) == "true");
  CHECK(json_place(tree, b, bytes) == "/a/1/b 1:18");
  CHECK(json_place(tree, tree.child(tree.root(), "c"), bytes) == "/c 2:7");
}

TEST_CASE("what is not JSON is refused with its place", "[json]") {
  CHECK(again("{\"a\":1,\"a\":2}") == "fault: 1:8: this member stands twice in its object");
  CHECK(again("{\"x\":[{\"a\":1},{\"b\":{\"c\":1,\n\"c\":2}}]}") == "fault: /x/1/b 2:1: this member stands twice in its object");
  CHECK(again("{\"a\":}").starts_with("fault: 1:6: "));
  CHECK(again("").starts_with("fault: 1:1: "));
  CHECK(again("{} {}").starts_with("fault: 1:4: "));
  CHECK(again(std::string_view("{}\0", 3)) == "fault: 1:3: a NUL byte is not JSON");
  CHECK(again("{\n\"a\":\"\xC3\"}") == "fault: 2:6: this is not UTF-8");
  CHECK(again("\"\\udc00\"") == "fault: 1:1: an escape stands for half a character");
  for (const auto* wrong : {"[1,]", "{,}", "01", "1.", "nul", "NaN", "'a'", "[1 2]", "{\"a\" 1}", "\"\t\"", "// c\n1", "\"\\ud800\"", "\"\\x\"", "[", "\"a"}) {
    INFO(wrong);
    CHECK(again(wrong).starts_with("fault: "));
  }
}

TEST_CASE("depth and number of values are limited before memory is", "[json]") {
  CHECK(again(std::string(1'000'000, '[')).ends_with("/0/0 1:129: nested more than 128 deep"));
  Arena arena;
  Tree tree(arena);
  const auto read = parse_json("[1,2,3,4,5]", tree, {.depth = 4, .values = 4});
  REQUIRE_FALSE(read);
  CHECK(read.error().kind == Kind::too_large);
}

TEST_CASE("an object of many members is read, and its duplicates are found", "[json]") {
  std::string text = "{";
  for (int i = 0; i < 3000; ++i) text += "\"m" + std::to_string(i) + "\":" + std::to_string(i) + ",";
  CHECK(again(text + "\"z\":0}").size() == text.size() + 6);
  CHECK(again(text + "\"m7\":0}").find("stands twice") != std::string::npos);
}
