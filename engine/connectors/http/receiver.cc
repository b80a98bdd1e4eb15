#include "engine/connectors/http/receiver.h"

namespace tombolo::http {
namespace {

ServerOptions options_of(std::uint16_t port, std::size_t max_body) {
  ServerOptions options;
  options.door.listen = {"127.0.0.1", std::to_string(port)};
  options.door.connections = 65535;
  options.max_body = max_body;
  options.idle_timeout = options.door.keep_alive = Duration::zero();
  return options;
}

std::optional<Response> admit(const Request& request) {
  if (!request.too_large) return std::nullopt;
  Response refusal;
  refusal.status = 413;
  return refusal;
}

}  // namespace

Receiver::Receiver(const net::any_io_executor& executor, std::uint16_t port, std::size_t max_body)
    : server_(options_of(port, max_body), "receive", Edges{executor, nullptr, real_world()}) {}

net::awaitable<void> Receiver::run(Handle handle) {
  handle_ = std::move(handle);
  return server_.run(admit, [this](Request request) { return answer(std::move(request)); });
}

net::awaitable<Response> Receiver::answer(Request request) {
  Response response;
  response.status = 413;
  if (request.too_large) co_return response;
  Received received;
  received.content_type = request.header("Content-Type");
  received.key = request.header("Idempotency-Key");
  received.method = std::move(request.method);
  received.target = std::move(request.target);
  received.body = std::move(request.body);
  auto work = handle_(std::move(received));
  Answer answer = co_await std::move(work);
  response.status = static_cast<unsigned>(answer.status);
  if (!answer.body.empty()) response.content_type = "text/plain; charset=utf-8";
  response.body = std::move(answer.body);
  co_return response;
}

}  // namespace tombolo::http
