#include "engine/base/parcel.h"

#include <algorithm>

namespace tombolo {

bool may_send(const Senders& senders, std::string_view sender) {
  const std::size_t bar = std::min(sender.find('|'), sender.size());
  const std::string_view application = sender.substr(0, bar);
  const std::string_view facility = sender.substr(std::min(bar + 1, sender.size()));
  return std::any_of(senders.begin(), senders.end(), [&](std::string_view allowed) {
    const std::size_t cut = std::min(allowed.find('|'), allowed.size());
    const std::string_view first = allowed.substr(0, cut), second = allowed.substr(std::min(cut + 1, allowed.size()));
    return (first == "*" || first == application) && (second == "*" || second == facility);
  });
}

}  // namespace tombolo
