#include "engine/store/writer.h"

#include <boost/asio/strand.hpp>
#include <catch2/catch.hpp>

#include <set>

#include "engine/store/fingerprint.h"
#include "engine/store/pack.h"
#include "tests/store/rig.h"

using namespace tombolo;
using namespace tombolo::store;
using namespace tombolo::test;

TEST_CASE("senders at the same time share commits", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  boost::asio::io_context io;
  constexpr int senders = 64, each = 20;
  std::set<Sequence> given;
  const auto send = [&](int sender) -> boost::asio::awaitable<void> {
    for (int n = 0; n < each; ++n) {
      const auto accepted = co_await s->accept(arrival(sender * each + n));
      given.insert(accepted.sequence);
    }
  };
  int failed = 0;
  const auto before = s->commits();
  for (int n = 0; n < senders; ++n) boost::asio::co_spawn(io, send(n), [&](std::exception_ptr e) { failed += e != nullptr; });
  io.run();
  CHECK(failed == 0);
  CHECK(given.size() == senders * each);
  CHECK(*given.rbegin() == senders * each);
  CHECK(s->commits() - before < senders * each / 8);
}

TEST_CASE("two equal messages in one batch are one message", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  boost::asio::io_context io;
  int kept = 0, repeats = 0;
  for (int n = 0; n < 64; ++n) {
    boost::asio::co_spawn(io, s->accept(arrival(n / 2)), [&](std::exception_ptr e, const Accepted& a) {
      if (!e) ++(a.duplicate ? repeats : kept);
    });
  }
  io.run();
  CHECK(kept == 32);
  CHECK(repeats == 32);
}

TEST_CASE("the write-ahead log stays bounded under load", "[store]") {
  TempFolder folder;
  Options options;
  options.wal_limit = 4 << 20;
  auto s = test::open(folder, options);
  boost::asio::io_context io;
  const auto send = [&](int sender) -> boost::asio::awaitable<void> {
    for (int n = 0; n < 100; ++n) co_await s->accept(arrival(sender * 100 + n, noon, 4000));
  };
  for (int n = 0; n < 40; ++n) boost::asio::co_spawn(io, send(n), [](std::exception_ptr) {});
  std::uintmax_t largest = 0;
  while (!io.stopped()) {
    io.run_one();
    std::error_code none;
    if (const auto size = std::filesystem::file_size(folder / "tombolo.db-wal", none); !none) largest = std::max(largest, size);
  }
  CHECK(largest > 0);
  CHECK(largest < (options.wal_limit * 3) / 2);
}

TEST_CASE("the disk is short below what is asked for or five percent, whichever is less", "[store]") {
  CHECK(too_little(400, 1'000'000, 512));
  CHECK_FALSE(too_little(600, 1'000'000, 512));
  CHECK_FALSE(too_little(60, 1'000, 512));
  CHECK(too_little(40, 1'000, 512));
}

TEST_CASE("a list of texts in one column keeps every byte", "[store]") {
  const std::vector<std::string> texts{"", "a:b", std::string("\0\n5:", 4), "P1"};
  CHECK(unpack(pack(texts)) == texts);
  CHECK(unpack("").empty());
  CHECK(unpack("9:short").empty());
  CHECK(unpack("x").empty());
  CHECK(unpack("3").empty());
}

TEST_CASE("the fingerprint tells neighbours apart", "[store]") {
  std::set<std::uint64_t> seen;
  std::string bytes(100, 'a');
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    seen.insert(fingerprint(std::string_view(bytes).substr(0, i)));
    bytes[i] = 'c';
    seen.insert(fingerprint(bytes));
    bytes[i] = 'b';
  }
  CHECK(seen.size() == 200);
}

TEST_CASE("the fingerprint is the same for ever", "[store]") {
  CHECK(fingerprint("") == 0x96EBBE173FF72A30);
  CHECK(fingerprint("MSH|^~\\&|LAB|WEST|EHR|EAST") == 0xA5432C70064EC8AC);
}

TEST_CASE("each caller goes on where it runs", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  boost::asio::io_context io;
  auto a = boost::asio::make_strand(io), b = boost::asio::make_strand(io);
  int at_home = 0;
  const auto send = [&](auto strand, int n) -> boost::asio::awaitable<void> {
    for (int i = 0; i < 10; ++i) {
      co_await s->accept(arrival(n * 10 + i));
      at_home += strand.running_in_this_thread();
    }
  };
  for (int n = 0; n < 8; ++n) {
    auto& strand = n % 2 == 0 ? a : b;
    boost::asio::co_spawn(strand, send(strand, n), [](std::exception_ptr) {});
  }
  io.run();
  CHECK(at_home == 80);
}

TEST_CASE("while a stranger locks the database nothing is accepted, and then again", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  {
    Database stranger((folder / "tombolo.db").string(), Database::Mode::write, "");
    Transaction held(stranger);
    try {
      wait_for(s->accept(arrival(1)));
      FAIL("accepted");
    } catch (const Error& e) {
      CHECK(e.reason() == Error::Reason::locked);
    }
  }
  CHECK(wait_for(s->accept(arrival(1))).sequence == 1);
}
