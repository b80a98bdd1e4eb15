// Code tables of a site while the real binary runs: dropped, swapped whole, refused, and named by the outcome.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <memory>

#include "engine/crypto/hash.h"
#include "tests/support/codes_database.h"
#include "tests/support/engine.h"
#include "tests/support/temp.h"

using namespace tombolo::test;

namespace {

constexpr std::string_view header = "source_code,target_system,target_code,target_display\n";

class TablesSite {
 public:
  TablesSite() {
    write_file(folder_ / "channels/adt.yaml",
               "channel: adt\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(port_) + "\" }\nsteps: [ map: house ]\n" +
               "destinations:\n  archive:\n    file: { path: \"" + out().string() + "\", as: ndjson }\n");
    write_file(folder_ / "mappings/house/house.map",
               "map ADT_A01 to Bundle\n  type <- 'message'\n  entry patient: Patient <- PID\n\n"
               "map PID to Patient\n  key <- PID-3.1\n  maritalStatus <- PID-16.1.first() via house-status\n");
  }

  std::filesystem::path path(std::string_view name) const { return folder_ / name; }
  std::filesystem::path out() const { return folder_ / "out/archive.ndjson"; }

  // As careful people drop a file: written aside, then renamed.
  void drop(const std::string& name, const std::string& text) const {
    write_file(path("tables/." + name + ".part"), text);
    std::filesystem::rename(path("tables/." + name + ".part"), path("tables/" + name));
  }

  void start() {
    engine_ = std::make_unique<Process>(std::vector<std::string>{binary, "run", folder_.path().string()}, folder_.path(), "engine");
    if (!listening(port_)) FAIL("the engine does not listen: " + engine_->err());
  }
  bool logged(const std::string& text) const {
    return eventually([&] { return engine_->err().find(text) != std::string::npos; });
  }
  std::string log() const { return engine_->err(); }
  int stop() {
    engine_->signal(SIGTERM);
    return engine_->wait(std::chrono::seconds(5));
  }
  bool reloads(int times) const {
    return eventually([&] {
      int found = 0;
      const std::string lines = engine_->err();
      for (std::size_t at = 0; (at = lines.find("T1102", at)) != std::string::npos; ++at) ++found;
      return found >= times;
    });
  }

  // The message's status code by the house's table, as the destination got it.
  std::string mapped(const std::string& control_id, const std::string& status) {
    Line line;
    REQUIRE(line.connect(port_));
    REQUIRE(line.send_frame("MSH|^~\\&|TESTADT|EASTWING|TOMBOLO|HUB|20260102030405||ADT^A01^ADT_A01|" + control_id +
                            "|P|2.5.1\rEVN|A01|20260102030405\rPID|1||" + control_id + "^^^EASTWING^MR||Tester^Tilda||19700203|F||||||||" + status + "\r"));
    const auto answer = line.frame();
    REQUIRE(answer);
    CHECK(field(*answer, "MSA", 1) == "AA");
    ++sent_;
    std::string all;
    REQUIRE(eventually([&] {
      all = read_file(out());
      return std::count(all.begin(), all.end(), '\n') == sent_;
    }));
    all.pop_back();
    return all.substr(all.rfind('\n') + 1);
  }

  std::string tombolo(std::vector<std::string> words, int expected = 0) const {
    words.insert(words.begin(), binary);
    Process command(words, folder_.path(), "command");
    const int status = command.wait();
    INFO(words[1] << ": " << command.out() << command.err());
    CHECK(status == expected);
    return command.out();
  }
  std::string store() const { return path("store").string(); }
  std::string configuration(int parcel) const {
    const auto shown = tombolo({"show", std::to_string(parcel), "--store", store()});
    const auto at = shown.find("configuration ");
    REQUIRE(at != std::string::npos);
    return shown.substr(at + 14, 16);
  }

 private:
  TempFolder folder_;
  std::uint16_t port_ = free_port();
  std::unique_ptr<Process> engine_;
  long sent_ = 0;
};

}  // namespace

TEST_CASE("a table dropped into a running site maps the next message, and the outcome names it", "[wire][tables]") {
  TablesSite site;
  const std::string first = std::string(header) + "XM,urn:house,married,\n";
  const std::string second = std::string(header) + "XM,urn:house,wed,\nXS,urn:house,alone,\n";
  site.drop("house-status.csv", first);
  site.start();
  CHECK_THAT(site.mapped("A1", "XM"), Catch::Contains("\"code\":\"married\""));
  site.drop("house-status.csv", second);
  REQUIRE(site.reloads(1));
  CHECK_THAT(site.mapped("A2", "XM"), Catch::Contains("\"code\":\"wed\""));

  site.drop("house-status.csv", std::string(header) + "XM,urn:house,changed,\nXS,urn:house,,\n");
  REQUIRE(site.logged("T1104"));
  CHECK_THAT(site.log(), Catch::Contains("tables/house-status.csv:3:14") && Catch::Contains("expected a target code"));
  CHECK_THAT(site.mapped("A3", "XM"), Catch::Contains("\"code\":\"wed\""));

  CHECK(site.configuration(1) != site.configuration(2));
  CHECK(site.configuration(2) == site.configuration(3));
  CHECK_THAT(site.log(), Catch::Contains(site.configuration(2)));
  const auto hash = [](const std::string& text) { return "# tables/house-status.csv " + tombolo::hex(tombolo::sha256(text)); };
  CHECK_THAT(site.tombolo({"show", "1", "--configuration", "--store", site.store()}), Catch::Contains(hash(first)));
  CHECK_THAT(site.tombolo({"show", "3", "--configuration", "--store", site.store()}), Catch::Contains(hash(second)));
}

TEST_CASE("a file that is still being written changes nothing", "[wire][tables]") {
  TablesSite site;
  site.drop("house-status.csv", std::string(header) + "XM,urn:house,married,\n");
  site.start();
  write_file(site.path("tables/.house-status.csv.part"), "half a hea");
  site.drop("other.csv", std::string(header) + "1,,2,\n");  // seen after the half one
  REQUIRE(site.reloads(1));
  CHECK_THAT(site.mapped("B1", "XM"), Catch::Contains("\"code\":\"married\""));
  CHECK_THAT(site.tombolo({"show", "1", "--configuration", "--store", site.store()}), !Catch::Contains(".part"));
}

TEST_CASE("a running engine lists the codes that no table has, by sender, and no words", "[wire][tables]") {
  TablesSite site;
  site.drop("house-status.csv", std::string(header) + "XM,urn:house,married,\n");
  site.start();
  site.mapped("C1", "XQ");
  site.mapped("C2", "XQ");
  site.mapped("C3", "lives with Tilda");
  const auto listed = site.tombolo({"misses", "--store", site.store()});
  CHECK_THAT(listed, Catch::StartsWith("house-status  XQ  2 times, PID-16, from TESTADT|EASTWING, last "));
  CHECK_THAT(listed, Catch::Contains("house-status  (no code)  1 times") && !Catch::Contains("Tilda"));
  CHECK_THAT(site.tombolo({"misses", "--json", "--store", site.store()}), Catch::Contains("\"code\":\"XQ\",\"times\":2"));
}

TEST_CASE("a table in a database is taken up on its schedule, and stays when the database fails", "[wire][tables]") {
  TablesSite site;
  auto codes = std::make_unique<CodesDatabase>(site.path("codes.db"));
  codes->run("insert into ward values ('XM', 'urn:house', 'married', '', 1)");
  write_file(site.path("tables/sources.yaml"), "databases: { codes: { sqlite: codes.db } }\ntables:\n  house-status:\n    database: codes\n    sql: " +
                                                   std::string(ward_query) + "\n    every: 1s\n");
  site.start();
  CHECK_THAT(site.mapped("D1", "XM"), Catch::Contains("\"code\":\"married\""));
  codes->run("update ward set target = 'wed'");
  REQUIRE(site.reloads(1));
  CHECK_THAT(site.mapped("D2", "XM"), Catch::Contains("\"code\":\"wed\""));
  CHECK(site.configuration(1) != site.configuration(2));
  codes->run("insert into ward values ('XM', 'urn:house', 'twice', '', 1)");
  REQUIRE(site.logged("T1202"));
  CHECK_THAT(site.log(), Catch::Contains("source_code is translated already"));
  CHECK_THAT(site.mapped("D3", "XM"), Catch::Contains("\"code\":\"wed\""));
  CHECK(site.configuration(2) == site.configuration(3));
  CHECK_THAT(site.tombolo({"tables", "--store", site.store()}), Catch::Contains("house-status  1 rows") && Catch::Contains("source_code is translated already"));
  codes->run("delete from ward where target = 'twice'");
  CHECK_THAT(site.tombolo({"tables", site.path("").string(), "--refresh"}), Catch::Contains("house-status  unchanged  1 rows"));
}

TEST_CASE("an engine that waits for a dead database server stops at once", "[wire][tables]") {
  std::atomic<int> called = 0;
  Listener dead([&](Line& line) { ++called, line.frame(std::chrono::seconds(30)); });
  TablesSite site;
  site.drop("house-status.csv", std::string(header) + "XM,urn:house,married,\n");
  site.start();
  write_file(site.path("tables/sources.yaml"), "databases:\n  codes:\n    postgresql: { host: 127.0.0.1, port: " + std::to_string(dead.port()) +
                                                   ", name: codes, user: reader }\ntables:\n  other-status: { database: codes, sql: select 1, every: 1s }\n");
  REQUIRE(eventually([&] { return called > 0; }));
  const auto begin = Clock::now();
  CHECK(site.stop() == 0);
  CHECK(Clock::now() - begin < std::chrono::seconds(1));
}
