#include "engine/connectors/mllp/frames.h"

#include <catch2/catch.hpp>

#include <cstring>
#include <vector>

using namespace tombolo::mllp;

namespace {

const std::string message = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\rPID|1||77\r";

void feed(FrameReader& reader, std::string_view bytes, std::vector<std::string>& frames) {
  while (!bytes.empty()) {
    const auto room = reader.room();
    REQUIRE(!room.empty());
    const std::size_t n = std::min(room.size(), bytes.size());
    std::memcpy(room.data(), bytes.data(), n);
    reader.filled(n);
    bytes.remove_prefix(n);
    while (const auto frame = reader.next())
      frames.push_back((frame->too_large ? "TOO LARGE " : "") + std::string(frame->bytes));
  }
}

// The frames of `bytes`, given to a reader `step` bytes at a time.
std::vector<std::string> read(FrameReader& reader, std::string_view bytes, std::size_t step = std::string_view::npos) {
  std::vector<std::string> frames;
  for (std::size_t at = 0; at < bytes.size(); at += std::min(step, bytes.size() - at))
    feed(reader, bytes.substr(at, step), frames);
  return frames;
}

std::string framed(std::string_view bytes) {
  std::string out;
  append_frame(out, bytes);
  return out;
}

using Frames = std::vector<std::string>;

}  // namespace

TEST_CASE("a frame is what stands between 0B and 1C 0D", "[mllp]") {
  FrameReader reader({});
  CHECK(read(reader, framed(message)) == Frames{message});
  CHECK(reader.counts().frames == 1);
  CHECK(reader.counts().garbage == 0);
  CHECK(!reader.inside());
}

TEST_CASE("a frame may come one byte at a time and several may come at once", "[mllp]") {
  const std::string all = framed("one") + framed("") + framed(message) + framed("four");
  for (const std::size_t step : {1u, 2u, 3u, 5u, 7u, 1000u}) {
    FrameReader reader({});
    CHECK(read(reader, all, step) == Frames{"one", "", message, "four"});
    CHECK(reader.counts().garbage == 0);
  }
}

TEST_CASE("a frame over many reads is found whatever the buffer does", "[mllp]") {
  std::string all;
  Frames wanted;
  for (std::size_t n = 1; n < 40; ++n) {
    wanted.push_back(std::string(n * 997, static_cast<char>('a' + n % 26)));
    all += framed(wanted.back());
  }
  for (const std::size_t step : {911u, 16384u, 70000u}) {
    FrameReader reader({});
    CHECK(read(reader, all, step) == wanted);
  }
}

TEST_CASE("line ends, blanks and NUL between frames are nothing", "[mllp]") {
  FrameReader reader({});
  const std::string stray("\r\n\0 \t", 5);
  CHECK(read(reader, stray + framed("one") + stray + framed("two") + stray) == Frames{"one", "two"});
  CHECK(reader.counts().garbage == 0);
  CHECK(reader.touched());
}

TEST_CASE("garbage between frames is dropped and counted", "[mllp]") {
  FrameReader reader({});
  CHECK(read(reader, "GET / HTTP/1.1" + framed("one") + "xyz" + framed("two"), 4) == Frames{"one", "two"});
  CHECK(reader.counts().garbage == 17);
}

TEST_CASE("1C without 0D ends a frame when the next 0B follows", "[mllp]") {
  FrameReader reader({});
  CHECK(read(reader, "\x0Bone\x1C\x0Btwo\x1C\r", 1) == Frames{"one", "two"});
}

TEST_CASE("1C followed by anything else is content", "[mllp]") {
  FrameReader reader({});
  CHECK(read(reader,
             framed("a\x1C"
                    "b\x1C"),
             1) == Frames{"a\x1C"
                          "b\x1C"});
}

TEST_CASE("1C alone ends a frame at once where the channel says so", "[mllp]") {
  FrameOptions options;
  options.missing_cr = true;
  FrameReader reader(options);
  CHECK(read(reader, "\x0Bone\x1C") == Frames{"one"});
  CHECK(read(reader, "\x0Btwo\x1C\r\n\x0Bthree\x1C\n") == Frames{"two", "three"});
  CHECK(reader.counts().garbage == 0);
}

TEST_CASE("a message that was cut off is dropped when the sender begins anew", "[mllp]") {
  FrameReader reader({});
  CHECK(read(reader, "\x0BMSH|^~\\&|cut off" + framed(message)) == Frames{message});
  CHECK(reader.counts().cut == 1);
  CHECK(reader.counts().frames == 1);
}

TEST_CASE("a vertical tab inside a note is content", "[mllp]") {
  FrameReader reader({});
  const std::string note = message + "NTE|1||line one\x0Bline two\r";
  CHECK(read(reader, framed(note)) == Frames{note});
  CHECK(reader.counts().cut == 0);
}

TEST_CASE("a frame over the limit is handed over once, cut, and ends the reading", "[mllp]") {
  FrameOptions options;
  options.max_message = 100;
  SECTION("whole in one read") {
    FrameReader reader(options);
    CHECK(read(reader, framed(std::string(101, 'x')) + framed("next")) == Frames{"TOO LARGE " + std::string(100, 'x')});
  }
  SECTION("while it is still coming") {
    FrameReader reader(options);
    CHECK(read(reader, "\x0B" + std::string(200, 'x'), 7) == Frames{"TOO LARGE " + std::string(100, 'x')});
    CHECK(read(reader, "more" + framed("next")).empty());
  }
  SECTION("exactly at the limit it is a message") {
    for (const std::size_t step : {1u, 1000u}) {
      FrameReader reader(options);
      CHECK(read(reader, framed(std::string(100, 'x')) + framed("next"), step) ==
            Frames{std::string(100, 'x'), "next"});
    }
  }
}

TEST_CASE("a reader knows whether the sender owes it bytes", "[mllp]") {
  FrameReader reader({});
  CHECK(!reader.touched());
  read(reader, "\r\n");
  CHECK(!reader.inside());
  read(reader, "\x0BMSH");
  CHECK(reader.inside());
  read(reader, "|\x1C");
  CHECK(reader.inside());
  read(reader, "\r");
  CHECK(!reader.inside());
}
