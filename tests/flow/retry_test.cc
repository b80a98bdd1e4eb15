#include "engine/flow/retry.h"

#include <catch2/catch.hpp>

#include <cmath>

using namespace tombolo;
using std::chrono::seconds;

TEST_CASE("the wait doubles, is capped, and swings by the jitter and no more", "[retry]") {
  Retry retry;
  retry.first = seconds(2);
  retry.max = seconds(60);
  retry.jitter = 0.2;
  for (int attempts = 1; attempts < 40; ++attempts) {
    const double base = std::min(60.0, 2.0 * std::pow(2, attempts - 1)) * 1e6;
    const double wait = static_cast<double>(wait_before_next(retry, attempts, "K7-12-registry").count());
    CHECK(wait >= base * 0.8 - 1);
    CHECK(wait <= base * 1.2 + 1);
  }
}

TEST_CASE("the wait is the same after a crash, and differs between deliveries", "[retry]") {
  const Retry retry;
  CHECK(wait_before_next(retry, 3, "a") == wait_before_next(retry, 3, "a"));
  CHECK(wait_before_next(retry, 3, "a") != wait_before_next(retry, 3, "b"));
}

TEST_CASE("without rules of the channel the house decides by code", "[retry]") {
  const std::vector<ReplyRule> none;
  CHECK(decide(none, "AA", "", true, 1) == Action::deliver);
  CHECK(decide(none, "AE", "", false, 1) == Action::dead_letter);
  CHECK(decide(none, "AE", "207", false, 1) == Action::retry);
  CHECK(decide(none, "AR", "", false, 1) == Action::retry);
  CHECK(decide(none, "503", "", false, 1) == Action::retry);
  CHECK(decide(none, "429", "", false, 1) == Action::retry);
  CHECK(decide(none, "422", "", false, 1) == Action::dead_letter);
  CHECK(decide(none, "401", "", false, 1) == Action::pause);
  CHECK(decide(none, "timeout", "", false, 1) == Action::retry);
  CHECK(decide(none, "unreachable", "", false, 1) == Action::retry);
}

TEST_CASE("the most specific rule of the channel wins", "[retry]") {
  const std::vector<ReplyRule> rules{{"4xx", Action::dead_letter}, {"429", Action::retry}, {"AE", Action::retry, 3, Action::dead_letter}};
  CHECK(decide(rules, "429", "", false, 1) == Action::retry);
  CHECK(decide(rules, "401", "", false, 1) == Action::dead_letter);
  CHECK(decide(rules, "AE", "", false, 2) == Action::retry);
  CHECK(decide(rules, "AE", "", false, 3) == Action::dead_letter);
  CHECK(decide(rules, "500", "", false, 1) == Action::retry);
}
