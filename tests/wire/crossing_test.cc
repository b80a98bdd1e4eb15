// From one channel to another, and on a timer: the real binary.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/engine.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

std::string front(std::uint16_t port) {
  return "channel: front\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(port) + "\" }\ndestinations:\n  back:\n    channel: { to: back }\n    retry: { first: 20ms, max: 50ms }\n";
}

std::string back(const std::filesystem::path& out) {
  return "channel: back\nsource:\n  channel: { from: [front] }\ndestinations:\n  out:\n    file: { path: \"" + out.string() +
         "\", as: ndjson }\n    retry: { first: 20ms, max: 50ms }\n";
}

// How often each control id stands in the file.
std::map<std::string, int> seen(const std::filesystem::path& file) {
  std::map<std::string, int> times;
  const std::string text = read_file(file);
  constexpr std::string_view before = "ADT^A01^ADT_A01|";
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
    const auto begin = at + before.size();
    ++times[text.substr(begin, text.find('|', begin) - begin)];
  }
  return times;
}

std::vector<std::string> run_in(const TempFolder& folder) {
  return {binary, "run", (folder / "channels").string(), "--store", (folder / "store").string()};
}

}  // namespace

TEST_CASE("what one channel hands to another is kept there before it counts as delivered", "[wire][crossing]") {
  TempFolder folder;
  const auto port = free_port();
  std::filesystem::create_directory(folder / "channels");
  write_file(folder / "channels" / "front.yaml", front(port));
  write_file(folder / "channels" / "back.yaml", back(folder / "out.ndjson"));
  Process engine(run_in(folder), folder.path());
  REQUIRE(listening(port));
  Line line;
  REQUIRE(line.connect(port));
  for (int i = 0; i < 20; ++i) {
    REQUIRE(line.send_frame(admission("M" + std::to_string(i), "P1")));
    CHECK(field(line.frame().value_or(""), "MSA", 1) == "AA");
  }
  CHECK(eventually([&] { return seen(folder / "out.ndjson").size() == 20; }));
  for (const auto& [id, times] : seen(folder / "out.ndjson")) CHECK(times == 1);
}

TEST_CASE("whenever the engine is killed between two channels, nothing is lost", "[wire][crossing]") {
  TempFolder folder;
  const auto port = free_port();
  std::filesystem::create_directory(folder / "channels");
  write_file(folder / "channels" / "front.yaml", front(port));
  write_file(folder / "channels" / "back.yaml", back(folder / "out.ndjson"));
  std::set<std::string> acked;
  for (int round = 0; round < 8; ++round) {
    Process engine(run_in(folder), folder.path());
    REQUIRE(listening(port));
    Line line;
    REQUIRE(line.connect(port));
    for (int i = 0; i < 40 + 7 * round; ++i) {
      const std::string id = "R" + std::to_string(round) + "N" + std::to_string(i);
      REQUIRE(line.send_frame(admission(id, "P" + std::to_string(i % 5))));
      if (field(line.frame().value_or(""), "MSA", 1) == "AA") acked.insert(id);
    }
    engine.kill_hard();
  }
  Process engine(run_in(folder), folder.path());
  CHECK(eventually([&] {
    const auto found = seen(folder / "out.ndjson");
    return std::all_of(acked.begin(), acked.end(), [&](const auto& id) { return found.count(id) > 0; });
  }));
}

TEST_CASE("a timer makes a message of its own, each with its time and an id", "[wire][timer]") {
  TempFolder folder;
  std::filesystem::create_directory(folder / "channels");
  write_file(folder / "channels" / "clock.yaml",
             "channel: clock\nsource:\n  timer: { every: 200ms, message: \"MSH|^~\\\\&|HUB|HOUSE|LAB|HOUSE|{time}||ADT^A01^ADT_A01|{id}|P|2.5.1\" }\n"
             "destinations:\n  out:\n    file: { path: \"" + (folder / "out.ndjson").string() + "\", as: ndjson }\n");
  Process engine(run_in(folder), folder.path());
  CHECK(eventually([&] { return seen(folder / "out.ndjson").size() >= 3; }));
  for (const auto& [id, times] : seen(folder / "out.ndjson")) {
    CHECK(times == 1);
    CHECK(id.find('{') == std::string::npos);
  }
  CHECK(read_file(folder / "out.ndjson").find("{time}") == std::string::npos);
}

TEST_CASE("a channel that is not there, takes nothing, or gets its own messages back is found before the start", "[wire][crossing]") {
  TempFolder folder;
  const auto channel = [&](const std::string& name, const std::string& source, const std::string& to) {
    write_file(folder / (name + ".yaml"), "channel: " + name + "\nsource:\n  " + source + "\ndestinations:\n  on:\n    channel: { to: " + to + " }\n");
  };
  channel("one", "mllp: { listen: \"127.0.0.1:0\" }", "tow");
  channel("two", "channel: {}", "three");
  channel("three", "channel: {}", "two");
  channel("four", "mllp: { listen: \"127.0.0.1:0\" }", "one");
  Process checked({binary, "check", folder.path().string()}, folder.path(), "check");
  CHECK(checked.wait() == 1);
  CHECK(checked.err().find("one.yaml:6:20: error: no channel is called 'tow': did you mean 'two'?") != std::string::npos);
  CHECK(checked.err().find("a message would go round for ever: two → three → two") != std::string::npos);
  CHECK(checked.err().find("the channel one takes nothing from other channels") != std::string::npos);
}
