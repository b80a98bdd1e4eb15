#include "engine/connectors/dial.h"

namespace tombolo {

Dial::Dial(Options options, std::string channel, const Edges& edges)
    : options_(std::move(options)), channel_(std::move(channel)), edges_(edges) {}

net::awaitable<tls::Stream> Dial::connect() {
  auto work = reach();
  auto limited = within(options_.timeout, std::move(work));
  co_return co_await std::move(limited);
}

net::awaitable<tls::Stream> Dial::reach() {
  if (options_.tls && !keys_) keys_ = std::make_unique<tls::Keys>(*options_.tls, channel_, edges_);
  auto connecting = tombolo::connect(options_.to, options_.keep_alive);
  net::ip::tcp::socket socket = co_await std::move(connecting);
  if (!keys_) co_return tls::Stream(std::move(socket));
  auto shaking = keys_->shake(std::move(socket), options_.to.host);
  co_return co_await std::move(shaking);
}

std::shared_ptr<const Senders> Dial::senders_of(const tls::Identity& identity) const {
  return keys_ ? keys_->senders_of(identity) : nullptr;
}

void Dial::close() {
  if (keys_) keys_->close();
}

std::vector<Count> Dial::counts() const { return keys_ ? keys_->counts() : std::vector<Count>(); }

}  // namespace tombolo
