// What the tests of the store share: a store in a temporary folder, made-up messages, and a way to wait for its answers.
#pragma once

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_awaitable.hpp>

#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/store/store.h"
#include "tests/support/temp.h"

namespace tombolo::test {

inline const Time noon = *from_iso8601("2026-03-01T12:00:00Z");

inline World world_at(Time t) {
  return {[t] { return t; }, [] { return std::string("STORE1"); }};
}

// Awaits one thing and gives its value or throws its error.
template <class T>
T wait_for(boost::asio::awaitable<T> work) {
  boost::asio::io_context io;
  std::exception_ptr failed;
  if constexpr (std::is_void_v<T>) {
    boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr e) { failed = e; });
    io.run();
    if (failed) std::rethrow_exception(failed);
  } else {
    std::optional<T> result;
    boost::asio::co_spawn(io, std::move(work), [&](std::exception_ptr e, T value) { failed = e, result = std::move(value); });
    io.run();
    if (failed) std::rethrow_exception(failed);
    return *std::move(result);
  }
}

// A small ADT message of patient P<n>.
inline std::string message(int n, std::size_t size = 0) {
  const std::string id = std::to_string(n);
  std::string text = "MSH|^~\\&|LAB|WEST|EHR|EAST|20260301120000||ADT^A01|C" + id + "|P|2.5\rPID|1||P" + id + "^^^WEST||DOE^JANE\r";
  if (text.size() + 8 < size) text += "NTE|1||" + std::string(size - text.size() - 8, 'x') + "\r";
  return text;
}

inline store::Arrival arrival(int n, Time at = noon, std::size_t size = 0) {
  store::Arrival a;
  a.parcel = {0, "adt-in", "192.0.2.1:4000", at, message(n, size)};
  a.control_id = "C" + std::to_string(n);
  a.type = "ADT^A01";
  a.sender = "LAB|WEST";
  a.duplicate_key = "LAB|WEST|" + a.control_id;
  a.duplicate_since = at - std::chrono::hours(24 * 7);
  a.order_keys = {"P" + std::to_string(n)};
  a.answer = "AA";
  a.config = "c0ffee";
  return a;
}

inline store::Outgoing outgoing(std::string destination, std::optional<std::string> body = {}, std::vector<std::string> order_keys = {}) {
  return {std::move(destination), std::move(body), "application/hl7-v2", "OUT1", std::move(order_keys)};
}

inline store::Posting posting(store::Sequence sequence, std::vector<store::Outgoing> deliveries,
                              std::vector<std::pair<std::string, std::string>> keys = {}) {
  return {sequence, store::Status::posted, "", {}, std::move(deliveries), std::move(keys)};
}

inline store::Settlement delivered(store::DeliveryNumber number, int attempts = 1, Time at = noon) {
  return {number, store::Fate::delivered, attempts, {}, "AA", "", {}, at};
}

inline store::Settlement settled(store::DeliveryNumber number, store::Fate fate, int attempts, std::string code, std::string detail,
                                 Time due = {}) {
  return {number, fate, attempts, due, std::move(code), std::move(detail), {}, noon};
}

template <class T>
std::vector<T> one(T value) {
  std::vector<T> list;
  list.push_back(std::move(value));
  return list;
}

inline std::unique_ptr<store::Store> open(const TempFolder& folder, const store::Options& options = {}, Time now = noon) {
  return store::open(folder.path().string(), options, world_at(now));
}

}  // namespace tombolo::test
