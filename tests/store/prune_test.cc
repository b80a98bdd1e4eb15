#include <catch2/catch.hpp>

#include <algorithm>
#include <thread>

#include "engine/store/query.h"
#include "engine/store/sqlite.h"
#include "tests/store/rig.h"

using namespace tombolo;
using namespace tombolo::store;
using namespace tombolo::test;

namespace {

using namespace std::chrono_literals;
constexpr auto day = std::chrono::hours(24);

// Waits until `truth()`, at most a minute.
template <class Truth>
bool soon(Truth truth) {
  for (int i = 0; i < 3000; ++i) {
    if (truth()) return true;
    std::this_thread::sleep_for(20ms);
  }
  return false;
}

void fill(const TempFolder& folder, int count, std::size_t size) {
  auto s = test::open(folder);
  boost::asio::io_context io;
  const auto send = [&](int n) -> boost::asio::awaitable<void> {
    const auto accepted = co_await s->accept(arrival(n, noon, size));
    const auto walked = posting(accepted.sequence, {outgoing("x"), outgoing("y", "other")}, {{"patient", "P" + std::to_string(n)}});
    const auto rows = co_await s->post(one(walked));
    std::vector<Settlement> all{delivered(rows[0].number), delivered(rows[1].number)};
    if (n == 5) all[0].fate = Fate::dead;
    if (n == 6) all[0].fate = Fate::waiting;
    co_await s->settle(std::move(all));
  };
  for (int n = 1; n <= count; ++n) boost::asio::co_spawn(io, send(n), [](std::exception_ptr) {});
  io.run();
}

Sequence find(Reader& reader, const std::string& control_id) {
  Search search;
  search.control_id = control_id;
  const auto found = reader.find(search);
  return found.empty() ? 0 : found[0].sequence;
}

std::size_t count(Reader& reader) {
  Search search;
  search.limit = 1'000'000;
  return reader.find(search).size();
}

std::uintmax_t on_disk(const TempFolder& folder) {
  std::uintmax_t sum = 0;
  std::error_code none;
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    if (const auto size = file.file_size(none); !none) sum += size;
  }
  return sum;
}

}  // namespace

TEST_CASE("old content goes, its disk space comes back, and what is unfinished or dead stays", "[store][prune]") {
  TempFolder folder;
  fill(folder, 400, 20'000);
  const auto before = on_disk(folder);
  auto s = test::open(folder, {}, noon + 91 * day);
  Reader reader(folder.path().string());
  REQUIRE(soon([&] { return !reader.bytes(find(reader, "C300")); }));
  CHECK(soon([&] { return on_disk(folder) < before / 5; }));
  CHECK(count(reader) == 400);
  CHECK_FALSE(reader.bytes(find(reader, "C1")));
  CHECK_FALSE(reader.show(find(reader, "C1")).value().kept);
  CHECK(reader.bytes(find(reader, "C5")) == message(5, 20'000));
  CHECK(reader.bytes(find(reader, "C6")) == message(6, 20'000));
  const auto waiting = wait_for(s->waiting("adt-in", "x", 0, 10));
  REQUIRE(waiting.size() == 1);
  CHECK(wait_for(s->body(waiting[0].body)) == message(6, 20'000));
  CHECK_THROWS_AS(wait_for(s->body(1)), Error);
}

TEST_CASE("old metadata goes too, but no number is given twice", "[store][prune]") {
  TempFolder folder;
  fill(folder, 300, 0);
  auto s = test::open(folder, {}, noon + 800 * day);
  Reader reader(folder.path().string());
  CHECK(soon([&] { return count(reader) <= 4; }));
  CHECK(find(reader, "C1") == 0);
  CHECK(find(reader, "C5") == 0);
  CHECK(find(reader, "C6") != 0);
  Search search;
  search.keys = {{"patient", "P1"}};
  CHECK(reader.find(search).empty());
  s.reset();
  s = test::open(folder, {}, noon + 800 * day);
  CHECK(wait_for(s->accept(arrival(1000))).sequence == 301);
  const auto rows = wait_for(s->post(one(posting(301, {outgoing("x")}))));
  CHECK(rows[0].number == 601);
}

TEST_CASE("nothing young is pruned", "[store][prune]") {
  TempFolder folder;
  fill(folder, 50, 0);
  auto s = test::open(folder, {}, noon + 89 * day);
  std::this_thread::sleep_for(100ms);
  Reader reader(folder.path().string());
  CHECK(reader.bytes(1));
  CHECK(count(reader) == 50);
}

TEST_CASE("messages are kept without long waits while old ones are pruned", "[store][prune]") {
  TempFolder folder;
  fill(folder, 3000, 3000);
  auto s = test::open(folder, {}, noon + 800 * day);
  std::vector<std::chrono::milliseconds> waits;
  for (int n = 0; n < 200; ++n) {
    const auto begin = std::chrono::steady_clock::now();
    wait_for(s->accept(arrival(10'000 + n, noon + 800 * day)));
    waits.push_back(std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - begin));
  }
  std::sort(waits.begin(), waits.end());
  CHECK(waits[190] < 250ms);  // generous, and not the very longest: sanitizers, and a busy machine's disk
}
