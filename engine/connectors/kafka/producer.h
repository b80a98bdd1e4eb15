// A producer of librdkafka: idempotent, every replica in sync acknowledges. The library has threads of its own; one of ours
// carries its reports back. Nothing here blocks but the destructor, which gives what is under way a moment.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/awaitable.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/connectors/connector.h"

namespace tombolo::kafka {

using Settings = std::vector<std::pair<std::string, std::string>>;  // as librdkafka calls them

class Producer {
 public:
  // Throws std::runtime_error for a setting that the library refuses.
  Producer(const Settings& settings, std::string topic, boost::asio::any_io_executor executor);
  ~Producer();
  Producer(const Producer&) = delete;
  Producer& operator=(const Producer&) = delete;

  // Completes with the delivery report.
  boost::asio::awaitable<Sent> produce(const Envelope& envelope);
  bool dead() const;  // it said that it can go on no more: make another one

 private:
  struct Held;
  std::unique_ptr<Held> held_;
};

}  // namespace tombolo::kafka
