// Outcomes: senders that wait for what becomes of their parcel (`after: mapped`, `after: delivered:X`), and repeats that join them.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>

#include "engine/base/time.h"
#include "engine/connectors/await.h"

namespace tombolo {

class Outcomes {
 public:
  explicit Outcomes(net::any_io_executor executor) : executor_(std::move(executor)) {}

  // Call before the parcel can have an outcome; `wait` then sees one that came before the waiting began.
  void expect(std::uint64_t sequence) { ++waits_.try_emplace(sequence, executor_).first->second.senders; }

  // The remembered answer, or nothing after `limit`. Ends what expect() began.
  net::awaitable<std::optional<std::string>> wait(std::uint64_t sequence, Duration limit) {
    Wait& wait = waits_.at(sequence);
    if (!wait.answer) {
      wait.timer.expires_after(limit);
      co_await wait.timer.async_wait(as_result);
    }
    const std::optional<std::string> answer = wait.answer;
    if (--wait.senders == 0) waits_.erase(sequence);
    co_return answer;
  }

  void tell(std::uint64_t sequence, const std::string& answer) {
    const auto at = waits_.find(sequence);
    if (at == waits_.end()) return;
    at->second.answer = answer;
    at->second.timer.cancel();
  }

  bool expected(std::uint64_t sequence) const { return waits_.count(sequence) > 0; }

 private:
  struct Wait {
    explicit Wait(const net::any_io_executor& executor) : timer(executor) {}
    net::steady_timer timer;
    std::optional<std::string> answer;
    int senders = 0;
  };
  net::any_io_executor executor_;
  std::unordered_map<std::uint64_t, Wait> waits_;
};

}  // namespace tombolo
