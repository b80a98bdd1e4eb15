#include "engine/flow/lanes.h"

#include <catch2/catch.hpp>

#include <random>

using namespace tombolo;
using std::chrono::seconds;

namespace {

const Time start = from_micros(1'000'000);

std::vector<Lanes::Number> take_all(Lanes& lanes, Time now = start) {
  std::vector<Lanes::Number> taken;
  while (const auto number = lanes.take(now)) taken.push_back(*number);
  return taken;
}

using Numbers = std::vector<Lanes::Number>;

}  // namespace

TEST_CASE("what is urgent goes before what was posted earlier, and the most urgent first", "[lanes]") {
  Lanes lanes(1, HeadOfLine::hold_key);
  lanes.add(1, {"a"});
  lanes.add(2, {"b"}, {}, 1);
  lanes.add(3, {"c"}, {}, 2);
  lanes.add(4, {"d"}, {}, 2);
  for (const Lanes::Number expected : {3, 4, 2, 1}) {
    const auto number = lanes.take(start);
    REQUIRE(number == expected);
    lanes.done(expected);
  }
}

TEST_CASE("an urgent message never overtakes within its keys: what is before it there hurries with it", "[lanes]") {
  Lanes lanes(1, HeadOfLine::hold_key);
  lanes.add(1, {"x"});
  lanes.add(2, {"a"});
  lanes.add(3, {"a", "b"});
  lanes.add(4, {"b"}, {}, 1);
  for (const Lanes::Number expected : {2, 3, 4, 1}) {
    const auto number = lanes.take(start);
    REQUIRE(number == expected);
    lanes.done(expected);
  }
}

TEST_CASE("what waits for its retry hurries when it is due", "[lanes]") {
  Lanes lanes(1, HeadOfLine::hold_key);
  lanes.add(1, {"a"}, start + seconds(1));
  lanes.add(2, {"x"});
  lanes.add(3, {"y"});
  lanes.add(4, {"a"}, {}, 1);
  CHECK(lanes.take(start) == 2);
  lanes.done(2);
  CHECK(lanes.take(start + seconds(1)) == 1);
  lanes.done(1);
  CHECK(lanes.take(start + seconds(1)) == 4);
}

TEST_CASE("two messages of one patient go one after the other, others beside them", "[lanes]") {
  Lanes lanes(16, HeadOfLine::hold_key);
  lanes.add(1, {"anna"});
  lanes.add(2, {"anna"});
  lanes.add(3, {"bert"});
  CHECK(take_all(lanes) == Numbers{1, 3});
  lanes.done(1);
  CHECK(take_all(lanes) == Numbers{2});
}

TEST_CASE("a merge waits for both patients, and both wait for it", "[lanes]") {
  Lanes lanes(16, HeadOfLine::hold_key);
  lanes.add(1, {"anna"});
  lanes.add(2, {"bert"});
  lanes.add(3, {"anna", "bert", "anna"});
  lanes.add(4, {"bert"});
  CHECK(take_all(lanes) == Numbers{1, 2});
  lanes.done(2);
  CHECK(take_all(lanes).empty());
  lanes.done(1);
  CHECK(take_all(lanes) == Numbers{3});
  lanes.done(3);
  CHECK(take_all(lanes) == Numbers{4});
}

TEST_CASE("no more than the width are in hand", "[lanes]") {
  Lanes lanes(2, HeadOfLine::hold_key);
  for (Lanes::Number n = 1; n <= 4; ++n) lanes.add(n, {std::to_string(n)});
  CHECK(take_all(lanes) == Numbers{1, 2});
  lanes.done(2);
  CHECK(take_all(lanes) == Numbers{3});
}

TEST_CASE("a failing message holds its patient and nobody else", "[lanes]") {
  Lanes lanes(16, HeadOfLine::hold_key);
  lanes.add(1, {"anna"});
  lanes.add(2, {"anna"});
  lanes.add(3, {"bert"});
  lanes.take(start);
  lanes.retry(1, start + seconds(5));
  CHECK(take_all(lanes) == Numbers{3});
  CHECK(lanes.next_due() == start + seconds(5));
  CHECK(take_all(lanes, start + seconds(4)).empty());
  CHECK(take_all(lanes, start + seconds(5)) == Numbers{1});
  lanes.done(1);
  CHECK(take_all(lanes) == Numbers{2});
}

TEST_CASE("a failing message blocks everything where the channel says block", "[lanes]") {
  Lanes lanes(16, HeadOfLine::block);
  lanes.add(1, {"anna"});
  lanes.add(2, {"bert"});
  CHECK(lanes.take(start) == 1u);
  lanes.retry(1, start + seconds(5));
  CHECK(take_all(lanes).empty());
  CHECK(take_all(lanes, start + seconds(5)) == Numbers{1, 2});
}

TEST_CASE("a failing message steps aside where the channel says skip", "[lanes]") {
  Lanes lanes(16, HeadOfLine::skip);
  lanes.add(1, {"anna"});
  lanes.add(2, {"anna"});
  lanes.take(start);
  lanes.retry(1, start + seconds(5));
  CHECK(take_all(lanes) == Numbers{2});
  lanes.done(2);
  CHECK(take_all(lanes, start + seconds(5)) == Numbers{1});
  lanes.done(1);
  CHECK(lanes.waiting() == 0);
}

TEST_CASE("whatever happens, one key is never in hand twice and its firsts go in order", "[lanes]") {
  std::mt19937 chance(7);
  for (int round = 0; round < 200; ++round) {
    Lanes lanes(1 + chance() % 4, HeadOfLine::hold_key);
    std::map<Lanes::Number, std::vector<std::string>> keys;
    std::vector<Lanes::Number> in_hand;
    std::map<std::string, Lanes::Number> last_done;
    Lanes::Number next = 1;
    Time now = start;
    std::size_t finished = 0;
    while (finished < 40) {
      if (next <= 40) {
        keys[next] = {std::to_string(chance() % 3)};
        if (chance() % 4 == 0) keys[next].push_back(std::to_string(chance() % 3));
        lanes.add(next, keys[next]);
        ++next;
      }
      now += seconds(1);
      while (const auto taken = lanes.take(now)) in_hand.push_back(*taken);
      std::set<std::string> busy;
      for (const auto n : in_hand) {
        for (const auto& key : std::set<std::string>(keys[n].begin(), keys[n].end())) REQUIRE(busy.insert(key).second);
      }
      if (in_hand.empty()) continue;
      const std::size_t i = chance() % in_hand.size();
      const auto number = in_hand[i];
      in_hand.erase(in_hand.begin() + static_cast<std::ptrdiff_t>(i));
      if (chance() % 3 == 0) {
        lanes.retry(number, now + seconds(chance() % 3));
        continue;
      }
      lanes.done(number);
      ++finished;
      for (const auto& key : keys[number]) {
        REQUIRE(last_done[key] <= number);
        last_done[key] = number;
      }
    }
    REQUIRE(lanes.waiting() == 0);
  }
}
