#include "engine/flow/backlog.h"

#include <catch2/catch.hpp>

#include <algorithm>
#include <deque>
#include <random>
#include <vector>

using tombolo::Backlog;

TEST_CASE("what was just stored stays in memory while there is room", "[backlog]") {
  Backlog backlog(2);
  CHECK(backlog.offer(1));
  CHECK(backlog.offer(2));
  CHECK_FALSE(backlog.offer(3));
  CHECK_FALSE(backlog.wants_page());
  backlog.finished();
  CHECK(backlog.wants_page());
  CHECK(backlog.last() == 2);
}

TEST_CASE("each number is taken once and in order, whatever is stored while pages are read", "[backlog]") {
  std::mt19937 chance(11);
  for (int round = 0; round < 300; ++round) {
    Backlog backlog(1 + chance() % 5);
    std::vector<std::uint64_t> disk, taken;
    std::deque<std::uint64_t> not_yet_told;  // stored, but the call that says so has not come back
    const std::uint64_t recovered = chance() % 4;
    for (std::uint64_t n = 1; n <= recovered; ++n) disk.push_back(n);
    backlog.start_behind();
    std::uint64_t next = recovered + 1;
    const auto tell = [&] {
      while (!not_yet_told.empty() && chance() % 2) {
        if (backlog.offer(not_yet_told.front())) taken.push_back(not_yet_told.front());
        not_yet_told.pop_front();
      }
    };
    for (int step = 0; step < 200; ++step) {
      if (next <= 30 && chance() % 2) {
        disk.push_back(next);
        not_yet_told.push_back(next++);
      }
      tell();
      if (backlog.in_memory() > 0 && chance() % 2) backlog.finished();
      if (!backlog.wants_page()) continue;
      backlog.page_begins();
      const std::size_t size = backlog.page_size();
      std::vector<std::uint64_t> page;
      for (const auto n : disk) {
        if (n > backlog.last() && page.size() < size) page.push_back(n);
      }
      if (next <= 30 && chance() % 2) {  // stored while the page was on its way
        disk.push_back(next);
        not_yet_told.push_back(next++);
        if (chance() % 2) {
          if (backlog.offer(not_yet_told.front())) taken.push_back(not_yet_told.front());
          not_yet_told.pop_front();
        }
      }
      for (const auto n : page) {
        backlog.take(n);
        taken.push_back(n);
      }
      backlog.page_read(page.size() < size);
    }
    while (!not_yet_told.empty()) tell();
    while (backlog.behind()) {
      while (backlog.in_memory() > 0) backlog.finished();
      backlog.page_begins();
      std::size_t count = 0;
      for (const auto n : disk) {
        if (n > backlog.last() && count < backlog.page_size()) {
          backlog.take(n);
          taken.push_back(n);
          ++count;
          backlog.finished();
        }
      }
      backlog.page_read(true);
    }
    REQUIRE(taken == disk);
  }
}
