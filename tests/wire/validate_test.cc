// The step `validate` in the real binary: what senders hear, what is held, and what a person finds and releases.
#include <catch2/catch.hpp>

#include "tests/support/engine.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

std::string channel(const std::filesystem::path& folder, const std::string& name, std::uint16_t port, const std::string& after,
                    const std::string& step) {
  return "channel: " + name + "\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(port) + "\" }\nacknowledge: { after: " + after +
         " }\nsteps:\n  - validate: " + step + "\ndestinations:\n  out:\n    file: { path: \"" + (folder / (name + ".ndjson")).string() + "\", as: ndjson }\n";
}

std::string admission(const std::string& id, const std::string& version, const std::string& patient, const std::string& wishes = "") {
  return "MSH|^~\\&|ADT|NORTH|TOMBOLO|HOUSE|20260102030405||ADT^A01|" + id + "|P|" + version + (wishes.empty() ? "" : "|||" + wishes) +
         "\rEVN|A01|20260102030405\rPID|1||" + patient + "\rPV1|1|I\r";
}
const std::string sound = "4711^^^NORTH^MR||Ahlberg^Tove||19500101|F";
const std::string broken = "||||19500101~19500102|F";   // no identifier, no name, two dates of birth

// Every segment of this name, whole.
std::vector<std::string> segments(const std::string& message, const std::string& name) {
  std::vector<std::string> found;
  for (std::size_t at = 0; at < message.size();) {
    const std::size_t end = std::min(message.find('\r', at), message.size());
    if (message.compare(at, name.size(), name) == 0) found.push_back(message.substr(at, end - at));
    at = end + 1;
  }
  return found;
}

class Site {
 public:
  Site() {
    std::filesystem::create_directories(folder_ / "channels");
    const char* const files[] = {"reject", "hold", "pass"};
    for (std::size_t i = 0; i < 3; ++i) {
      ports_[i] = free_port();
      const std::string step = "{ profile: hl7v2, fail: " + std::string(files[i]) + " }";
      write_file(folder_ / "channels" / (std::string(files[i]) + ".yaml"),
                 channel(folder_.path(), files[i], ports_[i], i == 0 ? "mapped" : "stored", step));
    }
    engine_.emplace(std::vector<std::string>{binary, "run", folder_ / "channels", "--store", folder_ / "store"}, folder_.path(), "engine");
    for (const std::uint16_t port : ports_) REQUIRE(listening(port));
  }

  std::string ask(int which, const std::string& message) {
    Line line;
    REQUIRE(line.connect(ports_[which]));
    REQUIRE(line.send_frame(message));
    return line.frame().value_or("");
  }
  std::uint16_t port(int which) const { return ports_[which]; }

  // What a command about this store prints; its exit status must be `status`, where one is given.
  std::string tombolo(std::vector<std::string> words, std::optional<int> status = 0) {
    words.insert(words.begin(), binary);
    words.insert(words.begin() + 2, {"--store", (folder_ / "store").string()});
    Process process(words, folder_.path(), "command");
    const int is = process.wait();
    INFO(process.out() << process.err());
    if (status) CHECK(is == *status);
    return process.out();
  }

 private:
  TempFolder folder_;
  std::uint16_t ports_[3] = {};
  std::optional<Process> engine_;
};
enum { reject, hold, pass };

}  // namespace

TEST_CASE("a broken message is rejected with an ERR for each error, as its version writes it", "[wire][validate]") {
  Site site;
  CHECK(field(site.ask(reject, admission("V1", "2.3", sound)), "MSA", 1) == "AA");

  const std::string old = site.ask(reject, admission("V2", "2.3", broken));
  CHECK(segments(old, "MSA") == std::vector<std::string>{"MSA|AE|V2|required in version 2.3 and not there"});
  CHECK(segments(old, "ERR") == std::vector<std::string>{"ERR|PID^1^3^101&Required field missing&HL70357~PID^1^5^101&Required field missing&HL70357~"
                                                         "PID^1^7^102&Data type error&HL70357"});
  const std::string now = site.ask(reject, admission("V3", "2.5.1", broken));
  CHECK(segments(now, "MSA") == std::vector<std::string>{"MSA|AE|V3"});
  CHECK(segments(now, "ERR") == std::vector<std::string>{
      "ERR||PID^1^3^1|101^Required field missing^HL70357|E||||required in version 2.5.1 and not there",
      "ERR||PID^1^5^1|101^Required field missing^HL70357|E||||required in version 2.5.1 and not there",
      "ERR||PID^1^7^1|102^Data type error^HL70357|E||||stands 2 times, may stand once in version 2.5.1"});
  CHECK(site.tombolo({"find", "--status", "refused", "tag=invalid"}).find("PID-3: required in version 2.5.1 and not there (and 2 more)") != std::string::npos);

  // The sender mends it and sends it again under the same control id.
  CHECK(field(site.ask(reject, admission("V3", "2.5.1", sound)), "MSA", 1) == "AA");
}

TEST_CASE("in enhanced mode a broken message was taken on and then refused: CA, AE", "[wire][validate]") {
  Site site;
  Line line;
  REQUIRE(line.connect(site.port(reject)));
  REQUIRE(line.send_frame(admission("V4", "2.5.1", broken, "AL|AL")));
  CHECK(field(line.frame().value_or(""), "MSA", 1) == "CA");
  const std::string then = line.frame().value_or("");
  CHECK(field(then, "MSA", 1) == "AE");
  CHECK(field(then, "MSA", 2) == "V4");
}

TEST_CASE("a held message waits until a person releases it", "[wire][validate]") {
  Site site;
  CHECK(field(site.ask(hold, admission("V5", "2.5.1", broken)), "MSA", 1) == "AA");
  std::string held;
  REQUIRE(eventually([&] { return !(held = site.tombolo({"find", "--status", "held", "--limit", "1"}, {})).empty(); }));
  CHECK(held.find("PID-3: required") != std::string::npos);
  const std::string number = held.substr(0, held.find(' '));
  site.tombolo({"resend", number});                        // walked again, and held again
  CHECK(eventually([&] { return site.tombolo({"find", "--status", "held"}, {}).find(" V5 ") != std::string::npos; }));
  site.tombolo({"release", number});
  CHECK(eventually([&] { return site.tombolo({"show", number}).find("delivered 1") != std::string::npos; }));
  site.tombolo({"release", number}, 1);                    // it is not held any more
}

TEST_CASE("a message that passes in spite of an error is found by its tag", "[wire][validate]") {
  Site site;
  CHECK(field(site.ask(pass, admission("V6", "2.5.1", broken)), "MSA", 1) == "AA");
  CHECK(field(site.ask(pass, admission("V7", "2.5.1", sound)), "MSA", 1) == "AA");
  std::string found;
  REQUIRE(eventually([&] { return (found = site.tombolo({"find", "--fate", "delivered"}, {})).find("V7") != std::string::npos; }));
  found = site.tombolo({"find", "tag=invalid"});
  CHECK(found.find("V6") != std::string::npos);
  CHECK(found.find("V7") == std::string::npos);
}

TEST_CASE("the command names file, message, segment and place of what it finds", "[wire][validate]") {
  TempFolder folder;
  std::filesystem::create_directories(folder / "in");
  const std::string file = folder / "in/two.hl7";
  write_file(file, admission("V8", "2.5.1", sound) + admission("V9", "2.5.1", broken));
  const auto run = [&](std::vector<std::string> words, int status) {
    words.insert(words.begin(), {binary, "validate"});
    Process process(words, folder.path(), "command");
    CHECK(process.wait() == status);
    return process.out();
  };
  CHECK(run({file}, 1) == file + ":message 2:segment 3: PID-3: error: required in version 2.5.1 and not there\n" +
                              file + ":message 2:segment 3: PID-5: error: required in version 2.5.1 and not there\n" +
                              file + ":message 2:segment 3: PID-7: error: stands 2 times, may stand once in version 2.5.1\n");
  const std::string json = run({(folder / "in").string(), "--json"}, 1);
  CHECK(json.starts_with("{\"file\":\"" + file + "\",\"message\":2,\"segment\":3,\"place\":\"PID-3\",\"family\":\"cardinality\","
                         "\"severity\":\"error\",\"code\":\"101\",\"text\":\"required in version 2.5.1 and not there\"}\n"));
  CHECK(run({file, "--severity", "cardinality=off"}, 0).empty());
  CHECK(run({file, "--severity", "cardinalty=off"}, 2).empty());
  write_file(file, "no message at all");
  CHECK(run({file}, 1).find(": error: ") != std::string::npos);
}
