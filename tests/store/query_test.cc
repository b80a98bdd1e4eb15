#include "engine/store/query.h"

#include <catch2/catch.hpp>

#include <thread>

#include "tests/store/rig.h"

using namespace tombolo;
using namespace tombolo::store;
using namespace tombolo::test;

namespace {

std::vector<Sequence> numbers(const std::vector<Found>& found) {
  std::vector<Sequence> list;
  for (const auto& f : found) list.push_back(f.sequence);
  return list;
}
using Numbers = std::vector<Sequence>;

// Four messages: 1 delivered, 2 dead at the registry after one retry, 3 waiting, 4 failed in the map; an hour apart.
std::unique_ptr<Store> filled(const TempFolder& folder) {
  auto s = test::open(folder);
  for (int n = 1; n <= 4; ++n) {
    auto a = arrival(n, noon + std::chrono::hours(n));
    if (n == 3) a.type = "ORU^R01", a.sender = "RIS|WEST";
    wait_for(s->accept(a));
    std::vector<Outgoing> out;
    if (n != 4) out.push_back(outgoing("registry", "{}"));
    if (n == 1) out.push_back(outgoing("archive"));
    auto p = posting(static_cast<Sequence>(n), std::move(out), {{"patient", n < 3 ? "P1" : "P9"}, {"accession", "A" + std::to_string(n)}});
    if (n == 4) p.status = Status::failed, p.detail = "PID-7: expected a date";
    wait_for(s->post(one(p)));
  }
  wait_for(s->settle({delivered(1), delivered(2), settled(3, Fate::waiting, 1, "503", "Service unavailable"),
                      settled(3, Fate::dead, 2, "422", "no such profile")}));
  return s;
}

}  // namespace

TEST_CASE("find answers on a running engine's store, newest first", "[store]") {
  TempFolder folder;
  const auto s = filled(folder);
  Reader reader(folder.path().string());
  const auto find = [&](auto set) {
    Search search;
    set(search);
    return numbers(reader.find(search));
  };
  CHECK(find([](Search&) {}) == Numbers{4, 3, 2, 1});
  CHECK(find([](Search& q) { q.limit = 2; }) == Numbers{4, 3});
  CHECK(find([](Search& q) { q.before = 3; }) == Numbers{2, 1});
  CHECK(find([](Search& q) { q.from = noon + std::chrono::hours(3); }) == Numbers{4, 3});
  CHECK(find([](Search& q) { q.until = noon + std::chrono::hours(3); }) == Numbers{2, 1});
  CHECK(find([](Search& q) { q.from = q.until = noon + std::chrono::hours(2); }).empty());
  CHECK(find([](Search& q) { q.channel = "adt-in"; }).size() == 4);
  CHECK(find([](Search& q) { q.channel = "nowhere"; }).empty());
  CHECK(find([](Search& q) { q.sender = "RIS|WEST"; }) == Numbers{3});
  CHECK(find([](Search& q) { q.type = "ADT"; }) == Numbers{4, 2, 1});
  CHECK(find([](Search& q) { q.control_id = "C2"; }) == Numbers{2});
  CHECK(find([](Search& q) { q.status = Status::failed; }) == Numbers{4});
  CHECK(find([](Search& q) { q.destination = "archive"; }) == Numbers{1});
  CHECK(find([](Search& q) { q.fate = Fate::dead; }) == Numbers{2});
  CHECK(find([](Search& q) { q.destination = "registry", q.fate = Fate::delivered; }) == Numbers{1});
  CHECK(find([](Search& q) { q.destination = "archive", q.fate = Fate::waiting; }).empty());
  CHECK(find([](Search& q) { q.error = "SERVICE"; }) == Numbers{2});
  CHECK(find([](Search& q) { q.error = "expected a date"; }) == Numbers{4});
  CHECK(find([](Search& q) { q.keys = {{"patient", "P1"}}; }) == Numbers{2, 1});
  CHECK(find([](Search& q) { q.keys = {{"", "A3"}}; }) == Numbers{3});
  CHECK(find([](Search& q) { q.keys = {{"patient", "P1"}, {"accession", "A2"}}; }) == Numbers{2});
  CHECK(find([](Search& q) { q.keys = {{"visit", "P1"}}; }).empty());

  wait_for(s->accept(arrival(5, noon + std::chrono::hours(5))));
  CHECK(find([](Search& q) { q.control_id = "C5"; }) == Numbers{5});
}

TEST_CASE("keys are found before and after they are indexed", "[store]") {
  TempFolder folder;
  auto s = filled(folder);
  Search search;
  search.keys = {{"patient", "P9"}};
  CHECK(numbers(Reader(folder.path().string()).find(search)) == Numbers{4, 3});
  std::this_thread::sleep_for(std::chrono::milliseconds(1300));  // idle: the store indexes what it has
  CHECK(numbers(Reader(folder.path().string()).find(search)) == Numbers{4, 3});
  s.reset();
  CHECK(numbers(Reader(folder.path().string()).find(search)) == Numbers{4, 3});
}

TEST_CASE("show tells everything about one message", "[store]") {
  TempFolder folder;
  const auto s = filled(folder);
  Reader reader(folder.path().string());
  CHECK_FALSE(reader.show(77));
  const auto shown = reader.show(2);
  REQUIRE(shown);
  CHECK(shown->about.dead == 1);
  CHECK(shown->about.size == message(2).size());
  CHECK(shown->about.answer == "AA");
  CHECK(shown->peer == "192.0.2.1:4000");
  CHECK(shown->config == "c0ffee");
  CHECK(shown->order_keys == std::vector<std::string>{"P2"});
  CHECK(shown->keys.size() == 2);
  CHECK(shown->kept);
  REQUIRE(shown->deliveries.size() == 1);
  const auto& delivery = shown->deliveries[0];
  CHECK(delivery.row.id == "STORE1-2-registry");
  CHECK(delivery.fate == Fate::dead);
  CHECK(delivery.row.attempts == 2);
  REQUIRE(delivery.outcomes.size() == 2);
  CHECK(delivery.outcomes[0].code == "503");
  CHECK(delivery.outcomes[1].code == "422");
  CHECK(delivery.outcomes[1].detail == "no such profile");
  CHECK(reader.bytes(2) == message(2));
  CHECK(reader.body(delivery.row.body) == "{}");
  CHECK_FALSE(reader.bytes(77));
  CHECK(reader.name() == "STORE1");
}

TEST_CASE("counts per channel and destination", "[store]") {
  TempFolder folder;
  const auto s = filled(folder);
  wait_for(s->accept(arrival(5, noon + std::chrono::hours(5))));
  auto held = arrival(6);
  held.status = Status::held;
  wait_for(s->accept(held));
  const auto counts = Reader(folder.path().string()).counts();
  REQUIRE(counts.size() == 2);
  CHECK(counts[0].destination.empty());
  CHECK(counts[0].waiting == 1);
  CHECK(counts[0].held == 1);
  CHECK(counts[0].dead == 1);
  CHECK(counts[0].oldest == noon + std::chrono::hours(5));
  CHECK(counts[1].destination == "registry");
  CHECK(counts[1].waiting == 1);
  CHECK(counts[1].dead == 1);
  CHECK(counts[1].oldest == noon + std::chrono::hours(3));
}

TEST_CASE("a channel's configuration is found by its hash", "[store]") {
  TempFolder folder;
  const auto s = test::open(folder);
  wait_for(s->keep_config("c0ffee", "channel: a\n"));
  Reader reader(folder.path().string());
  CHECK(reader.config("c0ffee") == "channel: a\n");
  CHECK_FALSE(reader.config("other"));
}

TEST_CASE("reading where there is no store says so and makes none", "[store]") {
  TempFolder folder;
  CHECK_THROWS_AS(Reader(folder.path().string()), Error);
  CHECK(std::filesystem::is_empty(folder.path()));
}
