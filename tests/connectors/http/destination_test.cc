#include <catch2/catch.hpp>

#include <future>

#include "engine/base/text.h"
#include "engine/connectors/http/http.h"
#include "engine/connectors/http/options.h"
#include "tests/connectors/peer.h"

namespace net = boost::asio;
using namespace tombolo;
using test::Peer;

namespace {

const std::string bundle = "{\"resourceType\":\"Bundle\"}";

struct Poster {
  explicit Poster(const std::string& more = "") {
    acceptor = {io, {net::ip::address_v4::loopback(), 0}};
    host = text(acceptor.local_endpoint());
    const Edges edges = loop.edges();
    destination = test::make(http_destination(), "url: \"http://" + host + "/fhir?x=1\"\n" + more, &edges);
  }
  ~Poster() {
    loop.on([&] {
      destination->close();
      destination.reset();
    });
  }

  static net::awaitable<Sent> carry(Destination& to, std::string id, std::string bytes) {
    Envelope envelope;
    envelope.id = id;
    envelope.content_type = "application/fhir+json";
    envelope.bytes = bytes;
    co_return co_await to.send(envelope);
  }
  std::future<Sent> send(const std::string& id, const std::string& bytes = bundle) {
    return loop.start(carry(*destination, id, bytes));
  }

  net::io_context io;
  net::ip::tcp::acceptor acceptor{io};
  std::string host;
  test::Loop loop;
  std::unique_ptr<Destination> destination;
};

// The next request with its body, as it came.
std::string request(Peer& server) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = server.read_exactly(1);
    if (byte.empty()) return head;
    head += byte;
  }
  const std::size_t at = lower(head).find("content-length: ");
  if (at == std::string::npos) return head;
  return head + server.read_exactly(std::stoul(head.substr(at + 16)));
}

std::string reply(const std::string& status, const std::string& body = "", const std::string& more = "") {
  return "HTTP/1.1 " + status + "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

}  // namespace

TEST_CASE("a message is posted with its type and its delivery id", "[http]") {
  Poster poster("headers: { X-Site: north }");
  auto sent = poster.send("s1-7-registry");
  Peer server(poster.acceptor);
  const std::string got = request(server);
  CHECK(got.starts_with("POST /fhir?x=1 HTTP/1.1\r\n"));
  CHECK(got.find("Host: " + poster.host + "\r\n") != std::string::npos);
  CHECK(got.find("Content-Type: application/fhir+json\r\n") != std::string::npos);
  CHECK(got.find("Idempotency-Key: s1-7-registry\r\n") != std::string::npos);
  CHECK(got.find("X-Site: north\r\n") != std::string::npos);
  CHECK(got.ends_with("\r\n\r\n" + bundle));
  server.send(reply("201 Created", "{\"id\":\"1\"}"));
  const Sent outcome = sent.get();
  CHECK(outcome.code == "201");
  CHECK(outcome.accepted);
  CHECK(outcome.reply == "{\"id\":\"1\"}");
}

TEST_CASE("the method may be PUT", "[http]") {
  Poster poster("method: PUT");
  auto sent = poster.send("1");
  Peer server(poster.acceptor);
  CHECK(request(server).starts_with("PUT /fhir"));
  server.send(reply("204 No Content"));
  CHECK(sent.get().accepted);
}

TEST_CASE("one connection carries request after request", "[http]") {
  Poster poster;
  auto sent = poster.send("1");
  Peer server(poster.acceptor);
  for (const char* id : {"1", "2", "3"}) {
    if (id[0] != '1') sent = poster.send(id);
    CHECK(request(server).find("Idempotency-Key: " + std::string(id)) != std::string::npos);
    server.send(reply("200 OK", "fine"));
    CHECK(sent.get().accepted);
  }
}

TEST_CASE("only a status of 2xx is a yes, and a redirect is not followed", "[http]") {
  Poster poster;
  std::future<Sent> sent = poster.send("1");
  Peer server(poster.acceptor);
  bool first = true;
  for (const std::string status :
       {"302 Found", "400 Bad Request", "404 Not Found", "429 Too Many Requests", "503 Unavailable"}) {
    if (!first) sent = poster.send("1");
    first = false;
    request(server);
    server.send(reply(status, "why", "Location: http://elsewhere.example/\r\n"));
    const Sent outcome = sent.get();
    CHECK(outcome.code == status.substr(0, 3));
    CHECK(!outcome.accepted);
    CHECK(!outcome.detail.empty());
    CHECK(outcome.reply == "why");
  }
}

TEST_CASE("a reply may come in chunks and after 100 Continue", "[http]") {
  Poster poster;
  auto sent = poster.send("1");
  Peer server(poster.acceptor);
  request(server);
  server.send(
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n");
  CHECK(sent.get().reply == "abcde");
}

TEST_CASE("a connection the server closed while idle is replaced", "[http]") {
  Poster poster;
  auto sent = poster.send("1");
  {
    Peer server(poster.acceptor);
    request(server);
    server.send(reply("200 OK"));
    CHECK(sent.get().accepted);
  }
  auto second = poster.send("2");
  Peer server(poster.acceptor);
  request(server);
  server.send(reply("200 OK"));
  CHECK(second.get().accepted);
}

TEST_CASE("a server that asks for it gets a new connection each time", "[http]") {
  Poster poster;
  for (int i = 0; i < 2; ++i) {
    auto sent = poster.send("1");
    Peer server(poster.acceptor);
    request(server);
    server.send(reply("200 OK", "", "Connection: close\r\n"));
    CHECK(sent.get().accepted);
    CHECK(server.is_closed());
  }
}

TEST_CASE("no reply in time is a timeout and the connection is closed", "[http]") {
  Poster poster("reply_timeout: 60ms");
  auto sent = poster.send("1");
  Peer server(poster.acceptor);
  request(server);
  const Sent outcome = sent.get();
  CHECK(outcome.code == "timeout");
  CHECK(!outcome.accepted);
  CHECK(server.is_closed());
}

TEST_CASE("a reply that drips in does not hold a delivery for ever", "[http]") {
  Poster poster("reply_timeout: 80ms");
  auto sent = poster.send("1");
  Peer server(poster.acceptor);
  request(server);
  server.send("HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 10 && sent.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout; ++i) {
    try {
      server.send("X: y\r\n");
    } catch (const boost::system::system_error&) {
    }
  }
  CHECK(sent.get().code == "timeout");
}

TEST_CASE("a server that closes without an answer is told apart", "[http]") {
  Poster poster;
  auto sent = poster.send("1");
  {
    Peer server(poster.acceptor);
    request(server);
  }
  CHECK(sent.get().code == "closed");
}

TEST_CASE("something that is no HTTP is told apart", "[http]") {
  Poster poster;
  auto sent = poster.send("1");
  Peer server(poster.acceptor);
  request(server);
  server.send("\x0BMSH|^~\\&|\x1C\r\n\r\n");
  CHECK(sent.get().code == "unreadable");
}

TEST_CASE("a reply over the limit is cut and its status counts", "[http]") {
  Poster poster("max_reply: 100B");
  auto sent = poster.send("1");
  Peer server(poster.acceptor);
  request(server);
  server.send(reply("200 OK", std::string(5000, 'x')));
  const Sent outcome = sent.get();
  CHECK(outcome.code == "200");
  CHECK(outcome.accepted);
  CHECK(outcome.reply.size() <= 100);
}

TEST_CASE("a server that cannot be reached is an exception", "[http]") {
  Poster poster;
  poster.acceptor.close();
  CHECK_THROWS_AS(poster.send("1").get(), boost::system::system_error);
}

TEST_CASE("a large message is posted whole", "[http]") {
  Poster poster;
  const std::string large(5'000'000, 'x');
  auto sent = poster.send("1", large);
  Peer server(poster.acceptor);
  CHECK(request(server).ends_with(large));
  server.send(reply("200 OK"));
  CHECK(sent.get().accepted);
}

TEST_CASE("no more requests are under way than connections allow", "[http]") {
  Poster poster("connections: 1");
  CHECK(poster.destination->connections() == 1);
  auto one = poster.send("1"), two = poster.send("2");
  Peer server(poster.acceptor);
  request(server);
  CHECK(two.wait_for(std::chrono::milliseconds(20)) == std::future_status::timeout);
  server.send(reply("200 OK"));
  request(server);
  server.send(reply("200 OK"));
  CHECK((one.get().accepted && two.get().accepted));
}

TEST_CASE("URLs are read exactly", "[http]") {
  CHECK(http::parse_url("http://127.0.0.1:8080/fhir").value().target == "/fhir");
  CHECK(http::parse_url("http://lab.example").value().address.port == "80");
  CHECK(http::parse_url("http://lab.example").value().host == "lab.example");
  CHECK(http::parse_url("http://lab.example?a=b").value().target == "/?a=b");
  CHECK(http::parse_url("http://[::1]:81/x").value().address.host == "::1");
  CHECK(http::parse_url("http://[::1]/x").value().host == "[::1]");
  for (const char* bad : {"ftp://x", "http://", "http://u:p@x/", "http://x/#a", "http://x/a b", "http://x:99999/",
                          "http://x/\r\nHost: y", "x"}) {
    CHECK(http::parse_url(bad).has_error());
  }
}

TEST_CASE("the settings of an HTTP destination are checked", "[http]") {
  CHECK(test::faults(http_destination(), "url: \"https://lab.example/\"").empty());
  CHECK(test::faults(http_destination(), "url: \"http://127.0.0.1/\"\ntls: {}").find("write https://") != std::string::npos);
  CHECK(http::parse_url("https://lab.example:8443/x").value().host == "lab.example:8443");
  CHECK(http::parse_url("https://lab.example/x").value().address.port == "443");
  CHECK(test::faults(http_destination(), "url: \"http://lab.example/\"").find("insecure: true") != std::string::npos);
  CHECK(test::faults(http_destination(), "url: \"http://lab.example/\"\ninsecure: true").empty());
  CHECK(test::faults(http_destination(), "url: \"http://127.0.0.1/\"\nheaders: { Host: x }")
            .find("written by the destination itself") != std::string::npos);
  CHECK(test::faults(http_destination(), "url: \"http://127.0.0.1/\"\nheaders: { \"a b\": x }")
            .find("no name of a header") != std::string::npos);
  CHECK(test::faults(http_destination(), "url: \"http://127.0.0.1/\"\nheaders: { A: \"x\\r\\ny\" }")
            .find("on one line") != std::string::npos);
}
