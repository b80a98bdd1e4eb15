// Receive: what happens to a parcel until its sender is answered. Peek, accept (durable), answer; duplicates answer as the
// first time. The rest of the way is March's.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/connectors/connector.h"
#include "engine/flow/house.h"
#include "engine/flow/march.h"
#include "engine/flow/outcomes.h"
#include "engine/flow/walk.h"

namespace tombolo {

class Receiver {
 public:
  Receiver(House& house, March& march, Outcomes& outcomes) : house_(house), march_(march), outcomes_(outcomes) {}

  // One parcel, one message or a batch of them. Never throws for what is wrong with it.
  boost::asio::awaitable<Reply> receive(std::shared_ptr<const Plan> plan, Parcel parcel);

 private:
  boost::asio::awaitable<std::vector<Reply>> batch(std::shared_ptr<const Plan> plan, Parcel head, std::vector<std::string_view> messages);
  boost::asio::awaitable<Reply> one(std::shared_ptr<const Plan> plan, Parcel parcel);
  boost::asio::awaitable<Reply> refuse(std::shared_ptr<const Plan> plan, Parcel parcel, std::optional<Peek> peek, Answer answer);
  std::optional<Reply> other_content(const Channel& channel, const Peek& peek, std::string_view message, store::Sequence sequence);
  boost::asio::awaitable<Reply> repeat(std::shared_ptr<const Plan> plan, Peek peek, std::string message, store::Accepted first);
  boost::asio::awaitable<Answer> outcome(std::shared_ptr<const Plan> plan, store::Sequence sequence);

  House& house_;
  March& march_;
  Outcomes& outcomes_;
};

}  // namespace tombolo
