#include "engine/flow/channel.h"

#include <catch2/catch.hpp>

#include "engine/plugs.h"

using namespace tombolo;

namespace {

const Shelves& shelves() {
  static const Library library;
  static const V2Dictionary dictionary(library);
  static const FhirSchema schema(library);
  static const Shelves stocked = [] {
    Shelves s;
    stock(s, dictionary, schema);
    return s;
  }();
  return stocked;
}

Channel read(std::string_view text, Diagnostics& found) {
  return read_channel("adt.yaml", text, [](std::string_view) { return std::nullopt; }, shelves(), found);
}

std::string errors(std::string_view text) {
  Diagnostics found;
  read(text, found);
  std::string all;
  for (const auto& d : found.list()) all += tombolo::text(d.place) + ": " + d.text + "\n";
  return all;
}

const std::string good =
    "channel: adt-in\n"
    "source:\n"
    "  mllp: { listen: \"127.0.0.1:0\" }\n"
    "destinations:\n"
    "  archive:\n"
    "    file: { path: \"out/{date}.hl7\", as: hl7 }\n";

}  // namespace

TEST_CASE("a channel of six lines is complete: everything else has a default", "[channel]") {
  Diagnostics found;
  const Channel channel = read(good, found);
  INFO(found.print());
  REQUIRE(found.empty());
  CHECK(channel.name == "adt-in");
  CHECK(channel.acknowledge.after == Acknowledge::After::stored);
  CHECK(channel.destinations.at(0).head_of_line == HeadOfLine::hold_key);
  CHECK(channel.destinations.at(0).lanes == 16);
}

TEST_CASE("a misspelt key is refused with file, line, column and the name that was meant", "[channel]") {
  CHECK(errors(good + "acknowlege: { after: stored }\n") ==
        "adt.yaml:7:1: channel has no setting 'acknowlege': did you mean 'acknowledge'?\n");
  CHECK(errors(good + "acknowledge: { after: storred }\n") ==
        "adt.yaml:7:23: 'after' is stored, mapped or delivered:<destination>; found 'storred': did you mean 'stored'?\n");
  CHECK(errors(good + "acknowledge: { after: \"delivered:archiv\" }\n") ==
        "adt.yaml:7:14: 'after: delivered:archiv' names no destination of this channel: did you mean 'archive'?\n");
  CHECK(errors(good + "    retry: { frist: 2s }\n") == "adt.yaml:7:14: retry has no setting 'frist': did you mean 'first'?\n");
  CHECK(errors(good + "    reply: { AE: { retry: 3, than: dead_letter } }\n") ==
        "adt.yaml:7:30: reply AE has no setting 'than': did you mean 'then'?\n");
  CHECK(errors(good + "    head_of_line: hold_keys\n") ==
        "adt.yaml:7:19: 'head_of_line' is one of hold_key, block, skip, stop; found 'hold_keys': did you mean 'hold_key'?\n");
}

TEST_CASE("a wire that nobody knows, a second wire and a wire's own mistake are found in one reading", "[channel]") {
  const std::string found = errors(
      "channel: a b\n"
      "source:\n"
      "  mllp: { listn: \"127.0.0.1:0\" }\n"
      "  charset: { default: utf-9 }\n"
      "destinations:\n"
      "  one: { fiel: { path: x } }\n"
      "  two: { file: { path: x }, http: { url: \"http://127.0.0.1/\" } }\n");
  INFO(found);
  CHECK(found.find("adt.yaml:3:11: mllp source has no setting 'listn': did you mean 'listen'?") != std::string::npos);
  CHECK(found.find("no character set is called 'utf-9'") != std::string::npos);
  CHECK(found.find("destination one names no wire") != std::string::npos);
  CHECK(found.find("adt.yaml:6:10: destination one has no setting 'fiel': did you mean 'file'?") != std::string::npos);
  CHECK(found.find("destination two names two wires") != std::string::npos);
  CHECK(found.find("adt.yaml:1:10: a channel's name is made of") != std::string::npos);
}

TEST_CASE("two readings of one text have equal wires, and a changed port shows", "[channel]") {
  Diagnostics found;
  const Channel a = read(good, found), b = read(good + "tags: [x]\n", found);
  CHECK(a.wire_text == b.wire_text);
  CHECK(a.destinations[0].same_delivery(b.destinations[0]));
  std::string other = good;
  other.replace(other.find(":0\""), 3, ":7\"");
  CHECK(read(other, found).wire_text != a.wire_text);
}
