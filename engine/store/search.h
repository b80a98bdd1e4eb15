// What a Search asks for, as a condition of SQL over the parcels, called `p` there. Private to the room.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/store/names.h"
#include "engine/store/query.h"
#include "engine/store/sqlite.h"

namespace tombolo::store {

// A where clause that grows, with its values in order.
class Where {
 public:
  void add(const std::string& condition) { (text_ += text_.empty() ? " where " : " and ") += condition; }
  void value(std::int64_t n) { values_.emplace_back(n); }
  void value(std::string text) { values_.emplace_back(std::move(text)); }
  const std::string& text() const { return text_; }
  void bind(Query& q) const;

 private:
  std::string text_;
  std::vector<std::variant<std::int64_t, std::string>> values_;
};

// Keys and times are looked up while the clause is made: in the same moment of the store as the query it is for.
class Searching {
 public:
  Searching(Database& database, Names& names) : database_(database), names_(names) {}

  Where where(const Search& s);

 private:
  Sequence first_at(Time t);
  void add_deliveries(const Search& s, Where& where);
  void add_keys(const Search& s, Where& where);
  std::vector<Sequence> with_key(const std::string& kind, const std::string& value);

  Database& database_;
  Names& names_;
};

}  // namespace tombolo::store
