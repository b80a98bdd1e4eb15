// NATS JetStream both ways: the real binary and a real nats-server.
#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <set>

#include "tests/support/nats.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

constexpr const char* soon = "    retry: { first: 20ms, max: 100ms }\n";

std::string to_stream(std::uint16_t port, const NatsServer& server, const std::string& more = ", create: [\"hl7.>\"]") {
  return "channel: out\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(port) + "\" }\ndestinations:\n  stream:\n    nats: { server: \"" + server.address() +
         "\", stream: HL7, subject: \"hl7.{channel}.{type}\", timeout: 1s" + more + " }\n" + soon;
}

std::string from_stream(const std::filesystem::path& out, const NatsServer& server, const std::string& more = "") {
  return "channel: in\nsource:\n  nats: { server: \"" + server.address() + "\", stream: HL7, durable: house, ack_wait: 1s, again_after: 100ms, timeout: 1s" + more +
         " }\ndestinations:\n  file:\n    file: { path: \"" + out.string() + "\", as: ndjson }\n" + soon;
}

std::vector<std::string> run_in(const TempFolder& folder) {
  return {binary, "run", (folder / "channels").string(), "--store", (folder / "store").string()};
}

// How often each control id stands in the file.
std::map<std::string, int> seen(const std::filesystem::path& file) {
  std::map<std::string, int> times;
  const std::string text = read_file(file);
  constexpr std::string_view before = "ADT^A01^ADT_A01|";
  for (auto at = text.find(before); at != std::string::npos; at = text.find(before, at + 1)) {
    const auto begin = at + before.size();
    ++times[text.substr(begin, text.find('|', begin) - begin)];
  }
  return times;
}

// Sends until it is answered AA, as senders do, however often the engine goes.
bool sent(Line& line, std::uint16_t port, const std::string& id) {
  if (!line.open() && !line.connect(port)) return false;
  const bool taken = line.send_frame(admission(id, "P1")) && field(line.frame(5s).value_or(""), "MSA", 1) == "AA";
  if (!taken) line.shut();
  return taken;
}

}  // namespace

TEST_CASE("a message is delivered when the stream has stored it, under its delivery's id", "[wire][nats]") {
  NatsServer server;
  TempFolder folder;
  const auto port = free_port();
  write_file(folder / "channels" / "out.yaml", to_stream(port, server));
  Process engine(run_in(folder), folder.path());
  REQUIRE(listening(port));
  Line line;
  for (int i = 0; i < 20; ++i) REQUIRE(sent(line, port, "M" + std::to_string(i)));
  NatsClient client(server.address());
  REQUIRE(eventually([&] { return client.stored("HL7").size() == 20; }));
  std::set<std::string> ids;
  int number = 0;
  for (const auto& one : client.stored("HL7")) {
    CHECK(one.subject == "hl7.out.ADT_A01");
    CHECK(one.content_type == "application/hl7-v2");
    CHECK(one.bytes == admission("M" + std::to_string(number++), "P1"));  // one patient: in order
    ids.insert(one.id);
  }
  CHECK(ids.size() == 20);
}

TEST_CASE("a stream that is not there, or a password that is wrong, is said, and nothing is lost", "[wire][nats]") {
  NatsServer server({"--user", "house", "--pass", "only-for-this-test"});
  TempFolder folder;
  const auto port = free_port();
  write_file(folder / "channels" / "out.yaml", to_stream(port, server, ", user: house, password: !secret bus"));
  write_file(folder / "secrets" / "bus", "wrong\n");
  std::vector<std::string> words = run_in(folder);
  words.insert(words.end(), {"--site", folder.path().string()});
  {
    Process engine(words, folder.path());
    REQUIRE(listening(port));
    Line line;
    REQUIRE(sent(line, port, "M1"));
    CHECK(eventually([&] { return engine.err().find("code=401") != std::string::npos; }));
  }
  write_file(folder / "secrets" / "bus", "only-for-this-test\n");
  Process engine(words, folder.path());
  CHECK(eventually([&] { return engine.err().find("code=404") != std::string::npos; }));
  NatsClient client(server.address(), "house:only-for-this-test");
  client.make_stream("HL7", "hl7.>");
  CHECK(eventually([&] { return client.stored("HL7").size() == 1; }));
  CHECK(engine.err().find("only-for-this-test") == std::string::npos);
}

TEST_CASE("whenever the engine or the server is killed, what was answered AA gets into the stream, once", "[wire][nats]") {
  NatsServer server;
  TempFolder folder;
  const auto port = free_port();
  write_file(folder / "channels" / "out.yaml", to_stream(port, server));
  std::set<std::string> acked;
  for (int round = 0; round < 6; ++round) {
    Process engine(run_in(folder), folder.path());
    REQUIRE(listening(port));
    Line line;
    for (int i = 0; i < 30 + 7 * round; ++i) {
      const std::string id = "R" + std::to_string(round) + "N" + std::to_string(i);
      if (sent(line, port, id)) acked.insert(id);
      if (round % 2 == 1 && i == 20) server.kill();
      if (round % 2 == 1 && i == 25) server.start();
    }
    engine.kill_hard();
  }
  Process engine(run_in(folder), folder.path());
  NatsClient client(server.address());
  CHECK(eventually([&] {
    std::set<std::string> found;
    for (const auto& one : client.stored("HL7")) found.insert(field(one.bytes, "MSH", 10));
    return std::includes(found.begin(), found.end(), acked.begin(), acked.end());
  }));
  std::map<std::string, int> ids;
  for (const auto& one : client.stored("HL7")) ++ids[one.id];
  for (const auto& [id, times] : ids) CHECK(times == 1);
}

TEST_CASE("a message is acknowledged to the stream when it is durable, and a refused one comes no more", "[wire][nats]") {
  NatsServer server;
  NatsClient client(server.address());
  client.make_stream("HL7", "hl7.>");
  for (int i = 0; i < 10; ++i) client.publish("hl7.adt", admission("M" + std::to_string(i), "P1"));
  client.publish("hl7.adt", "this is no message");
  client.publish("hl7.adt", admission("LONG", std::string(3000, 'x')));
  client.publish("hl7.other", admission("ELSE", "P1"));
  TempFolder folder;
  write_file(folder / "channels" / "in.yaml", from_stream(folder / "out.ndjson", server, ", filter: hl7.adt, max_message: 2KiB"));
  Process engine(run_in(folder), folder.path());
  CHECK(eventually([&] { return client.all_answered("HL7", "house"); }));
  CHECK(eventually([&] { return seen(folder / "out.ndjson").size() == 10; }));
  for (const auto& [id, times] : seen(folder / "out.ndjson")) CHECK((times == 1 && id.front() == 'M'));
  engine.signal(SIGTERM);
  CHECK(engine.wait() == 0);
}

TEST_CASE("whenever the engine or the server is killed, what stands in the stream arrives", "[wire][nats]") {
  NatsServer server;
  {
    NatsClient client(server.address());
    client.make_stream("HL7", "hl7.>");
    for (int i = 0; i < 400; ++i) client.publish("hl7.adt", admission("M" + std::to_string(i), "P" + std::to_string(i % 5)));
  }
  TempFolder folder;
  write_file(folder / "channels" / "in.yaml", from_stream(folder / "out.ndjson", server, ", max_ack_pending: 16"));
  std::size_t before = 0;
  for (int round = 0; round < 5; ++round) {
    Process engine(run_in(folder), folder.path());
    eventually([&] { return seen(folder / "out.ndjson").size() > before; }, 10s);
    std::this_thread::sleep_for(std::chrono::milliseconds(5 * round));
    if (round % 2 == 1) {
      server.kill();
      server.start();
    }
    engine.kill_hard();
    before = seen(folder / "out.ndjson").size();
  }
  Process engine(run_in(folder), folder.path());
  CHECK(eventually([&] { return seen(folder / "out.ndjson").size() == 400; }));
  NatsClient client(server.address());
  CHECK(eventually([&] { return client.all_answered("HL7", "house"); }));
}
