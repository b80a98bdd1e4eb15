// The file source of the real binary: files appear, are taken, refused, and the engine is killed in between.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>

#include "tests/support/engine.h"

using namespace tombolo::test;
using namespace std::chrono_literals;
namespace fs = std::filesystem;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

struct Site {
  TempFolder folder;
  std::unique_ptr<Process> engine;

  fs::path in() const { return folder / "in"; }
  std::string out() const { return read_file(folder / "out.ndjson"); }
  void start(const std::string& settings, const std::string& more = "") {
    fs::create_directories(in());
    write_file(folder / "channels/lab.yaml", "channel: lab\nsource:\n  file: { folder: \"" + in().string() + "\", every: 100ms, " + settings + " }\n" + more +
                                                 "destinations:\n  all:\n    file: { path: \"" + (folder / "out.ndjson").string() + "\" }\n");
    start();
  }
  void start() {
    engine = std::make_unique<Process>(
        std::vector<std::string>{binary, "run", folder.path().string(), "--store", (folder / "store").string()}, folder.path(), "engine");
  }
  // As a careful sender does: under another name first.
  void drop(const std::string& name, const std::string& bytes) {
    write_file(in() / ("." + name), bytes);
    fs::rename(in() / ("." + name), in() / name);
  }
  void stop() {
    engine->signal(SIGTERM);
    CHECK(engine->wait() == 0);
  }
};

// How often each control id stands among what was delivered.
std::map<std::string, int> seen(const std::string& text) {
  std::map<std::string, int> times;
  constexpr std::string_view before = "ADT^A01^ADT_A01|";
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
    const auto begin = at + before.size();
    ++times[text.substr(begin, text.find('|', begin) - begin)];
  }
  return times;
}

std::string batch(int from, int count) {
  std::string all = "FHS|^~\\&|LAB|NORTH\rBHS|^~\\&|LAB|NORTH\r";
  for (int n = from; n < from + count; ++n) all += admission("B" + std::to_string(n), "P" + std::to_string(n % 3));
  return all + "BTS|" + std::to_string(count) + "\rFTS|1\r";
}

}  // namespace

TEST_CASE("files of messages, of a batch and of messages in a row are delivered message by message", "[wire][file]") {
  Site site;
  site.start("stable: 200ms, pattern: \"*.hl7\"");
  REQUIRE(eventually([&] { return fs::exists(site.in() / "failed"); }));
  site.drop("1.hl7", admission("ONE", "P1"));
  site.drop("2.hl7", batch(0, 150));
  site.drop("3.hl7", admission("ROW1", "P1") + "\r\n" + admission("ROW2", "P2"));
  site.drop("4.hl7", "this is no message, and CANARY is in it");
  site.drop("5.hl7", admission("GOOD", "P1") + "MSH|^~\\&|A|B|C|D|20260101||ADT^A01^ADT_A01||P|2.5.1\rPID|1||CANARY\r");
  CHECK(eventually([&] { return seen(site.out()).size() == 154 && fs::exists(site.in() / "failed/5.hl7"); }));
  for (const auto& [id, times] : seen(site.out())) CHECK(times == 1);
  for (const auto* name : {"1.hl7", "2.hl7", "3.hl7"}) CHECK(fs::exists(site.in() / "done" / name));
  CHECK(has(read_file(site.in() / "failed/4.hl7"), "CANARY"));
  const std::string whole = read_file(site.in() / "failed/4.hl7.error"), part = read_file(site.in() / "failed/5.hl7.error");
  CHECK(has(whole, "by channel lab\nMSH: expected a message that begins with MSH\n"));
  CHECK(has(part, "message 2 of 2: MSH-10"));
  site.stop();
  for (const auto& text : {whole, part, site.engine->err()}) CHECK_FALSE(has(text, "CANARY"));
  CHECK(has(site.engine->err(), "T2010"));
}

TEST_CASE("NDJSON of FHIR is taken line by line, and equal lines are as many messages as there are lines", "[wire][file]") {
  Site site;
  site.start("stable: 0s, after: delete", "  format: fhir\n");
  std::string lines;
  for (int n = 0; n < 20; ++n) lines += R"({"resourceType":"Patient","id":"p)" + std::to_string(n / 2) + "\"}\n";
  REQUIRE(eventually([&] { return fs::exists(site.in() / "failed"); }));
  site.drop("all.ndjson", lines);
  CHECK(eventually([&] {
    const std::string out = site.out();
    return std::count(out.begin(), out.end(), '\n') == 20;
  }));
  CHECK(eventually([&] { return !fs::exists(site.in() / "all.ndjson"); }));
  site.stop();
}

TEST_CASE("with `after: mapped` a file that no map can read is set aside", "[wire][file]") {
  Site site;
  site.start("stable: 0s", "acknowledge: { after: mapped }\nsteps:\n  - map: hl7v2-to-fhir\n");
  REQUIRE(eventually([&] { return fs::exists(site.in() / "failed"); }));
  site.drop("a.hl7", admission("A", "P1"));
  site.drop("b.hl7", "MSH|^~\\&|A|B|C|D|20260101||ZZZ^Z99|B1|P|2.5.1\rZZZ|CANARY\r");
  CHECK(eventually([&] { return fs::exists(site.in() / "done/a.hl7") && fs::exists(site.in() / "failed/b.hl7.error"); }));
  CHECK_FALSE(has(read_file(site.in() / "failed/b.hl7.error"), "CANARY"));
  site.stop();
}

TEST_CASE("whenever the engine is killed, no file is lost and no message is taken twice", "[wire][file]") {
  for (const std::string after : {"move", "delete", "keep"}) {
    CAPTURE(after);
    Site site;
    std::mt19937 chance(11);
    site.start("stable: 0s, after: " + after + (after == "keep" ? ", memory: \"" + (site.folder / "taken").string() + "\"" : ""));
    int sent = 0;
    for (int round = 0; round < 6; ++round) {
      for (int n = 0; n < 15; ++n, ++sent) site.drop(std::to_string(10000 + sent) + ".hl7", admission("K" + std::to_string(sent), "P" + std::to_string(n % 4)));
      site.drop("batch" + std::to_string(round) + ".hl7", batch(round * 50, 50));
      std::this_thread::sleep_for(std::chrono::milliseconds(chance() % 400));
      site.engine->kill_hard();
      site.start();
    }
    site.drop("last.hl7", admission("LAST", "P1"));  // the engine that takes it is up
    const std::size_t all = static_cast<std::size_t>(sent + 301);
    CHECK(eventually([&] { return seen(site.out()).size() == all; }, 60s));
    const auto left_over = [&] { return std::count_if(fs::directory_iterator(site.in()), {}, [](const auto& one) { return one.is_regular_file(); }); };
    CHECK(eventually([&] { return after == "keep" ? left_over() == sent + 7 : left_over() == 0; }));
    site.stop();
    for (const auto& [id, times] : seen(site.out())) CHECK(times == 1);
    Process found({binary, "find", "--store", (site.folder / "store").string(), "--limit", "5000", "--status", "posted", "--json"}, site.folder.path(), "find");
    CHECK(found.wait() == 0);
    const std::string parcels = found.out();
    CHECK(std::count(parcels.begin(), parcels.end(), '\n') == static_cast<long>(all));
  }
}
