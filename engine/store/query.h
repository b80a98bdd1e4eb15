// Reading a store from outside: `tombolo find`, `show`, the status view. On a running engine's store or a stopped one, with
// a connection of its own that cannot write. Each call sees one moment of the store. Throws store::Error.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/store/store.h"

namespace tombolo::store {

// What is looked for: everything given must fit.
struct Search {
  std::optional<Time> from, until;                           // received at or after, before
  std::string channel, sender, control_id;                   // exactly
  std::string type;                                          // its beginning: "ADT", "ADT^A01"
  std::vector<std::pair<std::string, std::string>> keys;     // kind ("patient", "accession"; empty: any), value
  std::optional<Status> status;
  std::string destination;                                   // has a delivery to it
  std::optional<Fate> fate;                                  // has a delivery (to `destination`, if given) with this fate
  std::string error;                                         // in a detail or code, in any case of letters
  Sequence before = 0;                                       // only older ones: the next page; 0: from the newest
  std::size_t limit = 100;
};

struct Found {
  Sequence sequence = 0;
  Time received_at{};
  std::string channel, sender, type, control_id;
  Status status{};
  std::string answer, detail;
  std::size_t size = 0;                                      // bytes as received
  int waiting = 0, delivered = 0, dead = 0, skipped = 0;     // its deliveries
};

struct Attempt {
  Time at{};
  std::string code, detail;
};

struct ShownDelivery {
  Delivery row;
  Fate fate{};
  bool kept = false;                                         // its bytes are still there
  std::vector<Attempt> outcomes;                             // oldest first; the last is how it stands
};

struct Shown {
  Found about;
  std::string peer, config;
  bool other_content = false, kept = false;                  // kept: its bytes are still there
  std::vector<std::string> order_keys;
  std::vector<std::pair<std::string, std::string>> keys;     // kind, value
  std::vector<ShownDelivery> deliveries;
};

// One queue of the outbox, or (destination empty) a channel's own: parcels not yet walked, held, failed.
struct Count {
  std::string channel, destination;
  std::size_t waiting = 0, dead = 0, held = 0;               // of a channel: received, failed, held
  std::optional<Time> oldest;                                // received_at of the first that waits
};

class Reader {
 public:
  // vfs: as in Options.
  explicit Reader(const std::string& folder, const std::string& vfs = {});
  ~Reader();
  Reader(const Reader&) = delete;
  Reader& operator=(const Reader&) = delete;

  std::vector<Found> find(const Search& search);             // newest first
  std::optional<Shown> show(Sequence sequence);
  std::optional<std::string> bytes(Sequence sequence);       // as received; nothing: unknown, or not kept any more
  std::optional<std::string> body(BodyNumber number);        // of a delivery
  std::optional<std::string> config(const std::string& hash);
  std::vector<Count> counts();                               // by channel and destination; those with nothing are not there
  const std::string& name() const;

 private:
  struct Open;
  std::unique_ptr<Open> open_;
};

}  // namespace tombolo::store
