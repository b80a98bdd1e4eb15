// The embedded store: SQLite in one folder, for one engine.
#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/async_result.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <cerrno>
#include <cstring>
#include <filesystem>

#include "engine/store/lock.h"
#include "engine/store/schema.h"
#include "engine/store/store.h"
#include "engine/store/writer.h"

namespace tombolo::store {
namespace {

using boost::asio::awaitable;

template <class Result>
struct Signature {
  using type = void(std::exception_ptr, Result);
};
template <>
struct Signature<void> {
  using type = void(std::exception_ptr);
};

class Embedded final : public Store {
 public:
  Embedded(std::unique_ptr<Lock> lock, std::unique_ptr<Database> database, const std::string& folder, const Options& options,
           const World& world)
      : lock_(std::move(lock)), writer_(std::move(database), folder, options, world) {}

  awaitable<Accepted> accept(Arrival a) override {
    return ask<Accepted>(Task::Kind::intake, [a = std::move(a)](Ledger& l) { return l.accept(a); });
  }
  awaitable<std::vector<Delivery>> post(std::vector<Posting> p) override {
    return ask<std::vector<Delivery>>(Task::Kind::change, [p = std::move(p)](Ledger& l) { return l.post(p); });
  }
  awaitable<void> settle(std::vector<Settlement> s) override {
    return ask<void>(Task::Kind::change, [s = std::move(s)](Ledger& l) { l.settle(s); });
  }
  awaitable<std::string> body(BodyNumber number) override {
    return ask<std::string>(Task::Kind::reading, [number](Ledger& l) { return l.body(number); });
  }
  awaitable<std::vector<Unfinished>> unfinished(std::string channel, Sequence after, std::size_t limit) override {
    return ask<std::vector<Unfinished>>(Task::Kind::reading, [channel = std::move(channel), after, limit](Ledger& l) {
      return l.unfinished(channel, after, limit);
    });
  }
  awaitable<std::vector<Delivery>> waiting(std::string channel, std::string destination, DeliveryNumber after,
                                           std::size_t limit) override {
    return ask<std::vector<Delivery>>(
        Task::Kind::reading, [channel = std::move(channel), destination = std::move(destination), after, limit](Ledger& l) {
          return l.waiting(channel, destination, after, limit);
        });
  }
  awaitable<void> keep_config(std::string hash, std::string text) override {
    return ask<void>(Task::Kind::change,
                     [hash = std::move(hash), text = std::move(text)](Ledger& l) { l.keep_config(hash, text); });
  }
  awaitable<std::vector<Delivery>> resend(Sequence sequence, std::optional<std::string> destination, Time now) override {
    return ask<std::vector<Delivery>>(Task::Kind::change, [sequence, destination = std::move(destination), now](Ledger& l) {
      return l.resend(sequence, destination, now);
    });
  }
  awaitable<void> release(Sequence sequence) override {
    return ask<void>(Task::Kind::change, [sequence](Ledger& l) { l.release(sequence); });
  }

  const std::string& name() const override { return writer_.name(); }
  std::uint64_t commits() const override { return writer_.commits(); }
  void close() override { writer_.close(); }

 private:
  // Hands `work` to the store's thread when the awaitable is awaited; completes when the writer has finished it. Not
  // cancelled half-way: who gives up waiting still gets the outcome.
  template <class Result, class Work>
  awaitable<Result> ask(Task::Kind kind, Work work) {
    const auto start = [this, kind](auto handler, Work given) {
      using Made = Call<Result, Work, decltype(handler)>;
      writer_.push(std::make_unique<Made>(kind, std::move(given), std::move(handler)));
    };
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<>, typename Signature<Result>::type>(
        start, boost::asio::use_awaitable, std::move(work));
  }

  std::unique_ptr<Lock> lock_;  // outlives the writer
  Writer writer_;
};

// SQLite gives its log and its index of the log the permissions of the database. Only made, never opened when it is there:
// to close a file drops every lock this process has on it.
void make_private(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file >= 0) ::close(file);
  else if (errno != EEXIST) throw Error(Error::Reason::broken, "store: cannot make " + path + ": " + std::strerror(errno));
}

void set_up(Database& database, const Options& options) {
  // The first three only matter before the first table. 8 KiB pages: several bodies of 1 to 3 KB each, little left over.
  database.run("pragma page_size = 8192; pragma auto_vacuum = incremental; pragma journal_mode = wal;"
               "pragma synchronous = full; pragma secure_delete = fast; pragma temp_store = memory; pragma cache_size = -16384;");
  database.run(("pragma journal_size_limit = " + std::to_string(options.wal_limit)).c_str());
}

}  // namespace

std::unique_ptr<Store> open(const std::string& folder, const Options& options, const World& world) {
  std::error_code failed;
  std::filesystem::create_directories(folder, failed);
  if (failed) throw Error(Error::Reason::broken, "store: cannot make " + folder + ": " + failed.message());
  auto lock = std::make_unique<Lock>(folder + "/tombolo.lock");
  const std::string path = folder + "/tombolo.db";
  make_private(path);
  auto database = std::make_unique<Database>(path, Database::Mode::make, options.vfs);
  set_up(*database, options);
  upgrade(*database, world.new_id());
  return std::make_unique<Embedded>(std::move(lock), std::move(database), folder, options, world);
}

}  // namespace tombolo::store
