// What every part of a running channel may use. All of it outlives the flows.
#pragma once

#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/thread_pool.hpp>

#include <exception>

#include "engine/base/log.h"
#include "engine/base/time.h"
#include "engine/store/store.h"

namespace tombolo {

// The completion of a coroutine that handles every failure it can meet: what still comes out is a bug, and must be seen.
inline constexpr auto must_not_fail = [](std::exception_ptr failure) {
  if (failure) std::rethrow_exception(failure);
};

class MissTally;

struct House {
  boost::asio::any_io_executor executor;     // the one I/O thread; everything in flow runs here unless it says otherwise
  boost::asio::thread_pool* workers = nullptr;  // for the walk of messages that are parsed and mapped
  store::Store* store = nullptr;
  const Log* log = nullptr;
  World world;
  Duration pause_when_store_fails = std::chrono::seconds(1);
  MissTally* misses = nullptr;               // where codes that no table has are counted; nullptr: nowhere
};

}  // namespace tombolo
