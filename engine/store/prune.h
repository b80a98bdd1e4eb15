// Pruning: content and metadata that are past their time go, in steps of a few milliseconds, and their disk space comes
// back. What is unfinished stays; content of dead letters stays as long as their metadata.
#pragma once

#include <chrono>

#include "engine/store/sqlite.h"

namespace tombolo::store {

class Pruning {
 public:
  Pruning(Database& database, const Options& options, const World& world);

  // Does a little, in a transaction of its own; nothing most of the time. Looks for work at the start and each minute.
  void step();
  bool busy() const { return stage_ != Stage::rest; }  // there is more to do

 private:
  enum class Stage { content, metadata, space, rest };

  void begin();
  bool prune_content();    // each gives: is there more?
  bool prune_metadata();
  bool return_space();
  void forget(std::int64_t parcel);

  Database& database_;
  const Options options_;
  const World world_;
  Stage stage_ = Stage::rest;
  Time now_{};
  std::int64_t cursor_ = 0;
  std::chrono::steady_clock::time_point next_{};
};

}  // namespace tombolo::store
