#include "engine/connectors/await.h"

namespace tombolo {

using Clock = std::chrono::steady_clock;

struct Deadline::Watch : std::enable_shared_from_this<Deadline::Watch> {
  Watch(const net::any_io_executor& executor, std::function<void()> expired_) : timer(executor), expired(std::move(expired_)) {}

  void arm() {
    timer.expires_at(due);
    armed = due;
    timer.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
      if (const auto watch = self.lock(); watch && !error) watch->look();
    });
  }

  void look() {
    armed = Clock::time_point::max();
    if (due == Clock::time_point::max()) return;
    if (Clock::now() < due) return arm();
    due = Clock::time_point::max();
    if (const auto call = expired) call();
  }

  net::steady_timer timer;
  std::function<void()> expired;
  Clock::time_point due = Clock::time_point::max();    // max: none
  Clock::time_point armed = Clock::time_point::max();  // when the timer looks; max: it is not running
};

Deadline::Deadline(const net::any_io_executor& executor, std::function<void()> expired)
    : watch_(std::make_shared<Watch>(executor, std::move(expired))) {}

Deadline::~Deadline() { close(); }

void Deadline::in(std::chrono::microseconds limit) {
  watch_->due = Clock::now() + limit;
  if (watch_->due < watch_->armed) watch_->arm();
}

void Deadline::clear() { watch_->due = Clock::time_point::max(); }

void Deadline::close() {
  clear();
  watch_->armed = Clock::time_point::max();
  watch_->timer.cancel();
}

}  // namespace tombolo
