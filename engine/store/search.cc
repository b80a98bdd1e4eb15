#include "engine/store/search.h"

#include <algorithm>
#include <iterator>

#include "engine/store/indexing.h"
#include "engine/store/ledger.h"
#include "engine/store/pack.h"

namespace tombolo::store {
namespace {

std::vector<Sequence> common(const std::vector<Sequence>& a, const std::vector<Sequence>& b) {
  std::vector<Sequence> both;
  std::set_intersection(a.begin(), a.end(), b.begin(), b.end(), std::back_inserter(both));
  return both;
}

std::string json(const std::vector<Sequence>& list) {
  std::string out = "[";
  for (const auto sequence : list) (out += out.size() > 1 ? "," : "") += std::to_string(sequence);
  return out + "]";
}

}  // namespace

void Where::bind(Query& q) const {
  for (const auto& value : values_) std::visit([&](const auto& v) { q.bind(v); }, value);
}

Where Searching::where(const Search& s) {
  Where w;
  const auto equal = [&](const char* condition, const std::string& value) {
    if (value.empty()) return;
    w.add(condition);
    w.value(value);
  };
  if (!s.channel.empty()) w.add("p.channel = " + std::to_string(names_.known(s.channel)));
  equal("p.sender = ?", s.sender);
  equal("p.control_id = ?", s.control_id);
  if (!s.type.empty()) {
    w.add("substr(p.type, 1, length(?)) = ?");
    w.value(s.type);
    w.value(s.type);
  }
  if (s.status) w.add("p.status = " + std::to_string(static_cast<int>(*s.status)));
  if (s.before != 0) w.add("p.sequence < " + std::to_string(s.before));
  if (s.from) w.add("p.sequence >= " + std::to_string(first_at(*s.from)) + " and p.received_at >= " + std::to_string(micros(*s.from)));
  if (s.until) {
    constexpr auto slack = std::chrono::minutes(20);
    w.add("p.sequence <= " + std::to_string(first_at(*s.until + slack)) + " and p.received_at < " + std::to_string(micros(*s.until)));
  }
  if (!s.error.empty()) {
    w.add("(instr(lower(coalesce(p.detail, '')), lower(?)) or exists (select 1 from delivery d where d.parcel = p.sequence and ("
          "instr(lower(d.code || ' ' || coalesce(d.detail, '')), lower(?)) or exists (select 1 from attempt a where "
          "a.delivery = d.number and instr(lower(coalesce(a.code, '') || ' ' || coalesce(a.detail, '')), lower(?))))))");
    for (int i = 0; i < 3; ++i) w.value(s.error);
  }
  add_deliveries(s, w);
  add_keys(s, w);
  return w;
}

// The first parcel received at `t` or after. Parcels are numbered nearly in the order of their arrival, so halving finds
// it; `slack` covers the difference.
Sequence Searching::first_at(Time t) {
  constexpr auto slack = std::chrono::minutes(10);
  Sequence low = 1, high = static_cast<Sequence>(database_.number("select max(sequence) from parcel")) + 1;
  while (low < high) {
    const Sequence middle = low + (high - low) / 2;
    Query q = database_.query("select sequence, received_at from parcel where sequence >= ? order by sequence limit 1");
    if (!q.with(middle).step() || q.time(1) >= t - slack) high = middle;
    else low = q.count(0) + 1;
  }
  return low;
}

void Searching::add_deliveries(const Search& s, Where& where) {
  if (s.destination.empty() && !s.fate) return;
  std::string wanted;
  if (!s.destination.empty()) wanted = "destination = " + std::to_string(names_.known(s.destination));
  // The number stands in the text: so SQLite sees that the index of the waiting or the dead ones will do.
  if (s.fate) (wanted += wanted.empty() ? "fate = " : " and fate = ") += std::to_string(static_cast<int>(*s.fate));
  const bool few = s.fate == Fate::waiting || s.fate == Fate::dead;
  where.add(few ? "p.sequence in (select parcel from delivery where " + wanted + ")"
                : "exists (select 1 from delivery where parcel = p.sequence and " + wanted + ")");
}

void Searching::add_keys(const Search& s, Where& where) {
  if (s.keys.empty()) return;
  std::vector<Sequence> all = with_key(s.keys[0].first, s.keys[0].second);
  for (std::size_t i = 1; i < s.keys.size(); ++i) all = common(all, with_key(s.keys[i].first, s.keys[i].second));
  where.add("p.sequence in (select value from json_each(?))");
  where.value(json(all));
}

// Parcels with this key, ascending: from the index, and from what is not yet in it.
std::vector<Sequence> Searching::with_key(const std::string& kind, const std::string& value) {
  std::vector<Sequence> found;
  Query q = kind.empty() ? database_.query("select parcel from key where value = ?")
                         : database_.query("select parcel from key where value = ? and kind = ?");
  q.bind(value);
  if (!kind.empty()) q.bind(names_.known(kind));
  while (q.step()) found.push_back(q.count(0));
  Query fresh = database_.query("select parcel, keys from label where number > ?");
  fresh.bind(indexed_labels(database_));
  while (fresh.step()) {
    const auto keys = unpack(fresh.blob(1));
    for (std::size_t i = 0; i + 1 < keys.size(); i += 2) {
      if (keys[i + 1] == value && (kind.empty() || keys[i] == kind)) found.push_back(fresh.count(0));
    }
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace tombolo::store
