// Deliver: one destination of one channel. Takes deliveries in lane order, sends, asks the reply rules, settles.
// A dead destination keeps its queue and stops nobody else. Runs on the I/O thread.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "engine/connectors/await.h"
#include "engine/connectors/connector.h"
#include "engine/flow/backlog.h"
#include "engine/flow/channel.h"
#include "engine/flow/house.h"
#include "engine/flow/lanes.h"

namespace tombolo {

class Deliverer {
 public:
  // answer: how a decided delivery answers the sender, for `after: delivered`; empty: it does not.
  using AnswerOf = std::function<std::string(const Sent&, Action)>;
  // told: called when a delivery reached its end, after it is durable.
  using Told = std::function<void(const store::Delivery&, const std::string& answer)>;

  Deliverer(House& house, std::string channel, DestinationPlan plan, std::unique_ptr<Destination> wire, AnswerOf answer, Told told);

  // A delivery that was just posted, in the order of posting; body: the bytes if they are at hand.
  void add(store::Delivery delivery, std::shared_ptr<const std::string> body);
  // A delivery made new by a resend, or set waiting again.
  void look_again() { backlog_.start_behind(), bell_.ring(); }

  // Loads what waits in the store, then delivers until stop(). Ends when nothing is in hand any more.
  boost::asio::awaitable<void> run();
  void stop();
  void resume();                             // an operator says the destination is well again

  const DestinationPlan& plan() const { return plan_; }
  bool paused(Time now) const { return paused_until_ > now; }
  std::size_t waiting() const { return lanes_.waiting(); }

 private:
  struct Item {
    store::Delivery delivery;
    std::shared_ptr<const std::string> body;
  };

  boost::asio::awaitable<void> dispatch();   // starts a send for each delivery whose turn it is
  boost::asio::awaitable<void> carry(const Item& item);  // it stays in items_ until it is settled
  boost::asio::awaitable<void> settle();     // the one that writes outcomes, a batch at a time
  boost::asio::awaitable<void> page();       // reads waiting deliveries from the store
  boost::asio::awaitable<Sent> attempt(const Item& item);
  void enter(store::Delivery delivery, std::shared_ptr<const std::string> body);
  void decided(const Item& item, Sent sent);
  Action judge(const Item& item, const Sent& sent);
  void apply(const store::Settlement& settled);
  void count_dead_letter(const std::string& cause);
  void pause(const std::string& cause);
  Time next_look();

  House& house_;
  std::string channel_;
  DestinationPlan plan_;
  std::unique_ptr<Destination> wire_;
  AnswerOf answer_;
  Told told_;
  Lanes lanes_;
  Pace pace_;
  Backlog backlog_;
  std::unordered_map<Lanes::Number, Item> items_;
  std::size_t cached_ = 0;                   // bytes of bodies in items_
  std::vector<store::Settlement> unsettled_;
  Bell bell_;                                // something may be taken, or it is time to stop
  Bell settle_bell_;
  Time paused_until_{};
  std::string dead_cause_;
  int dead_in_row_ = 0;
  int sending_ = 0;
  bool settling_ = false;
  bool stopping_ = false;
};

}  // namespace tombolo
