// The two wires of sql.h, and what they share.
#pragma once

#include <chrono>

#include "engine/connectors/sql/sql.h"

namespace tombolo::sql {

Rows read_sqlite(const std::filesystem::path& file, const std::string& statement, const Limits& limits);
Rows read_postgresql(const std::vector<std::pair<std::string, std::string>>& about, const std::string& statement, const Limits& limits);

// Counts down the limits of one reading.
class Allowance {
 public:
  explicit Allowance(const Limits& limits) : limits_(limits), until_(std::chrono::steady_clock::now() + limits.time) {}

  bool over() const { return stopped() || std::chrono::steady_clock::now() > until_; }
  bool stopped() const { return limits_.stop && limits_.stop->load(); }
  std::string why() const { return stopped() ? "stopped" : "no answer within " + text(limits_.time); }
  void spend(std::size_t bytes) {
    spent_ += bytes;
    if (spent_ > limits_.bytes) throw Failure("the rows hold more than " + std::to_string(limits_.bytes >> 20) + " MiB");
  }

 private:
  const Limits& limits_;
  std::chrono::steady_clock::time_point until_;
  std::size_t spent_ = 0;
};

}  // namespace tombolo::sql
