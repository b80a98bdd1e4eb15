// The file source on real folders, and on one that breaks at each call in turn.
#include <catch2/catch.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/system/system_error.hpp>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>

#include "engine/connectors/file/file.h"
#include "engine/connectors/file/memory.h"
#include "engine/connectors/file/pickup.h"
#include "engine/connectors/file/stillness.h"
#include "tests/connectors/peer.h"
#include "tests/support/power_cut_disk.h"
#include "tests/support/temp.h"

namespace fs = std::filesystem;
using namespace tombolo;
using namespace std::chrono_literals;

namespace {

// What a source handed over; `answer` says what becomes of each.
class Desk {
 public:
  using Answer = std::function<Reply(const Parcel&)>;
  explicit Desk(Answer answer = [](const Parcel&) { return Reply{}; }) : answer_(std::move(answer)) {}

  Receive receive() {
    return [this](Parcel parcel) { return take(std::move(parcel)); };
  }
  std::vector<Parcel> got() {
    const std::lock_guard held(lock_);
    return got_;
  }
  std::vector<std::string> names() {
    std::vector<std::string> all;
    for (const auto& parcel : got()) all.push_back(parcel.peer);
    return all;
  }

 private:
  boost::asio::awaitable<Reply> take(Parcel parcel) {
    const Reply reply = answer_(parcel);
    const std::lock_guard held(lock_);
    got_.push_back(std::move(parcel));
    co_return reply;
  }
  std::mutex lock_;
  Answer answer_;
  std::vector<Parcel> got_;
};

Reply refused(std::string why) {
  Reply reply;
  reply.taken = Taken::refused;
  reply.why = std::move(why);
  return reply;
}

template <class Claim>
bool soon(Claim claim, std::chrono::milliseconds limit = 10s) {
  const auto until = std::chrono::steady_clock::now() + limit;
  while (!claim()) {
    if (std::chrono::steady_clock::now() > until) return false;
    std::this_thread::sleep_for(5ms);
  }
  return true;
}

std::string block(const fs::path& folder, const std::string& more = "") {
  return "folder: \"" + folder.string() + "\"\nstable: 0s\nevery: 50ms\n" + more;
}

// A folder that throws at the nth call and at all that follow, as one does whose machine has died.
class DyingFolder final : public Folder {
 public:
  DyingFolder(fs::path path, std::atomic<int>& calls_left) : real_(local_folder(std::move(path))), left_(calls_left) {}

  void prepare(const std::string& inner) override { step(), real_->prepare(inner); }
  std::vector<FileEntry> list(const Wanted& wanted) override { return step(), real_->list(wanted); }
  std::optional<std::string> read(const FileEntry& seen, std::size_t most) override { return step(), real_->read(seen, most); }
  bool exists(const std::string& path) override { return step(), real_->exists(path); }
  void rename(const std::string& from, const std::string& to) override { step(), real_->rename(from, to); }
  void remove(const std::string& path) override { step(), real_->remove(path); }
  void place(const std::string& path, std::string_view bytes) override { step(), real_->place(path, bytes); }

 private:
  void step() {
    if (--left_ < 0) throw boost::system::system_error(EIO, boost::system::system_category(), "dead");
  }
  std::unique_ptr<Folder> real_;
  std::atomic<int>& left_;
};

// The pickup of `o` on a folder that dies after so many calls: until it dies or `settled` comes true.
template <class Settled>
void run_until_death(const PickupOptions& o, const fs::path& folder, int calls, Desk& desk, Settled settled) {
  std::atomic<int> left = calls;
  SourcePlug plug = file_source();
  plug.make = [&](const Setting&, const std::string& channel, Diagnostics&, const Edges* edges) {
    return make_pickup(o, std::make_unique<DyingFolder>(folder, left), folder.string(), channel, *edges);
  };
  test::Running running(plug, "{}", desk.receive());
  soon([&] { return left < 0 || settled(); });
}

}  // namespace

TEST_CASE("a file is handed over once, with its name, and moved out of the way", "[file]") {
  test::TempFolder folder;
  Desk desk;
  test::Running running(file_source(), block(folder.path(), "pattern: [\"*.hl7\", \"*.txt\"]"), desk.receive());
  test::write_file(folder / "a.hl7", "one");
  test::write_file(folder / "b.xml", "no");
  test::write_file(folder / ".c.hl7", "hidden");
  test::write_file(folder / "d.hl7.tmp", "being written");
  fs::create_directory(folder / "e.hl7");
  fs::create_symlink(folder / "b.xml", folder / "f.hl7");
  test::write_file(folder / "g.txt", "two");
  REQUIRE(soon([&] { return fs::exists(folder / "done/a.hl7") && fs::exists(folder / "done/g.txt"); }));
  std::this_thread::sleep_for(150ms);
  CHECK(desk.got().size() == 2);
  CHECK_FALSE(fs::exists(folder / "a.hl7"));
  for (const auto* stays : {"b.xml", ".c.hl7", "d.hl7.tmp", "e.hl7", "f.hl7"}) CHECK(fs::exists(fs::symlink_status(folder / stays)));
  const auto got = desk.got();
  const auto a = std::find_if(got.begin(), got.end(), [](const Parcel& p) { return p.peer == "a.hl7"; });
  REQUIRE(a != got.end());
  CHECK(a->bytes == "one");
  CHECK(a->channel == "test");
  CHECK(running.count("files") == 2);
}

TEST_CASE("a file may be deleted when it is taken, and one of the same name is another file", "[file]") {
  test::TempFolder folder;
  Desk desk;
  test::Running running(file_source(), block(folder.path(), "after: delete"), desk.receive());
  for (int n = 1; n <= 3; ++n) {
    test::write_file(folder / "same", "number " + std::to_string(n));
    REQUIRE(soon([&] { return desk.got().size() == static_cast<std::size_t>(n) && !fs::exists(folder / "same"); }));
  }
  const auto got = desk.got();
  CHECK(got[2].bytes == "number 3");
  CHECK(got[0].repeat != got[2].repeat);
}

TEST_CASE("a file of a name that is taken in the folder for it gets a number", "[file]") {
  test::TempFolder folder;
  test::write_file(folder / "done/x", "old");
  test::write_file(folder / "done/x.2", "older");
  test::write_file(folder / "x", "new");
  Desk desk;
  test::Running running(file_source(), block(folder.path()), desk.receive());
  REQUIRE(soon([&] { return fs::exists(folder / "done/x.3"); }));
  CHECK(test::read_file(folder / "done/x") == "old");
  CHECK(test::read_file(folder / "done/x.3") == "new");
}

TEST_CASE("files go in the order of their names, or of their times", "[file]") {
  test::TempFolder folder;
  const std::vector<std::string> oldest_first{"m", "z", "a"};
  auto time = fs::file_time_type::clock::now() - 1h;
  for (const auto& name : oldest_first) {
    test::write_file(folder / name, name);
    fs::last_write_time(folder / name, time += 1s);
  }
  Desk by_name;
  {
    test::Running running(file_source(), block(folder.path(), "after: keep\nmemory: \"" + (folder / ".one").string() + "\""), by_name.receive());
    REQUIRE(soon([&] { return by_name.got().size() == 3; }));
  }
  CHECK(by_name.names() == std::vector<std::string>{"a", "m", "z"});
  Desk by_time;
  test::Running running(file_source(), block(folder.path(), "order: time"), by_time.receive());
  REQUIRE(soon([&] { return by_time.got().size() == 3; }));
  CHECK(by_time.names() == oldest_first);
}

TEST_CASE("a file that still grows, or is held open by its writer, is not taken", "[file]") {
  test::TempFolder folder;
  Desk desk;
  test::Running running(file_source(), "folder: \"" + folder.path().string() + "\"\nstable: 300ms\nevery: 50ms", desk.receive());
  for (int n = 0; n < 8; ++n) {
    std::ofstream(folder / "grows", std::ios::app) << "part";
    std::this_thread::sleep_for(100ms);
  }
  const int fd = open((folder / "held").c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  REQUIRE(write(fd, "half", 4) == 4);
  REQUIRE(soon([&] { return fs::exists(folder / "done/grows"); }));
  std::this_thread::sleep_for(600ms);
  CHECK(fs::exists(folder / "held"));
  REQUIRE(write(fd, "whole", 5) == 5);
  close(fd);
  REQUIRE(soon([&] { return fs::exists(folder / "done/held"); }));
  REQUIRE(desk.got().size() == 2);
  CHECK(desk.got()[0].bytes.size() == 32);
  CHECK(desk.got()[1].bytes == "halfwhole");
}

TEST_CASE("what is refused is set aside with its reasons, and what is too large is not read", "[file]") {
  test::TempFolder folder;
  Desk desk([](const Parcel& parcel) { return parcel.too_large ? refused("too large\n") : parcel.bytes == "bad" ? refused("PID-3: required\n") : Reply{}; });
  test::write_file(folder / "bad", "bad");
  test::write_file(folder / "good", "good");
  test::write_file(folder / "large", std::string(300'000, 'x'));
  test::Running running(file_source(), block(folder.path(), "max_message: 200KiB\nfailed: ../aside"), desk.receive());
  const fs::path aside = folder.path().parent_path() / "aside";
  REQUIRE(soon([&] { return fs::exists(aside / "bad") && fs::exists(aside / "large") && fs::exists(folder / "done/good"); }));
  CHECK(test::read_file(aside / "bad") == "bad");
  CHECK(test::read_file(aside / "bad.error").ends_with(" by channel test\nPID-3: required\n"));
  CHECK(test::read_file(aside / "large.error").ends_with("\ntoo large\n"));
  CHECK(fs::file_size(aside / "large") == 300'000);
  for (const auto& parcel : desk.got()) CHECK(parcel.bytes.size() < 100'000);
  fs::remove_all(aside);
}

TEST_CASE("a file that cannot be kept now stays and is handed over again under the same name", "[file]") {
  test::TempFolder folder;
  std::atomic<int> calls = 0;
  Desk desk([&](const Parcel&) {
    Reply reply;
    if (++calls < 3) reply.taken = Taken::not_now;
    return reply;
  });
  test::write_file(folder / "a", "a");
  test::write_file(folder / "b", "b");
  test::Running running(file_source(), block(folder.path()), desk.receive());
  REQUIRE(soon([&] { return fs::exists(folder / "done/a") && fs::exists(folder / "done/b"); }));
  CHECK(desk.names() == std::vector<std::string>{"a", "a", "a", "b"});
  CHECK(desk.got()[0].repeat == desk.got()[2].repeat);
  CHECK(running.count("not_kept") == 2);
}

TEST_CASE("a file that is received and cannot be moved is not received again", "[file]") {
  test::TempFolder folder;
  test::write_file(folder / "a", "a");
  Desk desk;
  test::Running running(file_source(), block(folder.path(), "pattern: a"), [&, inner = desk.receive()](Parcel parcel) {
    fs::remove_all(folder / "done");
    test::write_file(folder / "done", "in the way");
    return inner(std::move(parcel));
  });
  std::this_thread::sleep_for(400ms);
  CHECK(desk.got().size() == 1);
  CHECK(fs::exists(folder / "a"));
  fs::remove(folder / "done");
  fs::create_directory(folder / "done");
  REQUIRE(soon([&] { return fs::exists(folder / "done/a"); }));
  CHECK(desk.got().size() == 1);
}

TEST_CASE("a folder that is not there yet, or goes and comes back, is waited for", "[file]") {
  test::TempFolder folder;
  const fs::path in = folder / "mounted/in";
  Desk desk;
  test::Running running(file_source(), block(in), desk.receive());
  std::this_thread::sleep_for(100ms);
  test::write_file(in / "first", "1");
  REQUIRE(soon([&] { return fs::exists(in / "done/first"); }));
  fs::rename(in, folder / "away");
  std::this_thread::sleep_for(200ms);
  test::write_file(in / "second", "2");
  REQUIRE(soon([&] { return fs::exists(in / "done/second"); }));
  CHECK(desk.names() == std::vector<std::string>{"first", "second"});
}

TEST_CASE("what stays in its folder is not taken again after a restart", "[file]") {
  test::TempFolder folder;
  const std::string keeps = block(folder / "in", "after: keep\nmemory: \"" + (folder / "state/taken").string() + "\"");
  for (const auto* name : {"a", "b"}) test::write_file(folder / "in" / name, name);
  Desk desk([](const Parcel& parcel) { return parcel.bytes == "b" ? refused("no\n") : Reply{}; });
  {
    test::Running running(file_source(), keeps, desk.receive());
    REQUIRE(soon([&] { return desk.got().size() == 2; }));
  }
  test::write_file(folder / "in/c", "c");
  {
    test::Running running(file_source(), keeps, desk.receive());
    REQUIRE(soon([&] { return desk.got().size() == 3; }));
    std::this_thread::sleep_for(150ms);
    CHECK(desk.names() == std::vector<std::string>{"a", "b", "c"});
    test::write_file(folder / "in/a", "another a");
    REQUIRE(soon([&] { return desk.got().size() == 4; }));
  }
  CHECK(desk.got()[3].bytes == "another a");
  CHECK(std::distance(fs::directory_iterator(folder / "in"), {}) == 3);
}

TEST_CASE("a source that dies at any step loses no file, and hands a repeat over under the same name", "[file]") {
  for (const auto after : {PickupOptions::After::move, PickupOptions::After::remove}) {
    for (int calls = 0;; ++calls) {
      CAPTURE(calls);
      test::TempFolder folder;
      const std::set<std::string> sent{"a", "b", "bad", "c"};
      for (const auto& name : sent) test::write_file(folder / name, "content of " + name);
      PickupOptions o;
      o.stable = Duration(0);
      o.every = 50ms;
      o.after = after;
      Desk desk([](const Parcel& parcel) { return parcel.peer == "bad" ? refused("no\n") : Reply{}; });
      const auto gone = [&] { return std::none_of(sent.begin(), sent.end(), [&](const auto& name) { return fs::exists(folder / name); }); };
      run_until_death(o, folder.path(), calls, desk, gone);
      const bool survived = gone();
      run_until_death(o, folder.path(), 1'000'000, desk, gone);
      std::map<std::string, std::set<std::string>> names;
      for (const auto& parcel : desk.got()) {
        CHECK(parcel.bytes == "content of " + parcel.peer);
        names[parcel.peer].insert(parcel.repeat);
      }
      REQUIRE(names.size() == sent.size());
      for (const auto& [name, repeats] : names) CHECK(repeats.size() == 1);
      CHECK(desk.got().size() <= sent.size() + 1);
      CHECK(fs::exists(folder / "failed/bad"));
      CHECK(fs::exists(folder / "failed/bad.error"));
      if (after == PickupOptions::After::move) CHECK(fs::exists(folder / "done/c"));
      if (survived) break;
    }
  }
}

TEST_CASE("what was remembered as taken outlives a power cut at any call", "[file][power]") {
  for (std::size_t cut_at = 0;; ++cut_at) {
    test::PowerCutDisk::Faults faults;
    faults.cut_at = cut_at;
    faults.seed = static_cast<unsigned>(cut_at + 1);
    test::PowerCutDisk power(faults);
    std::vector<FileEntry> added, there;
    try {
      Memory memory(power.disk(), "state/taken", 4);
      memory.load();
      for (int n = 0; n < 12; ++n) {
        const FileEntry entry{"file " + std::to_string(n), 7, 1000 + n, 0};
        there.assign(1, entry);
        memory.add(entry);
        added.assign(1, entry);
        memory.tidy(there);
      }
    } catch (const boost::system::system_error&) {
    }
    const bool survived = !power.was_cut();
    power.restart();
    Memory memory(power.disk(), "state/taken", 4);
    memory.load();
    for (const auto& entry : added) CHECK(memory.has(entry));
    CHECK_FALSE(memory.has({"file 99", 7, 1099, 0}));
    memory.add({"later", 1, 2, 3});
    CHECK(memory.has({"later", 1, 2, 4}));
    if (survived) break;
  }
}

TEST_CASE("a file is still when nothing of it changed for long enough", "[file]") {
  Stillness stillness(2s);
  const Stillness::Moment t0{};
  const FileEntry a{"a", 5, 100, 1};
  CHECK(stillness.ready({a}, t0).empty());
  CHECK(stillness.next() == t0 + 2s);
  CHECK(stillness.ready({a}, t0 + 1s).empty());
  const FileEntry grown{"a", 6, 100, 1}, another{"a", 6, 100, 2};
  CHECK(stillness.ready({grown}, t0 + 2s).empty());
  CHECK(stillness.ready({another}, t0 + 4s).empty());
  CHECK(stillness.ready({another}, t0 + 6s).size() == 1);
  CHECK_FALSE(stillness.next());
  stillness.begin_again("a");
  CHECK(stillness.ready({another}, t0 + 7s).empty());
  CHECK(stillness.ready({}, t0 + 8s).empty());
  CHECK(stillness.ready({another}, t0 + 9s).empty());
}

TEST_CASE("the settings of a file source are checked", "[file]") {
  const auto faults = [](const std::string& block) { return test::faults(file_source(), block); };
  CHECK(faults("pattern: x").find("needs 'folder'") != std::string::npos);
  CHECK(faults("folder: in\npattern: in/*.hl7").find("without /") != std::string::npos);
  CHECK(faults("folder: in\norder: size").find("'order' is one of") != std::string::npos);
  CHECK(faults("folder: in\nafter: keep").find("needs 'memory'") != std::string::npos);
  CHECK(faults("folder: in\nmemory: x").find("is for 'after: keep'") != std::string::npos);
  CHECK(faults("folder: in\ndone: .").find("another folder") != std::string::npos);
  CHECK(faults("folder: in\ndone: x\nfailed: x/").find("two folders") != std::string::npos);
  CHECK(faults("folder: in\nevery: 1ms").find("at least 50ms") != std::string::npos);
  CHECK(faults("folder: in\nafter: keep\nmemory: m").empty());
}
