#include "engine/flow/walk.h"

namespace tombolo {

Walked Walk::operator()(const Parcel& parcel, const std::vector<std::string>& order_keys) const {
  Walked walked;
  walked.posting.sequence = parcel.sequence;
  const auto peek = channel_.format->peek(parcel.bytes, channel_.paths, channel_.reading);
  if (!peek) {
    walked.posting.status = store::Status::failed;
    walked.posting.detail = text(peek.error());
    return walked;
  }
  for (const auto& key : peek->keys) walked.posting.keys.emplace_back(key.kind, key.value);
  for (const auto& destination : channel_.destinations) {
    store::Outgoing out;
    out.destination = destination.name;
    out.content_type = "application/hl7-v2";
    out.control_id = peek->control_id;
    out.order_keys = order_keys;
    walked.posting.deliveries.push_back(std::move(out));
  }
  return walked;
}

std::unique_ptr<const Walk> compile_walk(const Channel& channel, Diagnostics& diagnostics) {
  std::vector<Step> steps = channel.steps;
  for (const auto& destination : channel.destinations) {
    if (destination.when) steps.push_back(*destination.when);
    steps.insert(steps.end(), destination.steps.begin(), destination.steps.end());
  }
  for (const auto& step : steps) diagnostics.error(step.place, "this build carries messages unchanged: it has no steps yet", channel.text);
  return std::make_unique<Walk>(channel);
}

}  // namespace tombolo
