// Names that come back in every row (channels, destinations, content types, kinds of keys, configuration hashes) as numbers.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/store/sqlite.h"

namespace tombolo::store {

class Names {
 public:
  explicit Names(Database& database) : database_(database) {}

  std::int64_t number(std::string_view name);           // kept in the running transaction if it is new
  std::int64_t known(std::string_view name);            // 0: nothing is called so
  const std::string& text(std::int64_t number);         // empty if there is none
  void forget() { numbers_.clear(), texts_.clear(); }   // after a rollback: some may never have been kept

 private:
  struct Hash : std::hash<std::string_view> {
    using is_transparent = void;
  };
  Database& database_;
  std::unordered_map<std::string, std::int64_t, Hash, std::equal_to<>> numbers_;
  std::unordered_map<std::int64_t, std::string> texts_;
};

}  // namespace tombolo::store
