#include <memory>
#include <atomic>
#include <mutex>
#include <utility>
#include <vector>

#include "engine/base/events.h"
#include "engine/connectors/errands.h"
#include "engine/connectors/nats/nats.h"
#include "engine/connectors/nats/session.h"
#include "engine/connectors/nats/subject.h"
#include "engine/connectors/turns.h"

namespace tombolo {
namespace {

struct Options {
  nats::Server server;
  std::string stream;
  nats::Subject subject;
  std::vector<std::string> create;
  int in_hand = 8;
};

Options read(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "nats destination", diagnostics);
  Options o;
  o.server = nats::read_server(reader);
  o.stream = reader.required("stream");
  if (!o.stream.empty() && !nats::good_name(o.stream)) reader.error("stream", "the name of a stream is letters, digits, - and _; found '" + o.stream + "'");
  const std::string text = reader.required("subject");
  if (const auto subject = nats::Subject::parse(text)) o.subject = *subject;
  else if (!text.empty()) reader.error("subject", subject.error().what);
  o.create = reader.texts("create");
  for (const auto& subject : o.create)
    if (!nats::good_subject(subject, true)) reader.error("create", "expected a subject such as hl7.>, found '" + subject + "'");
  o.in_hand = static_cast<int>(reader.number("in_hand", o.in_hand, 1, 64));
  reader.finish();
  return o;
}

class NatsDestination final : public Destination {
 public:
  NatsDestination(Options options, const std::string& channel, const Edges& edges) : options_(std::move(options)), turns_(edges.executor, options_.in_hand) {
    if (options_.server.plain_beyond && edges.log)
      (*edges.log)(event::destination_insecure, {{"channel", channel}, {"address", text(options_.server.address)}});
    for (int i = 0; i < options_.in_hand; ++i) free_.push_back(std::make_unique<Errands>(edges.executor));
  }

  net::awaitable<Sent> send(const Envelope& envelope) override {
    const auto turn = co_await turns_.take();
    auto errands = std::move(free_.back());
    free_.pop_back();
    const std::string subject = options_.subject.of(envelope);
    auto publishing = errands->run([&] { return publish(subject, envelope); });  // never throws
    Sent sent = co_await std::move(publishing);
    free_.push_back(std::move(errands));
    if (sent.accepted) ++stored_;
    co_return sent;
  }

  int connections() const override { return options_.in_hand; }
  std::vector<Count> counts() const override { return {{"stored", stored_}, {"repeats", repeats_}, {"connections", opened_}}; }

 private:
  // On a thread of its own.
  Sent publish(const std::string& subject, const Envelope& envelope) {
    Sent sent;
    std::shared_ptr<nats::Session> used;
    try {
      used = session();
      sent.accepted = true;
      sent.code = "stored";
      if (!used->publish(subject, std::string(envelope.id), std::string(envelope.content_type), envelope.bytes)) {
        sent.detail = "the stream had it already";
        ++repeats_;
      }
    } catch (const nats::Failure& failure) {
      sent.accepted = false;
      sent.code = failure.code();
      sent.detail = failure.what();
      if (failure.lost()) forget(used);
    } catch (const std::exception& broken) {
      sent.accepted = false;
      sent.code = "unreachable";
      sent.detail = broken.what();
    }
    return sent;
  }

  // Shared by those who publish with it at the moment: who finds it lost only takes it away from the next.
  std::shared_ptr<nats::Session> session() {
    const std::lock_guard held(lock_);
    if (!session_) {
      session_ = std::make_shared<nats::Session>(options_.server, options_.stream, options_.create);
      ++opened_;
    }
    return session_;
  }

  void forget(const std::shared_ptr<nats::Session>& lost) {
    const std::lock_guard held(lock_);
    if (session_ == lost) session_.reset();
  }

  const Options options_;
  Turns turns_;
  std::mutex lock_;  // of the session
  std::shared_ptr<nats::Session> session_;
  std::uint64_t stored_ = 0;
  std::atomic<std::uint64_t> repeats_ = 0, opened_ = 0;
  std::vector<std::unique_ptr<Errands>> free_;  // last: their threads use the others
};

}  // namespace

DestinationPlug nats_destination() {
  auto settings = nats::server_settings();
  settings.insert(settings.begin() + 1, {{"stream", "name", "required", "the stream of JetStream that must take it"},
                                         {"subject", "template", "required", "what it is published under: {channel} {type} {control_id}, each one token"},
                                         {"create", "list of subjects", "the stream must be there", "the stream is made with these, if it is not there"},
                                         {"in_hand", "number", "8", "messages whose acknowledgement is awaited at once"}});
  return {"nats", "publishes to a stream of NATS JetStream; delivered when the stream has stored it",
          "nats: { server: \"127.0.0.1:4222\", stream: HL7, subject: \"hl7.{channel}.{type}\", create: [\"hl7.>\"] }\n", std::move(settings),
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics, const Edges* edges) -> std::unique_ptr<Destination> {
            auto options = read(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<NatsDestination>(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
