#include <catch2/catch.hpp>

#include <future>

#include "engine/connectors/mllp/mllp.h"
#include "tests/connectors/peer.h"

namespace net = boost::asio;
using namespace tombolo;
using test::Loop;
using test::Peer;

namespace {

std::string message(const std::string& id) {
  return "MSH|^~\\&|A|B|C|D|20260101||ADT^A01|" + id + "|P|2.5.1\rPID|1||77\r";
}
std::string ack(const std::string& code, const std::string& id) {
  return "MSH|^~\\&|C|D|A|B|20260101||ACK^A01|9|P|2.5.1\rMSA|" + code + "|" + id + "\r";
}

// A receiver's port, a destination that sends there, and the envelopes' bytes.
struct Sender {
  explicit Sender(const std::string& more = "") {
    acceptor = {io, {net::ip::address_v4::loopback(), 0}};
    make("connect: \"" + text(acceptor.local_endpoint()) + "\"\n" + more);
  }
  ~Sender() {
    loop.on([&] {
      destination->close();
      destination.reset();
    });
  }
  void make(const std::string& block) {
    const Edges edges = loop.edges();
    loop.on([&] { destination = test::make(mllp_destination(), block, &edges); });
  }

  static net::awaitable<Sent> carry(Destination& to, std::string id, std::string bytes) {
    Envelope envelope;
    envelope.id = "delivery-" + id;
    envelope.control_id = id;
    envelope.bytes = bytes;
    co_return co_await to.send(envelope);
  }
  std::future<Sent> send(const std::string& id) { return loop.start(carry(*destination, id, message(id))); }
  std::uint64_t count(std::string_view name) {
    for (const auto& [found, n] : loop.on([&] { return destination->counts(); })) {
      if (found == name) return n;
    }
    return 0;
  }

  net::io_context io;
  net::ip::tcp::acceptor acceptor{io};
  Loop loop;
  std::unique_ptr<Destination> destination;
};

}  // namespace

TEST_CASE("a message is sent as it is and its acknowledgement comes back", "[mllp]") {
  Sender sender;
  auto sent = sender.send("1");
  Peer receiver(sender.acceptor);
  CHECK(receiver.frame() == message("1"));
  receiver.send_frame(ack("AA", "1"));
  const Sent outcome = sent.get();
  CHECK(outcome.code == "AA");
  CHECK(outcome.accepted);
  CHECK(outcome.reply == ack("AA", "1"));
}

TEST_CASE("one connection carries message after message", "[mllp]") {
  Sender sender;
  auto first = sender.send("1");
  Peer receiver(sender.acceptor);
  for (const char* id : {"1", "2", "3"}) {
    if (id[0] != '1') first = sender.send(id);
    CHECK(receiver.frame() == message(id));
    receiver.send_frame(ack("AA", id));
    CHECK(first.get().accepted);
  }
  CHECK(sender.count("connections") == 1);
}

TEST_CASE("each acknowledgement code is told as it is, and only AA and CA are a yes", "[mllp]") {
  Sender sender;
  std::future<Sent> sent = sender.send("0");
  Peer receiver(sender.acceptor);
  int id = 0;
  for (const char* code : {"AA", "CA", "AE", "AR", "CE", "CR"}) {
    if (id > 0) sent = sender.send(std::to_string(id));
    receiver.frame();
    receiver.send_frame(ack(code, std::to_string(id++)));
    const Sent outcome = sent.get();
    CHECK(outcome.code == code);
    CHECK(outcome.accepted == (code[1] == 'A'));
    CHECK(outcome.detail.empty() == outcome.accepted);
  }
}

TEST_CASE("a refusal carries the code of its ERR segment", "[mllp]") {
  Sender sender;
  auto sent = sender.send("1");
  Peer receiver(sender.acceptor);
  receiver.frame();
  receiver.send_frame(ack("AE", "1") + "ERR||PID^1^3|101^Required field missing^HL70357|E\r");
  CHECK(sent.get().error_code == "101");
}

TEST_CASE("replies that name another message are skipped and counted", "[mllp]") {
  Sender sender;
  auto sent = sender.send("2");
  Peer receiver(sender.acceptor);
  receiver.frame();
  receiver.send_frame(ack("AE", "1"));
  receiver.send_frame("no acknowledgement at all");
  receiver.send_frame(ack("AA", "2"));
  CHECK(sent.get().code == "AA");
  CHECK(sender.count("foreign") == 2);
}

TEST_CASE("a reply without the control id counts only where the channel says so", "[mllp]") {
  Sender sender("check_control_id: false");
  auto sent = sender.send("1");
  Peer receiver(sender.acceptor);
  receiver.frame();
  receiver.send_frame(ack("AA", ""));
  CHECK(sent.get().accepted);
}

TEST_CASE("after a reply that did not come in time the connection is not used again", "[mllp]") {
  Sender sender("reply_timeout: 60ms");
  auto first = sender.send("1");
  Peer receiver(sender.acceptor);
  receiver.frame();
  CHECK(first.get().code == "timeout");
  auto second = sender.send("2");
  Peer again(sender.acceptor);
  CHECK(receiver.is_closed());
  CHECK(again.frame() == message("2"));
  again.send_frame(ack("AA", "2"));
  CHECK(second.get().accepted);
  CHECK(sender.count("timeouts") == 1);
}

TEST_CASE("a receiver that closes instead of answering is told apart from one that is silent", "[mllp]") {
  Sender sender;
  auto sent = sender.send("1");
  {
    Peer receiver(sender.acceptor);
    receiver.frame();
  }
  CHECK(sent.get().code == "closed");
}

TEST_CASE("a connection that the receiver closed while idle is replaced before sending", "[mllp]") {
  Sender sender;
  auto sent = sender.send("1");
  {
    Peer receiver(sender.acceptor);
    receiver.frame();
    receiver.send_frame(ack("AA", "1"));
    CHECK(sent.get().accepted);
  }
  auto second = sender.send("2");
  Peer receiver(sender.acceptor);
  CHECK(receiver.frame() == message("2"));
  receiver.send_frame(ack("AA", "2"));
  CHECK(second.get().accepted);
}

TEST_CASE("an answer that comes twice is not taken for the next message's", "[mllp]") {
  Sender sender;
  auto sent = sender.send("1");
  Peer receiver(sender.acceptor);
  receiver.frame();
  receiver.send_frame(ack("AA", "1"));
  receiver.send_frame(ack("AA", "1"));
  CHECK(sent.get().accepted);
  auto second = sender.send("2");
  receiver.frame();
  receiver.send_frame(ack("AE", "2"));
  CHECK(second.get().code == "AE");
  CHECK(sender.count("foreign") == 1);
}

TEST_CASE("several connections carry several messages at once, and no more", "[mllp]") {
  Sender sender("connections: 2");
  CHECK(sender.destination->connections() == 2);
  auto one = sender.send("1"), two = sender.send("2"), three = sender.send("3");
  Peer a(sender.acceptor), b(sender.acceptor);
  const std::string in_a = a.frame().value(), in_b = b.frame().value();
  CHECK(((in_a == message("1") && in_b == message("2")) || (in_a == message("2") && in_b == message("1"))));
  CHECK(three.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
  a.send_frame(ack("AA", in_a == message("1") ? "1" : "2"));
  CHECK(a.frame() == message("3"));
  a.send_frame(ack("AA", "3"));
  b.send_frame(ack("AA", in_b == message("1") ? "1" : "2"));
  CHECK((one.get().accepted && two.get().accepted && three.get().accepted));
}

TEST_CASE("a receiver that cannot be reached is an exception", "[mllp]") {
  Sender sender;
  sender.acceptor.close();
  CHECK_THROWS_AS(sender.send("1").get(), boost::system::system_error);
}

TEST_CASE("release 2 waits for the commit block before the acknowledgement", "[mllp]") {
  Sender sender("release2: true");
  auto sent = sender.send("1");
  Peer receiver(sender.acceptor);
  receiver.frame();
  receiver.send_frame("\x06");
  receiver.send_frame(ack("AA", "1"));
  CHECK(sent.get().accepted);
  auto refused = sender.send("2");
  receiver.frame();
  receiver.send_frame("\x15");
  const Sent outcome = refused.get();
  CHECK(outcome.code == "NAK");
  CHECK(!outcome.accepted);
}

TEST_CASE("a receiver may dial in and is used as long as it stays", "[mllp]") {
  Sender sender;
  const std::string address = text(sender.acceptor.local_endpoint());
  sender.acceptor.close();
  sender.make("listen: \"" + address + "\"\nconnect_timeout: 100ms\n");
  CHECK_THROWS_AS(sender.send("0").get(), boost::system::system_error);
  Peer receiver(address);
  for (const char* id : {"1", "2"}) {
    auto sent = sender.send(id);
    CHECK(receiver.frame() == message(id));
    receiver.send_frame(ack("AA", id));
    CHECK(sent.get().accepted);
  }
  CHECK(sender.count("connections") == 1);
}

TEST_CASE("a large message is written to its end however slowly it is read", "[mllp]") {
  Sender sender;
  const std::string large = message("1") + "OBX|1|ED|" + std::string(6'000'000, 'x') + "\r";
  auto sent = sender.loop.start(Sender::carry(*sender.destination, "1", large));
  Peer receiver(sender.acceptor);
  std::this_thread::sleep_for(std::chrono::milliseconds(50));
  CHECK(receiver.frame() == large);
  receiver.send_frame(ack("AA", "1"));
  CHECK(sent.get().accepted);
}

TEST_CASE("the settings of an MLLP destination are checked", "[mllp]") {
  CHECK(test::faults(mllp_destination(), "connect: \"lab.example:2576\"").find("insecure: true") != std::string::npos);
  CHECK(test::faults(mllp_destination(), "connect: \"127.0.0.1\"").find("an address and a port") != std::string::npos);
  CHECK(test::faults(mllp_destination(), "conect: \"127.0.0.1:1\"").find("did you mean 'connect'?") !=
        std::string::npos);
}
