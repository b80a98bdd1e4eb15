#include "engine/connectors/tls/keys.h"

#include <sys/stat.h>

#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <array>
#include <list>
#include <stdexcept>

#include "engine/base/events.h"
#include "engine/base/text.h"
#include "engine/connectors/await.h"
#include "engine/connectors/tls/context.h"

namespace tombolo::tls {
namespace {

constexpr auto look_every = std::chrono::seconds(1);
constexpr auto farewell = std::chrono::milliseconds(500);
constexpr std::size_t most_handshakes = 1024;
constexpr std::array warn_at{30, 14, 3, 0};  // days

// What tells that files changed: the same text, the same files.
std::string stamp_of(const Options& options) {
  std::string stamp;
  for (const std::string* path : {&options.certificate, &options.key, &options.ca, &options.crl}) {
    struct stat found {};
    if (path->empty() || ::stat(path->c_str(), &found) != 0) stamp += "-;";
    else
      for (const auto n : {static_cast<std::int64_t>(found.st_ino), static_cast<std::int64_t>(found.st_size),
                           static_cast<std::int64_t>(found.st_mtim.tv_sec), static_cast<std::int64_t>(found.st_mtim.tv_nsec)})
        stamp += std::to_string(n) + ";";
  }
  return stamp;
}

std::int64_t days_until(Time end, Time now) {
  return std::max<std::int64_t>(0, std::chrono::floor<std::chrono::days>(end - now).count());
}

constexpr int never = 1 << 30;

// The end of one file's validity, and which of warn_at was said last.
struct Expiry {
  std::optional<Time> end;
  int said = never;
};

std::string first_fatal(const Loaded& loaded) {
  for (const auto& complaint : loaded.complaints)
    if (complaint.fatal) return "'" + complaint.setting + "' " + complaint.text;
  return {};
}

// The peer may still be sending: closed now, the system would reset the connection and the alert that says why be lost.
net::awaitable<void> leave(Stream& stream) {
  error_code ignored;
  stream.socket().shutdown(Stream::Socket::shutdown_send, ignored);
  Deadline end(stream.get_executor(), [&stream] { stream.close(); });
  end.in(farewell);
  std::array<char, 4096> dropped;
  const auto buffer = net::buffer(dropped);
  for (;;) {
    const auto [error, n] = co_await stream.socket().async_read_some(buffer, as_result);
    if (error) break;
  }
}

}  // namespace

struct Keys::State : std::enable_shared_from_this<Keys::State> {
  State(Options options_, std::string channel_, const Edges& edges_)
      : options(std::move(options_)), channel(std::move(channel_)), edges(edges_), timer(edges.executor) {}

  void begin() {
    stamp = seen = stamp_of(options);
    Loaded loaded = load(options, edges.world.now());
    if (!loaded.context) throw std::runtime_error("tls: " + first_fatal(loaded));
    put_in_force(std::move(loaded));
    warn();
    if (!(options.certificate + options.ca + options.crl).empty()) arm();
  }

  void arm() {
    timer.expires_after(look_every);
    timer.async_wait([self = weak_from_this()](const error_code& error) {
      const auto state = self.lock();
      if (!state || error || state->closed) return;
      state->look();
      state->arm();
    });
  }

  // Files are often replaced one after the other: they are read when they have stood still for one look.
  void look() {
    std::string now = stamp_of(options);
    if (now != stamp && now == seen) {
      stamp = now;
      reload();
    }
    seen = std::move(now);
    warn();
  }

  void reload() {
    const Time now = edges.world.now();
    Loaded loaded = load(options, now);
    std::string why = first_fatal(loaded);
    if (why.empty() && loaded.certificate_until && *loaded.certificate_until <= now) why = "'certificate' has expired";
    if (!why.empty()) return say(event::tls_not_reloaded, why);
    put_in_force(std::move(loaded));
    ++reloads;
    say(event::tls_reloaded, {});
  }

  void put_in_force(Loaded loaded) {
    context = std::move(loaded.context);
    certificate = {loaded.certificate_until, never};
    crl = {loaded.crl_until, never};
  }

  void warn() {
    warn_of(certificate, options.certificate);
    warn_of(crl, options.crl);
  }

  void warn_of(Expiry& expiry, const std::string& file) {
    if (!expiry.end) return;
    const Time now = edges.world.now();
    const auto days = days_until(*expiry.end, now);
    const bool over = *expiry.end <= now;
    int limit = expiry.said;
    for (const int at : warn_at) {
      if (at == 0 ? over : days <= at) limit = std::min(limit, at);
    }
    if (limit == expiry.said) return;
    expiry.said = limit;
    if (!edges.log) return;
    const Event& what = over ? event::tls_expired : event::tls_expiring;
    (*edges.log)(what, {{"channel", channel}, {"file", file}, {"days", std::to_string(days)}, {"until", iso8601(*expiry.end)}});
  }

  void say(const Event& event, const std::string& detail) const {
    if (!edges.log) return;
    if (detail.empty()) (*edges.log)(event, {{"channel", channel}});
    else (*edges.log)(event, {{"channel", channel}, {"detail", detail}});
  }

  // One more handshake under way; when there are too many, the one that has waited longest makes room.
  std::list<Stream*>::iterator enter(Stream& stream) {
    if (shaking.size() >= most_handshakes) shaking.front()->close();
    return shaking.insert(shaking.end(), &stream);
  }

  const Options options;
  const std::string channel;
  const Edges edges;
  net::steady_timer timer;
  std::shared_ptr<ssl_ctx_st> context;
  std::string stamp, seen;  // of the files in force (or refused), and at the last look
  Expiry certificate, crl;
  std::list<Stream*> shaking;
  std::uint64_t reloads = 0, handshakes = 0, failed = 0;
  bool closed = false;
};

Keys::Keys(Options options, std::string channel, const Edges& edges)
    : state_(std::make_shared<State>(std::move(options), std::move(channel), edges)) {
  state_->begin();
}

Keys::~Keys() { close(); }

void Keys::close() {
  state_->closed = true;
  state_->timer.cancel();
  for (Stream* stream : state_->shaking) stream->close();
}

const Options& Keys::options() const { return state_->options; }

std::vector<Count> Keys::counts() const {
  const State& s = *state_;
  std::vector<Count> all{{"handshakes", s.handshakes}, {"handshakes_failed", s.failed}, {"reloads", s.reloads}};
  const Time now = s.edges.world.now();
  if (s.certificate.end) all.emplace_back("certificate_days", days_until(*s.certificate.end, now));
  if (s.crl.end) all.emplace_back("crl_days", days_until(*s.crl.end, now));
  return all;
}

std::shared_ptr<const Senders> Keys::senders_of(const Identity& identity) const {
  if (state_->options.senders.empty()) return nullptr;
  auto all = std::make_shared<Senders>();
  for (const auto& [name, senders] : state_->options.senders) {
    const bool theirs = std::any_of(identity.names.begin(), identity.names.end(), [&name = name](const std::string& n) {
      return equal_ignoring_case(n, name);
    });
    if (theirs) all->insert(all->end(), senders->begin(), senders->end());
  }
  return all;
}

net::awaitable<Stream> Keys::shake(net::ip::tcp::socket socket, std::string host) {
  const auto state = state_;  // outlives the owner when the channel goes meanwhile
  Session session = open_session(*state->context, state->options, socket.native_handle(), host);
  Stream stream(std::move(socket), std::move(session));
  const auto place = state->enter(stream);
  std::exception_ptr failure;
  bool told = false;
  try {
    co_await stream.handshake(state->options.handshake_timeout);
  } catch (const boost::system::system_error& e) {
    failure = std::current_exception();
    told = e.code().category() == category();
  }
  if (failure && told && !state->closed) co_await leave(stream);
  state->shaking.erase(place);
  if (!failure) {
    ++state->handshakes;
    co_return stream;
  }
  ++state->failed;
  std::rethrow_exception(failure);
}

}  // namespace tombolo::tls
