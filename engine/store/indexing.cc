#include "engine/store/indexing.h"

#include <algorithm>
#include <charconv>

#include "engine/store/pack.h"

namespace tombolo::store {
namespace {

constexpr std::uint64_t enough = 8192;         // labels: the more at once, the fewer pages each costs
constexpr std::uint64_t gathered_at_once = 1024, added_at_once = 1024;

}  // namespace

std::uint64_t indexed_labels(Database& database) {
  Query q = database.query("select value from about where what = 'indexed'");
  std::uint64_t n = 0;
  if (q.step()) {
    const auto text = q.text(0);
    std::from_chars(text.data(), text.data() + text.size(), n);
  }
  return n;
}

bool Indexing::due(bool idle) {
  const auto newest = static_cast<std::uint64_t>(database_.number("select max(number) from label"));
  read_ = indexed_labels(database_);
  until_ = std::min(newest, read_ + enough);
  return newest > read_ && (idle || newest - read_ >= enough);
}

void Indexing::step(bool idle) {
  try {
    if (stage_ == Stage::rest && due(idle)) stage_ = Stage::gather;
    if (stage_ == Stage::gather) return gather();
    if (stage_ == Stage::add) return add();
  } catch (...) {  // from the last mark again, next time
    keys_.clear();
    stage_ = Stage::rest;
    names_.forget();
    throw;
  }
}

void Indexing::gather() {
  Transaction t(database_);
  Query q = database_.query("select number, parcel, keys from label where number > ? and number <= ? order by number limit ?");
  q.with(read_, until_, gathered_at_once);
  bool more = false;
  while (q.step()) {
    auto texts = unpack(q.blob(2));
    for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
      keys_.push_back({std::move(texts[i + 1]), names_.number(texts[i]), q.number(1)});
    }
    read_ = q.count(0);
    more = true;
  }
  t.commit();
  if (more && read_ < until_) return;
  std::sort(keys_.begin(), keys_.end());
  added_ = 0;
  stage_ = Stage::add;
}

void Indexing::add() {
  Transaction t(database_);
  const std::size_t end = std::min(keys_.size(), added_ + added_at_once);
  for (std::size_t i = added_; i < end; ++i) {
    database_.query("insert or ignore into key(value, kind, parcel, token) values (?, ?, ?, null)")
        .with(keys_[i].value, keys_[i].kind, keys_[i].parcel)
        .run();
  }
  const bool all = end == keys_.size();
  if (all) database_.query("update about set value = ? where what = 'indexed'").with(std::to_string(until_)).run();
  t.commit();
  added_ = end;
  if (!all) return;
  keys_.clear();
  stage_ = Stage::rest;
}

}  // namespace tombolo::store
