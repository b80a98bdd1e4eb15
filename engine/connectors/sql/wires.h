// The two kinds of session, and what they share.
#pragma once

#include <chrono>

#include "engine/connectors/sql/session.h"

namespace tombolo::sql {

std::unique_ptr<Session> open_sqlite(const std::filesystem::path& file, Access access, const Limits& limits);
std::unique_ptr<Session> open_postgresql(const std::vector<std::pair<std::string, std::string>>& about, Access access, const Limits& limits);

// Counts down the limits of one call.
class Allowance {
 public:
  explicit Allowance(const Limits& limits) : limits_(limits), until_(std::chrono::steady_clock::now() + limits.time) {}

  bool over() const { return stopped() || std::chrono::steady_clock::now() > until_; }
  bool stopped() const { return limits_.stop && limits_.stop->load(); }
  Failure failure(const std::string& of) const {
    return stopped() ? Failure(of + ": stopped", Trouble::stopped) : Failure(of + ": no answer within " + text(limits_.time), Trouble::timeout);
  }
  void spend(std::size_t bytes) {
    spent_ += bytes;
    if (spent_ > limits_.bytes) throw Failure("the rows hold more than " + std::to_string(limits_.bytes >> 20) + " MiB");
  }

 private:
  const Limits limits_;
  std::chrono::steady_clock::time_point until_;
  std::size_t spent_ = 0;
};

}  // namespace tombolo::sql
