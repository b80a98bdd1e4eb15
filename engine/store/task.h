// Task: one call of the store on its way: made on the caller's thread, worked on the store's, finished on the caller's executor.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/prefer.hpp>

#include <exception>
#include <memory>
#include <utility>

#include "engine/store/ledger.h"

namespace tombolo::store {

class Task {
 public:
  // intake: refused when the disk is nearly full. change: written even then. reading: needs no transaction.
  enum class Kind { intake, change, reading };
  explicit Task(Kind kind) : kind_(kind) {}
  virtual ~Task() = default;

  virtual void work(Ledger& ledger) = 0;  // on the store's thread; once more after a rollback
  virtual void finish() = 0;              // resumes the caller, once
  void fail(std::exception_ptr error) { error_ = std::move(error); }

  Kind kind() const { return kind_; }
  const boost::asio::any_io_executor& executor() const { return executor_; }

 protected:
  boost::asio::any_io_executor executor_;  // counts as outstanding work there
  std::exception_ptr error_;

 private:
  Kind kind_;
};

// Result of `Work` (callable with Ledger&) to `Handler` (callable with std::exception_ptr and the result).
template <class Result, class Work, class Handler>
class Call final : public Task {
 public:
  Call(Kind kind, Work work, Handler handler) : Task(kind), work_(std::move(work)), handler_(std::move(handler)) {
    executor_ = boost::asio::prefer(boost::asio::get_associated_executor(handler_), boost::asio::execution::outstanding_work.tracked);
  }
  void work(Ledger& ledger) override { result_ = work_(ledger); }
  void finish() override { std::move(handler_)(error_, std::move(result_)); }

 private:
  Work work_;
  Handler handler_;
  Result result_{};
};

template <class Work, class Handler>
class Call<void, Work, Handler> final : public Task {
 public:
  Call(Kind kind, Work work, Handler handler) : Task(kind), work_(std::move(work)), handler_(std::move(handler)) {
    executor_ = boost::asio::prefer(boost::asio::get_associated_executor(handler_), boost::asio::execution::outstanding_work.tracked);
  }
  void work(Ledger& ledger) override { work_(ledger); }
  void finish() override { std::move(handler_)(error_); }

 private:
  Work work_;
  Handler handler_;
};

}  // namespace tombolo::store
