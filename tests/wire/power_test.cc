// Power cuts: SIGKILL keeps the page cache, so the engine runs on disks that hold back every write that no sync followed
// (tombolo_power); killing it then loses what a cut would lose, and at random keeps some of it, torn.
#include <catch2/catch.hpp>
#include <sqlite3.h>

#include <mutex>
#include <random>
#include <set>

#include "tests/support/engine.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

struct Outcome {
  std::size_t acked = 0, missing = 0;
  bool opens = true;
};

std::string integrity(const std::filesystem::path& file) {
  sqlite3* db = nullptr;
  std::string said = "does not open";
  if (sqlite3_open_v2(file.c_str(), &db, SQLITE_OPEN_READWRITE, nullptr) == SQLITE_OK) {
    sqlite3_exec(
        db, "pragma integrity_check",
        [](void* out, int, char** words, char**) {
          *static_cast<std::string*>(out) = words[0];
          return 0;
        },
        &said, nullptr);
  }
  sqlite3_close(db);
  return said;
}

// Sends over some connections until the power is cut; every id answered AA is noted.
void send_until_cut(std::uint16_t port, int sender, int round, std::set<std::string>& acked, std::mutex& mutex) {
  Line line;
  if (!line.connect(port)) return;
  for (int n = 1;; ++n) {
    const std::string id = std::to_string(round) + "-" + std::to_string(sender) + "-" + std::to_string(n);
    if (!line.send_frame(admission(id, "PAT" + std::to_string(sender)))) return;
    const auto answer = line.frame(10s);
    if (!answer) return;
    if (field(*answer, "MSA", 1) != "AA") continue;
    const std::lock_guard lock(mutex);
    acked.insert(id);
  }
}

// patience: how long what was answered may take to arrive after the last cut.
Outcome cut_power(int cuts, std::chrono::seconds patience = 60s) {
  TempFolder folder;
  const std::uint16_t port = free_port();
  const auto out = folder / "out/all.ndjson";
  write_file(folder / "channels/adt.yaml", "channel: adt\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(port) +
                                               "\" }\ndestinations:\n  archive:\n    file: { path: \"" + out.string() + "\", as: ndjson }\n");
  std::set<std::string> acked;
  std::mutex mutex;
  std::mt19937 chance(7);
  Outcome outcome;
  const std::vector<std::string> words{TOMBOLO_BINARY_DIR "/tombolo_power", "run", folder.path().string(), "--level", "error"};
  for (int round = 0; round < cuts; ++round) {
    setenv("POWER_SEED", std::to_string(round + 1).c_str(), 1);
    Process engine(words, folder.path(), "engine");
    if (!listening(port)) {
      outcome.opens = false;
      break;
    }
    std::vector<std::thread> senders;
    for (int i = 0; i < 16; ++i) senders.emplace_back([&, i] { send_until_cut(port, i, round, acked, mutex); });
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + chance() % 300));
    engine.kill_hard();
    for (auto& sender : senders) sender.join();
    outcome.opens = outcome.opens && integrity(folder / "store/tombolo.db") == "ok";
  }
  outcome.acked = acked.size();
  Process engine(words, folder.path(), "engine");
  const auto missing = [&] {
    const std::string text = read_file(out);
    std::set<std::string> written;
    for (std::size_t at = text.find("ADT_A01|"); at != std::string::npos; at = text.find("ADT_A01|", at + 1)) {
      written.insert(text.substr(at + 8, text.find('|', at + 8) - at - 8));
    }
    outcome.missing = 0;
    for (const auto& id : acked) outcome.missing += written.count(id) == 0;
    return outcome.missing == 0;
  };
  if (outcome.opens) eventually(missing, patience);
  engine.signal(SIGTERM);
  engine.wait();
  missing();
  return outcome;
}

}  // namespace

TEST_CASE("what was answered AA survives power cuts, and the store opens after each", "[power]") {
  const Outcome outcome = cut_power(6);
  CHECK(outcome.opens);
  CHECK(outcome.acked > 20);
  CHECK(outcome.missing == 0);
  WARN(outcome.acked << " answered AA over 6 power cuts, " << outcome.missing << " missing");
}

TEST_CASE("what was answered AA survives a hundred power cuts", "[.long]") {
  const Outcome outcome = cut_power(100);
  CHECK(outcome.opens);
  CHECK(outcome.missing == 0);
  WARN(outcome.acked << " answered AA over 100 power cuts, " << outcome.missing << " missing");
}

TEST_CASE("the power cuts would notice a store that does not sync", "[power]") {
  setenv("POWER_STORE_SYNC", "0", 1);
  const Outcome outcome = cut_power(3, 5s);
  unsetenv("POWER_STORE_SYNC");
  CHECK((outcome.missing > 0 || !outcome.opens));
}

TEST_CASE("the power cuts would notice a file destination that does not sync", "[power]") {
  setenv("POWER_FILE_SYNC", "0", 1);
  const Outcome outcome = cut_power(3, 5s);
  unsetenv("POWER_FILE_SYNC");
  CHECK(outcome.missing > 0);
}
