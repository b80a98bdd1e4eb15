// What each class of message is answered by the real binary, held against a table that was written first:
// tests/fixtures/answers/answers.tsv. And the same rule over a corpus, where TOMBOLO_CORPORA names one.
#include <catch2/catch.hpp>

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <map>
#include <sstream>

#include "tests/support/engine.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

const std::filesystem::path fixtures = TOMBOLO_SOURCE_DIR "/tests/fixtures/answers";

std::vector<std::string> split(const std::string& text, char at) {
  std::vector<std::string> parts;
  std::istringstream in(text);
  for (std::string part; std::getline(in, part, at);) parts.push_back(part);
  return parts;
}

std::string part(const std::string& text, char at, std::size_t n) {
  const auto parts = split(text, at);
  return n < parts.size() ? parts[n] : "";
}

struct Row {
  std::string file, channel, codes, ids, errors, places;
  std::size_t delivered = 0;
  std::string about;
};

// "-" stands for nothing.
std::vector<Row> table() {
  std::vector<Row> rows;
  for (const auto& line : split(read_file(fixtures / "answers.tsv"), '\n')) {
    if (line.starts_with("#")) continue;
    auto cells = split(line, '\t');
    REQUIRE(cells.size() == 8);
    for (auto& cell : cells) {
      if (cell == "-") cell.clear();
    }
    rows.push_back({cells[0], cells[1], cells[2], cells[3], cells[4], cells[5], std::stoul(cells[6]), cells[7]});
  }
  return rows;
}

// Everything that one frame was answered, in the words of the table.
struct Heard {
  std::string codes, ids, errors, places;

  void add(const std::string& frame) {
    const char bar = frame.size() > 4 ? frame[3] : '|', hat = frame.size() > 4 ? frame[4] : '^';
    const auto segments = split(frame, '\r');
    if (segments.empty()) return;
    const bool batch = segments[0].starts_with("BHS") || segments[0].starts_with("FHS");
    CHECK((batch || segments[0].starts_with("MSH")));
    if (batch && frame.find("\rMSA") == frame.npos) append(codes, "(batch)");
    for (const auto& segment : segments) {
      const std::string name = segment.substr(0, 3);
      if (name == "MSA") append(codes, part(segment, bar, 1)), append(ids, part(segment, bar, 2));
      if (name != "ERR") continue;
      const std::string eld = part(segment, bar, 1), coded = part(segment, bar, 3);
      if (eld.empty()) append(errors, part(coded, hat, 0)), append(places, part(segment, bar, 2));
      for (const auto& one : split(eld, '~')) {
        append(errors, part(part(one, hat, 3), '&', 0));
        append(places, part(one, hat, 0) + hat + part(one, hat, 1) + hat + part(one, hat, 2));
      }
    }
  }

 private:
  static void append(std::string& list, const std::string& word) {
    if (!word.empty()) list += (list.empty() ? "" : " ") + word;
  }
};

// A message that is always answered AA and tells that everything before it was answered.
std::string ping(std::size_t n) {
  return "MSH|^~\\&|PING|PING|T|T|20260102030405||ADT^A01^ADT_A01|PING" + std::to_string(n) + "|P|2.5.1|||NE|AL\rPID|1||PING\r";
}

Heard ask(std::uint16_t port, const std::string& message, std::size_t number) {
  Line line;
  REQUIRE(line.connect(port));
  REQUIRE(line.send_frame(message));
  line.send_frame(ping(number));
  Heard heard;
  while (const auto frame = line.frame(10s)) {
    if (field(*frame, "MSA", 2) == "PING" + std::to_string(number)) break;
    heard.add(*frame);
  }
  return heard;
}

// One engine with a channel a line of the table may name.
struct Station {
  std::map<std::string, std::uint16_t> ports;
  TempFolder folder;

  void channel(const std::string& name, const std::string& mllp, const std::string& more) {
    ports[name] = free_port();
    write_file(folder / ("channels/" + name + ".yaml"),
               "channel: " + name + "\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(ports[name]) + "\"" + mllp + " }\n" + more +
                   "destinations:\n  out:\n    file: { path: \"" + out(name).string() + "\", as: ndjson }\n");
  }
  std::filesystem::path out(const std::string& name) const { return folder / ("out/" + name + ".ndjson"); }

  std::size_t delivered(const std::string& name) const {
    const auto lines = split(read_file(out(name)), '\n');
    return static_cast<std::size_t>(std::count_if(lines.begin(), lines.end(), [](const auto& line) { return line.find("|PING|") == line.npos; }));
  }
  std::size_t delivered() const {
    std::size_t n = 0;
    for (const auto& [name, port] : ports) n += delivered(name);
    return n;
  }
};

}  // namespace

TEST_CASE("each class of message is answered as the table says", "[answers]") {
  Station station;
  station.channel("plain", "", "");
  station.channel("strict", "", "acknowledge: { invalid: AR, training: process, duplicate: { other_content: reject } }\n");
  station.channel("holding", "", "acknowledge: { duplicate: { other_content: hold } }\n");
  station.channel("original", "", "acknowledge: { mode: original }\n");
  station.channel("enhanced", "", "acknowledge: { mode: enhanced }\n");
  station.channel("small", ", max_message: 4KiB", "");
  Process engine({binary, "run", station.folder.path().string(), "--level", "error"}, station.folder.path(), "engine");
  for (const auto& [name, port] : station.ports) REQUIRE(listening(port));

  std::map<std::string, std::size_t> expected;
  std::size_t all = 0, number = 0;
  const auto rows = table();
  CHECK(rows.size() > 100);
  for (const auto& row : rows) {
    INFO(row.file << " to " << row.channel << ": " << row.about);
    const Heard heard = ask(station.ports.at(row.channel), read_file(fixtures / row.file), ++number);
    CHECK(heard.codes == row.codes);
    CHECK(heard.ids == row.ids);
    CHECK(heard.errors == row.errors);
    CHECK(heard.places == row.places);
    expected[row.channel] += row.delivered;
    all += row.delivered;
  }
  eventually([&] { return station.delivered() >= all; });
  engine.signal(SIGTERM);
  CHECK(engine.wait() == 0);
  CHECK(engine.err() == "");
  for (const auto& [name, n] : expected) {
    INFO(name);
    CHECK(station.delivered(name) == n);
  }
}

namespace {

// The rule for any file of a corpus, in this test's own words: a file is answered AA for each message whose MSH-9 to MSH-12
// begin with something, AE for each other; AE for what has no MSH at all.
std::vector<std::string> messages_of(const std::string& file) {
  std::vector<std::string> messages;
  std::string text = "\r" + file;
  std::replace(text.begin(), text.end(), '\n', '\r');
  const auto next_header = [&](std::size_t from) {
    std::size_t at = text.find("\rMSH", from);
    while (at != text.npos && (at + 5 >= text.size() || std::isalnum(static_cast<unsigned char>(text[at + 4])))) at = text.find("\rMSH", at + 1);
    return at;
  };
  for (std::size_t at = next_header(0); at != text.npos;) {
    const std::size_t next = next_header(at + 1);
    messages.push_back(text.substr(at + 1, next == text.npos ? next : next - at - 1));
    at = next;
  }
  return messages;
}

// The first component of the first repetition of a field of MSH.
std::string header_value(const std::string& message, std::size_t number) {
  const std::string header = message.substr(0, message.find('\r'));
  const auto delimiter = [&](std::size_t at) { return at < header.size() ? header[at] : '\0'; };
  return part(part(part(header, delimiter(3), number - 1), delimiter(5), 0), delimiter(4), 0);
}

struct Verdict {
  std::string codes, places;
};

Verdict rule(const std::string& file) {
  Verdict verdict;
  const auto add = [](std::string& list, const std::string& word) { list += (list.empty() ? "" : " ") + word; };
  const auto messages = messages_of(file);
  if (messages.empty()) return {"AE", "MSH^1"};
  for (const auto& message : messages) {
    const std::string version = header_value(message, 12);
    bool complete = true;
    for (const int n : {9, 10, 11, 12}) {
      const std::string value = header_value(message, static_cast<std::size_t>(n));
      if (!value.empty() && value != "\"\"") continue;
      complete = false;
      add(verdict.places, "MSH^1^" + std::to_string(n) + (!version.empty() && version < "2.5" ? "" : "^1"));
    }
    const std::string accept = header_value(message, 15), application = header_value(message, 16);
    if (accept.empty() && application.empty()) {
      add(verdict.codes, complete ? "AA" : "AE");
      continue;
    }
    const auto wanted = [&](const std::string& wish) { return wish == "AL" || wish == (complete ? "SU" : "ER"); };
    if (wanted(accept)) add(verdict.codes, complete ? "CA" : "CE");
    if (wanted(application) && (complete || !wanted(accept))) add(verdict.codes, complete ? "AA" : "AE");
  }
  return verdict;
}

}  // namespace

TEST_CASE("every file of a corpus is answered by its class, none is lost", "[answers][corpora]") {
  const char* const corpora = std::getenv("TOMBOLO_CORPORA");
  if (!corpora) {
    WARN("TOMBOLO_CORPORA names no folder: skipped");
    return;
  }
  Station station;
  station.channel("plain", "", "");
  const std::uint16_t port = station.ports["plain"];
  Process engine({binary, "run", station.folder.path().string(), "--level", "error"}, station.folder.path(), "engine");
  REQUIRE(listening(port));
  const std::string address = "127.0.0.1:" + std::to_string(port);
  std::map<std::string, std::size_t> counts;
  std::size_t files = 0;
  for (const std::string name : {"messages", "batch"}) {
    const auto folder = std::filesystem::path(corpora) / "v2" / name;
    Process send({binary, "send", address, folder.string(), "--json"}, station.folder.path(), "send-" + name);
    const int status = send.wait(120s);
    WARN(name << ": " << send.out() << send.err());
    CHECK((status == 0 || status == 1));  // 1: some were answered AE
    CHECK(send.out().find("\"mismatches\":0,\"lost\":0") != std::string::npos);
    CHECK(send.out().find("\"unsent\":0") != std::string::npos);
    std::vector<std::filesystem::path> paths;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    for (const auto& path : paths) {
      INFO(path.filename().string());
      const std::string bytes = read_file(path);
      const Verdict expected = rule(bytes);
      const Heard heard = ask(port, bytes, ++files);
      CHECK(heard.codes == expected.codes);
      CHECK(heard.places == expected.places);
      ++counts[heard.codes.size() > 12 ? "many" : heard.codes];
    }
  }
  engine.signal(SIGTERM);
  CHECK(engine.wait() == 0);
  CHECK(engine.err() == "");
  std::string summary = std::to_string(files) + " files:";
  for (const auto& [codes, n] : counts) summary += " " + (codes.empty() ? std::string("no answer wanted") : codes) + " " + std::to_string(n);
  WARN(summary);
}
