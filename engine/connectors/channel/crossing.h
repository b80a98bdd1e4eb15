// Crossing: which channels of this engine take messages from others, by name. One for each io_context, made on first use.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/execution_context.hpp>

#include <map>
#include <string>

#include "engine/connectors/connector.h"

namespace tombolo {

class Crossing final : public boost::asio::execution_context::service {
 public:
  using key_type = Crossing;
  static inline boost::asio::execution_context::id id;

  explicit Crossing(boost::asio::execution_context& context) : service(context) {}
  static Crossing& of(const boost::asio::any_io_executor& executor);

  // A channel that takes messages. `from` says whose; empty: everybody's.
  struct Door {
    std::vector<std::string> from;
    Receive receive;
    int in_hand = 0;                     // handed over and not yet answered
  };
  // Doors stay with those who hold them when another is put in their place (reload).
  void open(const std::string& channel, std::shared_ptr<Door> door) { doors_[channel] = std::move(door); }
  void close(const std::string& channel, const std::shared_ptr<Door>& door);
  std::shared_ptr<Door> find(const std::string& channel) const;   // nullptr: nobody takes under this name

 private:
  void shutdown() override { doors_.clear(); }

  std::map<std::string, std::shared_ptr<Door>> doors_;
};

}  // namespace tombolo
