// March: carries the accepted parcels of one channel through their walk and posts the results, in the order of acceptance.
// Walks run side by side on the workers; postings wait for those before them and go to the store a batch at a time.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <deque>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/connectors/await.h"
#include "engine/flow/backlog.h"
#include "engine/flow/house.h"
#include "engine/flow/outcomes.h"
#include "engine/flow/walk.h"

namespace tombolo {

class March {
 public:
  using PlanOf = std::function<std::shared_ptr<const Plan>()>;   // the plan in force now
  using Deliver = std::function<void(store::Delivery, std::shared_ptr<const std::string> body)>;

  March(House& house, std::string channel, PlanOf plan, Outcomes& outcomes, Deliver deliver);

  // A parcel that was just accepted, in the order of acceptance, and what its receiver saw of it.
  void add(Parcel parcel, std::vector<std::string> order_keys, Peek peek);

  // First what an earlier run left unfinished, then what is added, until stop() and the end of what is in memory.
  boost::asio::awaitable<void> run();
  void stop();

  // Walks one kept parcel again that an operator set back to `received`; nothing if it is not.
  boost::asio::awaitable<void> again(store::Sequence sequence);

 private:
  struct Item {
    Parcel parcel;
    std::vector<std::string> order_keys;
    std::optional<Peek> peek;
    std::shared_ptr<const Plan> plan;
    std::optional<Walked> walked;
  };

  void enter(Parcel parcel, std::vector<std::string> order_keys, std::optional<Peek> peek = {});
  boost::asio::awaitable<void> page();
  boost::asio::awaitable<void> post(std::vector<std::shared_ptr<Item>> batch);
  std::vector<std::shared_ptr<Item>> ready();
  void hand_on(const std::vector<std::shared_ptr<Item>>& batch, std::vector<store::Delivery> deliveries);

  House& house_;
  std::string channel_;
  PlanOf plan_;
  Outcomes& outcomes_;
  Deliver deliver_;
  Backlog backlog_{2000};
  std::deque<std::shared_ptr<Item>> line_;        // in order of acceptance
  Bell bell_;
  bool stopping_ = false;
};

}  // namespace tombolo
