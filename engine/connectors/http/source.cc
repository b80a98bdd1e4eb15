#include "engine/base/events.h"
#include "engine/base/text.h"
#include "engine/connectors/http/http.h"
#include "engine/connectors/http/listener.h"

namespace tombolo {
namespace {

using http::Request;
using http::Response;

Response refusal(unsigned status, std::string why, http::Headers headers = {}) {
  return {status, "text/plain; charset=utf-8", std::move(why) + "\n", std::move(headers)};
}

// What became of a message, as a status. An HL7 v2 answer says it itself, in MSA-1: then 200 and no difference of 202.
unsigned status_of(const Reply& reply, bool too_large) {
  if (too_large) return 413;
  if (reply.taken == Taken::not_now) return 503;
  if (reply.taken == Taken::refused) return reply.walked ? 422 : 400;
  return reply.walked || reply.content_type == "application/hl7-v2" ? 200 : 202;
}

class HttpSource final : public Source {
 public:
  HttpSource(http::Listener options, std::string channel, Edges edges)
      : options_(std::move(options)), channel_(std::move(channel)), edges_(std::move(edges)),
        server_(options_.server, channel_, edges_) {}

  void open() override { server_.open(); }
  std::string address() const override { return server_.address(); }

  net::awaitable<void> run(Receive receive) override {
    receive_ = std::move(receive);
    if (options_.plain_beyond) PeerLog{edges_.log, channel_}(event::source_insecure, address());
    auto serving = server_.run([this](const Request& r) { return admit(r); }, [this](Request r) { return take(std::move(r)); });
    co_await std::move(serving);
  }

  void stop() override { server_.stop(); }

  std::vector<Count> counts() const override { return server_.counts(); }

 private:
  std::optional<Response> admit(const Request& request) const {
    if (!options_.knows(request))
      return refusal(401, "expected a bearer token that is known here", {{"WWW-Authenticate", "Bearer"}});
    if (request.path() != options_.path) return refusal(404, "messages are posted to " + options_.path);
    if (request.method != "POST") return refusal(405, "messages are posted: expected POST", {{"Allow", "POST"}});
    if (!http::readable_charset(request))
      return refusal(415, "expected charset=utf-8, or no charset: then the message's own word counts (MSH-18), or the channel's");
    return std::nullopt;
  }

  net::awaitable<Response> take(Request request) {
    Parcel parcel;
    parcel.channel = channel_;
    parcel.peer = request.peer;
    parcel.received_at = edges_.world.now();
    parcel.repeat = request.header("Idempotency-Key");
    parcel.too_large = request.too_large;
    parcel.senders = std::move(request.senders);
    parcel.bytes = std::move(request.body);
    auto work = receive_(std::move(parcel));
    Reply reply = co_await std::move(work);
    Response response;
    response.status = status_of(reply, request.too_large);
    response.content_type = reply.content_type;
    response.body = std::move(reply.bytes) + reply.then;
    if (response.status == 503) response.headers.emplace_back("Retry-After", "5");
    co_return response;
  }

  const http::Listener options_;
  const std::string channel_;
  const Edges edges_;
  http::Server server_;
  Receive receive_;
};

}  // namespace

SourcePlug http_source() {
  return {"http", "takes messages posted to a port; the answer's body is the acknowledgement",
          "http: { listen: \"127.0.0.1:8080\", path: /hl7, max_message: 16MiB }\n",
          http::listener_settings("/", "where messages are posted to; others are answered 404"),
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics,
             const Edges* edges) -> std::unique_ptr<Source> {
            auto options = http::read_listener(block, "http source", "/", diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<HttpSource>(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
