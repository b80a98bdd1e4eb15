#include "engine/service/crossings.h"

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "engine/base/text.h"

namespace tombolo {
namespace {

struct Crossing {
  std::string to;
  Place place;                            // in the file of the channel that sends
};

std::vector<Crossing> crossings(const Channel& channel) {
  std::vector<Crossing> found;
  for (const auto& destination : channel.destinations) {
    if (destination.plug == nullptr || destination.plug->name != "channel") continue;
    if (const Setting* to = destination.wire.find("to")) found.push_back({to->text, to->place});
  }
  return found;
}

bool takes_from_channels(const Channel& channel) { return channel.source != nullptr && channel.source->name == "channel"; }

// The way from `at` back to `start`, as names; empty: there is none.
std::vector<std::string> way_back(const Plans& plans, const std::string& at, const std::string& start, std::set<std::string>& seen) {
  if (at == start) return {at};
  const auto plan = plans.find(at);
  if (plan == plans.end() || !seen.insert(at).second) return {};
  for (const auto& next : crossings(plan->second->channel)) {
    auto way = way_back(plans, next.to, start, seen);
    if (way.empty()) continue;
    way.insert(way.begin(), at);
    return way;
  }
  return {};
}

void check(const Plans& plans, const Channel& from, const Crossing& crossing, Diagnostics& found) {
  const auto plan = plans.find(crossing.to);
  if (plan == plans.end()) {
    std::vector<std::string_view> names;
    for (const auto& [name, other] : plans)
      if (takes_from_channels(other->channel)) names.push_back(name);
    return found.error(crossing.place, "no channel is called '" + crossing.to + "'" + suggestion(crossing.to, names));
  }
  if (!takes_from_channels(plan->second->channel))
    return found.error(crossing.place, "the channel " + crossing.to + " takes nothing from other channels: its source is no `channel`");
  std::set<std::string> seen;
  const auto way = way_back(plans, crossing.to, from.name, seen);
  if (way.empty()) return;
  std::string text = from.name;
  for (const auto& name : way) text += " → " + name;
  found.error(crossing.place, "a message would go round for ever: " + text);
}

}  // namespace

void check_crossings(const Plans& plans, Diagnostics& diagnostics) {
  for (const auto& [name, plan] : plans) {
    Diagnostics found;
    for (const auto& crossing : crossings(plan->channel)) check(plans, plan->channel, crossing, found);
    found.quote(plan->channel.file, plan->channel.text);
    diagnostics.append(found);
  }
}

}  // namespace tombolo
