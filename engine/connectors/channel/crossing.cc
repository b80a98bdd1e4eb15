#include "engine/connectors/channel/crossing.h"

#include <boost/asio/query.hpp>

namespace tombolo {

Crossing& Crossing::of(const boost::asio::any_io_executor& executor) {
  return boost::asio::use_service<Crossing>(boost::asio::query(executor, boost::asio::execution::context));
}

void Crossing::close(const std::string& channel, const std::shared_ptr<Door>& door) {
  const auto at = doors_.find(channel);
  if (at != doors_.end() && at->second == door) doors_.erase(at);
}

std::shared_ptr<Crossing::Door> Crossing::find(const std::string& channel) const {
  const auto at = doors_.find(channel);
  return at == doors_.end() ? nullptr : at->second;
}

}  // namespace tombolo
