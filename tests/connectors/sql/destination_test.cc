#include <catch2/catch.hpp>

#include "engine/connectors/sql/database.h"
#include "engine/connectors/sql/sql.h"
#include "engine/store/sqlite.h"
#include "tests/connectors/peer.h"
#include "tests/support/engine.h"
#include "tests/support/postgres.h"

using namespace tombolo;
using namespace std::chrono_literals;
using test::TempFolder;

namespace {

// A destination on a thread of its own; its sends are waited for.
class Sending {
 public:
  explicit Sending(const std::string& block, const std::string& secret = "") : edges_(loop_.edges()) {
    Diagnostics found;
    Setting setting = parse_settings("channel.yaml", block, process_environment(), found);
    const Environment environment = [secret](std::string_view) { return std::optional(secret); };
    look_up_secrets(setting, Secrets(environment, ""), found);
    destination_ = database_destination().make(setting, "test", found, &edges_);
    if (found.failed()) throw std::runtime_error(found.print());
  }
  ~Sending() {
    loop_.on([&] { destination_.reset(); });
  }
  Sent operator()(const std::string& id, const std::string& bytes, const std::string& type = "application/hl7-v2") {
    return start(id, bytes, type).get();
  }
  std::future<Sent> start(const std::string& id, const std::string& bytes, const std::string& type = "application/hl7-v2") {
    return loop_.start(send(id, bytes, type));
  }

 private:
  boost::asio::awaitable<Sent> send(std::string id, std::string bytes, std::string type) {
    Envelope envelope;
    envelope.id = id;
    envelope.bytes = bytes;
    envelope.content_type = type;
    envelope.channel = "test";
    auto sending = destination_->send(envelope);
    co_return co_await std::move(sending);
  }
  test::Loop loop_;
  Edges edges_;
  std::unique_ptr<Destination> destination_;
};

struct SqliteFile {
  SqliteFile() : database((folder / "lab.db").string(), store::Database::Mode::make, "") {
    database.run("create table arrival(id text, patient text unique, born integer check (born > 1000), message blob)");
  }
  std::string block(const std::string& more = "") const {
    return "{ sqlite: '" + (folder / "lab.db").string() + "', sql: 'insert into arrival values ($1, $2, $3, $4)', parameters: ['{id}', 'PID-3[1].1', PID-7, '{message}']" + more + " }";
  }
  std::int64_t number(const char* sql) { return database.number(sql); }
  TempFolder folder;
  store::Database database;
};

std::string admitted(const std::string& patient) { return test::admission("C1", patient); }

}  // namespace

TEST_CASE("a message's values are bound to the statement, and never a part of it", "[sql][destination]") {
  SqliteFile file;
  Sending send(file.block());
  const std::string hostile = "x'); drop table arrival; --";
  const Sent sent = send("d-1", admitted(hostile));
  CHECK(sent.code == "written");
  CHECK(sent.accepted);
  auto query = file.database.query("select patient, born, message from arrival");
  REQUIRE(query.step());
  CHECK(query.text(0) == hostile);
  CHECK(query.number(1) == 19700203);
  CHECK(query.text(2) == admitted(hostile));
}

TEST_CASE("what stands nowhere in the message is NULL, and so is HL7's deleted value", "[sql][destination]") {
  SqliteFile file;
  Sending send(file.block());
  CHECK(send("d-1", "MSH|^~\\&|A|B|C|D|20260102030405||ADT^A01^ADT_A01|1|P|2.5.1\rPID|1||\"\"\r").code == "written");
  CHECK(file.number("select count(*) from arrival where patient is null and born is null") == 1);
}

TEST_CASE("a delivery that comes again is not written again", "[sql][destination]") {
  SqliteFile file;
  {
    Sending send(file.block());
    CHECK(send("d-1", admitted("P1")).code == "written");
    const Sent again = send("d-1", admitted("P1"));
    CHECK(again.accepted);
    CHECK(again.detail == "it had been written before");
  }
  Sending after_restart(file.block());
  CHECK(after_restart("d-1", admitted("P1")).accepted);
  CHECK(file.number("select count(*) from arrival") == 1);
  CHECK(file.number("select count(*) from tombolo_deliveries") == 1);
}

TEST_CASE("a row that the table refuses is a refusal without its values, and leaves no delivery id", "[sql][destination]") {
  SqliteFile file;
  Sending send(file.block());
  REQUIRE(send("d-1", admitted("SECRET77")).accepted);
  const Sent twice = send("d-2", admitted("SECRET77"));
  CHECK(twice.code == "refused");
  CHECK(twice.error_code == "2067");
  CHECK_THAT(twice.detail, !Catch::Contains("SECRET77"));
  CHECK(file.number("select count(*) from tombolo_deliveries") == 1);
  CHECK(send("d-3", "{}", "application/fhir+json").code == "refused");
  CHECK(send("d-4", "no message").code == "refused");
}

TEST_CASE("of those that are written together, only the one that is refused is", "[sql][destination]") {
  SqliteFile file;
  Sending send(file.block());
  std::vector<std::future<Sent>> together;
  for (int n = 0; n < 60; ++n) together.push_back(send.start("d-" + std::to_string(n), admitted("P" + std::to_string(n % 50))));
  int written = 0, refused = 0;
  for (auto& one : together) (one.get().code == "written" ? written : refused) += 1;
  CHECK(written == 50);
  CHECK(refused == 10);
  CHECK(file.number("select count(*) from arrival") == 50);
  CHECK(file.number("select count(*) from tombolo_deliveries") == 50);
}

TEST_CASE("somebody else's lock is waited out, or said to be busy", "[sql][destination]") {
  SqliteFile file;
  Sending send(file.block());
  REQUIRE(send("d-1", admitted("P1")).accepted);
  file.database.run("begin immediate");
  auto busy = send.start("d-2", admitted("P2"));
  CHECK(busy.get().code == "busy");
  file.database.run("rollback");
  CHECK(send("d-2", admitted("P2")).code == "written");
}

TEST_CASE("a statement that cannot run says so before it is sent anything", "[sql][destination]") {
  SqliteFile file;
  const std::string begin = "{ sqlite: '" + (file.folder / "lab.db").string() + "', ";
  Sending few(begin + "sql: 'insert into arrival(id, patient) values ($1, $2)', parameters: ['{id}'] }");
  const Sent sent = few("d-1", admitted("P1"));
  CHECK(sent.code == "failed");
  CHECK(sent.detail == "the statement has 2 parameters, and 1 are given");
  Sending nowhere(begin + "sql: 'insert into nowhere values ($1)', parameters: ['{id}'] }");
  CHECK_THAT(nowhere("d-1", admitted("P1")).detail, Catch::Contains("no such table: nowhere"));
  CHECK_THAT(Sending("{ sqlite: '/nonexistent/lab.db', sql: select 1 }")("d-1", "x").code, Catch::Contains("unreachable"));
  const auto plug = database_destination();
  CHECK_THAT(test::faults(plug, "{ sqlite: a.db, sql: select 1, parameters: ['{idd}'] }"), Catch::Contains("did you mean 'id'"));
  CHECK_THAT(test::faults(plug, "{ sqlite: a.db, sql: select 1, parameters: [PID] }"), Catch::Contains("expected a segment and a field"));
  CHECK_THAT(test::faults(plug, "{ sqlite: a.db, sql: select 1, deliveries: 'a; drop table b' }"), Catch::Contains("letters, digits"));
  CHECK_THAT(test::faults(plug, "{ sql: select 1 }"), Catch::Contains("either"));
}

TEST_CASE("a PostgreSQL server is written to once a delivery, and its refusals tell no value", "[sql][destination][postgresql]") {
  test::Postgres server;
  if (!server.running()) {
    WARN("skipped: needs Debian's postgresql");
    return;
  }
  REQUIRE(server.sql("create table arrival(id text, patient text constraint one_each unique, born int, message bytea);"
                     "create table kept(id text, patient text references arrival(patient) deferrable initially deferred);"));
  const std::string place = "{ postgresql: { host: '" + server.host() + "', name: postgres, user: house, password: !secret lab }, ";
  const std::string block = place + "sql: 'insert into arrival values ($1, $2, $3, $4)', parameters: ['{id}', 'PID-3[1].1', PID-7, '{message}'], connections: 4, timeout: 1s }";
  const auto rows = [&](const std::string& sql) {
    sql::Place read;
    read.postgresql = {{"host", server.host()}, {"dbname", "postgres"}, {"user", "house"}, {"password", test::Postgres::password}};
    return sql::read(read, sql, {}).rows.at(0).at(0);
  };
  Sending send(block, test::Postgres::password);
  std::vector<std::future<Sent>> together;
  for (int n = 0; n < 20; ++n) together.push_back(send.start("d-" + std::to_string(n / 2), admitted("P" + std::to_string(n / 2))));
  for (auto& one : together) {
    const Sent sent = one.get();
    INFO(sent.detail);
    CHECK(sent.code == "written");
  }
  CHECK(rows("select count(*) from arrival") == "10");
  CHECK(rows("select count(*) from tombolo_deliveries") == "10");
  CHECK(rows("select count(*) from arrival where born = 19700203 and convert_from(message, 'UTF8') like 'MSH|%'") == "10");

  const Sent twice = send("e-1", admitted("P1"));
  CHECK(twice.code == "refused");
  CHECK(twice.error_code == "23505");
  CHECK_THAT(twice.detail, Catch::Contains("one_each") && !Catch::Contains("P1)"));
  std::string odd = admitted("P77");
  odd.replace(odd.find("19700203"), 8, "SEVENTY1");
  const Sent quoting = send("e-2", odd);
  CHECK(quoting.code == "refused");
  CHECK_THAT(quoting.detail, Catch::Contains("22P02") && !Catch::Contains("SEVENTY1"));
  CHECK(rows("select count(*) from tombolo_deliveries") == "10");

  Sending late(place + "sql: 'insert into kept values ($1, $2)', parameters: ['{id}', 'PID-3[1].1'] }", test::Postgres::password);
  CHECK(late("f-1", admitted("NOBODY")).error_code == "23503");  // said at the commit
  CHECK(late("f-2", admitted("P3")).code == "written");
  CHECK(rows("select count(*) from tombolo_deliveries") == "11");

  REQUIRE(server.sql("create function trip() returns trigger as $$ begin raise exception sqlstate '40001'; end $$ language plpgsql;"
                     "create table fragile(id text); create trigger t before insert on fragile for each row execute function trip();"));
  Sending fragile(place + "sql: 'insert into fragile values ($1)', parameters: ['{id}'] }", test::Postgres::password);
  CHECK(fragile("g-1", "x").code == "busy");

  REQUIRE(server.sql("select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'tombolo'"));
  CHECK(send("h-1", admitted("P500")).code == "written");  // on a fresh connection
  REQUIRE(server.sql("alter table arrival alter born type text; alter table arrival rename to before; create table arrival(id text, patient text, born text, message bytea)"));
  CHECK(send("h-2", admitted("P501")).code == "written");  // into the table that has the name now
  CHECK(rows("select count(*) from arrival") == "1");
  Sending slow(place + "sql: 'select pg_sleep(60), $1', parameters: ['{id}'], timeout: 200ms }", test::Postgres::password);
  CHECK(slow("i-1", "x").code == "timeout");
  CHECK(Sending(block, "another")("j-1", admitted("P600")).code == "unreachable");
  server.stop();
  CHECK(send("k-1", admitted("P700")).code == "unreachable");
}
