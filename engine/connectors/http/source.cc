#include <algorithm>

#include "engine/base/events.h"
#include "engine/base/text.h"
#include "engine/connectors/http/http.h"
#include "engine/connectors/http/server.h"

namespace tombolo {
namespace {

using http::Request;
using http::Response;

struct Options {
  http::ServerOptions server;
  std::string path = "/";
  std::vector<std::string> tokens;  // any of them lets in; empty: nobody is asked
  bool plain_beyond = false;
};

// { lab: !secret lab-token }: who has it, and where it is kept.
std::vector<std::string> read_tokens(Reader& reader) {
  std::vector<std::string> tokens;
  const Setting& block = reader.nested("tokens");
  if (block.shape == Setting::Shape::nothing) return tokens;
  if (block.shape != Setting::Shape::map) return reader.error("tokens", "'tokens' is a map: who has it, and !secret NAME"), tokens;
  Reader names(block, "tokens", reader.diagnostics());
  for (const auto& member : block.members) {
    const auto token = names.secret(member.key);
    if (token && token->size() < 16) names.error(member.key, "this token has less than 16 characters: it could be guessed");
    if (token) tokens.push_back(*token);
  }
  return tokens;
}

// As long for a token that differs in its first character as for one that differs in its last.
bool same(std::string_view a, std::string_view b) {
  unsigned different = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return different == 0;
}

bool known(std::string_view authorization, const std::vector<std::string>& tokens) {
  const std::size_t blank = std::min(authorization.find(' '), authorization.size());
  const std::string_view token = trim(authorization.substr(blank));
  bool found = false;
  for (const auto& one : tokens) found = same(one, token) || found;
  return found && equal_ignoring_case(authorization.substr(0, blank), "bearer");
}

Options read_source(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "http source", diagnostics);
  Options o;
  const auto listen = read_listen(reader, "listen");
  if (!reader.has("listen")) reader.error("", "an http source needs 'listen', such as 127.0.0.1:8080");
  if (listen) o.server.door.listen = *listen;
  o.path = reader.text("path", o.path);
  if (!o.path.starts_with('/') || o.path.find_first_of("?# \t") != std::string::npos)
    reader.error("path", "'path' begins with / and has no blank, ? or #; found '" + o.path + "'");
  o.tokens = read_tokens(reader);
  o.server.max_body = reader.bytes("max_message", o.server.max_body);
  o.server.door.connections = static_cast<std::size_t>(reader.number("connections", 256, 1, 65535));
  o.server.door.allow = read_networks(reader, "allow");
  o.server.request_timeout = reader.duration("request_timeout", o.server.request_timeout);
  o.server.idle_timeout = reader.duration("idle_timeout", o.server.idle_timeout);
  o.server.door.keep_alive = reader.duration("keep_alive", o.server.door.keep_alive);
  const auto guard = tls::read_guard(reader, tls::Part::server, "listen", listen ? listen->host : "", true);
  o.server.door.tls = guard.tls;
  o.plain_beyond = guard.plain_beyond;
  reader.finish();
  return o;
}

Response refusal(unsigned status, std::string why, http::Headers headers = {}) {
  return {status, "text/plain; charset=utf-8", std::move(why) + "\n", std::move(headers)};
}

// The value of `name` among a header's parameters: charset of "text/plain; charset=utf-8". Without quotes; empty: not there.
std::string_view parameter(std::string_view header, std::string_view name) {
  const auto parts = split(header, ';');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = trim(parts[i]);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || !equal_ignoring_case(trim(part.substr(0, equals)), name)) continue;
    std::string_view value = trim(part.substr(equals + 1));
    if (value.size() > 1 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

bool readable_charset(std::string_view charset) {
  return charset.empty() || equal_ignoring_case(charset, "utf-8") || equal_ignoring_case(charset, "us-ascii");
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
  HttpSource(Options options, std::string channel, Edges edges)
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
    if (!options_.tokens.empty() && !known(request.header("Authorization"), options_.tokens))
      return refusal(401, "expected a bearer token that is known here", {{"WWW-Authenticate", "Bearer"}});
    if (request.path() != options_.path) return refusal(404, "messages are posted to " + options_.path);
    if (request.method != "POST") return refusal(405, "messages are posted: expected POST", {{"Allow", "POST"}});
    if (!readable_charset(parameter(request.header("Content-Type"), "charset")))
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

  const Options options_;
  const std::string channel_;
  const Edges edges_;
  http::Server server_;
  Receive receive_;
};

}  // namespace

SourcePlug http_source() {
  return {"http", "takes messages posted to a port; the answer's body is the acknowledgement",
          "http: { listen: \"127.0.0.1:8080\", path: /hl7, max_message: 16MiB }\n",
          {{"listen", "address", "required", "where senders connect to: 127.0.0.1:8080; port 0 takes a free one"},
           {"path", "text", "/", "where messages are posted to; others are answered 404"},
           {"max_message", "size", "16MiB", "longer messages are refused (413) before they are read"},
           {"tokens", "map", "none", "senders need one of these bearer tokens: { lab: !secret lab-token } (401)"},
           {"connections", "number", "256", "how many senders may be connected at once"},
           {"allow", "list of addresses", "everybody", "who may connect: 10.1.0.0/16, fd00::/8"},
           {"request_timeout", "time", "30s", "how long a sender may take from a request's first byte to its last (408)"},
           {"idle_timeout", "time", "1m", "silence between requests after which a connection is closed; 0s: never"},
           {"keep_alive", "time", "1m", "silence after which TCP asks whether the peer is there; 0s: never"},
           {"insecure", "truth", "false", "allows plain traffic beyond this machine"},
           tls::tls_setting()},
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics,
             const Edges* edges) -> std::unique_ptr<Source> {
            auto options = read_source(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<HttpSource>(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
