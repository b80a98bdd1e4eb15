#include <utility>

#include "engine/connectors/await.h"
#include "engine/connectors/channel/channel.h"
#include "engine/connectors/channel/crossing.h"

namespace tombolo {
namespace {

class ChannelSource final : public Source {
 public:
  ChannelSource(std::vector<std::string> from, std::string channel, const Edges& edges)
      : channel_(std::move(channel)), crossing_(Crossing::of(edges.executor)), door_(std::make_shared<Crossing::Door>()), bell_(edges.executor) {
    door_->from = std::move(from);
  }
  ~ChannelSource() override { crossing_.close(channel_, door_); }

  void open() override {}
  std::string address() const override { return "channel " + channel_; }

  net::awaitable<void> run(Receive receive) override {
    door_->receive = [this, inner = std::move(receive)](Parcel parcel) { return take(inner, std::move(parcel)); };
    crossing_.open(channel_, door_);
    while (!stopping_ || door_->in_hand > 0) co_await bell_.wait();
  }

  void stop() override {
    crossing_.close(channel_, door_);
    stopping_ = true;
    bell_.ring();
  }

  std::vector<Count> counts() const override { return {{"taken", taken_}}; }

 private:
  // Counts what was handed over and is not yet answered: stopping waits for it.
  class InHand {
   public:
    explicit InHand(ChannelSource& whose) : whose_(whose) { ++whose_.door_->in_hand; }
    InHand(const InHand&) = delete;
    InHand& operator=(const InHand&) = delete;
    ~InHand() {
      --whose_.door_->in_hand;
      whose_.bell_.ring();
    }

   private:
    ChannelSource& whose_;
  };

  net::awaitable<Reply> take(const Receive& inner, Parcel parcel) {
    const InHand one(*this);
    ++taken_;
    auto receiving = inner(std::move(parcel));
    co_return co_await std::move(receiving);
  }

  std::string channel_;
  Crossing& crossing_;
  std::shared_ptr<Crossing::Door> door_;
  Bell bell_;
  std::uint64_t taken_ = 0;
  bool stopping_ = false;
};

}  // namespace

SourcePlug channel_source() {
  return {"channel",
          "takes messages from other channels of this engine",
          "channel: { from: [adt-in] }\n",
          {{"from", "list", "all", "the channels whose messages it takes"}},
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics, const Edges* edges) -> std::unique_ptr<Source> {
            Reader reader(block, "channel source", diagnostics);
            auto from = reader.texts("from");
            reader.finish();
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<ChannelSource>(std::move(from), channel, *edges);
          }};
}

}  // namespace tombolo
