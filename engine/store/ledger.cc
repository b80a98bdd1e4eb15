#include "engine/store/ledger.h"

#include <algorithm>

#include "engine/store/fingerprint.h"
#include "engine/store/indexing.h"
#include "engine/store/pack.h"

namespace tombolo::store {
namespace {

constexpr std::size_t most_bytes = 64u << 20;  // of one answer of unfinished()

constexpr std::string_view released = "released";   // the detail of a parcel that a person let pass

std::optional<std::string> packed(const std::vector<std::string>& texts) {
  return texts.empty() ? std::nullopt : std::optional(pack(texts));
}
std::optional<std::string_view> if_any(std::string_view text) {
  return text.empty() ? std::nullopt : std::optional(text);
}

}  // namespace

struct Ledger::Origin {
  Sequence sequence = 0;
  std::int64_t channel = 0;
  Status status{};
  BodyNumber body = 0;
  std::string type, order_keys;
  Time received_at{};
};

bool negative(std::string_view answer) {
  return answer.starts_with("AE") || answer.starts_with("AR") || answer.starts_with("CE") || answer.starts_with("CR") ||
         answer.starts_with('4') || answer.starts_with('5');
}

std::string delivery_id(std::string_view store, Sequence sequence, std::string_view destination, int nth) {
  std::string id(store);
  (((id += '-') += std::to_string(sequence)) += '-') += destination;
  if (nth > 0) (id += '-') += std::to_string(nth);
  return id;
}

Ledger::Ledger(Database& database, std::size_t max_body) : database_(database), names_(database), max_body_(max_body) {
  Query q = database_.query("select value from about where what = 'name'");
  if (q.step()) name_ = q.copy(0);
  rolled_back();
}

void Ledger::rolled_back() {
  names_.forget();
  last_sequence_ = static_cast<Sequence>(database_.number("select max(sequence) from parcel"));
  last_body_ = static_cast<BodyNumber>(database_.number("select max(number) from body"));
  last_delivery_ = static_cast<DeliveryNumber>(database_.number("select max(number) from delivery"));
  last_label_ = std::max(static_cast<std::uint64_t>(database_.number("select max(number) from label")), indexed_labels(database_));
}

// The answer to a repeat, if this is one. Of several earlier ones with this key the latest with the same content answers.
// Some devices send the same id for ever: a hundred back is far enough.
std::optional<Accepted> Ledger::seen(const Arrival& arrival, std::string_view key, std::uint64_t content, bool& other_content) {
  Query q = database_.query(
      "select sequence, answer, content, size from parcel where duplicate = ? and channel = ? and received_at >= ? "
      "and status <> 5 order by sequence desc limit 100");
  q.with(key, names_.number(arrival.parcel.channel), arrival.duplicate_since);
  while (q.step()) {
    const auto answer = q.text(1);
    if (q.count(2) == content && q.count(3) == arrival.parcel.bytes.size()) {
      return Accepted{q.count(0), true, false, std::string(answer)};
    }
    other_content = other_content || !negative(answer);
  }
  return std::nullopt;
}

BodyNumber Ledger::keep_body(Sequence sequence, std::string_view bytes) {
  if (bytes.size() > max_body_) throw SqlError::too_big("store: a body of " + std::to_string(bytes.size()) + " bytes is above the limit");
  Query q = database_.query("insert into body(number, parcel, codec, key_id, bytes) values (?, ?, 0, null, ?)");
  q.with(++last_body_, sequence).bind_blob(bytes).run();
  return last_body_;
}

Accepted Ledger::accept(const Arrival& arrival) {
  const Parcel& parcel = arrival.parcel;
  const std::uint64_t content = fingerprint(parcel.bytes);
  const std::string key = short_key(arrival.duplicate_key);
  bool other_content = false;
  if (!key.empty()) {
    if (auto first = seen(arrival, key, content, other_content)) return *std::move(first);
  }
  const Otherwise as_told{arrival.status, arrival.answer, arrival.detail};
  const Otherwise& kept = other_content && arrival.if_other_content ? *arrival.if_other_content : as_told;
  const auto body = keep_body(last_sequence_ + 1, parcel.bytes);
  const auto order_keys = packed(arrival.order_keys);
  const std::int64_t config = arrival.config.empty() ? 0 : names_.number(arrival.config);
  Query q = database_.query(
      "insert into parcel(sequence, channel, status, received_at, body, size, content, config, other_content, control_id, "
      "type, sender, peer, duplicate, order_keys, answer, detail) values (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)");
  q.with(++last_sequence_, names_.number(parcel.channel), static_cast<int>(kept.status), parcel.received_at, body,
         std::uint64_t{parcel.bytes.size()}, content, config, int{other_content}, arrival.control_id, arrival.type,
         arrival.sender, parcel.peer, if_any(key), order_keys, if_any(kept.answer), if_any(kept.detail));
  q.run();
  return Accepted{last_sequence_, false, other_content, {}};
}

Ledger::Origin Ledger::origin(Sequence sequence) {
  Query q = database_.query("select channel, status, body, type, order_keys, received_at from parcel where sequence = ?");
  if (!q.with(sequence).step()) throw std::logic_error("store: no parcel has the number " + std::to_string(sequence));
  return {sequence, q.number(0), static_cast<Status>(q.number(1)), q.count(2), q.copy(3), q.copy(4), q.time(5)};
}

Delivery Ledger::send(const Origin& origin, const Outgoing& outgoing, BodyNumber body, int nth, Time now) {
  Delivery d;
  d.number = ++last_delivery_;
  d.sequence = origin.sequence;
  d.destination = outgoing.destination;
  d.channel = names_.text(origin.channel);
  d.type = origin.type;
  d.id = delivery_id(name_, origin.sequence, outgoing.destination, nth);
  d.body = body;
  d.content_type = outgoing.content_type;
  d.control_id = outgoing.control_id;
  d.order_keys = outgoing.order_keys;
  d.urgency = outgoing.urgency;
  d.received_at = origin.received_at;
  // Most deliveries have their parcel's keys: those stand there only.
  const std::string keys = pack(outgoing.order_keys);
  Query q = database_.query(
      "insert into delivery(number, parcel, channel, destination, nth, body, content_type, attempts, due, fate, at, code, "
      "control_id, order_keys, detail, urgency) values (?, ?, ?, ?, ?, ?, ?, 0, 0, 0, ?, '', ?, ?, null, ?)");
  q.with(d.number, d.sequence, origin.channel, names_.number(d.destination), nth, body, names_.number(d.content_type), now,
         d.control_id, keys == origin.order_keys ? std::nullopt : std::optional<std::string_view>(keys), d.urgency);
  q.run();
  return d;
}

void Ledger::keep_keys(const Posting& posting) {
  std::string all;
  for (const auto& [kind, value] : posting.keys) {
    pack(all, kind);
    pack(all, value);
  }
  Query q = database_.query("insert into label(number, parcel, keys) values (?, ?, ?)");
  q.with(++last_label_, posting.sequence).bind_blob(all).run();
}

std::vector<Delivery> Ledger::post(const std::vector<Posting>& postings) {
  std::vector<Delivery> rows;
  for (const auto& posting : postings) post(posting, rows);
  return rows;
}

void Ledger::post(const Posting& posting, std::vector<Delivery>& rows) {
  const Origin from = origin(posting.sequence);
  if (from.status != Status::received && from.status != Status::held) {
    throw std::logic_error("store: parcel " + std::to_string(posting.sequence) + " was posted before");
  }
  Query q = database_.query(
      "update parcel set status = ?, detail = coalesce(?, detail), answer = coalesce(?, answer), config = coalesce(?, config) "
      "where sequence = ?");
  std::optional<std::int64_t> config;
  if (!posting.config.empty()) config = names_.number(posting.config);
  q.with(static_cast<int>(posting.status), if_any(posting.detail), posting.answer, config, posting.sequence).run();
  if (!posting.keys.empty()) keep_keys(posting);

  const auto first = static_cast<std::ptrdiff_t>(rows.size());
  for (const auto& outgoing : posting.deliveries) {
    const auto same = [&](const Delivery& d) { return d.destination == outgoing.destination; };
    const int nth = static_cast<int>(std::count_if(rows.begin() + first, rows.end(), same));
    const BodyNumber body = outgoing.body ? keep_body(from.sequence, *outgoing.body) : from.body;
    rows.push_back(send(from, outgoing, body, nth, from.received_at));
  }
}

void Ledger::settle(const std::vector<Settlement>& settlements) {
  for (const auto& settlement : settlements) settle(settlement);
}

void Ledger::settle(const Settlement& s) {
  const bool again = s.fate == Fate::waiting;
  Query q = database_.query("update delivery set fate = ?, attempts = ?, due = ?, at = ?, code = ?, detail = ? where number = ?");
  q.with(static_cast<int>(s.fate), s.attempts, s.due, s.at, s.code, if_any(s.detail), s.number).run();
  if (database_.changes() == 0) throw std::logic_error("store: no delivery has the number " + std::to_string(s.number));
  if (again) {
    database_.query("insert into attempt(delivery, at, code, detail) values (?, ?, ?, ?)")
        .with(s.number, s.at, s.code, if_any(s.detail))
        .run();
  }
  if (s.answer) {
    database_.query("update parcel set answer = ? where sequence = (select parcel from delivery where number = ?)")
        .with(*s.answer, s.number)
        .run();
  }
}

void Ledger::keep_config(const std::string& hash, const std::string& text) {
  database_.query("insert or ignore into config(hash, text) values (?, ?)").with(hash, text).run();
}

std::string Ledger::body(BodyNumber number) {
  Query q = database_.query("select bytes from body where number = ?");
  if (!q.with(number).step()) throw Error(Error::Reason::broken, "store: body " + std::to_string(number) + " is not kept any more");
  return std::string(q.blob(0));
}

std::vector<Unfinished> Ledger::unfinished(const std::string& channel, Sequence after, std::size_t limit) {
  std::vector<Unfinished> found;
  std::size_t bytes = 0;
  Query q = database_.query(
      "select sequence, peer, received_at, order_keys, config, bytes, detail from parcel join body on body.number = parcel.body "
      "where status = 0 and channel = ? and sequence > ? order by sequence");
  q.with(names_.known(channel), after);
  while (found.size() < limit && bytes < most_bytes && q.step()) {
    Unfinished& u = found.emplace_back();
    u.parcel.sequence = q.count(0);
    u.parcel.channel = channel;
    u.parcel.peer = q.copy(1);
    u.parcel.received_at = q.time(2);
    u.parcel.bytes = q.blob(5);
    u.order_keys = unpack(q.text(3));
    u.config = names_.text(q.number(4));
    u.parcel.released = q.text(6) == released;
    bytes += u.parcel.bytes.size();
  }
  return found;
}

std::vector<Delivery> Ledger::waiting(const std::string& channel, const std::string& destination, DeliveryNumber after, std::size_t limit) {
  std::vector<Delivery> found;
  Query q = database_.query(
      "select d.number, d.parcel, d.nth, d.body, d.content_type, d.control_id, coalesce(d.order_keys, p.order_keys), d.attempts, "
      "d.due, p.type, p.received_at, d.urgency from delivery d join parcel p on p.sequence = d.parcel "
      "where d.fate = 0 and d.channel = ? and d.destination = ? and d.number > ? order by d.number");
  q.with(names_.known(channel), names_.known(destination), after);
  while (found.size() < limit && q.step()) {
    Delivery d;
    d.number = q.count(0);
    d.sequence = q.count(1);
    d.destination = destination;
    d.channel = channel;
    d.type = q.copy(9);
    d.id = delivery_id(name_, d.sequence, destination, static_cast<int>(q.number(2)));
    d.body = q.count(3);
    d.content_type = names_.text(q.number(4));
    d.control_id = q.copy(5);
    d.order_keys = unpack(q.text(6));
    d.attempts = static_cast<int>(q.number(7));
    d.due = q.time(8);
    d.received_at = q.time(10);
    d.urgency = static_cast<int>(q.number(11));
    found.push_back(std::move(d));
  }
  return found;
}

// The latest delivery to each destination asked for, once more. A parcel that has none is walked again.
std::vector<Delivery> Ledger::resend(Sequence sequence, const std::optional<std::string>& destination, Time now) {
  const Origin from = origin(sequence);
  std::vector<std::pair<Outgoing, std::pair<BodyNumber, int>>> again;
  Query q = database_.query(
      "select destination, body, content_type, control_id, order_keys, max(nth), urgency from delivery where parcel = ? group by destination");
  q.with(sequence);
  while (q.step()) {
    Outgoing o;
    o.destination = names_.text(q.number(0));
    if (destination && *destination != o.destination) continue;
    o.content_type = names_.text(q.number(2));
    o.control_id = q.copy(3);
    o.order_keys = unpack(q.null(4) ? std::string_view(from.order_keys) : q.text(4));
    o.urgency = static_cast<int>(q.number(6));
    again.push_back({std::move(o), {q.count(1), static_cast<int>(q.number(5)) + 1}});
  }
  std::vector<Delivery> rows;
  for (const auto& [outgoing, body] : again) rows.push_back(send(from, outgoing, body.first, body.second, now));
  if (rows.empty() && from.status == Status::received) throw std::logic_error("parcel " + std::to_string(sequence) + " is on its way");
  if (rows.empty() && from.status == Status::refused) throw std::logic_error("parcel " + std::to_string(sequence) + " was refused, not accepted");
  if (rows.empty() && !destination) database_.query("update parcel set status = 0 where sequence = ?").with(sequence).run();
  return rows;
}

void Ledger::release(Sequence sequence) {
  if (origin(sequence).status != Status::held) throw std::logic_error("parcel " + std::to_string(sequence) + " is not held");
  database_.query("update parcel set status = 0, detail = ? where sequence = ?").with(released, sequence).run();
}

}  // namespace tombolo::store
