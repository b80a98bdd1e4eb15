// A real store behind a counter: the nth call fails as a full disk does, before or after its work was done. Nothing is
// imitated: what the calls before it kept is in SQLite, and the test opens that file again.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>

#include "engine/store/store.h"

namespace tombolo::test {

class BreakingStore final : public store::Store {
 public:
  template <class T>
  using awaitable = boost::asio::awaitable<T>;

  // fails_at: the number (from 0) of the call that fails; all later ones work again.
  BreakingStore(std::unique_ptr<store::Store> real, int fails_at) : real_(std::move(real)), left_(fails_at) {}

  bool broke() const { return left_ < 0; }

  awaitable<store::Accepted> accept(store::Arrival arrival) override {
    step();
    auto work = real_->accept(std::move(arrival));
    co_return co_await std::move(work);
  }
  awaitable<std::vector<store::Delivery>> post(std::vector<store::Posting> postings) override {
    step();
    auto work = real_->post(std::move(postings));
    co_return co_await std::move(work);
  }
  awaitable<void> settle(std::vector<store::Settlement> settlements) override {
    step();
    auto work = real_->settle(std::move(settlements));
    co_await std::move(work);
  }
  awaitable<std::string> body(store::BodyNumber number) override {
    step();
    auto work = real_->body(number);
    co_return co_await std::move(work);
  }
  awaitable<std::vector<store::Unfinished>> unfinished(std::string channel, store::Sequence after, std::size_t limit) override {
    step();
    auto work = real_->unfinished(std::move(channel), after, limit);
    co_return co_await std::move(work);
  }
  awaitable<std::vector<store::Delivery>> waiting(std::string channel, std::string destination, store::DeliveryNumber after,
                                                  std::size_t limit) override {
    step();
    auto work = real_->waiting(std::move(channel), std::move(destination), after, limit);
    co_return co_await std::move(work);
  }
  awaitable<void> keep_config(std::string hash, std::string text) override {
    auto work = real_->keep_config(std::move(hash), std::move(text));
    co_await std::move(work);
  }
  awaitable<std::vector<store::Delivery>> resend(store::Sequence sequence, std::optional<std::string> destination, Time now) override {
    auto work = real_->resend(sequence, std::move(destination), now);
    co_return co_await std::move(work);
  }
  awaitable<void> release(store::Sequence sequence) override {
    auto work = real_->release(sequence);
    co_await std::move(work);
  }
  const std::string& name() const override { return real_->name(); }
  std::uint64_t commits() const override { return real_->commits(); }
  void close() override { real_->close(); }

 private:
  void step() {
    if (left_-- == 0) throw store::Error(store::Error::Reason::full, "no space left on device");
  }
  std::unique_ptr<store::Store> real_;
  int left_;
};

}  // namespace tombolo::test
