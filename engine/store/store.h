// Store: what survives a power cut. Parcels, what is to be delivered, outcomes, the keys people search by.
// Every awaitable completes on the caller's executor once its change is on disk (fsync), never before; changes that wait at
// the same time share one commit. When the world fails (disk full, I/O error, closed) it throws store::Error and nothing
// of that change is kept. Calls are made from one thread (flow's); the store works on a thread of its own.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/parcel.h"
#include "engine/base/time.h"

namespace tombolo::store {

class Error : public std::runtime_error {
 public:
  enum class Reason { full, locked, broken, closed };
  Error(Reason reason, const std::string& what) : std::runtime_error(what), reason_(reason) {}
  Reason reason() const { return reason_; }

 private:
  Reason reason_;
};

using Sequence = std::uint64_t;     // of a parcel, from 1
using DeliveryNumber = std::uint64_t;
using BodyNumber = std::uint64_t;

enum class Status : int {
  received = 0,   // durable, not yet walked: recovery walks it
  held = 1,       // waits for a person
  posted = 2,     // walked; its deliveries (perhaps none) are in the outbox
  filtered = 3,   // walked, and no destination wanted it
  failed = 4,     // could not be parsed or mapped; a dead letter of the channel itself
  refused = 5,    // kept for the record only: answered AR/AE before it was accepted (not parsable)
};

// What else becomes of an arrival that turns out to be another message under a known key.
struct Otherwise {
  Status status = Status::held;
  std::string answer, detail;
};

// A message to be kept. Everything is decided by flow; the store only keeps it.
struct Arrival {
  Parcel parcel;
  std::string control_id, type, sender;
  std::string duplicate_key;                 // empty: not looked for
  Time duplicate_since{};                    // only accepted earlier ones received at or after this count
  std::vector<std::string> order_keys;
  Status status = Status::received;
  std::string answer;                        // how it is answered, as flow writes it ("AA"); empty: not decided yet
  std::string detail;                        // why, for refused ones
  std::string config;                        // hash of the channel files in force
  std::optional<Otherwise> if_other_content; // in place of status, answer and detail if Accepted::other_content
};

struct Accepted {
  Sequence sequence = 0;                     // of this parcel; of the first one if `duplicate`
  bool duplicate = false;                    // same key, same content: nothing was kept, `answer` is the first one's
  bool other_content = false;                // same key, other content, and the first was answered positively: kept all the same
  std::string answer;                        // the stored answer of the first; empty if not decided yet
};

// One delivery to be made.
struct Outgoing {
  std::string destination;
  std::optional<std::string> body;           // nothing: the very bytes that were received
  std::string content_type;
  std::string control_id;                    // of what is sent
  std::vector<std::string> order_keys;
  int urgency = 0;                           // the higher may overtake, never within an order key
};

// The outcome of the walk of one parcel: kept in one transaction.
struct Posting {
  Sequence sequence = 0;
  Status status = Status::posted;
  std::string detail;                                        // why, for people: no content
  std::optional<std::string> answer;                         // if the walk decided it
  std::vector<Outgoing> deliveries;
  std::vector<std::pair<std::string, std::string>> keys;     // kind, value: for find
  std::string config = {};                                   // hash of what it was walked with; empty: what Arrival said
};

// A row of the outbox.
struct Delivery {
  DeliveryNumber number = 0;                 // from 1, ascending in the order of posting
  Sequence sequence = 0;
  std::string destination, channel, type;
  std::string id;                            // stable over retries and restarts: "<store>-<sequence>-<destination>[-<nth resend>]"
  BodyNumber body = 0;
  std::string content_type, control_id;
  std::vector<std::string> order_keys;
  int urgency = 0;
  int attempts = 0;
  Time due{};                                // not before
  Time received_at{};
};

enum class Fate : int { waiting = 0, delivered = 1, dead = 2, skipped = 3 };

// What came of an attempt (or of a decision about it).
struct Settlement {
  DeliveryNumber number = 0;
  Fate fate = Fate::delivered;
  int attempts = 0;
  Time due{};                                // for waiting: not before
  std::string code, detail;                  // last reply code; for people, no content
  std::optional<std::string> answer;         // if this decides the parcel's answer (after: delivered:X)
  Time at{};
};

// Unfinished work as found at start.
struct Unfinished {
  Parcel parcel;                             // with its bytes
  std::vector<std::string> order_keys;
  std::string config;
};

class Store {
 public:
  virtual ~Store() = default;

  virtual boost::asio::awaitable<Accepted> accept(Arrival arrival) = 0;
  // All of them or none, in one transaction (order per key hangs on that). The new deliveries, in the order given.
  virtual boost::asio::awaitable<std::vector<Delivery>> post(std::vector<Posting> postings) = 0;
  // All of them or none.
  virtual boost::asio::awaitable<void> settle(std::vector<Settlement> settlements) = 0;

  // The bytes of a delivery or parcel.
  virtual boost::asio::awaitable<std::string> body(BodyNumber number) = 0;
  // Parcels with status received, after `after`, in order, at most `limit` (and 64 MiB of bytes).
  virtual boost::asio::awaitable<std::vector<Unfinished>> unfinished(std::string channel, Sequence after, std::size_t limit) = 0;
  // Waiting deliveries of one destination of one channel, number above `after`, in order, at most `limit`.
  virtual boost::asio::awaitable<std::vector<Delivery>> waiting(std::string channel, std::string destination,
                                                                DeliveryNumber after, std::size_t limit) = 0;
  // Keeps a set of channel files under its hash (nothing happens if it is known).
  virtual boost::asio::awaitable<void> keep_config(std::string hash, std::string text) = 0;
  // Delivers what is kept once more: the latest delivery to `destination`, or to each destination the parcel had. Gives the new
  // rows. A parcel that never had a delivery (held, failed, filtered) becomes `received` again, no row is given: walk it.
  // std::logic_error, for people: there is no such parcel, it is on its way still, or it was refused and never accepted.
  virtual boost::asio::awaitable<std::vector<Delivery>> resend(Sequence sequence, std::optional<std::string> destination, Time now) = 0;
  // A held parcel becomes `received` again and is marked: unfinished() gives it as released, now and after a crash.
  // std::logic_error, for people: there is no such parcel, or it is not held.
  virtual boost::asio::awaitable<void> release(Sequence sequence) = 0;

  virtual const std::string& name() const = 0;  // made when the store was: part of delivery ids
  virtual std::uint64_t commits() const = 0;    // so far, by this engine; callable from any thread
  // Commits what waits, then refuses everything. Called before the callers' io_context goes: it resumes them there.
  virtual void close() = 0;
};

struct Options {
  std::size_t max_body = 128u << 20;
  std::size_t wal_limit = 64u << 20;            // the write-ahead log is restarted above this
  std::uint64_t min_free = 512u << 20;          // below this (or 5 %, whichever is less) accept() throws Error{full}
  Duration keep_content = std::chrono::hours(24 * 90);
  Duration keep_metadata = std::chrono::hours(24 * 730);
  std::string vfs;                              // SQLite VFS by name; empty: the system's (tests put a shim here)
};

// Opens or makes the store in `folder` (files tombolo.db, tombolo.lock). One engine per store: throws Error{locked} naming
// who has it. Upgrades an older schema, refuses a newer one. `world.now` is called on the store's thread too (pruning).
std::unique_ptr<Store> open(const std::string& folder, const Options& options, const World& world);

}  // namespace tombolo::store
