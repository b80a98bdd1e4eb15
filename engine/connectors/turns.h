// Turns: at most `most` at once, the others wait in order of arrival. A destination's connections are taken in turn.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <deque>
#include <utility>

#include "engine/connectors/await.h"

namespace tombolo {

class Turns {
 public:
  Turns(net::any_io_executor executor, int most) : executor_(std::move(executor)), free_(most) {}
  Turns(const Turns&) = delete;
  Turns& operator=(const Turns&) = delete;

  class Turn {
   public:
    explicit Turn(Turns& turns) : turns_(&turns) {}
    Turn(Turn&& other) noexcept : turns_(std::exchange(other.turns_, nullptr)) {}
    Turn& operator=(Turn&&) = delete;
    ~Turn() {
      if (turns_) turns_->give_back();
    }

   private:
    Turns* turns_;
  };

  net::awaitable<Turn> take() {
    if (free_ > 0) {
      --free_;
      co_return Turn(*this);
    }
    Bell bell(executor_);
    waiting_.push_back(&bell);
    co_await bell.wait();
    co_return Turn(*this);  // given back and handed on: free_ stays
  }

 private:
  void give_back() {
    if (waiting_.empty()) {
      ++free_;
      return;
    }
    Bell* const next = waiting_.front();
    waiting_.pop_front();
    next->ring();
  }

  net::any_io_executor executor_;
  int free_;
  std::deque<Bell*> waiting_;
};

}  // namespace tombolo
