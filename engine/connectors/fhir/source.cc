#include "engine/base/events.h"
#include "engine/base/json.h"
#include "engine/base/text.h"
#include "engine/connectors/fhir/capability.h"
#include "engine/connectors/fhir/fhir.h"
#include "engine/connectors/fhir/interaction.h"
#include "engine/connectors/http/listener.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"

namespace tombolo {
namespace {

using fhir::Interaction;
using http::Request;
using http::Response;

std::string outcome(std::string_view code, std::string_view text) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("resourceType", "OperationOutcome");
  json.key("issue"), json.begin_array(), json.begin_object();
  json.member("severity", "error");
  json.member("code", code);
  json.member("diagnostics", text);
  json.end_object(), json.end_array(), json.end_object();
  return out;
}

// The same resource in the syntax that is wanted; what cannot be read stays as it is.
std::string written_as(std::string resource, FhirSyntax wanted, const FhirSchema& schema) {
  if (resource.empty() || fhir_syntax(resource) == wanted) return resource;
  Arena arena;
  Tree tree(arena);
  if (!parse_fhir(resource, schema, tree)) return resource;
  if (wanted == FhirSyntax::json) return print_fhir(tree, schema);
  auto xml = print_fhir_xml(tree, schema);
  return xml ? std::move(*xml) : resource;
}

std::string_view content_type(FhirSyntax syntax) {
  return syntax == FhirSyntax::xml ? "application/fhir+xml; charset=utf-8" : "application/fhir+json; charset=utf-8";
}

bool prefers(const Request& request, std::string_view what) {
  const std::string_view prefer = trim(request.header("Prefer"));
  return prefer.starts_with("return=") && equal_ignoring_case(prefer.substr(7), what);
}

// 202: kept, no more. 200: what the channel waits for came about. 400 and 422: refused before and after it was kept.
unsigned status_of(const Reply& reply, const Request& request, bool asynchronous) {
  if (request.too_large) return 413;
  if (reply.taken == Taken::not_now) return 503;
  if (reply.taken == Taken::refused) return reply.walked ? 422 : 400;
  return reply.walked && !asynchronous ? 200 : 202;
}

class FhirSource final : public Source {
 public:
  FhirSource(http::Listener options, const FhirSchema& schema, std::string channel, Edges edges)
      : options_(std::move(options)), schema_(schema), channel_(std::move(channel)), edges_(std::move(edges)),
        server_(options_.server, channel_, edges_), since_(edges_.world.now()) {}

  void open() override { server_.open(); }
  std::string address() const override { return server_.address(); }

  net::awaitable<void> run(Receive receive) override {
    receive_ = std::move(receive);
    if (options_.plain_beyond) PeerLog{edges_.log, channel_}(event::source_insecure, address());
    return server_.run([this](const Request& r) { return admit(r); }, [this](Request r) { return take(std::move(r)); });
  }

  void stop() override { server_.stop(); }
  std::vector<Count> counts() const override { return server_.counts(); }

 private:
  std::optional<Response> admit(const Request& request) const {
    const auto wanted = fhir::wanted_syntax(request);
    const FhirSyntax syntax = wanted.value_or(FhirSyntax::json);
    if (!options_.knows(request)) {
      Response refused = refuse({401, "login", "expected a bearer token that is known here", {}}, syntax);
      refused.headers.emplace_back("WWW-Authenticate", "Bearer");
      return refused;
    }
    const auto asked = fhir::interaction_of(request, options_.path, schema_);
    if (!asked.interaction) return refuse(asked.refusal, syntax);
    if (!wanted) return refuse({406, "not-supported", "this server speaks JSON and XML", {}}, FhirSyntax::json);
    if (asked.interaction->kind == Interaction::Kind::metadata) return metadata(syntax);
    if (!http::readable_charset(request)) return refuse({415, "not-supported", "FHIR is in UTF-8", {}}, syntax);
    return std::nullopt;
  }

  net::awaitable<Response> take(Request request) {
    const FhirSyntax wanted = fhir::wanted_syntax(request).value_or(FhirSyntax::json);
    const auto asked = fhir::interaction_of(request, options_.path, schema_);
    const bool echo = prefers(request, "representation");
    const std::string sent = echo ? request.body : std::string();
    Parcel parcel;
    parcel.channel = channel_;
    parcel.peer = request.peer;
    parcel.received_at = edges_.world.now();
    parcel.repeat = request.header("Idempotency-Key");
    parcel.too_large = request.too_large;
    parcel.senders = request.senders;
    parcel.as = asked.interaction->as;
    parcel.bytes = std::move(request.body);
    auto work = receive_(std::move(parcel));
    Reply reply = co_await std::move(work);
    Response response;
    response.status = status_of(reply, request, asked.interaction->asynchronous);
    if (response.status == 503) response.headers.emplace_back("Retry-After", "5");
    if (response.status < 300 && (prefers(request, "minimal") || asked.interaction->asynchronous)) co_return response;
    response.body = written_as(echo && response.status == 200 ? sent : std::move(reply.bytes), wanted, schema_);
    response.content_type = content_type(fhir_syntax(response.body));
    co_return response;
  }

  Response refuse(const fhir::Refusal& refusal, FhirSyntax syntax) const {
    Response response{refusal.status, std::string(content_type(syntax)), written_as(outcome(refusal.code, refusal.text), syntax, schema_), {}};
    if (!refusal.allow.empty()) response.headers.emplace_back("Allow", refusal.allow);
    return response;
  }

  Response metadata(FhirSyntax syntax) const {
    const std::string statement = fhir::capability_statement({channel_, since_, !options_.tokens.empty()}, schema_);
    return {200, std::string(content_type(syntax)), written_as(statement, syntax, schema_), {}};
  }

  const http::Listener options_;
  const FhirSchema& schema_;
  const std::string channel_;
  const Edges edges_;
  http::Server server_;
  const Time since_;
  Receive receive_;
};

}  // namespace

SourcePlug fhir_source(const FhirSchema& schema) {
  return {"fhir", "stands as a FHIR R4 server that takes writes: batch, transaction, create, update, $process-message",
          "fhir: { listen: \"127.0.0.1:8081\", path: /fhir, max_message: 16MiB }\n",
          http::listener_settings("/fhir", "the base of the server: POST /fhir/Patient"),
          [&schema](const Setting& block, const std::string& channel, Diagnostics& diagnostics,
                    const Edges* edges) -> std::unique_ptr<Source> {
            auto options = http::read_listener(block, "fhir source", "/fhir", diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<FhirSource>(std::move(options), schema, channel, *edges);
          },
          "fhir"};
}

}  // namespace tombolo
