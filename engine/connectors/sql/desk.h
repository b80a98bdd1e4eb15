// Desk: threads that each keep one session open, and what is asked of them in order. The io_context's thread never waits for a
// database: it leaves a job here and is told when it is done.
#pragma once

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <atomic>
#include <condition_variable>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <utility>
#include <vector>

#include "engine/connectors/sql/session.h"

namespace tombolo::sql {

// A thread's place: its session, opened when a job first needs it and again when it broke.
class Seat {
 public:
  using Open = std::function<std::unique_ptr<Session>()>;
  explicit Seat(const Open& open) : open_(open) {}

  // What `work` gives. A session that was open before and turns out to be dead is replaced and `work` done once more: work must
  // bear being done twice. Throws Failure.
  template <class Work>
  auto with(Work work) {
    if (session_) {
      try {
        return guarded(work);
      } catch (const Failure& failure) {
        if (failure.trouble() != Trouble::lost) throw;
      }
    }
    session_ = open_();
    return guarded(work);
  }

 private:
  template <class Work>
  auto guarded(Work& work) {
    try {
      return work(*session_);
    } catch (const Failure& failure) {
      // After a failed one too: what it had prepared may no longer fit its tables.
      if (failure.trouble() != Trouble::busy && failure.trouble() != Trouble::refused) session_.reset();
      throw;
    }
  }

  const Open& open_;
  std::unique_ptr<Session> session_;
};

class Desk {
 public:
  // executor: where ask() completes. open: called on the threads.
  Desk(int threads, Seat::Open open, boost::asio::any_io_executor executor);
  ~Desk();  // raises stop(), and waits for the threads
  Desk(const Desk&) = delete;
  Desk& operator=(const Desk&) = delete;

  // Runs `work` on one of the threads; what it throws comes back. It may outlive the coroutine that asked (when the engine is made
  // to end at once): it owns what it uses, or that outlives the desk.
  template <class T>
  boost::asio::awaitable<T> ask(std::function<T(Seat&)> work) {
    auto result = std::make_shared<std::optional<T>>();
    std::function<void(Seat&)> job = [result, work = std::move(work)](Seat& seat) { result->emplace(work(seat)); };
    auto doing = enter(std::move(job));
    co_await std::move(doing);
    co_return std::move(**result);
  }

  // A job whose end nobody waits for. It throws nothing.
  void leave(std::function<void(Seat&)> job);

  // For Limits::stop: true once the desk is going, or give_up() was called.
  const std::atomic<bool>* stop() const { return &stop_; }
  void give_up() { stop_ = true; }

 private:
  using Handler = boost::asio::any_completion_handler<void(std::exception_ptr)>;
  struct Waiting {
    std::function<void(Seat&)> job;
    std::optional<Handler> handler;         // nothing: nobody waits
    boost::asio::any_io_executor executor;  // counted as work: the io_context stays until it is told
  };

  boost::asio::awaitable<void> enter(std::function<void(Seat&)> job);
  void add(Waiting waiting);
  void work();

  const Seat::Open open_;
  const boost::asio::any_io_executor executor_;
  std::atomic<bool> stop_ = false;

  std::mutex lock_;  // of the three below
  std::condition_variable changed_;
  std::deque<Waiting> waiting_;
  bool closing_ = false;
  std::vector<std::thread> threads_;  // last: they use all the others
};

}  // namespace tombolo::sql
