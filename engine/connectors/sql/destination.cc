#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "engine/base/events.h"
#include "engine/base/letters.h"
#include "engine/connectors/sql/database.h"
#include "engine/connectors/sql/desk.h"
#include "engine/connectors/sql/ledger.h"
#include "engine/connectors/sql/parameters.h"

namespace tombolo {
namespace {

namespace net = boost::asio;

constexpr Duration between_forgetting = std::chrono::hours(1);

struct Options {
  sql::Place place;
  std::string statement;
  sql::Parameters parameters;
  std::string ledger;
  Duration remember{}, timeout{};
  int connections = 1;
};

bool good_table(std::string_view name) {
  const std::size_t dot = name.find('.');
  if (dot != name.npos) return dot > 0 && good_table(name.substr(dot + 1)) && good_table(name.substr(0, dot));
  return !name.empty() && !(name[0] >= '0' && name[0] <= '9') &&
         std::all_of(name.begin(), name.end(), [](char c) { return is_letter_or_digit(c) || c == '_'; });
}

Options read(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "database destination", diagnostics);
  Options o;
  o.place = sql::read_place(reader, "");
  o.statement = reader.required("sql");
  for (const auto& text : reader.texts("parameters")) {
    if (const auto added = o.parameters.add(text); !added) reader.error("parameters", added.error().what);
  }
  o.ledger = reader.text("deliveries", "tombolo_deliveries");
  if (!good_table(o.ledger)) reader.error("deliveries", "the name of a table is made of letters, digits and _, perhaps with its schema: audit.deliveries");
  o.remember = reader.duration("remember", std::chrono::hours(24 * 30));
  o.timeout = reader.duration("timeout", std::chrono::seconds(30));
  if (o.timeout < std::chrono::milliseconds(100)) reader.error("timeout", "expected at least 100ms");
  o.connections = static_cast<int>(reader.number("connections", 1, 1, 32));
  reader.finish();
  return o;
}

std::string_view code_of(sql::Trouble trouble) {
  switch (trouble) {
    case sql::Trouble::lost: return "unreachable";
    case sql::Trouble::busy: return "busy";
    case sql::Trouble::timeout: return "timeout";
    case sql::Trouble::stopped: return "closed";
    case sql::Trouble::refused: return "refused";
    case sql::Trouble::failed: break;
  }
  return "failed";
}

constexpr std::size_t most_together = 32;

// One message on its way into the database.
struct Item {
  explicit Item(const Envelope& envelope) : subject(envelope) {}
  sql::Subject subject;
  sql::Values values;
  Sent sent;
  bool done = false;
};
using Items = std::vector<std::shared_ptr<Item>>;

// One statement a message, in a transaction with the delivery's id. Those that wait share a transaction, and so one commit; where one of
// them is refused each gets its own.
class Writing {
 public:
  Writing(Options options, const std::atomic<bool>* stop)
      : options_(std::move(options)), ledger_(options_.ledger, !options_.place.postgresql.empty(), options_.remember), limits_{options_.timeout, 1u << 20, stop} {}

  std::unique_ptr<sql::Session> open() const {
    auto session = sql::open_session(options_.place, sql::Access::write, limits_);
    ledger_.prepare(*session, limits_);
    session->prepare(options_.statement, options_.parameters.size(), limits_);
    return session;
  }

  void add(std::shared_ptr<Item> item) {
    const std::lock_guard held(lock_);
    waiting_.push_back(std::move(item));
  }

  // Comes back when the item is done, by this thread or by another that took it along.
  Sent write(sql::Seat& seat, const Item& item) {
    std::unique_lock held(lock_);
    while (!item.done) {
      if (waiting_.empty()) {
        changed_.wait(held);
        continue;
      }
      const auto end = waiting_.begin() + static_cast<std::ptrdiff_t>(std::min(waiting_.size(), most_together));
      const Items together(waiting_.begin(), end);
      waiting_.erase(waiting_.begin(), end);
      held.unlock();
      try {
        carry_out(seat, together);
      } catch (const std::exception& wrong) {  // no memory: whoever waits is told
        for (const auto& one : together) one->sent = Sent{"failed", false, "", "", wrong.what()};
      }
      held.lock();
      for (const auto& one : together) one->done = true;
      changed_.notify_all();
    }
    return item.sent;
  }

  std::uint64_t repeats() const { return repeats_; }

 private:
  void carry_out(sql::Seat& seat, const Items& items) {
    Items readable;
    for (const auto& item : items) {
      auto values = options_.parameters.of(item->subject);
      if (values) item->values = std::move(*values), readable.push_back(item);
      else item->sent.code = "refused", item->sent.detail = values.error().what;
    }
    if (readable.empty() || together(seat, readable)) return;
    for (const auto& item : readable) together(seat, {item});
  }

  // False: one of several was refused: nothing was written.
  bool together(sql::Seat& seat, const Items& items) {
    try {
      const auto first = seat.with([&](sql::Session& session) { return write(session, items); });
      for (std::size_t n = 0; n < items.size(); ++n) {
        Sent& sent = items[n]->sent;
        sent.code = "written";
        sent.accepted = true;
        if (!first[n]) sent.detail = "it had been written before", ++repeats_;
      }
    } catch (const sql::Failure& failure) {
      if (failure.trouble() == sql::Trouble::refused && items.size() > 1) return false;
      for (const auto& item : items) {
        item->sent.code = code_of(failure.trouble());
        item->sent.error_code = failure.code();
        item->sent.detail = failure.what();
      }
    }
    return true;
  }

  std::vector<bool> write(sql::Session& session, const Items& items) {
    std::vector<bool> first;
    {
      sql::Work work(session, limits_);
      for (const auto& item : items) {
        first.push_back(ledger_.enter(session, item->subject.id, limits_));
        if (first.back()) session.run(options_.statement, item->values, limits_);
      }
      work.commit();
    }
    forget(session);
    return first;
  }

  // Done now and then by whoever comes by; what is written is written, whatever comes of it.
  void forget(sql::Session& session) {
    const auto now = std::chrono::steady_clock::now().time_since_epoch() / between_forgetting;
    if (forgotten_.exchange(now) == now) return;
    try {
      ledger_.forget(session, limits_);
    } catch (const sql::Failure&) {  // next hour
    }
  }

  const Options options_;
  const sql::Ledger ledger_;
  const sql::Limits limits_;
  std::atomic<std::uint64_t> repeats_ = 0;
  std::atomic<std::int64_t> forgotten_ = 0;

  std::mutex lock_;  // of what waits, and of Item::done
  std::condition_variable changed_;
  std::deque<std::shared_ptr<Item>> waiting_;
};

class DatabaseDestination final : public Destination {
 public:
  DatabaseDestination(Options options, const std::string& channel, const Edges& edges)
      : connections_(options.connections),
        writing_(std::make_shared<Writing>(std::move(options), &stop_)),
        desk_(connections_, [writing = writing_] { return writing->open(); }, edges.executor) {
    // Tried at once, so that a wrong statement is told of before the first message.
    desk_.leave([log = edges.log, channel](sql::Seat& seat) {
      try {
        seat.with([](sql::Session&) { return true; });
      } catch (const sql::Failure& failure) {
        if (log && failure.trouble() != sql::Trouble::stopped) (*log)(event::destination_database, {{"channel", channel}, {"reason", failure.what()}});
      }
    });
  }
  ~DatabaseDestination() override { stop_ = true; }

  net::awaitable<Sent> send(const Envelope& envelope) override {
    auto item = std::make_shared<Item>(envelope);
    writing_->add(item);
    std::function<Sent(sql::Seat&)> job = [writing = writing_, item](sql::Seat& seat) { return writing->write(seat, *item); };
    auto asking = desk_.ask<Sent>(std::move(job));
    Sent sent = co_await std::move(asking);
    if (sent.accepted) ++written_;
    co_return sent;
  }

  int connections() const override { return connections_ * static_cast<int>(most_together); }  // they share commits
  void close() override { stop_ = true; }
  std::vector<Count> counts() const override { return {{"written", written_}, {"repeats", writing_->repeats()}}; }

 private:
  const int connections_;
  std::atomic<bool> stop_ = false;   // a session that is opened or waits gives up
  std::uint64_t written_ = 0;
  std::shared_ptr<Writing> writing_;
  sql::Desk desk_;                   // last: its threads use the others
};

}  // namespace

DestinationPlug database_destination() {
  return {"database",
          "runs one statement for each message in SQLite or PostgreSQL, and never twice for one delivery",
          "database: { postgresql: { host: /run/postgresql, name: lab, user: tombolo }, sql: \"insert into arrival(id, patient, message) values ($1, $2, $3)\", parameters: [\"{id}\", PID-3.1, \"{message}\"] }\n",
          {{"sqlite", "path", "", "a file that is there already; relative to the working folder"},
           {"postgresql", "block", "", "in place of sqlite: host, port (5432), name, user, password (!secret NAME), tls (verify, require, none), ca, insecure"},
           {"sql", "text", "required", "one statement; $1 $2 … are the parameters"},
           {"parameters", "list", "", "{id} {message} {control_id} {type} {channel} {now}, or addresses of HL7 v2 such as PID-3[1].1; nothing there: NULL"},
           {"deliveries", "name", "tombolo_deliveries", "the table for the ids of deliveries; made if it is not there"},
           {"remember", "duration", "30d", "how long those ids are kept: longer than `retry: { give_up }`"},
           {"timeout", "duration", "30s", "for one statement"},
           {"connections", "number", "1", "transactions side by side"}},
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics, const Edges* edges) -> std::unique_ptr<Destination> {
            auto options = read(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<DatabaseDestination>(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
