#include "engine/connectors/await.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/experimental/parallel_group.hpp>
#include <boost/system/system_error.hpp>

#include <exception>

namespace tombolo {

using Clock = std::chrono::steady_clock;

// wait_for_one and not the operator || of awaitable_operators: that one waits for the first *success*, so a refused
// connection would wait out its limit.
net::awaitable<void> within(std::chrono::microseconds limit, net::awaitable<void> work) {
  const auto executor = co_await net::this_coro::executor;
  net::steady_timer timer(executor, limit);
  auto both = net::experimental::make_parallel_group(net::co_spawn(executor, std::move(work), net::deferred),
                                                     timer.async_wait(net::deferred));
  const auto [order, failure, ignored] =
      co_await both.async_wait(net::experimental::wait_for_one(), net::use_awaitable);
  if (order[0] == 1) throw boost::system::system_error(net::error::timed_out);
  if (failure) std::rethrow_exception(failure);
}

struct Deadline::Watch : std::enable_shared_from_this<Deadline::Watch> {
  Watch(const net::any_io_executor& executor, std::function<void()> expired_)
      : timer(executor), expired(std::move(expired_)) {}

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
