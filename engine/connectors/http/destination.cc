#include <boost/system/system_error.hpp>

#include <memory>
#include <vector>

#include "engine/base/events.h"
#include "engine/connectors/dial.h"
#include "engine/connectors/http/call.h"
#include "engine/connectors/http/http.h"
#include "engine/connectors/http/options.h"
#include "engine/connectors/turns.h"

namespace tombolo {
namespace {

using http::Call;
using CallPtr = std::unique_ptr<Call>;

class HttpDestination final : public Destination {
 public:
  HttpDestination(http::Options options, const std::string& channel, const Edges& edges)
      : options_(std::move(options)), turns_(edges.executor, options_.connections),
        dial_({options_.url.address, options_.connect_timeout, options_.keep_alive, options_.guard.tls}, channel, edges) {
    if (options_.guard.plain_beyond && edges.log)
      (*edges.log)(event::destination_insecure, {{"channel", channel}, {"address", text(options_.url.address)}});
  }

  net::awaitable<Sent> send(const Envelope& envelope) override {
    const auto turn = co_await turns_.take();
    CallPtr call = idle();
    if (call && !co_await call->request(envelope)) call.reset();  // closed while idle: once more, on a fresh one
    if (!call) {
      auto connecting = dial_.connect();
      call = std::make_unique<Call>(co_await std::move(connecting), options_);
      ++connected_;
      if (!co_await call->request(envelope))
        throw boost::system::system_error(net::error::connection_reset, options_.url.host);
    }
    ++sent_;
    Sent sent = co_await call->reply();
    if (call->usable() && !closed_) idle_.push_back(std::move(call));
    co_return sent;
  }

  int connections() const override { return options_.connections; }

  void close() override {
    closed_ = true;
    idle_.clear();
    dial_.close();
  }

  std::vector<Count> counts() const override {
    std::vector<Count> all{{"connections", connected_}, {"sent", sent_}};
    const auto of_keys = dial_.counts();
    all.insert(all.end(), of_keys.begin(), of_keys.end());
    return all;
  }

 private:
  CallPtr idle() {
    while (!idle_.empty()) {
      CallPtr call = std::move(idle_.back());
      idle_.pop_back();
      if (call->alive()) return call;
    }
    return nullptr;
  }

  const http::Options options_;
  Turns turns_;
  Dial dial_;
  std::vector<CallPtr> idle_;
  std::uint64_t connected_ = 0, sent_ = 0;
  bool closed_ = false;
};

}  // namespace

DestinationPlug http_destination() {
  return {"http", "posts each message to a URL; a status of 2xx counts as delivered",
          "http: { url: \"http://127.0.0.1:8080/fhir\", reply_timeout: 30s, headers: { X-Site: north } }\n",
          http::option_settings(),
          [](const Setting& block, const std::string& channel, Diagnostics& diagnostics,
             const Edges* edges) -> std::unique_ptr<Destination> {
            auto options = http::read_options(block, diagnostics);
            if (!edges || diagnostics.failed()) return nullptr;
            return std::make_unique<HttpDestination>(std::move(options), channel, *edges);
          }};
}

}  // namespace tombolo
