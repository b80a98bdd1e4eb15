// Waiting: what our coroutines need beyond Asio 1.24. Its experimental parts are used in await.cc and nowhere else.
// GCC 12 destroys a capturing lambda or a braced aggregate twice that stands between `co_await` and `;`: name it first.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

namespace tombolo {

namespace net = boost::asio;

// For operations whose error is an answer, not a surprise: auto [error, n] = co_await socket.async_read_some(buffer,
// as_result);
constexpr auto as_result = net::as_tuple(net::use_awaitable);

// within: the result of `work`, or system_error{timed_out} when it takes longer than `limit`; the work is then
// cancelled. What `work` throws comes through at once. Costs two spawned coroutines: for connecting and the like, not
// for each read.
net::awaitable<void> within(std::chrono::microseconds limit, net::awaitable<void> work);

template <class T>
net::awaitable<void> keep(net::awaitable<T> work, std::optional<T>& result) {
  result.emplace(co_await std::move(work));
}

template <class T>
net::awaitable<T> within(std::chrono::microseconds limit, net::awaitable<T> work) {
  std::optional<T> result;
  auto kept = keep(std::move(work), result);
  co_await within(limit, std::move(kept));
  co_return std::move(*result);
}

// Bell: one coroutine waits, others wake it. A ring that nobody waited for is not lost; two rings may be heard as one.
class Bell {
 public:
  explicit Bell(const net::any_io_executor& executor) : timer_(executor, net::steady_timer::time_point::max()) {}

  void ring() {
    rung_ = true;
    if (waited_for_) timer_.cancel();
  }

  net::awaitable<void> wait() {
    waited_for_ = true;
    while (!rung_) co_await timer_.async_wait(as_result);
    rung_ = waited_for_ = false;
  }

  // false: nobody rang before `limit` was over.
  net::awaitable<bool> wait_for(std::chrono::microseconds limit) {
    if (!rung_) {
      waited_for_ = true;
      timer_.expires_after(limit);
      co_await timer_.async_wait(as_result);
      timer_.expires_at(net::steady_timer::time_point::max());
      waited_for_ = false;
    }
    co_return std::exchange(rung_, false);
  }

 private:
  net::steady_timer timer_;
  bool rung_ = false;
  bool waited_for_ = false;
};

// Deadline: calls `expired` once when the time set last is over. Made for one that is set with every message and hardly
// ever passes: setting it writes a number, and only one timer that was set long ago looks whether time is up.
class Deadline {
 public:
  Deadline(const net::any_io_executor& executor, std::function<void()> expired);
  ~Deadline();
  Deadline(const Deadline&) = delete;
  Deadline& operator=(const Deadline&) = delete;

  void in(std::chrono::microseconds limit);  // replaces what was set before
  void clear();                              // `expired` is not called
  void close();                              // and the timer is given back, so that it keeps no io_context running

 private:
  struct Watch;
  std::shared_ptr<Watch> watch_;  // shared with the timer's handler, which may outlive the owner by one round
};

}  // namespace tombolo
