// Errands: one thread for calls that block (a folder on a network, libssh), and a coroutine that waits for each without
// holding up anybody. They are run one after the other, in the order in which they were given.
//
//   auto listing = errands.run([this] { return folder_->list(); });
//   const auto found = co_await std::move(listing);
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <mutex>
#include <optional>
#include <thread>
#include <type_traits>
#include <utility>

namespace tombolo {

class Errands {
 public:
  explicit Errands(boost::asio::any_io_executor executor);  // where run() completes
  ~Errands();                                               // runs what waits first
  Errands(const Errands&) = delete;
  Errands& operator=(const Errands&) = delete;

  // What `errand` returns, or the exception it throws. Whatever it refers to lives until then.
  template <class Errand>
  boost::asio::awaitable<std::invoke_result_t<Errand&>> run(Errand errand) {
    using Result = std::invoke_result_t<Errand&>;
    if constexpr (std::is_void_v<Result>) {
      auto carrying = carry([&errand] { errand(); });
      co_await std::move(carrying);
    } else {
      std::optional<Result> result;
      auto carrying = carry([&errand, &result] { result.emplace(errand()); });
      co_await std::move(carrying);
      co_return std::move(*result);
    }
  }

 private:
  struct Waiting {
    std::function<void()> errand;
    boost::asio::any_completion_handler<void(std::exception_ptr)> handler;
    boost::asio::any_io_executor executor;  // counted as work: the io_context stays until it is told
  };

  boost::asio::awaitable<void> carry(std::function<void()> errand);
  void work();

  const boost::asio::any_io_executor executor_;
  std::mutex lock_;  // of the three below
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  bool stopping_ = false;
  std::thread thread_;  // last: it uses all the others
};

}  // namespace tombolo
