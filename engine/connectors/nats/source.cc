#include <boost/asio/co_spawn.hpp>

#include <algorithm>
#include <memory>
#include <utility>

#include "engine/base/events.h"
#include "engine/connectors/await.h"
#include "engine/connectors/errands.h"
#include "engine/connectors/nats/nats.h"
#include "engine/connectors/nats/session.h"
#include "engine/connectors/nats/subject.h"

namespace tombolo {
namespace {

constexpr Duration one_look = std::chrono::milliseconds(500);  // how long a stop may wait for a pull
constexpr Duration first_rest = std::chrono::milliseconds(200), longest_rest = std::chrono::seconds(30);

struct Options {
  nats::Server server;
  std::string stream;
  nats::Pull pull;
  nats::Word refused = nats::Word::never;
  Duration again_after{};
};

Options read(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "nats source", diagnostics);
  Options o;
  o.server = nats::read_server(reader);
  o.stream = reader.required("stream");
  o.pull.durable = reader.required("durable");
  for (const auto& [key, name] : {std::pair{"stream", &o.stream}, std::pair{"durable", &o.pull.durable}})
    if (!name->empty() && !nats::good_name(*name)) reader.error(key, "expected letters, digits, - and _, found '" + *name + "'");
  o.pull.filter = reader.text("filter");
  if (!o.pull.filter.empty() && !nats::good_subject(o.pull.filter, true)) reader.error("filter", "expected a subject such as hl7.adt.>, found '" + o.pull.filter + "'");
  o.pull.only_new = reader.one_of("from", {"first", "new"}, "first") == "new";
  o.pull.most = reader.number("max_ack_pending", o.pull.most, 1, 10'000);
  o.pull.answer_within = reader.duration("ack_wait", o.pull.answer_within);
  if (o.pull.answer_within < std::chrono::seconds(1)) reader.error("ack_wait", "expected at least 1s");
  o.pull.max_message = reader.bytes("max_message", o.pull.max_message);
  o.refused = reader.one_of("refused", {"term", "ack"}, "term") == "ack" ? nats::Word::done : nats::Word::never;
  o.again_after = reader.duration("again_after", std::chrono::seconds(5));
  reader.finish();
  return o;
}

class NatsSource final : public Source {
 public:
  NatsSource(Options options, std::string channel, Edges edges)
      : options_(std::move(options)), channel_(std::move(channel)), edges_(std::move(edges)), bell_(edges_.executor), pulling_(edges_.executor), saying_(edges_.executor) {}

  void open() override {}
  std::string address() const override { return "nats " + text(options_.server.address) + " " + options_.stream + " " + options_.pull.durable; }

  net::awaitable<void> run(Receive receive) override {
    receive_ = std::move(receive);
    if (options_.server.plain_beyond && edges_.log) (*edges_.log)(event::source_insecure, {{"channel", channel_}, {"address", text(options_.server.address)}});
    for (Duration rest = first_rest; !stopping_;) {
      std::string failure;
      try {
        auto working = work();
        co_await std::move(working);
        rest = first_rest;
      } catch (const std::exception& broken) {
        failure = broken.what();
      }
      if (failure.empty()) continue;
      session_.reset();  // those in hand keep theirs until they are done
      if (edges_.log) (*edges_.log)(event::source_unreachable, {{"channel", channel_}, {"reason", failure}});
      const auto until = edges_.world.now() + rest;
      for (auto now = edges_.world.now(); !stopping_ && now < until; now = edges_.world.now()) co_await bell_.wait_for(until - now);
      rest = std::min(longest_rest, rest * 2);
    }
    while (in_hand_ > 0) co_await bell_.wait();
    auto closing = saying_.run([last = std::exchange(session_, nullptr)]() mutable { last.reset(); });
    co_await std::move(closing);
  }

  void stop() override {
    stopping_ = true;
    bell_.ring();
  }

  std::vector<Count> counts() const override {
    return {{"taken", taken_}, {"again", again_}, {"acknowledged", done_}, {"put_off", later_}, {"given_up", never_}, {"in_hand", std::uint64_t(in_hand_)}};
  }

 private:
  // One pull: as many as are free to be in hand. Opens the session first where there is none.
  net::awaitable<void> work() {
    if (!session_) {
      auto opening = pulling_.run([this] {
        auto made = std::make_shared<nats::Session>(options_.server, options_.stream, std::vector<std::string>());
        made->pull(options_.pull);
        return made;
      });
      session_ = co_await std::move(opening);
    }
    const auto room = options_.pull.most - in_hand_;
    if (room <= 0) {
      co_await bell_.wait_for(one_look);
      co_return;
    }
    const int most = static_cast<int>(std::min<std::int64_t>(room, 64));
    auto fetching = pulling_.run([session = session_, most] { return session->fetch(most, one_look); });
    auto messages = co_await std::move(fetching);
    for (auto& message : messages) {
      ++in_hand_;
      net::co_spawn(edges_.executor, take(session_, std::move(message)), [this](std::exception_ptr) {
        --in_hand_;
        bell_.ring();
      });
    }
  }

  // The server hears of it only when it is durable; what it does not hear of it hands out again after ack_wait.
  net::awaitable<void> take(std::shared_ptr<nats::Session> session, nats::Message message) {
    ++taken_;
    if (message.again) ++again_;
    Parcel parcel;
    parcel.channel = channel_;
    parcel.peer = "nats " + options_.stream;
    parcel.received_at = edges_.world.now();
    parcel.repeat = "nats " + message.name;
    parcel.too_large = message.too_large;
    parcel.bytes = std::move(message.bytes);
    auto receiving = receive_(std::move(parcel));
    const Reply reply = co_await std::move(receiving);
    const nats::Word word = reply.taken == Taken::yes ? nats::Word::done : reply.taken == Taken::refused ? options_.refused : nats::Word::later;
    ++(word == nats::Word::done ? done_ : word == nats::Word::later ? later_ : never_);
    auto saying = saying_.run([&] { session->say(message, word, options_.again_after); });
    co_await std::move(saying);
  }

  const Options options_;
  const std::string channel_;
  const Edges edges_;
  Receive receive_;
  Bell bell_;
  std::shared_ptr<nats::Session> session_;  // shared with the messages of it that are in hand
  std::int64_t in_hand_ = 0;
  std::uint64_t taken_ = 0, again_ = 0, done_ = 0, later_ = 0, never_ = 0;
  bool stopping_ = false;
  Errands pulling_, saying_;  // last: their threads use the session
};

}  // namespace

SourcePlug nats_source() {
  auto settings = nats::server_settings();
  settings.insert(settings.begin() + 1, {{"stream", "name", "required", "the stream of JetStream; it must be there"},
                                         {"durable", "name", "required", "the consumer; made if it is not there"},
                                         {"filter", "subject", "all", "only what was published under this: hl7.adt.>"},
                                         {"from", "first or new", "first", "where a consumer that is made begins"},
                                         {"max_ack_pending", "number", "256", "messages in hand at once; 1 keeps their order whatever happens"},
                                         {"ack_wait", "duration", "30s", "after so long the server hands out again what was not acknowledged"},
                                         {"max_message", "size", "16MiB", "longer ones are refused"},
                                         {"refused", "term or ack", "term", "what the server is told of a message that is refused for good"},
                                         {"again_after", "duration", "5s", "when a message comes again that could not be kept now"}});
  return {"nats", "takes messages from a stream of NATS JetStream, acknowledged when they are durable",
          "nats: { server: \"127.0.0.1:4222\", stream: HL7, durable: tombolo, filter: \"hl7.adt.>\" }\n", std::move(settings),
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics, const Edges* edges) -> std::unique_ptr<Source> {
            auto options = read(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<NatsSource>(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
