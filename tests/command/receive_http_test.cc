#include <catch2/catch.hpp>

#include <future>
#include <sstream>
#include <thread>

#include "engine/command/receive.h"
#include "tests/connectors/peer.h"
#include "tests/support/temp.h"

using namespace tombolo;
using test::Peer;

namespace {

// A receiver that runs beside the test.
struct Server {
  explicit Server(ReceiveOptions options) {
    std::promise<std::string> listens;
    auto where = listens.get_future();
    options.http = true;
    options.json = true;
    options.listening = [&](const std::string& at) { listens.set_value(at); };
    thread = std::thread([this, options] { status = receive_command(options, out, err); });
    address = where.get();
  }
  ~Server() {
    if (thread.joinable()) thread.join();
  }
  // What it printed, once it has ended.
  std::string end() {
    thread.join();
    return out.str();
  }
  std::ostringstream out, err;
  int status = -1;
  std::string address;
  std::thread thread;
};

ReceiveOptions until(std::uint64_t count) {
  ReceiveOptions options;
  options.count = count;
  return options;
}

std::string request(const std::string& key, const std::string& body, const std::string& more = "") {
  return "POST /fhir HTTP/1.1\r\nHost: here\r\nContent-Type: application/fhir+json\r\nIdempotency-Key: " + key +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n" + more + "\r\n" + body;
}

// The status line and headers of the next answer; empty if the connection was closed.
std::string answer(Peer& peer) {
  std::string head;
  while (!head.ends_with("\r\n\r\n")) {
    const std::string byte = peer.read_exactly(1);
    if (byte.empty()) return head;
    head += byte;
  }
  return head;
}

std::string status_of(Peer& peer) {
  const std::string head = answer(peer);
  return head.size() < 12 ? "" : head.substr(9, 3);
}

}  // namespace

TEST_CASE("receive answers 201 over HTTP and writes each body as a line", "[receive]") {
  test::TempFolder folder;
  ReceiveOptions how = until(3);
  how.out = (folder / "got.ndjson").string();
  Server server(how);
  Peer peer(server.address);
  peer.send(request("a-1-x", "{\"n\":1}"));
  const std::string first = answer(peer);
  CHECK(first.starts_with("HTTP/1.1 201 Created\r\n"));
  CHECK(first.find("Content-Length: 0\r\n") != std::string::npos);
  peer.send(request("a-2-x", "{\"n\":2}") + request("a-3-x", "MSH|\rPID|\r"));
  CHECK(status_of(peer) == "201");
  CHECK(status_of(peer) == "201");
  CHECK(peer.is_closed());
  CHECK(server.end() == "{\"received\":3,\"repeats\":0,\"201\":3,\"cut\":0,\"without_id\":0}\n");
  CHECK(server.status == 0);
  CHECK(test::read_file(folder / "got.ndjson") == "{\"n\":1}\n{\"n\":2}\n\"MSH|\\rPID|\\r\"\n");
}

TEST_CASE("receive reports repeats by Idempotency-Key and writes what it refused only once", "[receive]") {
  test::TempFolder folder;
  ReceiveOptions how = until(4);
  how.out = (folder / "got.ndjson").string();
  how.nack_first = 2;
  Server server(how);
  Peer peer(server.address);
  for (const char* expected : {"503", "503", "201"}) {
    peer.send(request("a-1-x", "{\"n\":1}"));
    CHECK(status_of(peer) == expected);
  }
  peer.send("POST / HTTP/1.1\r\nHost: here\r\nContent-Length: 2\r\n\r\n{}");
  CHECK(status_of(peer) == "201");
  CHECK(server.end() == "{\"received\":4,\"repeats\":2,\"201\":2,\"503\":2,\"cut\":0,\"without_id\":1}\n");
  CHECK(test::read_file(folder / "got.ndjson") == "{\"n\":1}\n{}\n");
}

TEST_CASE("receive answers the status it is told, late if it is told so", "[receive]") {
  ReceiveOptions how = until(1);
  how.status = 503;
  how.delay = std::chrono::milliseconds(60);
  Server server(how);
  Peer peer(server.address);
  const auto begin = std::chrono::steady_clock::now();
  peer.send(request("a-1-x", "{}"));
  CHECK(status_of(peer) == "503");
  CHECK(std::chrono::steady_clock::now() - begin >= std::chrono::milliseconds(60));
}

TEST_CASE("receive cuts an HTTP connection without an answer", "[receive]") {
  ReceiveOptions how = until(1);
  how.cut = 1;
  Server server(how);
  Peer peer(server.address);
  peer.send(request("a-1-x", "{}"));
  CHECK(peer.is_closed());
  CHECK(server.end() == "{\"received\":1,\"repeats\":0,\"cut\":1,\"without_id\":0}\n");
}

TEST_CASE("receive takes chunks, asks a careful sender to go on, and closes when asked", "[receive]") {
  Server server(until(2));
  Peer peer(server.address);
  peer.send("POST / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n");
  CHECK(status_of(peer) == "201");
  peer.send("POST / HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nConnection: close\r\nContent-Length: 2\r\n\r\n");
  CHECK(status_of(peer) == "100");
  peer.send("{}");
  CHECK(status_of(peer) == "201");
  CHECK(peer.is_closed());
}

TEST_CASE("what is no HTTP, and a client that waits, keep no receiver from ending", "[receive]") {
  ReceiveOptions how;
  how.seconds = std::chrono::milliseconds(200);
  Server server(how);
  Peer wrong(server.address), silent(server.address), slow(server.address);
  wrong.send("\x0bMSH|^~\\&|\x1c\r\n\r\n");
  slow.send("POST / HTTP/1.1\r\nContent-Length: 100\r\n\r\n{");
  CHECK(wrong.is_closed());
  CHECK(server.end() == "{\"received\":0,\"repeats\":0,\"cut\":0,\"without_id\":0}\n");
  CHECK(silent.is_closed());
  CHECK(slow.is_closed());
}
