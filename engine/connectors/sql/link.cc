#include "engine/connectors/sql/link.h"

#include <arpa/inet.h>
#include <libpq-fe.h>
#include <netdb.h>
#include <poll.h>

#include <algorithm>
#include <future>
#include <string_view>
#include <thread>

namespace tombolo::sql {
namespace {

using About = std::vector<std::pair<std::string, std::string>>;

constexpr auto look_every = std::chrono::milliseconds(100);  // whether to give up
constexpr Duration longest_connecting = std::chrono::seconds(10);
constexpr auto server_is_later = std::chrono::milliseconds(500);

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

std::string value(const About& about, std::string_view wanted) {
  for (const auto& [name, value] : about) {
    if (name == wanted) return value;
  }
  return {};
}

bool needs_no_look_up(const std::string& host) {
  unsigned char ignored[sizeof(in6_addr)];
  return host.empty() || host.front() == '/' || inet_pton(AF_INET, host.c_str(), ignored) == 1 || inet_pton(AF_INET6, host.c_str(), ignored) == 1;
}

// The numeric addresses of a name. Blocks for as long as the system likes.
std::vector<std::string> addresses(const std::string& host) {
  addrinfo wanted{}, *found = nullptr;
  wanted.ai_socktype = SOCK_STREAM;
  if (getaddrinfo(host.c_str(), nullptr, &wanted, &found) != 0) return {};
  std::vector<std::string> all;
  for (const addrinfo* one = found; one; one = one->ai_next) {
    char text[NI_MAXHOST];
    if (getnameinfo(one->ai_addr, one->ai_addrlen, text, sizeof text, nullptr, 0, NI_NUMERICHOST) == 0) all.emplace_back(text);
  }
  freeaddrinfo(found);
  return all;
}

}  // namespace

void Finish::operator()(pg_conn* connection) const { PQfinish(connection); }
void Finish::operator()(pg_result* result) const { PQclear(result); }

Link::Link(About about, Access access, const Limits& limits) : name_("postgresql " + value(about, "dbname") + " at " + value(about, "host")) {
  Limits connecting = limits;
  connecting.time = std::min(limits.time, longest_connecting);
  const Allowance allowance(connecting);
  resolve(about, allowance);
  // The server ends a statement by itself that we gave up: asking it to would need another connection, which may hang too.
  const auto at_server = std::chrono::duration_cast<std::chrono::milliseconds>(limits.time) + server_is_later;
  about.emplace_back("options", std::string(access == Access::read ? "-c default_transaction_read_only=on" : "-c idle_in_transaction_session_timeout=60000") +
                                    " -c statement_timeout=" + std::to_string(at_server.count()));
  std::vector<const char*> names, values;
  const auto add = [&](const char* name, const char* value) { names.push_back(name), values.push_back(value); };
  for (const auto& [name, value] : about) add(name.c_str(), value.c_str());
  add("tcp_user_timeout", "30000");
  add("client_encoding", "UTF8");
  add("application_name", "tombolo");
  add(nullptr, nullptr);
  connection_.reset(PQconnectStartParams(names.data(), values.data(), 0));
  if (!connection_) throw Failure(name_ + ": no memory for a connection");
  // What a server remarks by the way may quote values, and libpq would print it.
  PQsetNoticeReceiver(connection_.get(), [](void*, const PGresult*) {}, nullptr);
  connect(allowance);
  PQsetnonblocking(connection_.get(), 1);
}

// A name server that is away can keep getaddrinfo for many seconds, and nothing stops it: then the thread is left to itself.
void Link::resolve(About& about, const Allowance& allowance) const {
  const std::string host = value(about, "host");
  if (needs_no_look_up(host)) return;
  std::promise<std::vector<std::string>> promise;
  auto found = promise.get_future();
  std::thread([host, promise = std::move(promise)]() mutable { promise.set_value(addresses(host)); }).detach();
  while (found.wait_for(look_every) != std::future_status::ready) {
    if (allowance.over()) throw allowance.failure(name_);
  }
  std::string hosts, numbers;
  for (const auto& one : found.get()) {
    hosts += (hosts.empty() ? "" : ",") + host;
    numbers += (numbers.empty() ? "" : ",") + one;
  }
  if (numbers.empty()) throw Failure(name_ + ": the name of the host is not known", Trouble::lost);
  for (auto& [name, text] : about) {
    if (name == "host") text = hosts;
  }
  about.emplace_back("hostaddr", numbers);
}

void Link::connect(const Allowance& allowance) {
  for (PostgresPollingStatusType state = PGRES_POLLING_WRITING; state != PGRES_POLLING_OK; state = PQconnectPoll(connection_.get())) {
    if (state == PGRES_POLLING_FAILED || PQstatus(connection_.get()) == CONNECTION_BAD)
      throw Failure(name_ + ": " + first_line(PQerrorMessage(connection_.get())), Trouble::lost);
    wait(state == PGRES_POLLING_READING ? POLLIN : POLLOUT, allowance);
  }
}

// Comes back when the socket is ready.
void Link::wait(short events, const Allowance& allowance) const {
  for (;;) {
    if (allowance.over()) throw allowance.failure(name_);
    pollfd ready{PQsocket(connection_.get()), events, 0};
    if (poll(&ready, 1, static_cast<int>(look_every.count())) > 0) return;
  }
}

void Link::flush(int sent, const Allowance& allowance) {
  if (sent == 0) throw lost();
  for (;;) {
    const int left = PQflush(connection_.get());
    if (left == 0) return;
    if (left < 0) throw lost();
    wait(POLLIN | POLLOUT, allowance);
    if (PQconsumeInput(connection_.get()) == 0) throw lost();
  }
}

Result Link::next(const Allowance& allowance) {
  while (PQisBusy(connection_.get()) != 0) {
    wait(POLLIN, allowance);
    if (PQconsumeInput(connection_.get()) == 0) throw lost();
  }
  return Result(PQgetResult(connection_.get()));
}

}  // namespace tombolo::sql
