#include <catch2/catch.hpp>

#include <algorithm>
#include <future>

#include "engine/connectors/file/file.h"
#include "engine/connectors/file/names.h"
#include "tests/connectors/peer.h"
#include "tests/support/power_cut_disk.h"
#include "tests/support/temp.h"

namespace fs = std::filesystem;
using namespace tombolo;
using test::PowerCutDisk;

namespace {

const std::string adt = "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\rPID|1||77\r";

struct Item {
  std::string id, bytes, content_type = "application/hl7-v2";
};

// A file destination with a thread of its own.
class Files {
 public:
  explicit Files(const std::string& block, const DestinationPlug& plug = file_destination()) {
    const Edges edges = loop_.edges();
    destination_ = test::make(plug, block, &edges);
  }
  ~Files() {
    loop_.on([&] { destination_.reset(); });
  }

  std::future<Sent> begin(Item item) { return loop_.start(carry(*destination_, std::move(item))); }
  Sent send(Item item) { return begin(std::move(item)).get(); }
  int connections() const { return destination_->connections(); }

 private:
  static boost::asio::awaitable<Sent> carry(Destination& to, Item item) {
    Envelope e;
    e.id = item.id;
    e.bytes = item.bytes;
    e.content_type = item.content_type;
    e.control_id = "../../etc/passwd";
    e.channel = "adt-in";
    e.type = "ADT^A01";
    e.now = *from_iso8601("2026-11-23T15:41:52Z");
    co_return co_await to.send(e);
  }

  test::Loop loop_;
  std::unique_ptr<Destination> destination_;
};

// Sends `count` deliveries at once; the ids of those reported written.
std::vector<std::string> send_all(Files& files, int first, int count) {
  std::vector<std::pair<std::string, std::future<Sent>>> begun;
  for (int n = first; n < first + count; ++n) {
    const std::string id = "s1-" + std::to_string(n) + "-files";
    begun.emplace_back(id, files.begin({id, "{\"n\":\"" + id + "\"}", "application/fhir+json"}));
  }
  std::vector<std::string> written;
  for (auto& [id, sent] : begun) {
    try {
      if (sent.get().accepted) written.push_back(id);
    } catch (const boost::system::system_error&) {
    }
  }
  return written;
}

std::string line_of(const std::string& id) { return "{\"n\":\"" + id + "\"}\n"; }

int times(const std::string& text, const std::string& part) {
  int n = 0;
  for (auto at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) ++n;
  return n;
}

// How many deliveries were reported written and are not there after a power cut, over a cut at each call in turn.
int losses(const std::string& block, PowerCutDisk::Faults faults) {
  int lost = 0;
  for (faults.cut_at = 0;; ++faults.cut_at) {
    faults.seed = static_cast<unsigned>(faults.cut_at + 1);
    PowerCutDisk power(faults);
    const auto plug = file_destination_on([&] { return power.disk(); });
    std::vector<std::string> written;
    {
      Files files(block, plug);
      for (int wave = 0; wave < 4; ++wave) {
        const auto more = send_all(files, wave * 5, 5);
        written.insert(written.end(), more.begin(), more.end());
      }
    }
    const bool survived = !power.was_cut();
    power.restart();
    std::string all;
    const auto read_all = [&] {
      all.clear();
      for (const auto& [name, bytes] : power.files()) {
        if (!name.ends_with(".part") && !name.ends_with(".ids")) all += bytes.ends_with('\n') ? bytes : bytes + "\n";
      }
    };
    read_all();
    for (const auto& id : written) lost += times(all, line_of(id)) == 0;
    {
      Files files(block, plug);  // as the engine does: whatever was not settled comes again, and what comes after
      CHECK(send_all(files, 0, 20).size() == 20);
      CHECK(send_all(files, 100, 2).size() == 2);
    }
    read_all();
    if (lost == 0) {
      for (int n = 0; n < 102; n = n == 19 ? 100 : n + 1) CHECK(times(all, line_of("s1-" + std::to_string(n) + "-files")) == 1);
      CHECK(std::count(all.begin(), all.end(), '\n') == 22);
    }
    if (survived) return lost;
  }
}

}  // namespace

TEST_CASE("NDJSON: JSON is a line as it is, HL7 v2 a line with its id", "[file]") {
  test::TempFolder folder;
  Files files("path: \"" + (folder / "out/{date}.ndjson").string() + "\"");
  const Sent sent = files.send({"d-1", "{\n \"a\": 1\r\n}", "application/fhir+json"});
  CHECK(sent.code == "written");
  CHECK(sent.accepted);
  files.send({"d-2", adt});
  files.send({"d-3", "MSH|\xE9\r"});
  CHECK(test::read_file(folder / "out/2026-11-23.ndjson") ==
        "{  \"a\": 1  }\n"
        "{\"id\":\"d-2\",\"message\":\"MSH|^~\\\\&|A|B|C|D|20260101||ADT^A01|1|P|2.5\\rPID|1||77\\r\"}\n"
        "{\"id\":\"d-3\",\"message_base64\":\"TVNIfOkN\"}\n");
}

TEST_CASE("messages may stand one after the other as they are", "[file]") {
  test::TempFolder folder;
  Files files("path: \"" + (folder / "{channel}-{hour}.hl7").string() + "\"\nas: hl7");
  files.send({"1", adt});
  files.send({"2", "MSH|no end"});
  CHECK(test::read_file(folder / "adt-in-2026-11-23T15.hl7") == adt + "\nMSH|no end\r\n");
}

TEST_CASE("a file a message appears whole under its name, and a repeat replaces it", "[file]") {
  test::TempFolder folder;
  Files files("path: \"" + (folder / "{type}/{id}.hl7").string() + "\"\nas: message");
  files.send({"s1-1-files", adt});
  files.send({"s1-1-files", adt});
  files.send({"s1-2-files", adt});
  CHECK(test::read_file(folder / "ADT_A01/s1-1-files.hl7") == adt);
  CHECK(std::distance(fs::directory_iterator(folder / "ADT_A01"), {}) == 2);
}

TEST_CASE("nothing in a message leads out of the folder", "[file]") {
  test::TempFolder folder;
  Files files("path: \"" + (folder / "in/{control_id}.{id}").string() + "\"\nas: message");
  files.send({"../x", adt});
  for (const auto& entry : fs::recursive_directory_iterator(folder.path())) {
    if (entry.is_regular_file()) CHECK(entry.path().parent_path() == folder / "in");
  }
  CHECK(file_name_part("../../etc/passwd") == "_._.__etc_passwd");
  CHECK(file_name_part("a..b") == "a._b");
  CHECK(file_name_part(".hidden") == "_hidden");
  CHECK(file_name_part("ADT^A01 \xC3\xA9") == "ADT_A01___");
  CHECK(file_name_part("") == "none");
  CHECK(file_name_part(std::string(500, 'x')).size() == 100);
}

TEST_CASE("many deliveries at once are all written, each on a line of its own", "[file]") {
  test::TempFolder folder;
  Files files("path: \"" + (folder / "all.ndjson").string() + "\"");
  CHECK(send_all(files, 0, 200).size() == 200);
  const std::string all = test::read_file(folder / "all.ndjson");
  CHECK(std::count(all.begin(), all.end(), '\n') == 200);
  for (int n = 0; n < 200; ++n)
    CHECK(all.find("{\"n\":\"s1-" + std::to_string(n) + "-files\"}\n") != std::string::npos);
}

TEST_CASE("a line that a crash left torn is cut off before the next one", "[file]") {
  for (const std::string whole : {"", "{\"n\":1}\n"}) {
    for (const std::string& torn : {std::string("{\"n\":"), std::string(200'000, '{')}) {
      test::TempFolder folder;
      test::write_file(folder / "all.ndjson", whole + torn);
      Files files("path: \"" + (folder / "all.ndjson").string() + "\"");
      files.send({"2", "{\"n\":2}", "application/json"});
      CHECK(test::read_file(folder / "all.ndjson") == whole + "{\"n\":2}\n");
    }
  }
}

TEST_CASE("of messages one after the other a torn one is cut off where it began, whatever line ends it has", "[file]") {
  const std::string lines = "MSH|^~\\&|A\nPID|1\nPV1|1\n";
  test::TempFolder folder;
  const std::string block = "path: \"" + (folder / "all.hl7").string() + "\"\nas: hl7";
  {
    Files files(block);
    files.send({"1", lines});
    files.send({"2", lines});
  }
  const std::string two = test::read_file(folder / "all.hl7");
  for (std::size_t size = two.size() / 2 + 1; size < two.size(); ++size) {
    test::write_file(folder / "all.hl7", two);
    fs::resize_file(folder / "all.hl7", size);  // the second is torn here
    Files files(block);
    files.send({"1", lines});
    files.send({"2", lines});
    CHECK(test::read_file(folder / "all.hl7") == two);
  }
  test::write_file(folder / "all.hl7", two + "MSH|by hand, without a line feed\r");
  Files files(block);
  files.send({"3", lines});
  CHECK(test::read_file(folder / "all.hl7") == two + "MSH|by hand, without a line feed\r\r\n" + lines + "\n");
}

TEST_CASE("a delivery that stands in the file is not written again, in this run or a later one", "[file]") {
  test::TempFolder folder;
  const std::string block = "path: \"" + (folder / "all.ndjson").string() + "\"";
  for (int run = 0; run < 3; ++run) {
    Files files(block);
    for (int n = 0; n < 50; ++n) CHECK(files.send({"d-" + std::to_string(n), "{\"same\":1}", "application/json"}).accepted);
  }
  const std::string all = test::read_file(folder / "all.ndjson");
  CHECK(std::count(all.begin(), all.end(), '\n') == 50);
  fs::remove(folder / "all.ndjson");  // another file, and so another story
  Files files(block);
  files.send({"d-1", "{}", "application/json"});
  CHECK(test::read_file(folder / "all.ndjson") == "{}\n");
}

TEST_CASE("the tally of a file does not grow for ever, and old ones are removed", "[file]") {
  test::TempFolder folder;
  const auto tally = folder / ".all.ndjson.ids";
  test::write_file(folder / ".yesterday.ndjson.ids", "of 1\n");
  test::write_file(folder / ".today.ndjson.ids", "of 2\n");
  fs::last_write_time(folder / ".yesterday.ndjson.ids", fs::file_time_type::clock::now() - std::chrono::hours(25));
  Files files("path: \"" + (folder / "all.ndjson").string() + "\"\nsync: false");
  for (int first = 0; first < 10'000; first += 200) REQUIRE(send_all(files, first, 200).size() == 200);
  const std::string ids = test::read_file(tally);
  CHECK(std::count(ids.begin(), ids.end(), '\n') < 8200);
  CHECK(send_all(files, 9000, 200).size() == 200);
  const std::string all = test::read_file(folder / "all.ndjson");
  CHECK(std::count(all.begin(), all.end(), '\n') == 10'000);
  CHECK_FALSE(fs::exists(folder / ".yesterday.ndjson.ids"));
  CHECK(fs::exists(folder / ".today.ndjson.ids"));
}

TEST_CASE("two channels may write to one file: every line is whole, and neither cuts the other's", "[file]") {
  test::TempFolder folder;
  const std::string block = "path: \"" + (folder / "all.ndjson").string() + "\"\nsync: false";
  Files one(block), two(block);
  std::thread other([&] {
    for (int first = 20'000; first < 24'000; first += 100) send_all(two, first, 100);
  });
  for (int first = 0; first < 10'000; first += 100) send_all(one, first, 100);
  other.join();
  const std::string all = test::read_file(folder / "all.ndjson");
  CHECK(std::count(all.begin(), all.end(), '\n') == 14'000);
  for (int n = 0; n < 24'000; n = n == 9'999 ? 20'000 : n + 1) {
    if (all.find("{\"n\":\"s1-" + std::to_string(n) + "-files\"}\n") == std::string::npos) FAIL_CHECK(n);
  }
}

TEST_CASE("a file that somebody moved away is begun anew", "[file]") {
  test::TempFolder folder;
  Files files("path: \"" + (folder / "all.ndjson").string() + "\"");
  files.send({"1", "{\"n\":1}", "application/json"});
  fs::rename(folder / "all.ndjson", folder / "old.ndjson");
  files.send({"2", "{\"n\":2}", "application/json"});
  CHECK(test::read_file(folder / "all.ndjson") == "{\"n\":2}\n");
}

TEST_CASE("what cannot be written is an exception with the path, and the next delivery tries again", "[file]") {
  test::TempFolder folder;
  test::write_file(folder / "out", "a file where a folder should be");
  Files files("path: \"" + (folder / "out/all.ndjson").string() + "\"");
  CHECK_THROWS_AS(files.send({"1", "{}", "application/json"}), boost::system::system_error);
  fs::remove(folder / "out");
  CHECK(files.send({"1", "{}", "application/json"}).accepted);
}

TEST_CASE("after a power cut everything reported written is there, in lines", "[file][power]") {
  CHECK(losses("path: out/all.ndjson", {}) == 0);
}

TEST_CASE("after a power cut everything reported written is there, in files", "[file][power]") {
  CHECK(losses("path: \"out/{id}.json\"\nas: message", {}) == 0);
}

TEST_CASE("the power cut test notices a sync that is left out", "[file][power]") {
  PowerCutDisk::Faults no_file_sync, no_folder_sync;
  no_file_sync.file_syncs = false;
  no_folder_sync.folder_syncs = false;
  CHECK(losses("path: out/all.ndjson", no_file_sync) > 0);
  CHECK(losses("path: out/all.ndjson", no_folder_sync) > 0);
  CHECK(losses("path: \"out/{id}.json\"\nas: message", no_file_sync) > 0);
  CHECK(losses("path: \"out/{id}.json\"\nas: message", no_folder_sync) > 0);
  CHECK(losses("path: out/all.ndjson\nsync: false", {}) > 0);
}

TEST_CASE("the settings of a file destination are checked", "[file]") {
  CHECK(test::faults(file_destination(), "as: ndjson").find("needs 'path'") != std::string::npos);
  CHECK(test::faults(file_destination(), "path: \"out/{dat}.x\"").find("no such name: {dat}: did you mean 'date'?") !=
        std::string::npos);
  CHECK(test::faults(file_destination(), "path: \"../out\"").find("'..' is not allowed") != std::string::npos);
  CHECK(test::faults(file_destination(), "path: \"out/{id\"").find("between { and }") != std::string::npos);
  CHECK(test::faults(file_destination(), "path: \"out/{date}\"\nas: message").find("needs {id}") != std::string::npos);
  CHECK(test::faults(file_destination(), "path: x\nas: json").find("'as' is one of") != std::string::npos);
}
