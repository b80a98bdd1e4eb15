// Flow: one running channel. Here the walk of a message is put together:
//
//   source → Receiver (peek, accept, answer) → March (parse, filter, map, route; post) → Deliverer per destination → wire
//
// Everything runs on the I/O thread but the walks. A flow starts with what an earlier run left unfinished, takes a new plan
// while it runs (reload), and stops when what is in hand is done.
#pragma once

#include <boost/asio/awaitable.hpp>

#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

#include "engine/flow/deliver.h"
#include "engine/flow/house.h"
#include "engine/flow/march.h"
#include "engine/flow/outcomes.h"
#include "engine/flow/receive.h"
#include "engine/flow/walk.h"

namespace tombolo {

class Flow {
 public:
  Flow(House& house, std::shared_ptr<const Plan> plan);

  const std::string& name() const { return name_; }
  std::shared_ptr<const Plan> plan() const { return plan_; }

  // Opens the source; throws boost::system::system_error when it cannot. Then run() carries.
  void open();
  std::string address() const;
  boost::asio::awaitable<void> run();

  // The new plan holds for every parcel received from now on. Wires whose settings are unchanged stay open. Throws like open()
  // when a changed source cannot be opened; the old plan then stays.
  void replace(std::shared_ptr<const Plan> plan);

  // No new parcels; run() ends when those in memory are posted and the sends in hand have their outcome.
  void stop();

  // New deliveries made by a resend: looked for in the store.
  void look_again(const std::string& destination);
  boost::asio::awaitable<void> walk_again(store::Sequence sequence) { return march_.again(sequence); }
  bool resume(const std::string& destination);  // false: there is none of this name

 private:

  void start_source();
  boost::asio::awaitable<void> listen(std::shared_ptr<Source> source);
  void start_destination(const DestinationPlan& plan);
  void start_missing_destinations();
  void deliver(store::Delivery delivery, std::shared_ptr<const std::string> body);
  std::string answer_of(const std::string& destination, const Sent& sent, Action action) const;
  void ended(std::exception_ptr failure);

  House& house_;
  std::string name_;
  std::shared_ptr<const Plan> plan_;
  Outcomes outcomes_;
  March march_;
  Receiver receiver_;
  std::shared_ptr<Source> source_;
  std::map<std::string, std::shared_ptr<Deliverer>> deliverers_;
  std::set<std::string> leaving_;                    // replaced by a reload, finishing what they have in hand
  Bell ended_;                                       // one of the coroutines below came to its end
  int sources_running_ = 0;
  int deliverers_running_ = 0;
  bool marching_ = false;
  bool stopping_ = false;
};

}  // namespace tombolo
