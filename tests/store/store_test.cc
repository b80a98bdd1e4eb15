#include "engine/store/sqlite.h"
#include "engine/store/store.h"

#include <sys/stat.h>
#include <unistd.h>

#include <catch2/catch.hpp>

#include "tests/store/rig.h"

using namespace tombolo;
using namespace tombolo::store;
using namespace tombolo::test;

TEST_CASE("a parcel is there after the store was closed and opened", "[store]") {
  TempFolder folder;
  std::string name;
  {
    auto s = test::open(folder);
    name = s->name();
    const auto accepted = wait_for(s->accept(arrival(1)));
    CHECK(accepted.sequence == 1);
    CHECK_FALSE(accepted.duplicate);
    CHECK(wait_for(s->accept(arrival(2))).sequence == 2);
  }
  auto s = test::open(folder);
  CHECK(s->name() == name);
  const auto found = wait_for(s->unfinished("adt-in", 0, 10));
  REQUIRE(found.size() == 2);
  CHECK(found[0].parcel.sequence == 1);
  CHECK(found[0].parcel.bytes == message(1));
  CHECK(found[0].parcel.peer == "192.0.2.1:4000");
  CHECK(found[0].parcel.received_at == noon);
  CHECK(found[0].order_keys == std::vector<std::string>{"P1"});
  CHECK(found[0].config == "c0ffee");
  CHECK(found[1].parcel.bytes == message(2));
  CHECK(wait_for(s->unfinished("adt-in", 1, 10)).size() == 1);
  CHECK(wait_for(s->unfinished("adt-in", 0, 1)).size() == 1);
  CHECK(wait_for(s->unfinished("other", 0, 10)).empty());
  CHECK(wait_for(s->accept(arrival(3))).sequence == 3);
}

TEST_CASE("what is posted waits in the outbox until it is settled", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  const auto sequence = wait_for(s->accept(arrival(1))).sequence;
  const auto rows = wait_for(s->post(one(posting(sequence, {outgoing("registry", "{}", {"P1"}), outgoing("archive", {}, {"P1", "P7"})}))));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].number == 1);
  CHECK(rows[0].id == "STORE1-1-registry");
  CHECK(rows[1].id == "STORE1-1-archive");
  CHECK(wait_for(s->body(rows[0].body)) == "{}");
  CHECK(wait_for(s->body(rows[1].body)) == message(1));
  CHECK(wait_for(s->unfinished("adt-in", 0, 10)).empty());

  auto waiting = wait_for(s->waiting("adt-in", "archive", 0, 10));
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].id == rows[1].id);
  CHECK(waiting[0].channel == "adt-in");
  CHECK(waiting[0].type == "ADT^A01");
  CHECK(waiting[0].content_type == "application/hl7-v2");
  CHECK(waiting[0].control_id == "OUT1");
  CHECK(waiting[0].order_keys == std::vector<std::string>{"P1", "P7"});
  CHECK(waiting[0].received_at == noon);
  CHECK(wait_for(s->waiting("adt-in", "registry", 0, 10))[0].order_keys == std::vector<std::string>{"P1"});

  const auto later = noon + std::chrono::seconds(5);
  wait_for(s->settle({settled(rows[1].number, Fate::waiting, 3, "AE", "busy", later), delivered(rows[0].number)}));
  waiting = wait_for(s->waiting("adt-in", "archive", 0, 10));
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].attempts == 3);
  CHECK(waiting[0].due == later);
  CHECK(wait_for(s->waiting("adt-in", "registry", 0, 10)).empty());
  CHECK(wait_for(s->waiting("adt-in", "archive", rows[1].number, 10)).empty());
}

TEST_CASE("a batch of postings is kept whole or not at all", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  wait_for(s->accept(arrival(1)));
  std::vector<Posting> both{posting(1, {outgoing("archive")}), posting(99, {outgoing("archive")})};
  CHECK_THROWS_AS(wait_for(s->post(both)), std::logic_error);
  CHECK(wait_for(s->waiting("adt-in", "archive", 0, 10)).empty());
  CHECK(wait_for(s->unfinished("adt-in", 0, 10)).size() == 1);
  wait_for(s->post(one(posting(1, {outgoing("archive")}))));
  CHECK_THROWS_AS(wait_for(s->post(one(posting(1, {outgoing("archive")})))), std::logic_error);
  CHECK(wait_for(s->waiting("adt-in", "archive", 0, 10)).size() == 1);
  CHECK_THROWS_AS(wait_for(s->settle({delivered(1), delivered(99)})), std::logic_error);
  CHECK(wait_for(s->waiting("adt-in", "archive", 0, 10)).size() == 1);
}

TEST_CASE("several messages to one destination have ids of their own", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  wait_for(s->accept(arrival(1)));
  const auto rows = wait_for(s->post(one(posting(1, {outgoing("lab", "one"), outgoing("lab", "two")}))));
  CHECK(rows[0].id == "STORE1-1-lab");
  CHECK(rows[1].id == "STORE1-1-lab-1");
}

TEST_CASE("a repeat is answered like the first time and kept once", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  auto undecided = arrival(1);
  undecided.answer.clear();
  wait_for(s->accept(undecided));
  auto again = wait_for(s->accept(undecided));
  CHECK(again.duplicate);
  CHECK(again.sequence == 1);
  CHECK(again.answer.empty());

  auto decided = posting(1, {});
  decided.status = Status::filtered;
  decided.answer = "AE";
  wait_for(s->post(one(decided)));
  again = wait_for(s->accept(undecided));
  CHECK(again.duplicate);
  CHECK(again.answer == "AE");
}

TEST_CASE("the same key with other content is new, and flagged where the first was accepted", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  const auto send = [&](const std::string& content, const std::string& answer) {
    auto a = arrival(1);
    a.parcel.bytes = content;
    a.answer = answer;
    return wait_for(s->accept(a));
  };
  CHECK(send("first", "AE").sequence == 1);
  const auto corrected = send("second", "AA");
  CHECK(corrected.sequence == 2);
  CHECK_FALSE(corrected.duplicate);
  CHECK_FALSE(corrected.other_content);
  const auto counter_restarted = send("third", "AA");
  CHECK(counter_restarted.sequence == 3);
  CHECK(counter_restarted.other_content);
  const auto repeat_of_first = send("first", "AA");
  CHECK(repeat_of_first.duplicate);
  CHECK(repeat_of_first.sequence == 1);
  CHECK(repeat_of_first.answer == "AE");
  CHECK(send("second", "AA").sequence == 2);
}

TEST_CASE("another message under a known key becomes what the arrival says for that case", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  const auto send = [&](const std::string& content, Status status) {
    auto a = arrival(1);
    a.parcel.bytes = content;
    a.answer = "AA";
    a.if_other_content = Otherwise{status, status == Status::refused ? "AR" : "AA", "why"};
    return wait_for(s->accept(a));
  };
  CHECK_FALSE(send("first", Status::held).other_content);
  const auto held = send("second", Status::held);
  CHECK(held.other_content);
  CHECK(send("second", Status::held).duplicate);  // held once
  const auto refused = send("third", Status::refused);
  CHECK(refused.other_content);
  CHECK(send("third", Status::refused).other_content);  // what was refused was not accepted: no duplicate of it
  const auto unfinished = wait_for(s->unfinished(arrival(1).parcel.channel, 0, 10));
  REQUIRE(unfinished.size() == 1);
  CHECK(unfinished[0].parcel.bytes == "first");
  CHECK_THROWS_AS(wait_for(s->resend(refused.sequence, std::nullopt, noon)), std::logic_error);
  CHECK(wait_for(s->resend(held.sequence, std::nullopt, noon)).empty());
  CHECK(wait_for(s->unfinished(arrival(1).parcel.channel, 0, 10)).size() == 2);
  CHECK_THROWS_AS(wait_for(s->resend(held.sequence, std::nullopt, noon)), std::logic_error);  // it is on its way
}

TEST_CASE("a repeat is one only in the window, on its channel, and not of what was refused", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  wait_for(s->accept(arrival(1)));
  auto late = arrival(1, noon + std::chrono::hours(24 * 8));
  CHECK(wait_for(s->accept(late)).sequence == 2);
  auto elsewhere = arrival(1);
  elsewhere.parcel.channel = "other";
  CHECK(wait_for(s->accept(elsewhere)).sequence == 3);
  auto keyless = arrival(1);
  keyless.duplicate_key.clear();
  CHECK(wait_for(s->accept(keyless)).sequence == 4);
  auto refused = arrival(5);
  refused.status = Status::refused;
  CHECK(wait_for(s->accept(refused)).sequence == 5);
  CHECK(wait_for(s->accept(arrival(5))).sequence == 6);
  auto long_key = arrival(7);
  long_key.duplicate_key = std::string(500, 'k') + "1";
  CHECK(wait_for(s->accept(long_key)).sequence == 7);
  CHECK(wait_for(s->accept(long_key)).duplicate);
  long_key.duplicate_key.back() = '2';
  CHECK_FALSE(wait_for(s->accept(long_key)).duplicate);
}

TEST_CASE("a settlement may decide the answer", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  auto a = arrival(1);
  a.answer.clear();
  wait_for(s->accept(a));
  wait_for(s->post(one(posting(1, {outgoing("x")}))));
  auto settlement = delivered(1);
  settlement.answer = "AR";
  wait_for(s->settle(one(settlement)));
  CHECK(wait_for(s->accept(a)).answer == "AR");
}

TEST_CASE("what is resent has an id of its own; what never had a delivery is walked again", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  wait_for(s->accept(arrival(1)));
  wait_for(s->post(one(posting(1, {outgoing("a", "body", {"P1"}), outgoing("b")}))));
  wait_for(s->settle({settled(1, Fate::dead, 2, "AR", "no"), delivered(2)}));
  auto rows = wait_for(s->resend(1, "a", noon));
  REQUIRE(rows.size() == 1);
  CHECK(rows[0].id == "STORE1-1-a-1");
  CHECK(rows[0].order_keys == std::vector<std::string>{"P1"});
  CHECK(wait_for(s->body(rows[0].body)) == "body");
  CHECK(wait_for(s->waiting("adt-in", "a", 0, 10))[0].id == "STORE1-1-a-1");
  rows = wait_for(s->resend(1, std::nullopt, noon));
  REQUIRE(rows.size() == 2);
  CHECK(rows[0].id == "STORE1-1-a-2");
  CHECK(rows[1].id == "STORE1-1-b-1");

  wait_for(s->accept(arrival(2)));
  auto failed = posting(2, {});
  failed.status = Status::failed;
  wait_for(s->post(one(failed)));
  CHECK(wait_for(s->resend(2, std::nullopt, noon)).empty());
  CHECK(wait_for(s->unfinished("adt-in", 0, 10)).size() == 1);
}

TEST_CASE("a body of 100 MiB is kept once, however many destinations it has", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  auto a = arrival(1);
  a.parcel.bytes = std::string(100u << 20, 'x');
  a.parcel.bytes.back() = '!';
  wait_for(s->accept(a));
  const auto rows = wait_for(s->post(one(posting(1, {outgoing("a"), outgoing("b"), outgoing("c")}))));
  CHECK(rows[0].body == rows[2].body);
  CHECK(wait_for(s->body(rows[1].body)) == a.parcel.bytes);
  CHECK(wait_for(s->accept(a)).duplicate);
  s.reset();
  CHECK(std::filesystem::file_size(folder / "tombolo.db") < (102u << 20));
}

TEST_CASE("a body above the limit is refused alone", "[store]") {
  TempFolder folder;
  Options options;
  options.max_body = 1000;
  auto s = test::open(folder, options);
  boost::asio::io_context io;
  int kept = 0, refused = 0;
  for (int n = 0; n < 10; ++n) {
    boost::asio::co_spawn(io, s->accept(arrival(n, noon, n == 5 ? 2000 : 0)),
                          [&](std::exception_ptr e, const Accepted&) { ++(e ? refused : kept); });
  }
  io.run();
  CHECK(kept == 9);
  CHECK(refused == 1);
  CHECK(wait_for(s->unfinished("adt-in", 0, 100)).size() == 9);
}

TEST_CASE("one engine per store: the second is told who has it", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  try {
    test::open(folder);
    FAIL("opened twice");
  } catch (const Error& e) {
    CHECK(e.reason() == Error::Reason::locked);
    CHECK_THAT(e.what(), Catch::Contains("process " + std::to_string(::getpid())));
  }
  s.reset();
  CHECK_NOTHROW(test::open(folder));
}

TEST_CASE("only the owner may read the store's files", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  wait_for(s->accept(arrival(1)));
  for (const auto& file : std::filesystem::directory_iterator(folder.path())) {
    struct stat about {};
    REQUIRE(::stat(file.path().c_str(), &about) == 0);
    CHECK((about.st_mode & 0777) == 0600);
  }
}

TEST_CASE("a store of an older program is taken over with what waits in it", "[store]") {
  TempFolder folder;
  {
    auto s = test::open(folder);
    const auto sequence = wait_for(s->accept(arrival(1))).sequence;
    wait_for(s->post(one(posting(sequence, {outgoing("archive")}))));
  }
  {
    Database old((folder / "tombolo.db").string(), Database::Mode::write, "");
    old.run("alter table delivery drop column urgency; pragma user_version = 1");
  }
  auto s = test::open(folder);
  const auto waiting = wait_for(s->waiting("adt-in", "archive", 0, 10));
  REQUIRE(waiting.size() == 1);
  CHECK(waiting[0].urgency == 0);
  const auto sequence = wait_for(s->accept(arrival(2))).sequence;
  auto urgent = outgoing("archive");
  urgent.urgency = 2;
  CHECK(wait_for(s->post(one(posting(sequence, {urgent})))).at(0).urgency == 2);
  CHECK(wait_for(s->waiting("adt-in", "archive", 1, 10)).at(0).urgency == 2);
  CHECK(wait_for(s->resend(sequence, "archive", noon)).at(0).urgency == 2);
}

TEST_CASE("a store of a newer program is refused", "[store]") {
  TempFolder folder;
  test::open(folder).reset();
  std::string db = read_file(folder / "tombolo.db");
  db[63] = 99;  // user_version in the header of the file
  write_file(folder / "tombolo.db", db);
  CHECK_THROWS_WITH(test::open(folder), Catch::Contains("schema version 99"));
}

TEST_CASE("a file that is no database is refused", "[store]") {
  TempFolder folder;
  write_file(folder / "tombolo.db", std::string(8192, 'z'));
  CHECK_THROWS_AS(test::open(folder), Error);
}

TEST_CASE("after close everything is refused", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  wait_for(s->accept(arrival(1)));
  s->close();
  try {
    wait_for(s->accept(arrival(2)));
    FAIL("accepted");
  } catch (const Error& e) {
    CHECK(e.reason() == Error::Reason::closed);
  }
}

TEST_CASE("close commits what waits", "[store]") {
  TempFolder folder;
  boost::asio::io_context io;
  int kept = 0;
  auto s = test::open(folder);
  for (int n = 0; n < 50; ++n) {
    boost::asio::co_spawn(io, s->accept(arrival(n)), [&](std::exception_ptr e, const Accepted&) { kept += !e; });
  }
  io.poll();  // all are on their way
  s->close();
  io.restart();
  io.run();
  CHECK(kept == 50);
}

TEST_CASE("a set of channel files is kept once under its hash", "[store]") {
  TempFolder folder;
  auto s = test::open(folder);
  wait_for(s->keep_config("c0ffee", "channel: a\n"));
  CHECK_NOTHROW(wait_for(s->keep_config("c0ffee", "channel: a\n")));
}
