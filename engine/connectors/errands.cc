#include "engine/connectors/errands.h"

#include <boost/asio/async_result.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace tombolo {

namespace net = boost::asio;

Errands::Errands(net::any_io_executor executor) : executor_(std::move(executor)), thread_([this] { work(); }) {}

Errands::~Errands() {
  {
    const std::lock_guard held(lock_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

net::awaitable<void> Errands::carry(std::function<void()> errand) {
  auto start = [this](auto handler, std::function<void()> given) {
    Waiting waiting{std::move(given), std::move(handler),
                    net::prefer(executor_, net::execution::outstanding_work.tracked)};
    {
      const std::lock_guard held(lock_);
      waiting_.push_back(std::move(waiting));
    }
    changed_.notify_one();
  };
  return net::async_initiate<const net::use_awaitable_t<>, void(std::exception_ptr)>(std::move(start),
                                                                                      net::use_awaitable,
                                                                                      std::move(errand));
}

void Errands::work() {
  for (;;) {
    std::optional<Waiting> next;
    {
      std::unique_lock held(lock_);
      changed_.wait(held, [this] { return stopping_ || !waiting_.empty(); });
      if (waiting_.empty()) return;
      next.emplace(std::move(waiting_.front()));
      waiting_.pop_front();
    }
    std::exception_ptr failure;
    try {
      next->errand();
    } catch (...) {
      failure = std::current_exception();
    }
    const auto executor = next->executor;
    net::post(executor, [told = std::move(*next), failure]() mutable { std::move(told.handler)(failure); });
  }
}

}  // namespace tombolo
