#include <catch2/catch.hpp>

#include <mutex>

#include "engine/connectors/sql/database.h"
#include "engine/connectors/sql/polling.h"
#include "engine/store/sqlite.h"
#include "tests/connectors/peer.h"
#include "tests/support/engine.h"
#include "tests/support/postgres.h"

using namespace tombolo;
using namespace std::chrono_literals;
using test::TempFolder;

namespace {

// What a channel keeps; while it refuses nothing is kept.
class Channel {
 public:
  Receive receive() {
    return [this](Parcel parcel) { return take(std::move(parcel)); };
  }
  std::vector<std::string> bytes() {
    const std::lock_guard held(lock_);
    return bytes_;
  }
  std::vector<std::string> names() {
    const std::lock_guard held(lock_);
    return names_;
  }
  bool has(std::size_t n) {
    return test::eventually([&] { return bytes().size() >= n; }, 5s);
  }
  std::atomic<int> keeps = 1'000'000;  // so many more; then the disk is full

 private:
  boost::asio::awaitable<Reply> take(Parcel parcel) {
    Reply reply;
    if (--keeps < 0) {
      reply.kept = false;
      reply.taken = Taken::not_now;
      co_return reply;
    }
    const std::lock_guard held(lock_);
    bytes_.push_back(parcel.bytes);
    names_.push_back(parcel.repeat);
    co_return reply;
  }
  std::mutex lock_;
  std::vector<std::string> bytes_, names_;
};

struct Outbox {
  Outbox() : database((folder / "outbox.db").string(), store::Database::Mode::make, "") {
    database.run("pragma journal_mode = wal; create table outgoing(id integer primary key, message text, weight real, note text, taken integer default 0)");
  }
  void add(int id, const std::string& message) {
    database.run(("insert into outgoing(id, message) values (" + std::to_string(id) + ", '" + message + "')").c_str());
  }
  std::string block(const std::string& more) const { return "{ sqlite: '" + (folder / "outbox.db").string() + "', every: 100ms, " + more + " }"; }
  std::string cursor(const std::string& column = "id") const {
    return "cursor: { column: " + column + ", start: '0', file: '" + file().string() + "' }";
  }
  std::filesystem::path file() const { return folder / "state/outgoing"; }
  TempFolder folder;
  store::Database database;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("new rows come once, in the order of the cursor, and go on after a restart", "[sql][source]") {
  Outbox outbox;
  for (const int id : {9, 2, 10}) outbox.add(id, "m" + std::to_string(id));
  const std::string block = outbox.block("sql: 'select id, message from outgoing where id > $1;', message: message, batch: 2, " + outbox.cursor());
  Channel channel;
  {
    test::Running source(database_source(), block, channel.receive());
    REQUIRE(channel.has(3));
    CHECK(channel.bytes() == Texts{"m2", "m9", "m10"});
    CHECK(channel.names() == Texts{"row 2", "row 9", "row 10"});
    outbox.add(11, "m11");
    REQUIRE(channel.has(4));
    CHECK(source.reaches("rows", 4));
    source.stop();
  }
  CHECK(test::read_file(outbox.file()) == "11");
  outbox.add(12, "m12");
  test::Running again(database_source(), block, channel.receive());
  REQUIRE(channel.has(5));
  CHECK(channel.bytes().back() == "m12");
}

TEST_CASE("the cursor does not pass a row that could not be kept", "[sql][source]") {
  Outbox outbox;
  for (int id = 1; id <= 5; ++id) outbox.add(id, "m" + std::to_string(id));
  Channel channel;
  channel.keeps = 2;
  test::Running source(database_source(), outbox.block("sql: 'select id, message from outgoing where id > $1', message: message, " + outbox.cursor()), channel.receive());
  REQUIRE(test::eventually([&] { return channel.keeps < -6; }, 5s));
  CHECK(test::read_file(outbox.file()) == "2");
  channel.keeps = 100;
  REQUIRE(channel.has(5));
  source.stop();
  CHECK(channel.bytes() == Texts{"m1", "m2", "m3", "m4", "m5"});
}

TEST_CASE("rows of the same moment are not torn apart by the end of a batch", "[sql][source]") {
  Outbox outbox;
  outbox.database.run("insert into outgoing(id, message, weight) values (1,'a',1.5),(2,'b',2.5),(3,'c',2.5),(4,'d',2.5),(5,'e',2.5),(6,'f',3.5)");
  Channel channel;
  test::Running source(database_source(),
                       outbox.block("sql: 'select id, message, weight from outgoing where weight > $1', message: message, key: id, batch: 2, " + outbox.cursor("weight")),
                       channel.receive());
  REQUIRE(channel.has(6));
  source.stop();
  auto all = channel.bytes();
  std::sort(all.begin(), all.end());
  CHECK(all == Texts{"a", "b", "c", "d", "e", "f"});
  CHECK(channel.names().front() == "row 1 at 1.5");
}

TEST_CASE("a cursor keeps all digits of a number", "[sql][source]") {
  Outbox outbox;
  outbox.database.run("insert into outgoing(id, message, weight) values (1, 'a', 0.1 + 0.2), (2, 'b', 2e300), (3, 'c', 3.0)");
  Channel channel;
  test::Running source(database_source(),
                       outbox.block("sql: 'select message, weight from outgoing where weight > $1', message: message, batch: 1, " + outbox.cursor("weight")), channel.receive());
  REQUIRE(channel.has(3));
  CHECK(source.reaches("rows", 3));
  source.stop();
  CHECK(channel.names() == Texts{"row 0.30000000000000004", "row 3.0", "row 2e+300"});
}

TEST_CASE("a row without a column for the message is a JSON object", "[sql][source]") {
  Outbox outbox;
  outbox.database.run("insert into outgoing(id, message, weight) values (7, 'says \"hi\"', 1.5)");
  Channel channel;
  test::Running source(database_source(), outbox.block("sql: 'select id, message, weight, note from outgoing where id > $1', " + outbox.cursor()), channel.receive());
  REQUIRE(channel.has(1));
  CHECK(channel.bytes() == Texts{R"({"id":7,"message":"says \"hi\"","weight":1.5,"note":null})"});
}

TEST_CASE("each row that was taken is marked, with its own values", "[sql][source]") {
  Outbox outbox;
  for (int id = 1; id <= 5; ++id) outbox.add(id, "it''s " + std::to_string(id));
  Channel channel;
  channel.keeps = 3;
  test::Running source(database_source(),
                       outbox.block("sql: 'select id, message from outgoing where taken = 0 order by id', key: id, message: message, "
                                    "after: { sql: 'update outgoing set taken = 1, note = $2 where id = $1', parameters: [id, message] }"),
                       channel.receive());
  REQUIRE(channel.has(3));
  REQUIRE(test::eventually([&] { return outbox.database.number("select count(*) from outgoing where taken = 1") == 3; }, 5s));
  channel.keeps = 100;
  REQUIRE(channel.has(5));
  REQUIRE(test::eventually([&] { return outbox.database.number("select count(*) from outgoing where taken = 1 and note = message") == 5; }, 5s));
  CHECK(channel.bytes().size() == 5);
}

TEST_CASE("marking and the cursor survive being cut off at every step", "[sql][source]") {
  Outbox outbox;
  for (int id = 1; id <= 3; ++id) outbox.add(id, "m" + std::to_string(id));
  sql::PollOptions options;
  options.place.sqlite = outbox.folder / "outbox.db";
  options.statement = "select id, message from outgoing where id > $1";
  options.cursor = "id", options.start = "0", options.message = "message", options.file = outbox.file();
  sql::Polling first(options);
  auto session = first.open({});
  const auto batch = first.ask(*session, {});
  REQUIRE(batch.rows.size() == 3);
  // Dead before it was marked, or while the new cursor was written aside: the same rows come again, under the same names.
  test::write_file(outbox.folder / "state/.outgoing.part", "torn");
  sql::Polling second(options);
  CHECK(second.ask(*session, {}).rows[0].name == batch.rows[0].name);
  second.mark(*session, batch, 2, {});
  sql::Polling third(options);
  const auto rest = third.ask(*session, {});
  REQUIRE(rest.rows.size() == 1);
  CHECK(rest.rows[0].bytes == "m3");
}

TEST_CASE("a source without an end to its rows, or with a wrong query, is told of", "[sql][source]") {
  const auto plug = database_source();
  CHECK_THAT(test::faults(plug, "{ sqlite: a.db, sql: select 1 }"), Catch::Contains("would come for ever") && Catch::Contains("'key' is the column"));
  CHECK_THAT(test::faults(plug, "{ sqlite: a.db, sql: select 1, cursor: { column: id } }"), Catch::Contains("start"));
  CHECK_THAT(test::faults(plug, "{ sqlite: a.db, sql: select 1, key: id, after: { sql: delete } }"), Catch::Contains("parameters: [id]"));
  Outbox outbox;
  outbox.add(1, "m");
  const auto failure = [&](const std::string& statement, const std::string& column) -> std::string {
    sql::PollOptions options;
    options.place.sqlite = outbox.folder / "outbox.db";
    options.statement = statement, options.cursor = column, options.start = "0", options.message = "mesage", options.file = outbox.file();
    try {
      sql::Polling polling(options);
      const auto session = polling.open({});
      polling.ask(*session, {});
    } catch (const sql::Failure& wrong) {
      return wrong.what();
    }
    return "";
  };
  CHECK_THAT(failure("select id from outgoing", "id"), Catch::Contains("has 0 parameters, and 1 are given"));
  CHECK_THAT(failure("select id, message from outgoing where id > $1", "id"), Catch::Contains("no column 'mesage': did you mean 'message'"));
  outbox.database.run("insert into outgoing(id, message) values (0, 'at the start')");
  CHECK_THAT(failure("select id, message as mesage from outgoing where id >= $1", "id"), Catch::Contains("ask for those beyond it, id > $1"));
  CHECK_THAT(failure("delete from outgoing where id > $1", "id"), Catch::Contains("syntax error"));
}

TEST_CASE("a PostgreSQL server is polled, its types stand in the JSON, and a silent one holds up no stop", "[sql][source][postgresql]") {
  test::Listener silent([](test::Line& line) { line.frame(30s); });
  TempFolder folder;
  const std::string cursor = ", cursor: { column: at, start: '1970-01-01', file: '" + (folder / "at").string() + "' }, every: 100ms }";
  {
    Channel channel;
    test::Running source(database_source(),
                         "{ postgresql: { host: localhost, port: " + std::to_string(silent.port()) + ", name: lab, user: house }, sql: select $1" + cursor, channel.receive());
    std::this_thread::sleep_for(200ms);
    const auto begin = std::chrono::steady_clock::now();
    source.stop();
    CHECK(std::chrono::steady_clock::now() - begin < 1s);
  }
  test::Postgres server("trust");
  if (!server.running()) {
    WARN("skipped: needs Debian's postgresql");
    return;
  }
  REQUIRE(server.sql("create table outgoing(id int, at timestamptz, good bool, doc jsonb, weight numeric, taken bool default false);"
                     "insert into outgoing values (1, '2026-01-02 03:04:05+00', true, '{\"a\": [1]}', 1.50), (2, '2026-01-02 03:04:06+00', null, null, 'NaN')"));
  Channel channel;
  test::Running source(database_source(),
                       "{ postgresql: { host: '" + server.host() + "', name: postgres, user: house }, key: id, sql: 'select id, at, good, doc, weight from outgoing where at > $1', "
                       "after: { sql: 'update outgoing set taken = true where id = $1', parameters: [id] }" + cursor,
                       channel.receive());
  REQUIRE(channel.has(2));
  const auto rows = channel.bytes();
  CHECK_THAT(rows[0], Catch::StartsWith(R"({"id":1,"at":"2026-01-02 )") && Catch::EndsWith(R"("good":true,"doc":{"a": [1]},"weight":1.50})"));
  CHECK_THAT(rows[1], Catch::EndsWith(R"("good":null,"doc":null,"weight":"NaN"})"));
  CHECK(test::eventually([&] { return server.sql("do $$ begin assert (select bool_and(taken) from outgoing); end $$"); }, 5s));
  REQUIRE(server.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tombolo'"));
  REQUIRE(server.sql("insert into outgoing values (3, '2026-01-02 03:04:07+00')"));
  REQUIRE(channel.has(3));
  source.stop();
  CHECK(channel.bytes().size() == 3);
}
