// What was told "yes" is there, whatever the disk does: cut of power at any step, writes that fail, a disk that is full.
#include <catch2/catch.hpp>

#include <map>
#include <set>

#include "engine/store/query.h"
#include "engine/store/sqlite.h"
#include "tests/store/rig.h"
#include "tests/support/power_cut.h"

using namespace tombolo;
using namespace tombolo::store;
using namespace tombolo::test;

namespace {

// What the store said "yes" to.
struct Told {
  std::map<Sequence, std::string> accepted;
  std::map<DeliveryNumber, Sequence> posted;
  std::set<DeliveryNumber> settled;
  int refused = 0;
};

boost::asio::awaitable<void> sender(Store& s, Told& told, int from, int until) {
  for (int n = from; n < until; ++n) {
    const Arrival a = arrival(n, noon, n % 7 == 0 ? 30'000 : 900);
    try {
      const auto accepted = co_await s.accept(a);
      told.accepted[accepted.sequence] = a.parcel.bytes;
      const auto walked = posting(accepted.sequence, {outgoing("x", {}, {"P1"}), outgoing("y", "other")}, {{"patient", "P1"}});
      const auto rows = co_await s.post(one(walked));
      for (const auto& row : rows) told.posted[row.number] = row.sequence;
      co_await s.settle(one(delivered(rows[0].number)));
      told.settled.insert(rows[0].number);
    } catch (const Error&) {
      ++told.refused;
    }
  }
}

void carry(Store& s, Told& told, int senders, int each, int first = 0) {
  boost::asio::io_context io;
  for (int i = 0; i < senders; ++i) {
    boost::asio::co_spawn(io, sender(s, told, first + i * each, first + (i + 1) * each), [](std::exception_ptr e) {
      if (e) std::rethrow_exception(e);
    });
  }
  io.run();
}

// How many of the things told "yes" are missing in the files as they are now; -1 if they are no sound store.
int missing(const TempFolder& folder, const Told& told) {
  try {
    test::open(folder)->close();
    {
      Database database((folder / "tombolo.db").string(), Database::Mode::write, "");
      Query q = database.query("pragma integrity_check");
      if (!q.step() || q.text(0) != "ok") return -1;
    }
    Reader reader(folder.path().string());
    int count = 0;
    for (const auto& [sequence, bytes] : told.accepted) count += reader.bytes(sequence) != bytes;
    std::map<DeliveryNumber, Fate> fates;
    Search all;
    all.limit = 1'000'000;
    for (const auto& found : reader.find(all)) {
      const auto shown = reader.show(found.sequence).value();
      for (const auto& d : shown.deliveries) {
        if (reader.body(d.row.body)) fates[d.row.number] = d.fate;
      }
    }
    for (const auto& [number, sequence] : told.posted) count += !fates.contains(number);
    for (const auto number : told.settled) count += !fates.contains(number) || fates[number] != Fate::delivered;
    return count;
  } catch (const Error&) {
    return -1;
  }
}

// One run with a cut at the nth step; what is missing afterwards. Gives the number of messages accepted before.
struct Outcome {
  std::size_t accepted = 0;
  int missing = 0;
};
Outcome cut_at(std::uint64_t nth, const PowerCut::Plan& plan) {
  TempFolder folder;
  Told told;
  PowerCut disk("power-cut", plan);
  Options options;
  options.vfs = "power-cut";
  options.wal_limit = 256 << 10;  // so that the log begins anew now and then
  disk.fail_at(nth, PowerCut::Fault::cut);
  try {
    auto s = test::open(folder, options);
    carry(*s, told, 8, 6);
  } catch (const Error&) {  // it went dark while opening
  }
  disk.cut();
  disk.power_on();
  return {told.accepted.size(), missing(folder, told)};
}

}  // namespace

TEST_CASE("after a cut of the power everything told yes is there", "[store][power]") {
  std::size_t accepted = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    PowerCut::Plan plan;
    plan.seed = seed;
    plan.early = seed % 3 == 0 ? 0 : 0.1;
    const auto outcome = cut_at(seed * 11, plan);
    INFO("seed " << seed);
    CHECK(outcome.missing == 0);
    accepted += outcome.accepted;
  }
  CHECK(accepted > 500);
}

TEST_CASE("the cut bites: a store that does not sync loses messages", "[store][power]") {
  int lost = 0;
  for (std::uint64_t seed = 0; seed < 5; ++seed) {
    PowerCut::Plan plan;
    plan.seed = seed;
    plan.early = seed % 2 == 0 ? 0 : 0.1;
    plan.heed_sync = false;
    lost += cut_at(300, plan).missing != 0;
  }
  CHECK(lost == 5);
}

TEST_CASE("whichever write fails, nothing told yes is missing and the store goes on", "[store][power]") {
  const auto fault = GENERATE(PowerCut::Fault::full, PowerCut::Fault::broken);
  for (std::uint64_t nth = 0;; nth = nth < 40 ? nth + 1 : nth + 7) {
    TempFolder folder;
    Told told;
    PowerCut disk("nth-write");
    Options options;
    options.vfs = "nth-write";
    disk.fail_at(nth, fault);
    std::unique_ptr<Store> s;
    INFO("step " << nth);
    try {
      s = test::open(folder, options);
    } catch (const Error&) {
      disk.fail_no_more();
      s = test::open(folder, options);
    }
    carry(*s, told, 4, 3);
    const bool failed = disk.failed();
    disk.fail_no_more();
    const auto before = told.accepted.size();
    carry(*s, told, 2, 1, 1000);
    CHECK(told.accepted.size() == before + 2);
    s.reset();
    disk.cut();
    disk.power_on();
    REQUIRE(missing(folder, told) == 0);
    if (!failed) {
      CHECK(nth > 20);
      break;
    }
  }
}

TEST_CASE("a full disk refuses what arrives and serves again when there is room", "[store][power]") {
  TempFolder folder;
  Told told;
  PowerCut disk("full");
  Options options;
  options.vfs = "full";
  auto s = test::open(folder, options);
  carry(*s, told, 4, 5);
  disk.fail_at(0, PowerCut::Fault::full, 1'000'000);
  const auto before = told.accepted.size();
  carry(*s, told, 4, 5, 100);
  CHECK(told.accepted.size() == before);
  CHECK(told.refused == 20);
  try {
    wait_for(s->accept(arrival(500)));
    FAIL("accepted");
  } catch (const Error& e) {
    CHECK(e.reason() == Error::Reason::full);
  }
  disk.fail_no_more();
  carry(*s, told, 4, 5, 100);
  CHECK(told.accepted.size() == before + 20);
  s.reset();
  CHECK(missing(folder, told) == 0);
}
