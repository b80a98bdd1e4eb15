// The real binary in a world that goes wrong: full disks, dead destinations, second engines, wrong files, signals. What was
// answered AA is delivered all the same, and people are told what is the matter.
#include <catch2/catch.hpp>

#include <sys/mount.h>

#include <algorithm>
#include <map>
#include <mutex>

#include "tests/support/engine.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++n;
  return n;
}

std::string id_of(int n) { return "W" + std::to_string(n); }

// A receiver whose mind can be changed: which answer it gives, and after how long.
class Ward {
 public:
  explicit Ward(std::uint16_t port = 0) : listener_([this](Line& line) { serve(line); }, port) {}
  std::uint16_t port() const { return listener_.port(); }
  void answers(const std::string& code) {
    const std::lock_guard lock(mutex_);
    code_ = code;
  }
  void waits(std::chrono::milliseconds pause) { pause_ = pause; }
  std::vector<std::string> received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }
  std::size_t count() { return received().size(); }

 private:
  void serve(Line& line) {
    while (const auto message = line.frame(60s)) {
      const std::string id = field(*message, "MSH", 10);
      std::string code;
      {
        const std::lock_guard lock(mutex_);
        received_.push_back(field(*message, "PID", 3) + " " + id);
        code = code_;
      }
      for (auto left = pause_.load(); left > 0ms && !gone_; left -= 10ms) std::this_thread::sleep_for(10ms);
      line.send_frame("MSH|^~\\&|HUB|HUB|T|T|20260102030405||ACK^A01^ACK|R" + id + "|P|2.5.1\rMSA|" + code + "|" + id +
                      (code == "AA" ? "\r" : "\rERR||PID^1^5|102^Data type error^HL70357|E||||CANARYREPLY is no name\r"));
    }
  }
  std::mutex mutex_;
  std::string code_ = "AA";
  std::atomic<std::chrono::milliseconds> pause_{0ms};
  std::vector<std::string> received_;
  struct Gone {  // goes before the listener's threads are joined
    std::atomic<bool>& flag;
    ~Gone() { flag = true; }
  };
  std::atomic<bool> gone_ = false;
  Listener listener_;
  Gone going_{gone_};
};

// One site with one channel, and the engine on it.
struct Site {
  TempFolder folder;
  std::uint16_t port = free_port();
  std::string store = (folder / "store").string();
  std::unique_ptr<Process> engine;

  std::string head() const { return "channel: adt\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(port) + "\" }\n"; }
  std::string archive(const std::string& name = "archive") const {
    return "  archive:\n    file: { path: \"" + out(name).string() + "\", as: ndjson }\n";
  }
  std::string ward(std::uint16_t to, const std::string& more = "") const {
    return "  ward:\n    mllp: { connect: \"127.0.0.1:" + std::to_string(to) + "\" }\n    retry: { first: 20ms, max: 100ms }\n" + more;
  }
  std::filesystem::path out(const std::string& name = "archive") const { return folder / ("out/" + name + ".ndjson"); }
  void channel(const std::string& text) const { write_file(folder / "channels/adt.yaml", text); }

  void start(const std::string& level = "info") {
    engine = std::make_unique<Process>(
        std::vector<std::string>{binary, "run", folder.path().string(), "--store", store, "--level", level}, folder.path(), "engine");
    if (!listening(port)) FAIL("the engine does not listen: " + engine->err());
  }
  void stop() {
    engine->signal(SIGTERM);
    CHECK(engine->wait() == 0);
  }
  // Runs another command on this store; its standard output.
  std::string tombolo(std::vector<std::string> words, int expected = 0) const {
    words.insert(words.begin(), binary);
    words.insert(words.begin() + 2, {"--store", store});
    Process command(words, folder.path(), "command");
    const int status = command.wait();
    INFO(words[1] << ": " << command.out() << command.err());
    CHECK(status == expected);
    return command.out();
  }
  Line line() const {
    Line line;
    REQUIRE(line.connect(port));
    return line;
  }
};

// MSA-1 of the answer; empty if there is none.
std::string code(Line& line, const std::string& message, std::chrono::milliseconds limit = 10s) {
  REQUIRE(line.send_frame(message));
  const auto answer = line.frame(limit);
  return answer ? field(*answer, "MSA", 1) : std::string();
}

// A small disk of its own under a store, where the test may mount one.
class SmallDisk {
 public:
  explicit SmallDisk(std::filesystem::path at) : at_(std::move(at)) {
    std::filesystem::create_directories(at_);
    mounted_ = mount("tmpfs", at_.c_str(), "tmpfs", 0, "size=48m") == 0;
  }
  ~SmallDisk() {
    if (mounted_) umount2(at_.c_str(), MNT_DETACH);
  }
  SmallDisk(const SmallDisk&) = delete;
  SmallDisk& operator=(const SmallDisk&) = delete;
  bool mounted() const { return mounted_; }
  void fill() const {
    std::ofstream ballast(at_ / "ballast", std::ios::binary);
    const std::string block(64 << 10, 'x');
    while (ballast.write(block.data(), static_cast<std::streamsize>(block.size())).flush()) {}
  }
  void empty() const { std::filesystem::remove(at_ / "ballast"); }

 private:
  std::filesystem::path at_;
  bool mounted_ = false;
};

}  // namespace

TEST_CASE("a full disk is answered AR, never AA, and when space returns AA again", "[world]") {
  Site site;
  const SmallDisk disk(site.store);
  if (!disk.mounted()) {
    WARN("no small disk can be mounted here (needs root): skipped");
    return;
  }
  site.channel(site.head() + "destinations:\n" + site.archive());
  site.start();
  Line line = site.line();
  std::size_t yes = 0;
  for (int n = 0; n < 20; ++n) yes += code(line, admission(id_of(n), "P1")) == "AA";
  CHECK(yes == 20);
  disk.fill();
  for (int n = 20; n < 40; ++n) CHECK(code(line, admission(id_of(n), "P1")) == "AR");
  CHECK(has(site.engine->err(), "T5001"));
  disk.empty();
  CHECK(eventually([&] { return code(line, admission("W40", "P1")) == "AA"; }, 10s));
  for (int n = 20; n < 40; ++n) CHECK(code(line, admission(id_of(n), "P1")) == "AA");  // the sender repeats what was refused
  CHECK(eventually([&] { return count(read_file(site.out()), "\n") >= 41; }));
  site.stop();
  for (int n = 0; n <= 40; ++n) CHECK(count(read_file(site.out()), "|" + id_of(n) + "|") == 1);
}

TEST_CASE("a destination that is down loses nothing, keeps the order and stops nobody else", "[world]") {
  Site site;
  const std::uint16_t ward_port = free_port();
  site.channel(site.head() + "destinations:\n" + site.ward(ward_port) + site.archive());
  site.start("error");
  Line line = site.line();
  for (int n = 0; n < 40; ++n) CHECK(code(line, admission(id_of(n), n % 2 ? "ODD" : "EVEN")) == "AA");
  CHECK(eventually([&] { return count(read_file(site.out()), "\n") == 40; }));
  CHECK(has(site.tombolo({"find", "--fate", "waiting", "--limit", "1"}), "waiting 1"));
  Ward ward(ward_port);
  CHECK(eventually([&] { return ward.count() == 40; }));
  std::map<std::string, int> last;
  for (const auto& one : ward.received()) {
    const std::string patient = one.substr(0, one.find('^')), number = one.substr(one.find(" W") + 2);
    CHECK(last[patient] <= std::stoi(number));
    last[patient] = std::stoi(number);
  }
  site.stop();
  CHECK(ward.count() == 40);
  site.tombolo({"find", "--fate", "waiting"}, 1);
}

TEST_CASE("a store has one engine: the second says who has it and ends with 3", "[world]") {
  Site site, other;
  site.channel(site.head() + "destinations:\n" + site.archive());
  site.start();
  other.channel(other.head() + "destinations:\n" + other.archive());
  Process second({binary, "run", other.folder.path().string(), "--store", site.store}, other.folder.path(), "engine");
  CHECK(second.wait() == 3);
  CHECK(has(second.err(), "is held by process " + std::to_string(site.engine->pid()) + "\n"));
  Line line = site.line();
  CHECK(code(line, admission("W1", "P1")) == "AA");
  CHECK(has(site.tombolo({"log", "info"}), ""));  // the first one's socket is still its own
  site.stop();
}

TEST_CASE("SIGTERM finishes what is in hand", "[world]") {
  Site site;
  Ward ward;
  ward.waits(700ms);
  site.channel(site.head() + "acknowledge: { after: \"delivered:ward\" }\ndestinations:\n" + site.ward(ward.port()));
  site.start();
  Line line = site.line();
  REQUIRE(line.send_frame(admission("W1", "P1")));
  CHECK(eventually([&] { return ward.count() == 1; }));
  site.engine->signal(SIGTERM);
  const auto answer = line.frame(10s);
  REQUIRE(answer);
  CHECK(field(*answer, "MSA", 1) == "AA");
  CHECK(field(*answer, "MSA", 2) == "W1");
  CHECK(site.engine->wait() == 0);
  CHECK(has(site.engine->err(), "T1003"));
}

TEST_CASE("a second signal insists, and what was accepted goes out after the next start", "[world]") {
  Site site;
  Ward ward;
  ward.waits(60s);
  site.channel(site.head() + "destinations:\n" + site.ward(ward.port()));
  site.start();
  Line line = site.line();
  CHECK(code(line, admission("W1", "P1")) == "AA");
  CHECK(eventually([&] { return ward.count() == 1; }));
  site.engine->signal(SIGTERM);
  CHECK(eventually([&] { return has(site.engine->err(), "T1002"); }));
  CHECK(site.engine->wait(300ms) == -1);
  site.engine->signal(SIGTERM);
  CHECK(site.engine->wait(5s) == 0);
  ward.waits(0ms);
  site.start();
  CHECK(eventually([&] { return ward.count() >= 2; }));
  CHECK(ward.received().back() == "P1^^^EASTWING^MR W1");
  site.stop();
}

TEST_CASE("a wrong channel file stops the start, with all its errors at their places", "[world]") {
  Site site;
  site.channel("channel: adt\nsource:\n  mllp: { lisen: \"127.0.0.1:1\" }\nacknowledge: { after: storred }\ndestinations:\n  out:\n    fil: { path: x }\n");
  Process engine({binary, "run", site.folder.path().string()}, site.folder.path(), "engine");
  CHECK(engine.wait() == 1);
  const std::string said = engine.err(), file = (site.folder / "channels/adt.yaml").string();
  INFO(said);
  CHECK(has(said, file + ":3:11: error: "));
  CHECK(has(said, "did you mean 'listen'?"));
  CHECK(has(said, file + ":4:23: error: "));
  CHECK(has(said, "did you mean 'stored'?"));
  CHECK(has(said, file + ":7:5: error: "));
  CHECK(has(said, "did you mean 'file'?"));
}

TEST_CASE("a port in use ends the start with 3 and names it", "[world]") {
  Site site;
  Ward ward(site.port);
  site.channel(site.head() + "destinations:\n" + site.archive());
  Process engine({binary, "run", site.folder.path().string()}, site.folder.path(), "engine");
  CHECK(engine.wait() == 3);
  INFO(engine.err());
  CHECK(has(engine.err(), "127.0.0.1:" + std::to_string(site.port)));
  CHECK(has(engine.err(), "in use"));
}

TEST_CASE("a dead letter is found, and sent again when somebody says so", "[world]") {
  Site site;
  Ward ward;
  ward.answers("AE");
  site.channel(site.head() + "destinations:\n" + site.ward(ward.port()));
  site.start();
  Line line = site.line();
  CHECK(code(line, admission("W1", "P1")) == "AA");
  CHECK(eventually([&] { return has(site.engine->err(), "T4002"); }));
  CHECK(eventually([&] { return has(site.tombolo({"find", "--status", "posted"}), "dead 1"); }));
  CHECK(has(site.tombolo({"find", "--fate", "dead"}), "  W1  posted  AA  dead 1"));
  site.tombolo({"find", "--fate", "delivered"}, 1);
  ward.answers("AA");
  const std::string again = site.tombolo({"resend", "1"});
  CHECK(has(again, "-1-ward-1\n"));
  CHECK(eventually([&] { return ward.count() == 2; }));
  CHECK(eventually([&] { return has(site.tombolo({"show", "1"}), "to ward: delivered, id " + again.substr(0, again.size() - 1)); }));
  site.tombolo({"resend", "99"}, 1);
  CHECK(code(line, admission("W2", "P1")) == "AA");
  site.stop();
}

TEST_CASE("a parcel that failed and is resent twice at once is walked once", "[world]") {
  Site site;
  site.channel(site.head() + "acknowledge: { training: drop }\ndestinations:\n" + site.archive());
  site.start();
  Line line = site.line();
  std::string training = admission("W1", "P1");
  training.replace(training.find("|P|2.5.1"), 8, "|T|2.5.1");
  CHECK(code(line, training) == "AA");
  std::vector<std::unique_ptr<Process>> resends;
  for (int n = 0; n < 6; ++n) {
    resends.push_back(std::make_unique<Process>(std::vector<std::string>{binary, "resend", "1", "--store", site.store}, site.folder.path(),
                                                "resend" + std::to_string(n)));
  }
  for (const auto& resend : resends) CHECK(resend->wait() <= 1);
  CHECK(code(line, admission("W2", "P1")) == "AA");
  CHECK(eventually([&] { return has(read_file(site.out()), "|W2|"); }));
  site.stop();
}

TEST_CASE("so many dead letters in a row pause the destination, until somebody resumes it", "[world]") {
  Site site;
  Ward ward;
  ward.answers("AE");
  site.channel(site.head() + "destinations:\n  ward:\n    mllp: { connect: \"127.0.0.1:" + std::to_string(ward.port()) +
               "\" }\n    retry: { first: 20ms, max: 1h }\n    circuit: 3\n");
  site.start();
  Line line = site.line();
  for (int n = 0; n < 8; ++n) CHECK(code(line, admission(id_of(n), "P" + std::to_string(n))) == "AA");
  CHECK(eventually([&] { return has(site.engine->err(), "T4003"); }));
  std::this_thread::sleep_for(200ms);
  CHECK(ward.count() == 3);
  CHECK(count(site.tombolo({"find", "--fate", "dead"}), "dead 1") == 3);
  CHECK(count(site.tombolo({"find", "--fate", "waiting"}), "waiting 1") == 5);
  ward.answers("AA");
  site.tombolo({"resume", "adt", "nobody"}, 1);
  site.tombolo({"resume", "adt", "ward"});
  CHECK(eventually([&] { return ward.count() == 8; }));
  site.stop();
  CHECK(count(site.tombolo({"find", "--fate", "delivered"}), "delivered 1") == 5);
}

TEST_CASE("a changed channel file is in force without a connection dropped; a broken one is not", "[world]") {
  Site site;
  site.channel(site.head() + "destinations:\n" + site.archive("first"));
  site.start();
  Line line = site.line();
  CHECK(code(line, admission("W1", "P1")) == "AA");

  site.channel(site.head() + "destinations:\n" + site.archive("second"));
  CHECK(eventually([&] { return count(site.engine->err(), "T1102") == 1; }));
  CHECK(code(line, admission("W2", "P1")) == "AA");
  CHECK(eventually([&] { return has(read_file(site.out("second")), "|W2|"); }));

  site.channel(site.head() + "steps:\n  - filter: PV1-2 = 'O'\ndestinations:\n" + site.archive("second"));
  CHECK(eventually([&] { return count(site.engine->err(), "T1102") == 2; }));
  CHECK(code(line, admission("W3", "P1")) == "AA");
  CHECK(eventually([&] { return has(site.tombolo({"find", "W3"}), "filtered"); }));

  site.channel(site.head() + "stepps: []\ndestinations:\n" + site.archive("third"));
  CHECK(eventually([&] { return has(site.engine->err(), "T1104"); }));
  CHECK(has(site.engine->err(), "adt.yaml:4:1"));
  CHECK(has(site.engine->err(), "did you mean 'steps'?"));
  std::string outpatient = admission("W4", "P1");
  outpatient.replace(outpatient.find("PV1|1|I|"), 8, "PV1|1|O|");
  CHECK(code(line, outpatient) == "AA");
  CHECK(eventually([&] { return has(read_file(site.out("second")), "|W4|"); }));

  const std::uint16_t before = site.port;
  site.port = free_port();
  site.channel(site.head() + "destinations:\n" + site.archive("second"));
  CHECK(listening(site.port));
  Line next = site.line();
  CHECK(code(next, admission("W5", "P1")) == "AA");
  CHECK(eventually([&] { return has(read_file(site.out("second")), "|W5|"); }));
  CHECK_FALSE(Line().connect(before));
  site.stop();
  CHECK(count(read_file(site.out("first")), "\n") == 1);
  CHECK(count(read_file(site.out("second")), "\n") == 3);
  CHECK_FALSE(std::filesystem::exists(site.out("third")));
}

TEST_CASE("the log's level changes while the engine runs", "[world]") {
  Site site;
  site.channel(site.head() + "destinations:\n" + site.archive());
  site.start("error");
  Line line = site.line();
  CHECK(code(line, "no message at all") == "AE");
  CHECK(site.engine->err() == "");
  site.tombolo({"log", "warning"});
  CHECK(code(line, "no message at all") == "AE");
  CHECK(eventually([&] { return has(site.engine->err(), "T3003"); }));
  CHECK_FALSE(has(site.engine->err(), "T1001"));
  site.stop();
}

TEST_CASE("nothing of a message stands in the log, on standard output or in a file's name", "[world]") {
  Site site;
  Ward ward;
  ward.answers("AE");
  site.channel(site.head() + "acknowledge: { duplicate: { other_content: hold } }\ndestinations:\n" + site.ward(ward.port()) +
               "  fhir:\n    steps: [ map: hl7v2-to-fhir ]\n    file: { path: \"" + site.out("fhir").string() + "\", as: ndjson }\n");
  site.start("debug");
  Line line = site.line();
  std::string message = admission("CANARYID", "CANARYPATIENT");
  message.replace(message.find("Tester^Tilda||19700203"), 22, "CANARYNAME^Tilda||CANARYDATE");
  CHECK(code(line, message) == "AA");
  CHECK(code(line, message) == "AA");                                                            // a duplicate
  CHECK(code(line, message + "NTE|1||CANARYNOTE\r") == "AA");                                    // held
  CHECK(code(line, "CANARYGARBAGE is no message") == "AE");
  CHECK(code(line, "MSH|^~\\&|CANARYSENDER||||||CANARYTYPE||P|2.5\rPID|CANARYFIELD\r") == "AE");
  line.send("CANARYOUTSIDE");
  CHECK(code(line, "MSH|^~\\&|A||||||CANARYTYPE^X|CANARYNUMBER|P|CANARYVERSION\rCANARYSEGMENT\r") == "AA");
  CHECK(eventually([&] { return has(site.engine->err(), "T4002"); }));
  for (const auto* event : {"T3001", "T3003", "T3004", "T2003"}) CHECK(has(site.engine->err(), event));
  site.stop();
  CHECK_FALSE(has(site.engine->err(), "CANARY"));
  CHECK_FALSE(has(site.engine->out(), "CANARY"));
  for (const auto& entry : std::filesystem::recursive_directory_iterator(site.folder.path())) CHECK_FALSE(has(entry.path().string(), "CANARY"));
}
