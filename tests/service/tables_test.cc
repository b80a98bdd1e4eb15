// Tables that databases keep, with the time as an argument.
#include <catch2/catch.hpp>

#include "engine/base/library.h"
#include "engine/crypto/hash.h"
#include "engine/schema/codes.h"
#include "engine/service/tables.h"
#include "tests/support/codes_database.h"
#include "tests/support/temp.h"

using namespace tombolo;
using namespace std::chrono_literals;
using test::TempFolder;
using Result = Refresh::Result;

namespace {

struct Site {
  TempFolder folder;
  test::CodesDatabase codes{folder / "codes.db"};

  TableSource source() const { return {"ward", {folder / "codes.db", {}}, test::ward_query, 15min}; }
  Refresh refresh(const std::string& statement = test::ward_query) const {
    auto asked = source();
    asked.statement = statement;
    return refresh_table(asked, folder.path());
  }
  std::string file() const { return test::read_file(folder / "tables/ward.csv"); }
  std::string faults(const std::string& yaml) const {
    test::write_file(folder / "tables/sources.yaml", yaml);
    Diagnostics found;
    read_table_sources(folder.path(), [](std::string_view) { return std::nullopt; }, found);
    return found.print();
  }
  Site() { std::filesystem::create_directories(folder / "tables"); }
};

Time at(std::chrono::minutes later) { return from_micros(1'700'000'000'000'000) + later; }

}  // namespace

TEST_CASE("the rows of a query become a table file, and again only when they change", "[tables]") {
  Site site;
  site.codes.run("insert into ward values ('W2', 'urn:w', 'two, too', null, 1), ('#1', '', 'say \"one\"', null, 1)");
  const auto first = site.refresh();
  CHECK(first.reason == "");
  CHECK(first.result == Result::changed);
  CHECK(first.rows == 2);
  CHECK(first.hash == hex(sha256(site.file())));
  Diagnostics found;
  CodeTable table;
  const std::string text = site.file();
  table.read({"tables/ward.csv", "tables/ward.csv", text}, found);
  CHECK(found.print() == "");
  REQUIRE(table.find("W2") != 0);
  CHECK(table.row(table.find("W2")).code == "two, too");
  REQUIRE(table.find("#1") != 0);
  CHECK(table.row(table.find("#1")).code == "say \"one\"");

  site.codes.run("update ward set rowid = rowid + 10 where code = 'W2'; update ward set rowid = rowid + 20 where code = '#1'");
  CHECK(site.refresh().result == Result::unchanged);
  site.codes.run("update ward set target = 'zwei' where code = 'W2'");
  CHECK(site.refresh().result == Result::changed);
}

TEST_CASE("rows that no table may have leave the table as it was, and are not quoted", "[tables]") {
  Site site;
  site.codes.run("insert into ward values ('W1', 'urn:w', 'one', null, 1)");
  REQUIRE(site.refresh().result == Result::changed);
  const auto before = site.file();
  const auto refused = [&](const std::string& rows, const std::string& statement = test::ward_query) {
    site.codes.run("delete from ward; " + rows);
    const auto done = site.refresh(statement);
    CHECK(done.result == Result::failed);
    CHECK(site.file() == before);
    CHECK_THAT(done.reason, !Catch::Contains("Tester"));
    return done.reason;
  };
  CHECK_THAT(refused("insert into ward values ('Tester', '', 'a', '', 1), ('Tester', '', 'b', '', 1)"),
             Catch::Contains("row 2: source_code is translated already in row 1"));
  CHECK_THAT(refused("insert into ward values ('Tester', '', null, '', 1)"), Catch::Contains("row 1: target_code is empty"));
  CHECK_THAT(refused("insert into ward values ('Tester' || char(10), '', 'a', '', 1)"), Catch::Contains("control character"));
  CHECK_THAT(refused("insert into ward values (cast(x'ff' as text), '', 'a', '', 1)"), Catch::Contains("not UTF-8"));
  CHECK_THAT(refused("select 1"), Catch::Contains("no rows"));
  CHECK_THAT(refused("select 1", "select code as source_code from ward"), Catch::Contains("no column target_code"));
  CHECK_THAT(refused("select 1", "select code, target as target_code from ward"), Catch::Contains("the column 'code' is none of"));
  site.codes.run("drop table ward");
  CHECK_THAT(site.refresh().reason, Catch::Contains("no such table: ward"));
  CHECK(site.file() == before);
}

TEST_CASE("a table that a person wrote is never replaced", "[tables]") {
  Site site;
  site.codes.run("insert into ward values ('W1', 'urn:w', 'one', null, 1)");
  test::write_file(site.folder / "tables/ward.csv", "source_code,target_system,target_code,target_display\nW1,,mine,\n");
  const auto done = site.refresh();
  CHECK(done.result == Result::failed);
  CHECK_THAT(done.reason, Catch::Contains("written by a person"));
  CHECK_THAT(site.file(), Catch::Contains("mine"));
}

TEST_CASE("a table is due at once, then at its times, and a changed source at once again", "[tables]") {
  Site site;
  TableSchedule schedule;
  schedule.plan({site.source()});
  CHECK(schedule.due(at(0min)).size() == 1);
  CHECK(schedule.due(at(14min)).empty());
  schedule.plan({site.source()});
  CHECK(schedule.due(at(14min)).empty());
  CHECK(schedule.due(at(15min)).size() == 1);
  auto other = site.source();
  other.statement += " where weight > 1";
  schedule.plan({other});
  CHECK(schedule.due(at(16min)).size() == 1);
}

TEST_CASE("a failure is counted beside what is in force", "[tables]") {
  TableSchedule schedule;
  Site site;
  schedule.plan({site.source()});
  schedule.note({"ward", Result::changed, 12, "00112233445566778899", ""}, at(0min));
  schedule.note({"ward", Result::failed, 0, "", "codes.db: unable to open"}, at(15min));
  CHECK_THAT(schedule.print(), Catch::Contains("ward  12 rows  0011223344556677  refreshed 1, failed 1, last 2023-11-14T22:28:20") &&
                                   Catch::Contains("(codes.db: unable to open)"));
  schedule.plan({});
  CHECK(schedule.print() == "");
}

TEST_CASE("everything wrong with the sources of tables is said at once, with its place", "[tables]") {
  Site site;
  CHECK(site.faults("databases: { codes: { sqlite: codes.db } }\ntables:\n  ward: { database: codes, sql: select 1, every: 15m }\n") == "");
  const auto found = site.faults("databases:\n  codes: { sqlite: codes.db }\ntables:\n  ward: { database: code, sql: select 1 }\n  a/b: { database: codes, every: 10ms }\n");
  CHECK_THAT(found, Catch::Contains("sources.yaml:4:") && Catch::Contains("did you mean 'codes'?"));
  CHECK_THAT(found, Catch::Contains("sources.yaml:5:3") && Catch::Contains("letters, digits") && Catch::Contains("a second or more"));
}
