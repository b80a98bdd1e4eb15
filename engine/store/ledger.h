// Ledger: what each call of the store reads and writes, as plain functions on one database, on one thread. Whoever calls
// opens and commits the transaction; any of these may run again after a rollback.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/store/names.h"
#include "engine/store/sqlite.h"
#include "engine/store/store.h"

namespace tombolo::store {

class Ledger {
 public:
  Ledger(Database& database, std::size_t max_body);

  Accepted accept(const Arrival& arrival);
  std::vector<Delivery> post(const std::vector<Posting>& postings);
  void settle(const std::vector<Settlement>& settlements);
  std::vector<Delivery> resend(Sequence sequence, const std::optional<std::string>& destination, Time now);
  void release(Sequence sequence);
  void keep_config(const std::string& hash, const std::string& text);

  std::string body(BodyNumber number);
  std::vector<Unfinished> unfinished(const std::string& channel, Sequence after, std::size_t limit);
  std::vector<Delivery> waiting(const std::string& channel, const std::string& destination, DeliveryNumber after, std::size_t limit);

  const std::string& name() const { return name_; }
  void rolled_back();  // reads the counters again and forgets what may not have been kept

 private:
  struct Origin;       // what deliveries take over from their parcel
  Origin origin(Sequence sequence);
  std::optional<Accepted> seen(const Arrival& arrival, std::string_view key, std::uint64_t content, bool& other_content);
  void post(const Posting& posting, std::vector<Delivery>& rows);
  void settle(const Settlement& settlement);
  BodyNumber keep_body(Sequence sequence, std::string_view bytes);
  Delivery send(const Origin& origin, const Outgoing& outgoing, BodyNumber body, int nth, Time now);
  void keep_keys(const Posting& posting);

  Database& database_;
  Names names_;
  std::size_t max_body_;
  std::string name_;
  Sequence last_sequence_ = 0;
  BodyNumber last_body_ = 0;
  DeliveryNumber last_delivery_ = 0;
  std::uint64_t last_label_ = 0;
};

// Does this answer say "no" (AE, AR, CE, CR, 4xx, 5xx)? A corrected message after it is a new one.
bool negative(std::string_view answer);

// "<store>-<sequence>-<destination>[-<nth>]"
std::string delivery_id(std::string_view store, Sequence sequence, std::string_view destination, int nth);

}  // namespace tombolo::store
