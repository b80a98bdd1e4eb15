#include <algorithm>
#include <utility>

#include "engine/connectors/await.h"
#include "engine/connectors/channel/channel.h"
#include "engine/connectors/channel/crossing.h"

namespace tombolo {
namespace {

class ChannelDestination final : public Destination {
 public:
  ChannelDestination(std::string to, std::string channel, Edges edges)
      : to_(std::move(to)), channel_(std::move(channel)), edges_(std::move(edges)), crossing_(Crossing::of(edges_.executor)) {}

  net::awaitable<Sent> send(const Envelope& envelope) override {
    const auto door = crossing_.find(to_);
    Sent sent;
    if (!door) {
      sent.code = "closed";
      sent.detail = "the channel " + to_ + " is not running, or takes nothing from other channels";
      co_return sent;
    }
    if (!door->from.empty() && std::find(door->from.begin(), door->from.end(), channel_) == door->from.end()) {
      sent.code = "refused";
      sent.detail = "the channel " + to_ + " takes nothing from " + channel_;
      co_return sent;
    }
    Parcel parcel;
    parcel.channel = to_;
    parcel.peer = "channel " + channel_;
    parcel.received_at = edges_.world.now();
    parcel.bytes = std::string(envelope.bytes);
    parcel.repeat = std::string(envelope.id);
    auto handing = door->receive(std::move(parcel));
    Reply reply = co_await std::move(handing);
    sent.accepted = reply.taken == Taken::yes;
    sent.code = sent.accepted ? "taken" : reply.taken == Taken::refused ? "refused" : "closed";
    if (!sent.accepted) sent.detail = "the channel " + to_ + (reply.taken == Taken::refused ? " refused it" : " could not keep it");
    sent.reply = std::move(reply.bytes);
    co_return sent;
  }

  int connections() const override { return 64; }

 private:
  std::string to_, channel_;
  Edges edges_;
  Crossing& crossing_;
};

}  // namespace

DestinationPlug channel_destination() {
  return {"channel",
          "hands messages to another channel of this engine, which keeps them before they count as delivered",
          "channel: { to: adt-archive }\n",
          {{"to", "text", "required", "the channel; its source is `channel`"}},
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics, const Edges* edges) -> std::unique_ptr<Destination> {
            Reader reader(block, "channel destination", diagnostics);
            auto to = reader.required("to");
            reader.finish();
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<ChannelDestination>(std::move(to), channel, *edges);
          }};
}

}  // namespace tombolo
