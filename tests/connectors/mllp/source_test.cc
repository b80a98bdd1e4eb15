#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <catch2/catch.hpp>

#include <mutex>
#include <vector>

#include "engine/connectors/await.h"
#include "engine/connectors/mllp/mllp.h"
#include "tests/connectors/peer.h"

using namespace tombolo;
using test::Peer;
using test::Running;

namespace {

const std::string plain = "listen: \"127.0.0.1:0\"";

boost::asio::awaitable<Reply> echo(Parcel parcel) {
  Reply reply;
  reply.bytes = (parcel.too_large ? "too large " : "re ") + parcel.bytes;
  co_return reply;
}

boost::asio::awaitable<void> pause(int milliseconds) {
  boost::asio::steady_timer timer(co_await boost::asio::this_coro::executor, std::chrono::milliseconds(milliseconds));
  co_await timer.async_wait(boost::asio::use_awaitable);
}

// Answers "slow …" after a while and everything else at once; remembers in which order it was called.
struct Paced {
  std::shared_ptr<std::vector<std::string>> begun = std::make_shared<std::vector<std::string>>();
  int milliseconds = 50;

  boost::asio::awaitable<Reply> operator()(Parcel parcel) const {
    return answer(std::move(parcel), begun, milliseconds);
  }

  static boost::asio::awaitable<Reply> answer(Parcel parcel, std::shared_ptr<std::vector<std::string>> begun,
                                              int milliseconds) {
    begun->push_back(parcel.bytes);
    if (parcel.bytes.starts_with("slow")) co_await pause(milliseconds);
    Reply reply;
    reply.bytes = "re " + parcel.bytes;
    co_return reply;
  }
};

boost::asio::awaitable<Reply> refuse(Parcel parcel) {
  Reply reply;
  reply.kept = parcel.bytes != "refuse me";
  if (parcel.bytes == "throw") throw std::runtime_error("the disk is full");
  reply.bytes = "re " + parcel.bytes;
  reply.then = parcel.bytes == "both" ? "and then" : "";
  co_return reply;
}

}  // namespace

TEST_CASE("a message comes in with its peer, channel and time, and its reply goes back", "[mllp]") {
  Parcel seen;
  Running source(mllp_source(), plain, [&](Parcel parcel) -> boost::asio::awaitable<Reply> {
    seen = parcel;
    return echo(std::move(parcel));
  });
  Peer peer(source.address());
  peer.send_frame("MSH|one");
  CHECK(peer.frame() == "re MSH|one");
  const std::string local = peer.local();
  source.stop();
  CHECK(seen.channel == "test");
  CHECK(seen.peer == local);
  CHECK(micros(seen.received_at) > 0);
}

TEST_CASE("a connection stays open after its acknowledgement", "[mllp]") {
  Running source(mllp_source(), plain, echo);
  Peer peer(source.address());
  for (const char* message : {"one", "two", "three"}) {
    peer.send_frame(message);
    CHECK(peer.frame() == "re " + std::string(message));
  }
  CHECK(source.count("frames") == 3);
  CHECK(source.count("connections") == 1);
}

TEST_CASE("pipelined messages are begun at once and answered in order", "[mllp]") {
  const Paced paced;
  Running source(mllp_source(), plain, paced);
  Peer peer(source.address());
  peer.send("\x0Bslow\x1C\r\x0Bquick\x1C\r\x0Bthree\x1C\r");
  CHECK(peer.frame() == "re slow");
  CHECK(peer.frame() == "re quick");
  CHECK(peer.frame() == "re three");
  source.stop();
  CHECK(*paced.begun == std::vector<std::string>{"slow", "quick", "three"});
}

TEST_CASE("replies that are ready together leave together", "[mllp]") {
  Running source(mllp_source(), plain, Paced());
  Peer peer(source.address());
  peer.send("\x0Bslow\x1C\r\x0Bquick\x1C\r\x0Bthree\x1C\r");
  const std::string all = "\x0Bre slow\x1C\r\x0Bre quick\x1C\r\x0Bre three\x1C\r";
  CHECK(peer.read() == all);
}

TEST_CASE("no more messages of one connection are under way than the channel allows", "[mllp]") {
  Paced paced;
  paced.milliseconds = 30;
  Running source(mllp_source(), plain + "\nin_hand: 2", paced);
  Peer peer(source.address());
  peer.send("\x0Bslow 1\x1C\r\x0Bslow 2\x1C\r\x0Bslow 3\x1C\r\x0Bslow 4\x1C\r\x0Bslow 5\x1C\r");
  CHECK(peer.frame() == "re slow 1");
  CHECK(source.loop().on([&] { return paced.begun->size(); }) <= 4);
  for (const char* n : {"2", "3", "4", "5"}) CHECK(peer.frame() == "re slow " + std::string(n));
}

TEST_CASE("a message may come in pieces and a large one comes whole", "[mllp]") {
  Running source(mllp_source(), plain, echo);
  Peer peer(source.address());
  for (const char byte : std::string("\x0Bpieces\x1C\r")) peer.send({&byte, 1});
  CHECK(peer.frame() == "re pieces");
  const std::string large(3'000'000, 'x');
  std::thread sender([&] { peer.send_frame(large); });
  sender.join();
  CHECK(peer.frame() == "re " + large);
}

TEST_CASE("a reply that the peer is slow to read is written to its end", "[mllp]") {
  Running source(mllp_source(), plain, echo);
  Peer peer(source.address());
  const std::string large(8'000'000, 'y');
  peer.send_frame(large);
  std::this_thread::sleep_for(std::chrono::milliseconds(100));
  const auto reply = peer.frame();
  REQUIRE(reply);
  CHECK(reply->size() == large.size() + 3);
}

TEST_CASE("a peer that closes without a byte is counted and nothing else", "[mllp]") {
  Running source(mllp_source(), plain, echo);
  { Peer peer(source.address()); }
  CHECK(source.reaches("probes", 1));
  CHECK(source.count("cut") == 0);
  CHECK(source.reaches("open", 0));
}

TEST_CASE("a peer that finishes sending still gets its replies", "[mllp]") {
  Running source(mllp_source(), plain, Paced());
  Peer peer(source.address());
  peer.send_frame("slow");
  peer.finish();
  CHECK(peer.frame() == "re slow");
  CHECK(peer.is_closed());
}

TEST_CASE("garbage before a message is dropped and counted", "[mllp]") {
  Running source(mllp_source(), plain, echo);
  Peer peer(source.address());
  peer.send("GET /\r\n\r\n");
  peer.send_frame("one");
  CHECK(peer.frame() == "re one");
  CHECK(source.count("garbage") >= 5);
}

TEST_CASE("a message over the limit is handed over cut, answered, and the connection closed", "[mllp]") {
  Running source(mllp_source(), plain + "\nmax_message: 100B", echo);
  Peer peer(source.address());
  peer.send_frame("first");
  peer.send("\x0B" + std::string(5000, 'x'));
  CHECK(peer.frame() == "re first");
  CHECK(peer.frame() == "too large " + std::string(100, 'x'));
  CHECK(peer.is_closed());
  CHECK(source.count("too_large") == 1);
}

TEST_CASE("a frame that is not finished in time ends its connection and no other", "[mllp]") {
  Running source(mllp_source(), plain + "\nframe_timeout: 60ms", echo);
  Peer slow(source.address()), idle(source.address());
  slow.send("\x0BMSH|");
  CHECK(slow.is_closed());
  CHECK(source.count("too_slow") == 1);
  idle.send_frame("still here");
  CHECK(idle.frame() == "re still here");
}

TEST_CASE("dripping bytes does not keep a frame alive", "[mllp]") {
  Running source(mllp_source(), plain + "\nframe_timeout: 80ms", echo);
  Peer slow(source.address());
  slow.send("\x0B");
  const auto begin = std::chrono::steady_clock::now();
  try {
    while (std::chrono::steady_clock::now() - begin < std::chrono::seconds(5) && slow.read(10).empty() &&
           source.count("open") == 1)
      slow.send("x");
  } catch (const boost::system::system_error&) {
  }
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(4));
  CHECK(source.count("too_slow") == 1);
}

TEST_CASE("silence between frames ends a connection only where the channel says so", "[mllp]") {
  Running source(mllp_source(), plain + "\nidle_timeout: 50ms",
                 Paced{std::make_shared<std::vector<std::string>>(), 120});
  Peer peer(source.address());
  peer.send_frame("slow");
  CHECK(peer.frame() == "re slow");
  CHECK(peer.is_closed());
  CHECK(source.count("cut") == 0);
}

TEST_CASE("only allowed peers are served", "[mllp]") {
  Running source(mllp_source(), plain + "\nallow: [10.0.0.0/8, \"fd00::/8\"]", echo);
  Peer peer(source.address());
  CHECK(peer.is_closed());
  CHECK(source.count("refused") == 1);
  Running open_to_us(mllp_source(), plain + "\nallow: 127.0.0.1", echo);
  Peer other(open_to_us.address());
  other.send_frame("one");
  CHECK(other.frame() == "re one");
}

TEST_CASE("a connection over the number allowed is closed at once", "[mllp]") {
  Running source(mllp_source(), plain + "\nconnections: 1", echo);
  Peer first(source.address());
  first.send_frame("one");
  CHECK(first.frame() == "re one");
  Peer second(source.address());
  CHECK(second.is_closed());
  CHECK(source.count("refused") == 1);
  first.close();
  REQUIRE(source.reaches("open", 0));
  Peer third(source.address());
  third.send_frame("three");
  CHECK(third.frame() == "re three");
}

TEST_CASE("release 2 says for each frame whether it was kept, before its acknowledgement", "[mllp]") {
  Running source(mllp_source(), plain + "\nrelease2: true", refuse);
  Peer peer(source.address());
  peer.send("\x0Bkeep me\x1C\r\x0Brefuse me\x1C\r");
  CHECK(peer.frame() == "\x06");
  CHECK(peer.frame() == "re keep me");
  CHECK(peer.frame() == "\x15");
  CHECK(peer.frame() == "re refuse me");
}

TEST_CASE("a second answer follows the first", "[mllp]") {
  Running source(mllp_source(), plain, refuse);
  Peer peer(source.address());
  peer.send(
      "\x0B"
      "both\x1C\r\x0Bnext\x1C\r");
  CHECK(peer.frame() == "re both");
  CHECK(peer.frame() == "and then");
  CHECK(peer.frame() == "re next");
}

TEST_CASE("what cannot be taken in is not answered and its connection is closed", "[mllp]") {
  Running source(mllp_source(), plain, refuse);
  Peer peer(source.address());
  peer.send("\x0Bone\x1C\r\x0Bthrow\x1C\r");
  CHECK(peer.frame() == "re one");
  CHECK(peer.is_closed());
}

TEST_CASE("a sender that leaves out the 0D is understood where the channel says so", "[mllp]") {
  Running source(mllp_source(), plain + "\nmissing_cr: true", echo);
  Peer peer(source.address());
  peer.send("\x0Bone\x1C");
  CHECK(peer.frame() == "re one");
}

TEST_CASE("stopping takes nothing more in, answers what is in hand, then ends", "[mllp]") {
  const Paced paced;
  Running source(mllp_source(), plain, paced);
  Peer busy(source.address()), idle(source.address());
  busy.send_frame("slow");
  idle.send_frame("quick");
  CHECK(idle.frame() == "re quick");
  REQUIRE(source.reaches("frames", 2));
  source.ask_to_stop();
  busy.send_frame("too late");
  CHECK(busy.frame() == "re slow");
  CHECK(busy.is_closed());
  CHECK(idle.is_closed());
  busy.close();
  idle.close();
  CHECK(source.ends());
  CHECK_THROWS(Peer(source.address()));
  CHECK(paced.begun->size() == 2);
}

TEST_CASE("a source may call its sender, and calls again when the line is lost", "[mllp]") {
  boost::asio::io_context io;
  boost::asio::ip::tcp::acceptor acceptor(io, {boost::asio::ip::address_v4::loopback(), 0});
  Running source(mllp_source(), "connect: \"" + text(acceptor.local_endpoint()) + "\"", echo);
  {
    Peer sender(acceptor);
    sender.send_frame("one");
    CHECK(sender.frame() == "re one");
  }
  Peer sender(acceptor);
  sender.send_frame("two");
  CHECK(sender.frame() == "re two");
}

TEST_CASE("a port that is taken says so", "[mllp]") {
  Running first(mllp_source(), plain, echo);
  CHECK_THROWS_AS(Running(mllp_source(), "listen: \"" + first.address() + "\"", echo), boost::system::system_error);
}

TEST_CASE("plain traffic beyond this machine must be allowed by name", "[mllp]") {
  CHECK(test::faults(mllp_source(), "listen: \"0.0.0.0:2575\"").find("'listen' is beyond this machine") !=
        std::string::npos);
  CHECK(test::faults(mllp_source(), "listen: \"0.0.0.0:2575\"\ninsecure: true").empty());
  CHECK(test::faults(mllp_source(), "connect: \"lab.example:2575\"").find("insecure: true") != std::string::npos);
  CHECK(test::faults(mllp_source(), "connect: \"lab.example:2575\"\ntls: {}").empty());
  CHECK(test::faults(mllp_source(), "connect: \"lab.example:2575\"\ntls: {}\ninsecure: true").find("leave it out") != std::string::npos);
  CHECK(test::faults(mllp_source(), "listen: \"0.0.0.0:2575\"\ntls: { cert: x }").find("has no setting 'cert'") != std::string::npos);
}

TEST_CASE("a source that neither listens nor calls, or does both, is refused", "[mllp]") {
  CHECK(test::faults(mllp_source(), "max_message: 1MiB").find("either 'listen' or 'connect'") != std::string::npos);
  CHECK(test::faults(mllp_source(), "listen: \"127.0.0.1:1\"\nconnect: \"127.0.0.1:2\"").find("either") !=
        std::string::npos);
  CHECK(test::faults(mllp_source(), "listen: 2575").find("an address and a port") != std::string::npos);
  CHECK(test::faults(mllp_source(), "listen: \"lab.example:2575\"\ninsecure: true").find("IP address") !=
        std::string::npos);
}
