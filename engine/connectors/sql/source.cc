#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <atomic>
#include <memory>
#include <utility>

#include "engine/base/events.h"
#include "engine/connectors/await.h"
#include "engine/connectors/sql/database.h"
#include "engine/connectors/sql/desk.h"
#include "engine/connectors/sql/polling.h"

namespace tombolo {
namespace {

constexpr Duration shortest = std::chrono::milliseconds(100);

struct Options : sql::PollOptions {
  Duration every{};
};

void read_cursor(const Setting& block, const std::string& channel, Diagnostics& diagnostics, Options& o) {
  Reader reader(block, "cursor", diagnostics);
  o.cursor = reader.required("column");
  o.start = reader.required("start");
  o.file = reader.text("file", "cursors/" + channel);
  reader.finish();
}

void read_after(const Setting& block, Diagnostics& diagnostics, Options& o) {
  Reader reader(block, "after", diagnostics);
  o.after = reader.required("sql");
  o.after_columns = reader.texts("parameters");
  if (o.after_columns.empty()) reader.error("parameters", "'after' needs the columns that tell the row: parameters: [id]");
  reader.finish();
}

Options read(const Setting& block, const std::string& channel, Diagnostics& diagnostics) {
  Reader reader(block, "database source", diagnostics);
  Options o;
  o.place = sql::read_place(reader, "");
  o.statement = reader.required("sql");
  if (o.statement.find_last_not_of(" \n\t;") + 1 < o.statement.size()) o.statement.erase(o.statement.find_last_not_of(" \n\t;") + 1);
  if (reader.has("cursor")) read_cursor(reader.nested("cursor"), channel, diagnostics, o);
  if (reader.has("after")) read_after(reader.nested("after"), diagnostics, o);
  o.key = reader.text("key");
  o.message = reader.text("message");
  o.every = reader.duration("every", std::chrono::seconds(5));
  if (o.every < shortest) reader.error("every", "expected at least 100ms");
  o.batch = static_cast<std::size_t>(reader.number("batch", 100, 1, 10'000));
  o.timeout = reader.duration("timeout", std::chrono::seconds(30));
  if (o.timeout < shortest) reader.error("timeout", "expected at least 100ms");
  if (o.cursor.empty() && o.after.empty())
    reader.error("cursor", "the same rows would come for ever: say 'cursor', a column that grows, or 'after', a statement that marks a row");
  if (o.cursor.empty() && o.key.empty()) reader.error("key", "without a cursor, 'key' is the column that names a row");
  reader.finish();
  return o;
}

class DatabaseSource final : public Source {
 public:
  DatabaseSource(Options options, std::string channel, Edges edges)
      : channel_(std::move(channel)),
        every_(options.every),
        limits_{options.timeout, 64u << 20, &stop_},
        patient_{options.timeout, 64u << 20, nullptr},
        edges_(std::move(edges)),
        bell_(edges_.executor),
        polling_(std::make_shared<sql::Polling>(std::move(options))),
        desk_(1, [polling = polling_, limits = limits_] { return polling->open(limits); }, edges_.executor) {}
  ~DatabaseSource() override { stop_ = true; }

  void open() override {}
  std::string address() const override { return "a database"; }

  net::awaitable<void> run(Receive receive) override {
    while (!stopping_) {
      bool more = false;
      try {
        auto polling = poll(receive);
        more = co_await std::move(polling);
      } catch (const std::exception& failure) {
        if (!stopping_) (*edges_.log)(event::source_database, {{"channel", channel_}, {"reason", failure.what()}});
      }
      if (!more && !stopping_) co_await bell_.wait_for(every_);
    }
  }

  void stop() override {
    stopping_ = stop_ = true;
    bell_.ring();
  }

  std::vector<Count> counts() const override { return {{"polls", polls_}, {"rows", rows_}}; }

 private:
  // True: there may be more rows at once.
  net::awaitable<bool> poll(const Receive& receive) {
    std::function<std::shared_ptr<sql::Batch>(sql::Seat&)> asking = [polling = polling_, limits = limits_](sql::Seat& seat) {
      return seat.with([&](sql::Session& session) { return std::make_shared<sql::Batch>(polling->ask(session, limits)); });
    };
    auto waiting = desk_.ask(std::move(asking));
    const std::shared_ptr<sql::Batch> batch = co_await std::move(waiting);
    ++polls_;
    auto handing = hand_over(receive, batch->rows);
    const std::size_t taken = co_await std::move(handing);
    rows_ += taken;
    // Stopping or not: what was taken is marked, as long as the database answers in time.
    std::function<bool(sql::Seat&)> marking = [polling = polling_, batch, taken, limits = stopping_ ? hasty() : patient_](sql::Seat& seat) {
      return seat.with([&](sql::Session& session) { return polling->mark(session, *batch, taken, limits), true; });
    };
    if (taken > 0) {
      auto marked = desk_.ask(std::move(marking));
      co_await std::move(marked);
    }
    co_return batch->full && taken == batch->rows.size();
  }

  sql::Limits hasty() const {
    sql::Limits limits = patient_;
    limits.time = std::min<Duration>(limits.time, std::chrono::milliseconds(500));
    return limits;
  }

  // All rows at once, so that they share the store's commits, in their order. How many of the first are kept.
  net::awaitable<std::size_t> hand_over(const Receive& receive, const std::vector<sql::Row>& rows) {
    auto kept = std::make_shared<std::vector<bool>>(rows.size(), false);
    std::size_t waiting = rows.size();
    Bell done(edges_.executor);
    for (std::size_t n = 0; n < rows.size(); ++n) {
      Parcel parcel;
      parcel.channel = channel_;
      parcel.peer = "database";
      parcel.received_at = edges_.world.now();
      parcel.bytes = rows[n].bytes;
      parcel.repeat = "row " + rows[n].name;
      auto ended = [&, n](std::exception_ptr failure, Reply reply) {
        (*kept)[n] = !failure && reply.taken != Taken::not_now;
        if (--waiting == 0) done.ring();
      };
      net::co_spawn(edges_.executor, receive(std::move(parcel)), std::move(ended));
    }
    while (waiting > 0) co_await done.wait();
    co_return static_cast<std::size_t>(std::find(kept->begin(), kept->end(), false) - kept->begin());
  }

  const std::string channel_;
  const Duration every_;
  std::atomic<bool> stop_ = false;
  const sql::Limits limits_, patient_;   // for what a stop cuts short, and for what it does not
  const Edges edges_;
  Bell bell_;
  std::uint64_t polls_ = 0, rows_ = 0;
  bool stopping_ = false;
  std::shared_ptr<sql::Polling> polling_;
  sql::Desk desk_;                       // last: its thread uses the others
};

}  // namespace

SourcePlug database_source() {
  return {"database",
          "asks SQLite or PostgreSQL for new rows, again and again; each becomes a message",
          "database: { sqlite: outbox.db, sql: \"select id, message from outgoing where id > $1\", cursor: { column: id, start: \"0\" }, message: message, every: 5s }\n",
          {{"sqlite", "path", "", "a file; relative to the working folder"},
           {"postgresql", "block", "", "in place of sqlite: host, port (5432), name, user, password (!secret NAME), tls (verify, require, none), ca, insecure"},
           {"sql", "text", "required", "the query; with a cursor $1 is its last value"},
           {"cursor", "block", "", "column: one that grows and is never NULL; start: its value to begin with; file: where it is kept (cursors/CHANNEL)"},
           {"key", "column", "the cursor's", "names a row, so that one that comes again is told"},
           {"message", "column", "", "the message; without it the row as a JSON object"},
           {"after", "block", "", "sql: a statement for each row once it is kept; parameters: the columns whose values it is given"},
           {"every", "duration", "5s", "the pause when there is nothing more"},
           {"batch", "number", "100", "rows asked for at once"},
           {"timeout", "duration", "30s", "for one statement"}},
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics, const Edges* edges) -> std::unique_ptr<Source> {
            auto options = read(block, channel, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<DatabaseSource>(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
