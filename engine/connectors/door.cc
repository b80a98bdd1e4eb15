#include "engine/connectors/door.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>

namespace tombolo {

Door::Door(Options options, std::string channel, const Edges& edges)
    : options_(std::move(options)), edges_(edges), say_{edges.log, std::move(channel)}, changed_(edges.executor) {}

void Door::open() {
  if (options_.tls && !keys_) keys_ = std::make_unique<tls::Keys>(*options_.tls, say_.channel, edges_);
  acceptor_.emplace(listen(edges_.executor, options_.listen));
}

std::string Door::address() const { return acceptor_ ? text(acceptor_->local_endpoint()) : text(options_.listen); }

net::awaitable<void> Door::run(Inside inside, Enter enter) {
  inside_ = std::move(inside);
  enter_ = std::move(enter);
  while (!stopping_) {
    auto [error, socket] = co_await acceptor_->async_accept(as_result);
    if (stopping_) break;
    if (error == net::error::connection_aborted) continue;
    if (error) {
      say_(event::source_full, address(), error.message());
      co_await changed_.wait_for(std::chrono::milliseconds(100));
      continue;
    }
    boost::system::error_code gone;
    const auto from = socket.remote_endpoint(gone);
    if (!welcome(text(from), from.address())) continue;
    tune(socket, options_.keep_alive);
    ++connections_;
    if (!keys_) {
      enter_(std::move(socket), nullptr);
      continue;
    }
    ++shaking_;
    net::co_spawn(edges_.executor, shake(std::move(socket)), [this](std::exception_ptr failure) {
      --shaking_;
      changed_.ring();
      if (failure) std::rethrow_exception(failure);
    });
  }
  acceptor_->close();
  while (shaking_ > 0) co_await changed_.wait();
}

net::awaitable<void> Door::shake(net::ip::tcp::socket socket) {
  boost::system::error_code gone;
  const auto from = socket.remote_endpoint(gone);
  const std::string peer = text(from);
  std::optional<tls::Stream> stream;
  std::string why;
  try {
    auto shaking = keys_->shake(std::move(socket));
    stream.emplace(co_await std::move(shaking));
  } catch (const boost::system::system_error& e) {
    why = e.code().message();
  }
  if (stopping_) co_return;
  if (!stream) co_return refuse(event::source_handshake, peer, why);
  if (!welcome(peer, from.address())) co_return;  // others came in meanwhile
  auto senders = keys_->senders_of(stream->identity());
  enter_(std::move(*stream), std::move(senders));
}

void Door::stop() {
  stopping_ = true;
  boost::system::error_code ignored;
  if (acceptor_) acceptor_->cancel(ignored);
  if (keys_) keys_->close();
  changed_.ring();
}

bool Door::welcome(const std::string& peer, const net::ip::address& from) {
  const auto& allow = options_.allow;
  const bool allowed = allow.empty() || std::any_of(allow.begin(), allow.end(), [&](const Network& n) { return n.contains(from); });
  if (allowed && inside_() < options_.connections) return true;
  ++refused_;
  refuse(event::source_refused, peer, allowed ? "too many connections" : "not in 'allow'");
  return false;
}

// At most one a second: who knocks all the time does not fill the log.
void Door::refuse(const Event& event, const std::string& peer, const std::string& why) {
  const auto now = std::chrono::steady_clock::now();
  if (now - refusal_said_ <= std::chrono::seconds(1)) return;
  refusal_said_ = now;
  say_(event, peer, why);
}

std::vector<Count> Door::counts() const {
  std::vector<Count> all{{"connections", connections_}, {"refused", refused_}};
  if (!keys_) return all;
  const auto of_keys = keys_->counts();
  all.insert(all.end(), of_keys.begin(), of_keys.end());
  return all;
}

}  // namespace tombolo
