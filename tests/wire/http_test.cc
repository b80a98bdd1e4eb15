// The HTTP source of the real binary, and curl as the sender.
#include <catch2/catch.hpp>

#include "tests/support/engine.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

std::string patient(const std::string& id) {
  return R"({"resourceType":"Patient","id":")" + id + R"(","name":[{"family":"Tester","given":["Tilda"]}]})";
}

struct Site {
  TempFolder folder;
  std::uint16_t port = free_port();
  std::unique_ptr<Process> engine;
  int calls = 0;

  std::string wire(const std::string& more = "") const {
    return "channel: web\nsource:\n  http: { listen: \"127.0.0.1:" + std::to_string(port) + "\", path: /in" + more + " }\n";
  }
  std::filesystem::path out() const { return folder / "out/all.ndjson"; }
  void start(const std::string& head) {
    write_file(folder / "channels/web.yaml", head + "destinations:\n  all:\n    file: { path: \"" + out().string() + "\", as: ndjson }\n");
    start();
  }
  void start() {
    engine = std::make_unique<Process>(
        std::vector<std::string>{binary, "run", folder.path().string(), "--store", (folder / "store").string()}, folder.path(), "engine");
    if (!listening(port)) FAIL("the engine does not listen: " + engine->err());
  }
  void stop() {
    engine->signal(SIGTERM);
    CHECK(engine->wait() == 0);
  }

  struct Got {
    std::string status, body, head;
  };
  Got curl(std::vector<std::string> words, const std::string& path = "/in") {
    const std::string name = "curl" + std::to_string(++calls);
    const auto body = folder / (name + ".body"), head = folder / (name + ".head");
    words.insert(words.begin(), {"/usr/bin/curl", "-s", "--max-time", "20", "-o", body.string(), "-D", head.string(), "-w", "%{http_code}"});
    words.push_back("http://127.0.0.1:" + std::to_string(port) + path);
    Process process(words, folder.path(), name);
    process.wait();
    return {process.out(), read_file(body), read_file(head)};
  }
  Got post(const std::string& body, const std::string& type, std::vector<std::string> more = {}) {
    const auto file = folder / ("post" + std::to_string(calls + 1));
    write_file(file, body);
    more.insert(more.end(), {"-H", "Content-Type: " + type, "--data-binary", "@" + file.string()});
    return curl(more);
  }
};

// A sender that stops in the middle: what it says, and all that comes back until the engine closes.
std::string half_a_request(std::uint16_t port, const std::string& bytes) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  std::string got;
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0 && ::send(fd, bytes.data(), bytes.size(), MSG_NOSIGNAL) > 0) {
    char buffer[4096];
    for (ssize_t n = recv(fd, buffer, sizeof buffer, 0); n > 0; n = recv(fd, buffer, sizeof buffer, 0)) got.append(buffer, static_cast<std::size_t>(n));
  }
  close(fd);
  return got;
}

}  // namespace

TEST_CASE("an HL7 message that curl posts is acknowledged in the answer's body and delivered", "[http]") {
  Site site;
  site.start(site.wire() + "steps:\n  - map: hl7v2-to-fhir\n");
  for (const std::string type : {"application/hl7-v2", "application/hl7-v2+er7", "x-application/hl7-v2+er7; charset=utf-8"}) {
    const auto got = site.post(admission("H1" + std::to_string(type.size()), "4711"), type);
    CHECK(got.status == "200");
    CHECK(has(got.head, "Content-Type: application/hl7-v2"));
    CHECK(field(got.body, "MSA", 1) == "AA");
    CHECK(field(got.body, "MSA", 2) == "H1" + std::to_string(type.size()));
  }
  CHECK(eventually([&] { return has(read_file(site.out()), "4711"); }));
  const auto bad = site.post("this is no message", "application/hl7-v2");
  CHECK(bad.status == "400");
  CHECK(field(bad.body, "MSA", 1) == "AE");
  site.stop();
}

TEST_CASE("FHIR that is only kept is answered 202, what was mapped 200, what is no FHIR 400 with its place", "[http]") {
  Site site;
  site.start(site.wire() + "  format: fhir\n");
  const auto kept = site.post(patient("a1"), "application/fhir+json");
  CHECK(kept.status == "202");
  CHECK(has(kept.head, "Content-Type: application/fhir+json"));
  CHECK(has(kept.body, "OperationOutcome"));
  const auto bad = site.post(R"({"resourceType":"Patient","idd":"CANARY"})", "application/fhir+json");
  CHECK(bad.status == "400");
  CHECK(has(bad.body, "idd"));
  CHECK_FALSE(has(bad.body, "CANARY"));
  site.stop();

  Site waits;
  waits.start(waits.wire() + "  format: fhir\nacknowledge: { after: mapped }\n");
  CHECK(waits.post(patient("a2"), "application/fhir+json").status == "200");
  waits.stop();
}

TEST_CASE("what an HTTP source does not take is refused before its body is read, and said exactly", "[http]") {
  Site site;
  site.start(site.wire(", max_message: 2KiB") + "  format: fhir\n");
  const auto asked = site.curl({});
  CHECK(asked.status == "405");
  CHECK(has(asked.head, "Allow: POST"));
  CHECK(site.curl({"-d", "x"}, "/other").status == "404");
  CHECK(site.post(patient("b1"), "application/fhir+json", {"-H", "Content-Encoding: br"}).status == "415");
  CHECK(site.post(patient("b1"), "application/fhir+json; charset=\"koi8-r\"").status == "415");
  CHECK(site.post(std::string(4 << 20, ' ') + patient("b1"), "application/fhir+json").status == "413");
  CHECK(site.post(std::string(8 << 10, ' ') + patient("b1"), "application/fhir+json", {"-H", "Transfer-Encoding: chunked"}).status == "413");
  CHECK(site.post(patient("b2"), "application/fhir+json", {"-H", "Expect: 100-continue"}).status == "202");
  CHECK(site.curl({"-H", "X-Long: " + std::string(20'000, 'x')}).status == "431");
  CHECK(has(half_a_request(site.port, "nonsense\r\n\r\n"), "400 Bad Request"));
  site.stop();
  CHECK_FALSE(has(site.engine->err(), "Tester"));
}

TEST_CASE("who has no token of the channel is turned away before the body is read", "[http]") {
  Site site;
  write_file(site.folder / "secrets/lab-token", "a gull on every third post\n");
  write_file(site.folder / "secrets/ward-token", "seven boats and a lantern\n");
  site.start(site.wire(", tokens: { lab: !secret lab-token, ward: !secret ward-token }") + "  format: fhir\n");
  const auto with = [&](const std::string& authorization) {
    return site.post(patient("t1"), "application/fhir+json", {"-H", "Authorization: " + authorization});
  };
  CHECK(with("Bearer seven boats and a lantern").status == "202");
  CHECK(with("bearer a gull on every third post").status == "202");
  for (const std::string wrong : {"Bearer seven boats and a lanterm", "Bearer", "Bearer ", "Basic seven boats and a lantern", "seven boats and a lantern"}) {
    const auto got = with(wrong);
    CHECK(got.status == "401");
    CHECK(has(got.head, "WWW-Authenticate: Bearer"));
  }
  CHECK(site.post(patient("t1"), "application/fhir+json").status == "401");
  site.stop();
  CHECK_FALSE(has(site.engine->err() + site.engine->out(), "lanter"));
}

TEST_CASE("a compressed body is unpacked, unless it is cut, followed by something, or made to burst", "[http]") {
  Site site;
  site.start(site.wire(", max_message: 8MiB") + "  format: fhir\n");
  const auto packed = [&](const std::string& body, const std::string& then = "") {
    write_file(site.folder / "plain", body);
    Process gzip({"/bin/sh", "-c", "gzip -9 -c '" + (site.folder / "plain").string() + "'"}, site.folder.path(), "gzip");
    REQUIRE(gzip.wait() == 0);
    return gzip.out() + then;
  };
  const auto post = [&](const std::string& body) { return site.post(body, "application/fhir+json", {"-H", "Content-Encoding: gzip"}); };
  const std::string whole = packed(patient("z1"));
  CHECK(post(whole).status == "202");
  CHECK(eventually([&] { return has(read_file(site.out()), "\"z1\""); }));
  const auto cut = post(whole.substr(0, whole.size() / 2));
  CHECK(cut.status == "400");
  CHECK(has(cut.body, "no whole gzip"));
  CHECK(post(packed(patient("z2"), "more")).status == "400");
  CHECK(post(patient("z3")).status == "400");
  CHECK(post(packed(patient("z4") + std::string(9 << 20, ' '))).status == "413");
  CHECK(post(packed(patient("z5") + std::string(4 << 20, ' '))).status == "413");  // 1 to 1000
  CHECK(post(packed(patient("z6") + std::string(1 << 19, ' '))).status == "202");
  site.stop();
}

TEST_CASE("senders that stall are sent away and hold up nobody", "[http]") {
  Site site;
  site.start(site.wire(", request_timeout: 400ms, idle_timeout: 400ms") + "  format: fhir\n");
  std::vector<Line> silent(60);
  for (auto& line : silent) REQUIRE(line.connect(site.port));
  std::string slow;
  std::thread staller([&] { slow = half_a_request(site.port, "POST /in HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\n{"); });
  CHECK(site.post(patient("c1"), "application/fhir+json").status == "202");
  staller.join();
  CHECK(has(slow, "408 Request Timeout"));
  site.stop();
}

TEST_CASE("what an HTTP sender was told is kept outlives a kill, and a request that comes again is not processed twice", "[http]") {
  Site site;
  site.start(site.wire() + "  format: fhir\n");
  int told = 0;
  for (int round = 0; round < 3; ++round) {
    for (int i = 0; i < 8; ++i, ++told) {
      const std::string id = "k" + std::to_string(told);
      REQUIRE(site.post(patient(id), "application/fhir+json", {"-H", "Idempotency-Key: " + id}).status == "202");
    }
    site.engine->kill_hard();
    site.start();
    const std::string last = "k" + std::to_string(told - 1);
    REQUIRE(site.post(patient(last), "application/fhir+json", {"-H", "Idempotency-Key: " + last}).status == "202");
  }
  for (int i = 0; i < told; ++i) {
    INFO(i);
    CHECK(eventually([&] { return has(read_file(site.out()), "\"k" + std::to_string(i) + "\""); }));
  }
  site.stop();
}
