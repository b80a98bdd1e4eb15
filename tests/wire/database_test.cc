// Databases behind the real binary: what was acknowledged is in the table once, whatever is killed when.
#include <catch2/catch.hpp>

#include <random>
#include <set>

#include "engine/store/sqlite.h"
#include "tests/support/engine.h"
#include "tests/support/postgres.h"

using namespace tombolo::test;
using namespace std::chrono_literals;
namespace store = tombolo::store;

namespace {

constexpr auto patience = 120s;

class Engine {
 public:
  explicit Engine(const TempFolder& folder) : folder_(folder) {}

  void start() {
    process_ = std::make_unique<Process>(std::vector<std::string>{binary, "run", folder_.path().string(), "--store", (folder_ / "store").string()},
                                         folder_.path(), "engine");
  }
  void kill_hard() { process_->kill_hard(); }
  int stop() {
    process_->signal(SIGTERM);
    return process_->wait();
  }
  std::string log() const { return process_->err(); }

 private:
  const TempFolder& folder_;
  std::unique_ptr<Process> process_;
};

std::string lab(const TempFolder& folder) { return (folder / "lab.db").string(); }

// Sends its messages one after the other, each until it is answered AA.
void send_all(int sender, std::uint16_t port, const std::atomic<bool>& enough, std::set<std::string>& acked, std::mutex& mutex) {
  Line line;
  for (int n = 1; !enough; ++n) {
    const std::string id = std::to_string(sender) + "-" + std::to_string(n);
    for (bool answered = false; !answered;) {
      if (!line.open() && !line.connect(port)) {
        std::this_thread::sleep_for(5ms);
        continue;
      }
      const auto answer = line.send_frame(admission(id, "PAT" + std::to_string(sender))) ? line.frame(10s) : std::nullopt;
      answered = answer && field(*answer, "MSA", 1) == "AA" && field(*answer, "MSA", 2) == id;
      if (!answered) line.shut();
    }
    const std::lock_guard lock(mutex);
    acked.insert(id);
  }
}

}  // namespace

TEST_CASE("what was acknowledged is in the database once, whenever the engine is killed", "[wire][database]") {
  TempFolder folder;
  store::Database lab_database(lab(folder), store::Database::Mode::make, "");
  lab_database.run("pragma journal_mode = wal; create table arrival(control text, delivery text)");
  Postgres server;
  const std::uint16_t port = free_port();
  const std::string parameters = "sql: 'insert into arrival values ($1, $2)', parameters: ['{control_id}', '{id}']";
  std::string channel = "channel: adt\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(port) + "\" }\ndestinations:\n  file:\n    database: { sqlite: '" +
                        lab(folder) + "', " + parameters + " }\n    retry: { first: 50ms, max: 200ms }\n";
  if (server.running()) {
    REQUIRE(server.sql("create table arrival(control text, delivery text)"));
    write_file(folder / "secrets/lab", Postgres::password);
    channel += "  server:\n    database: { postgresql: { host: '" + server.host() + "', name: postgres, user: house, password: !secret lab }, " + parameters +
               ", connections: 4 }\n    retry: { first: 50ms, max: 200ms }\n";
  } else {
    WARN("without a server: needs Debian's postgresql");
  }
  write_file(folder / "channels/adt.yaml", channel);

  std::atomic<bool> enough = false;
  std::set<std::string> acked;
  std::mutex mutex;
  std::vector<std::thread> senders;
  for (int i = 0; i < 16; ++i) senders.emplace_back([&, i] { send_all(i, port, enough, acked, mutex); });
  std::mt19937 chance(20261124);
  Engine engine(folder);
  for (int kill = 0; kill < 8; ++kill) {
    engine.start();
    REQUIRE(listening(port));
    std::this_thread::sleep_for(std::chrono::milliseconds(50 + chance() % 400));
    engine.kill_hard();
  }
  engine.start();
  REQUIRE(listening(port));
  enough = true;
  for (auto& sender : senders) sender.join();

  const auto wanted = static_cast<std::int64_t>(acked.size());
  REQUIRE(wanted > 100);
  const auto in_file = [&] { return lab_database.number("select count(distinct control) from arrival"); };
  CHECK(eventually([&] { return in_file() == wanted; }, patience));
  if (server.running()) {
    const auto complete = "do $$ begin assert (select count(distinct control) from arrival) = " + std::to_string(wanted) + "; end $$";
    CHECK(eventually([&] { return server.sql(complete); }, patience));
  }
  INFO(engine.log());
  CHECK(engine.stop() == 0);
  CHECK(lab_database.number("select count(*) from arrival") == wanted);
  CHECK(lab_database.number("select count(*) from tombolo_deliveries") == wanted);
  if (server.running()) {
    CHECK(server.sql("do $$ begin assert (select count(*) from arrival) = " + std::to_string(wanted) + "; end $$"));
    CHECK(server.sql("do $$ begin assert (select count(*) from tombolo_deliveries) = " + std::to_string(wanted) + "; end $$"));
  }
}

TEST_CASE("rows of a table become messages, none lost and none delivered twice, whenever the engine is killed", "[wire][database]") {
  TempFolder folder;
  store::Database outbox(lab(folder), store::Database::Mode::make, "");
  outbox.run("pragma journal_mode = wal; create table outgoing(id integer primary key, message text, taken integer default 0);"
             "create table arrival(control text, delivery text)");
  const bool marked = GENERATE(false, true);
  const std::string wire = marked ? "select id, message from outgoing where taken = 0 order by id, key: id, after: { sql: 'update outgoing set taken = 1 where id = $1', parameters: [id] }"
                                  : "select id, message from outgoing where id > $1, cursor: { column: id, start: '0', file: '" + (folder / "cursor").string() + "' }";
  const auto comma = wire.find(", key");
  const auto end = comma != wire.npos ? comma : wire.find(", cursor");
  write_file(folder / "channels/rows.yaml", "channel: rows\nsource:\n  database: { sqlite: '" + lab(folder) + "', sql: '" + wire.substr(0, end) + "'" + wire.substr(end) +
                                                ", message: message, every: 100ms, batch: 7 }\ndestinations:\n  table:\n    database: { sqlite: '" + lab(folder) +
                                                "', sql: 'insert into arrival values ($1, $2)', parameters: ['{control_id}', '{id}'] }\n    retry: { first: 50ms, max: 200ms }\n");
  std::mt19937 chance(20261125);
  Engine engine(folder);
  int id = 0;
  for (int kill = 0; kill <= 8; ++kill) {
    engine.start();
    const auto until = Clock::now() + std::chrono::milliseconds(200 + chance() % 500);
    while (Clock::now() < until) {
      ++id;
      auto insert = outbox.query("insert into outgoing(id, message) values ($1, $2)");
      const std::string message = admission("R" + std::to_string(id), "PAT" + std::to_string(id % 5));
      insert.with(std::int64_t{id}, message).run();
      std::this_thread::sleep_for(2ms);
    }
    if (kill < 8) engine.kill_hard();
  }
  CHECK(eventually([&] { return outbox.number("select count(distinct control) from arrival") == id; }, patience));
  const auto begin = Clock::now();
  CHECK(engine.stop() == 0);
  CHECK(Clock::now() - begin < 2s);
  INFO(engine.log());
  CHECK(outbox.number("select count(*) from arrival") == id);
  if (marked) CHECK(outbox.number("select count(*) from outgoing where taken = 0") == 0);
  else CHECK(read_file(folder / "cursor") == std::to_string(id));
}
