// The promise that matters most, tested on the real binary: what was answered AA is delivered, whatever is killed when.
#include <catch2/catch.hpp>

#include <map>
#include <mutex>
#include <random>
#include <set>

#include "tests/support/engine.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

constexpr int connections = 64;
constexpr auto patience = 180s;  // for a machine that does other things too

// What one receiver saw of each control id, and in which order of patients.
class Receiver {
 public:
  Receiver() : listener_([this](Line& line) { serve(line); }) {}
  std::uint16_t port() const { return listener_.port(); }

  std::size_t distinct() {
    const std::lock_guard lock(mutex_);
    return times_.size();
  }
  bool has(const std::string& id) {
    const std::lock_guard lock(mutex_);
    return times_.count(id) > 0;
  }
  std::size_t repeats() {
    const std::lock_guard lock(mutex_);
    std::size_t n = 0;
    for (const auto& [id, times] : times_) n += times - 1;
    return n;
  }
  std::vector<std::string> disorder() {
    const std::lock_guard lock(mutex_);
    return disorder_;
  }

 private:
  void serve(Line& line) {
    while (const auto message = line.frame(60s)) {
      const std::string id = field(*message, "MSH", 10);
      note(id, field(*message, "PID", 3));
      line.send_frame("MSH|^~\\&|HUB|HUB|T|T|20260102030405||ACK^A01^ACK|R" + id + "|P|2.5.1\rMSA|AA|" + id + "\r");
    }
  }
  // Control ids are "<connection>-<number>"; every connection has a patient of its own.
  void note(const std::string& id, const std::string& patient) {
    const std::lock_guard lock(mutex_);
    const long number = std::stol(id.substr(id.find('-') + 1));
    if (++times_[id] == 1) {
      if (number <= first_seen_[patient]) disorder_.push_back(id + " came first after " + std::to_string(first_seen_[patient]));
      first_seen_[patient] = number;
    }
    // "A repeat after a crash never arrives after its successor."
    if (number < first_seen_[patient]) disorder_.push_back(id + " was repeated after its successor");
  }

  std::mutex mutex_;
  std::map<std::string, std::size_t> times_;
  std::map<std::string, long> first_seen_;
  std::vector<std::string> disorder_;
  Listener listener_;
};

// One sender: sends its messages one after the other, each again and again until it is answered AA.
void send_all(int sender, std::uint16_t port, const std::atomic<bool>& enough, std::set<std::string>& acked, std::mutex& mutex) {
  Line line;
  for (int n = 1; !enough; ++n) {
    const std::string id = std::to_string(sender) + "-" + std::to_string(n);
    const std::string message = admission(id, "PAT" + std::to_string(sender));
    for (bool answered = false; !answered;) {
      if (!line.open() && !line.connect(port)) {
        std::this_thread::sleep_for(5ms);
        continue;
      }
      const auto answer = line.send_frame(message) ? line.frame(10s) : std::nullopt;
      answered = answer && field(*answer, "MSA", 1) == "AA" && field(*answer, "MSA", 2) == id;
      if (!answered) line.shut();
    }
    const std::lock_guard lock(mutex);
    acked.insert(id);
  }
}

// id → delivery ids, from the NDJSON lines {"id":"…",…,"message":"MSH…"}.
std::map<std::string, std::multiset<std::string>> written(const std::filesystem::path& file) {
  std::map<std::string, std::multiset<std::string>> lines;
  const std::string text = read_file(file);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = std::min(text.find('\n', at), text.size());
    const std::string line = text.substr(at, end - at);
    at = end + 1;
    const std::size_t mark = line.find("||ADT^A01^ADT_A01|");
    if (!line.starts_with("{\"id\":\"") || mark == std::string::npos || !line.ends_with("}")) continue;
    const std::size_t begin = mark + 18;
    lines[line.substr(begin, line.find('|', begin) - begin)].insert(line.substr(7, line.find('"', 7) - 7));
  }
  return lines;
}

void kill_many_times(int kills) {
  TempFolder folder;
  Receiver receiver;
  const std::uint16_t port = free_port();
  write_file(folder / "channels/adt.yaml",
             "channel: adt\n"
             "source:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(port) + "\" }\n"
             "destinations:\n"
             "  ward:\n    mllp: { connect: \"127.0.0.1:" + std::to_string(receiver.port()) + "\" }\n    retry: { first: 50ms, max: 200ms }\n"
             "  archive:\n    file: { path: \"" + (folder / "out/all.ndjson").string() + "\", as: ndjson }\n");
  std::atomic<bool> enough = false;
  std::set<std::string> acked;
  std::mutex mutex;
  std::vector<std::thread> senders;
  for (int i = 0; i < connections; ++i) senders.emplace_back([&, i] { send_all(i, port, enough, acked, mutex); });
  std::mt19937 chance(20261123);
  for (int kill = 0; kill < kills; ++kill) {
    Process engine({binary, "run", folder.path().string(), "--level", "error"}, folder.path(), "engine");
    REQUIRE(listening(port));
    std::this_thread::sleep_for(std::chrono::milliseconds(20 + chance() % 400));
    engine.kill_hard();
  }
  Process engine({binary, "run", folder.path().string(), "--level", "error"}, folder.path(), "engine");
  REQUIRE(listening(port));
  enough = true;
  for (auto& sender : senders) sender.join();

  const auto all_in_file = [&] {
    const auto lines = written(folder / "out/all.ndjson");
    return std::all_of(acked.begin(), acked.end(), [&](const auto& id) { return lines.count(id) > 0; });
  };
  const auto all_received = [&] { return std::all_of(acked.begin(), acked.end(), [&](const auto& id) { return receiver.has(id); }); };
  const bool received_all = eventually(all_received, patience);
  INFO(receiver.distinct() << " of " << acked.size() << " received\n" << engine.err());
  CHECK(received_all);
  CHECK(eventually(all_in_file, patience));
  engine.signal(SIGTERM);
  CHECK(engine.wait() == 0);

  CHECK(receiver.disorder() == std::vector<std::string>{});
  CHECK(receiver.repeats() <= static_cast<std::size_t>(16 * kills));  // 16 lanes: at most so many sends in flight at a kill
  std::size_t repeats = 0;
  for (const auto& [id, deliveries] : written(folder / "out/all.ndjson")) {
    repeats += deliveries.size() - 1;
    CHECK(std::set<std::string>(deliveries.begin(), deliveries.end()).size() == 1);  // a repeat carries the same delivery id
  }
  CHECK(repeats <= static_cast<std::size_t>(16 * kills));
  WARN(acked.size() << " answered AA over " << kills << " kills; repeats: " << receiver.repeats() << " over MLLP, " << repeats << " in the file");
}

}  // namespace

TEST_CASE("what was answered AA is delivered in order, through ten kills under load", "[kill]") { kill_many_times(10); }

TEST_CASE("what was answered AA is delivered in order, through a hundred kills under load", "[.long]") { kill_many_times(100); }
