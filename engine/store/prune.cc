#include "engine/store/prune.h"

#include <vector>

#include "engine/store/pack.h"

namespace tombolo::store {
namespace {

constexpr std::size_t at_once = 64;           // rows looked at in one step
constexpr std::int64_t most_bytes = 1 << 20;  // of content deleted in one step (one body may be larger)
constexpr std::int64_t free_pages_kept = 64;  // soon used again

}  // namespace

Pruning::Pruning(Database& database, const Options& options, const World& world)
    : database_(database), options_(options), world_(world) {
  begin();
}

void Pruning::begin() {
  now_ = world_.now();
  next_ = std::chrono::steady_clock::now() + std::chrono::minutes(1);
  stage_ = Stage::content;
  cursor_ = 0;
}

void Pruning::step() {
  if (stage_ == Stage::rest) {
    if (std::chrono::steady_clock::now() < next_) return;
    begin();
  }
  Transaction t(database_);
  const bool more = stage_ == Stage::content ? prune_content() : stage_ == Stage::metadata ? prune_metadata() : return_space();
  t.commit();
  if (more) return;
  stage_ = static_cast<Stage>(static_cast<int>(stage_) + 1);
  cursor_ = 0;
}

// Bodies ascend with time, so the oldest are in front; what must stay is passed by. The newest of each table always stays:
// numbers are never given twice.
bool Pruning::prune_content() {
  std::vector<std::int64_t> old;
  std::size_t seen = 0;
  std::int64_t bytes = 0;
  bool young = false;
  {
    Query q = database_.query(
        "select b.number, p.received_at, length(b.bytes), p.status in (0, 1) or exists (select 1 from delivery d where d.parcel = p.sequence "
        "and d.fate in (0, 2)) from body b left join parcel p on p.sequence = b.parcel "
        "where b.number > ? and b.number < (select max(number) from body) order by b.number");
    q.with(cursor_);
    while (seen < at_once && bytes < most_bytes && q.step()) {
      young = q.time(1) >= now_ - options_.keep_content;
      if (young) break;
      ++seen;
      cursor_ = q.number(0);
      if (q.number(3) != 0) continue;
      old.push_back(cursor_);
      bytes += q.number(2);
    }
  }
  for (const auto number : old) database_.query("delete from body where number = ?").with(number).run();
  return !young && seen > 0;
}

bool Pruning::prune_metadata() {
  std::vector<std::int64_t> old;
  std::size_t seen = 0;
  bool young = false;
  {
    Query q = database_.query(
        "select sequence, received_at, status in (0, 1) or exists (select 1 from delivery d where d.parcel = sequence and d.fate = 0) "
        "or sequence = (select parcel from delivery order by number desc limit 1) "
        "or sequence = (select parcel from body order by number desc limit 1) from parcel where sequence > ? and sequence < (select max(sequence) from parcel) order by sequence");
    q.with(cursor_);
    while (seen < at_once && q.step()) {
      young = q.time(1) >= now_ - options_.keep_metadata;
      if (young) break;
      ++seen;
      cursor_ = q.number(0);
      if (q.number(2) == 0) old.push_back(cursor_);
    }
  }
  for (const auto parcel : old) forget(parcel);
  return !young && seen > 0;
}

void Pruning::forget(std::int64_t parcel) {
  std::vector<std::string> keys;
  {
    Query q = database_.query("select keys from label where parcel = ?");
    q.with(parcel);
    while (q.step()) {
      for (auto& text : unpack(q.blob(0))) keys.push_back(std::move(text));
    }
  }
  for (std::size_t i = 0; i + 1 < keys.size(); i += 2) {
    database_.query("delete from key where value = ? and kind = (select number from name where text = ?) and parcel = ?")
        .with(keys[i + 1], keys[i], parcel)
        .run();
  }
  database_.query("delete from label where parcel = ?").with(parcel).run();
  database_.query("delete from attempt where delivery in (select number from delivery where parcel = ?)").with(parcel).run();
  // Every body of the parcel is its own or one of its deliveries'.
  database_.query("delete from body where number in (select body from delivery where parcel = ?1 union select body from parcel where sequence = ?1)")
      .with(parcel)
      .run();
  database_.query("delete from delivery where parcel = ?").with(parcel).run();
  database_.query("delete from parcel where sequence = ?").with(parcel).run();
}

bool Pruning::return_space() {
  const auto free = database_.number("pragma freelist_count");
  if (free <= free_pages_kept) return false;
  database_.query("pragma incremental_vacuum(64)").run();
  return true;
}

}  // namespace tombolo::store
