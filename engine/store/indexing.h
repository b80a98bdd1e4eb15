// Indexing: the keys people search by get into their index later, thousands at once and in order. One by one, each would
// touch a page of its own (a patient's key may stand anywhere) and cost more than the message. Until then find() reads the
// few that are not yet there. Runs again from the last mark after a crash: to add a key twice is to add it once.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/store/names.h"
#include "engine/store/sqlite.h"

namespace tombolo::store {

// All labels up to this number are in the index.
std::uint64_t indexed_labels(Database& database);

class Indexing {
 public:
  explicit Indexing(Database& database) : database_(database), names_(database) {}

  // Does a few milliseconds' worth, in a transaction of its own, if enough has gathered or the store is idle.
  void step(bool idle);
  bool busy() const { return stage_ != Stage::rest; }

 private:
  enum class Stage { rest, gather, add };
  struct Key {
    std::string value;
    std::int64_t kind, parcel;
    auto operator<=>(const Key&) const = default;
  };

  bool due(bool idle);
  void gather();
  void add();

  Database& database_;
  Names names_;
  Stage stage_ = Stage::rest;
  std::uint64_t read_ = 0, until_ = 0;  // label numbers: gathered so far, to be gathered
  std::vector<Key> keys_;
  std::size_t added_ = 0;
};

}  // namespace tombolo::store
