#include <catch2/catch.hpp>

#include <thread>

#include "engine/connectors/sql/sql.h"
#include "tests/support/codes_database.h"
#include "tests/support/engine.h"
#include "tests/support/postgres.h"
#include "tests/support/temp.h"

using namespace tombolo;
using namespace std::chrono_literals;
using test::TempFolder;

namespace {

std::string failure(const sql::Place& place, const std::string& statement, const sql::Limits& limits = {}) {
  try {
    sql::read(place, statement, limits);
  } catch (const sql::Failure& wrong) {
    return wrong.what();
  }
  return "";
}

struct Written {
  explicit Written(const std::string& yaml, const std::string& secret = "") {
    const Setting setting = parse_settings("sources.yaml", yaml, [](std::string_view) { return std::nullopt; }, found);
    const Environment environment = [secret](std::string_view name) {
      return name == "TOMBOLO_SECRET_CODES" && !secret.empty() ? std::optional(secret) : std::nullopt;
    };
    place = sql::read_place(setting, "/site", Secrets(environment, "/site/secrets"), found);
  }
  std::string value(std::string_view name) const {
    for (const auto& [known, text] : place.postgresql)
      if (known == name) return text;
    return "(none)";
  }
  Diagnostics found;
  sql::Place place;
};

}  // namespace

TEST_CASE("an SQLite file is read by the names of the query's columns", "[sql]") {
  const TempFolder folder;
  test::CodesDatabase codes(folder / "codes.db");
  codes.run("insert into ward values ('W1', 'urn:w', 'one', null, 1.5)");
  const auto rows = sql::read({folder / "codes.db", {}}, "select code as a, display, weight from ward", {});
  CHECK(rows.columns == std::vector<std::string>{"a", "display", "weight"});
  CHECK(rows.rows == std::vector<std::vector<std::string>>{{"W1", "", "1.5"}});
}

TEST_CASE("what SQLite refuses is said without a row's content", "[sql]") {
  const TempFolder folder;
  CHECK_THAT(failure({folder / "none.db", {}}, "select 1"), Catch::Contains("none.db") && Catch::Contains("unable to open"));
  test::CodesDatabase codes(folder / "codes.db");
  const sql::Place place{folder / "codes.db", {}};
  CHECK_THAT(failure(place, "select elsewhere from ward"), Catch::Contains("no such column: elsewhere"));
  CHECK_THAT(failure(place, "delete from ward"), Catch::Contains("readonly"));
}

TEST_CASE("a query that does not end is given up, by time and by the engine's end", "[sql]") {
  const TempFolder folder;
  test::CodesDatabase codes(folder / "codes.db");
  const sql::Place place{folder / "codes.db", {}};
  const std::string endless = "with recursive n(i) as (select 1 union all select i + 1 from n) select count(*) from n";
  sql::Limits short_time;
  short_time.time = 50ms;
  CHECK_THAT(failure(place, endless, short_time), Catch::Contains("no answer within"));
  std::atomic<bool> stop = false;
  sql::Limits stopped;
  stopped.stop = &stop;
  std::thread ends([&] { std::this_thread::sleep_for(50ms), stop = true; });
  CHECK_THAT(failure(place, endless, stopped), Catch::Contains("stopped"));
  ends.join();
  sql::Limits small;
  small.bytes = 1000;
  CHECK_THAT(failure(place, "select zeroblob(2000)", small), Catch::Contains("more than"));
}

TEST_CASE("a database is a file or a server, and its password is a secret", "[sql]") {
  CHECK(Written("sqlite: codes.db").place.sqlite == "/site/codes.db");
  CHECK(Written("sqlite: /srv/codes.db").place.sqlite == "/srv/codes.db");
  const Written server("postgresql: { host: db.north, name: codes, user: reader, password: !secret codes }", "word");
  CHECK(server.found.print() == "");
  CHECK(server.value("password") == "word");
  CHECK(server.value("sslmode") == "verify-full");
  CHECK(Written("postgresql: { host: /run/postgresql, name: codes, user: reader }").value("sslmode") == "disable");
  CHECK_THAT(Written("postgresql: { host: db.north, name: codes, user: reader, password: word }").found.print(),
             Catch::Contains("a secret is not written here") && !Catch::Contains("'word'"));
  CHECK_THAT(Written("postgresql: { host: db.north, name: codes, user: reader, tls: none }").found.print(), Catch::Contains("insecure: true"));
  CHECK_THAT(Written("{ sqlite: a.db, postgresql: {} }").found.print(), Catch::Contains("either"));
  CHECK_THAT(Written("sqlit: a.db").found.print(), Catch::Contains("sqlite"));
}

TEST_CASE("a PostgreSQL server is read, and only read", "[sql][postgresql]") {
  test::Postgres server;
  if (!server.running()) {
    WARN("skipped: needs Debian's postgresql");
    return;
  }
  REQUIRE(server.sql("create table ward(code text, target text); insert into ward values ('W1', 'Größe'), ('W2', null);"));
  const auto place_with = [&](const std::string& password) {
    return Written("postgresql: { host: '" + server.host() + "', name: postgres, user: house, password: !secret codes }", password).place;
  };
  const auto place = place_with(test::Postgres::password);
  const auto rows = sql::read(place, "select code as source_code, target as target_code from ward order by code", {});
  CHECK(rows.columns == std::vector<std::string>{"source_code", "target_code"});
  CHECK(rows.rows == std::vector<std::vector<std::string>>{{"W1", "Größe"}, {"W2", ""}});

  CHECK_THAT(failure(place, "delete from ward"), Catch::Contains("SQLSTATE 25006"));
  CHECK_THAT(failure(place, "select 1; select 2"), Catch::Contains("multiple commands"));
  CHECK_THAT(failure(place, "select nothing from ward"), Catch::Contains("\"nothing\" does not exist"));
  const auto quoting = failure(place, "select code::integer from ward");
  CHECK_THAT(quoting, Catch::Contains("SQLSTATE 22P02") && !Catch::Contains("W1"));
  const auto login = failure(place_with("another"), "select 1");
  CHECK_THAT(login, Catch::Contains("password authentication failed") && !Catch::Contains("another"));
  sql::Limits short_time;
  short_time.time = 200ms;
  CHECK_THAT(failure(place, "select pg_sleep(60)", short_time), Catch::Contains("no answer within"));
  server.stop();
  CHECK_THAT(failure(place, "select 1"), Catch::Contains("postgresql postgres at "));
}

TEST_CASE("a server that takes the connection and says nothing is given up at once when the engine stops", "[sql][postgresql]") {
  test::Listener silent([](test::Line& line) { line.frame(30s); });
  const auto place = Written("postgresql: { host: 127.0.0.1, port: " + std::to_string(silent.port()) + ", name: codes, user: reader }").place;
  std::atomic<bool> stop = false;
  sql::Limits limits;
  limits.stop = &stop;
  std::thread ends([&] { std::this_thread::sleep_for(100ms), stop = true; });
  const auto begin = std::chrono::steady_clock::now();
  CHECK_THAT(failure(place, "select 1", limits), Catch::Contains("stopped"));
  CHECK(std::chrono::steady_clock::now() - begin < 1s);
  ends.join();
  limits.stop = nullptr;
  limits.time = 200ms;
  CHECK_THAT(failure(place, "select 1", limits), Catch::Contains("no answer within 200ms"));
}
