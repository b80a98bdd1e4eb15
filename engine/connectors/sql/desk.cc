#include "engine/connectors/sql/desk.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tombolo::sql {

namespace net = boost::asio;

Desk::Desk(int threads, Seat::Open open, net::any_io_executor executor) : open_(std::move(open)), executor_(std::move(executor)) {
  for (int n = 0; n < threads; ++n) threads_.emplace_back([this] { work(); });
}

Desk::~Desk() {
  stop_ = true;
  {
    const std::lock_guard held(lock_);
    closing_ = true;
  }
  changed_.notify_all();
  for (auto& thread : threads_) thread.join();
}

net::awaitable<void> Desk::enter(std::function<void(Seat&)> job) {
  auto start = [this](auto handler, std::function<void(Seat&)> taken) {
    add({std::move(taken), Handler(std::move(handler)), net::prefer(executor_, net::execution::outstanding_work.tracked)});
  };
  return net::async_initiate<const net::use_awaitable_t<>, void(std::exception_ptr)>(std::move(start), net::use_awaitable, std::move(job));
}

void Desk::leave(std::function<void(Seat&)> job) { add({std::move(job), std::nullopt, {}}); }

void Desk::add(Waiting waiting) {
  {
    const std::lock_guard held(lock_);
    waiting_.push_back(std::move(waiting));
  }
  changed_.notify_one();
}

void Desk::work() {
  Seat seat(open_);
  for (;;) {
    Waiting one;
    {
      std::unique_lock held(lock_);
      changed_.wait(held, [this] { return closing_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      one = std::move(waiting_.front());
      waiting_.pop_front();
    }
    std::exception_ptr failure;
    try {
      one.job(seat);
    } catch (...) {
      failure = std::current_exception();
    }
    if (!one.handler) continue;
    net::post(executor_, [waiting = std::move(one), failure]() mutable { std::move(*waiting.handler)(failure); });
  }
}

}  // namespace tombolo::sql
