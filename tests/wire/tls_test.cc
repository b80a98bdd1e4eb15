// TLS of the real binary; openssl s_client, curl and Python's ssl at the other end.
#include <catch2/catch.hpp>

#include "tests/support/authority.h"

using namespace tombolo::test;
using namespace std::chrono_literals;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

std::string quoted(const std::string& text) { return "\"" + text + "\""; }

struct Site {
  TempFolder folder;
  Authority authority{folder / "tls"};
  std::uint16_t port = free_port();
  std::unique_ptr<Process> engine;
  int calls = 0;

  Site() { authority.issue("engine", "DNS:localhost,DNS:engine.north.example,IP:127.0.0.1"); }

  // `certificate` and `key` of one that the authority signed.
  std::string own(const std::string& name = "engine") const {
    return "certificate: " + quoted(authority.certificate(name)) + ", key: " + quoted(authority.key(name));
  }
  std::string mllp(const std::string& tls, const std::string& more = "") const {
    return "channel: line\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(port) + "\"" + more + ", tls: { " + tls + " } }\n";
  }
  std::filesystem::path out() const { return folder / "out/all.ndjson"; }
  std::string to_file() const { return "destinations:\n  all:\n    file: { path: " + quoted(out().string()) + ", as: ndjson }\n"; }

  void write(const std::string& channel) const { write_file(folder / "channels/line.yaml", channel); }
  void start(const std::string& channel) {
    write(channel);
    engine = std::make_unique<Process>(
        std::vector<std::string>{binary, "run", folder.path().string(), "--store", (folder / "store").string()}, folder.path(), "engine");
    if (!listening(port)) FAIL("the engine does not listen: " + engine->err());
  }
  void stop() {
    engine->signal(SIGTERM);
    CHECK(engine->wait() == 0);
  }

  struct Got {
    int status = 0;
    std::string out, err;
  };
  Got run(std::vector<std::string> words) {
    const std::string name = "call" + std::to_string(++calls);
    Process process(std::move(words), folder.path(), name);
    const int status = process.wait(60s);
    return {status, process.out(), process.err()};
  }
  Got check(const std::string& channel) {
    write(channel);
    return run({binary, "check", folder.path().string()});
  }
  // `openssl s_client` with what `input`, a shell command, prints; it leaves when that ends.
  std::string client(const std::string& input, const std::string& more = "") const {
    return "(" + input + ") | timeout 20 openssl s_client -connect 127.0.0.1:" + std::to_string(port) +
           " -verify_return_error -quiet -no_ign_eof -CAfile '" + authority.pem() + "' " + more;
  }
  Got speak(const std::string& input, const std::string& more = "") { return run({"/bin/sh", "-c", client(input, more)}); }
  std::string with(const std::string& name) const { return "-cert '" + authority.certificate(name) + "' -key '" + authority.key(name) + "'"; }
  // A file with the frame of a message, as a shell command prints it.
  std::string frame(const std::string& message, const std::string& seconds = "1") {
    const auto file = folder / ("frame" + std::to_string(++calls));
    write_file(file, "\x0b" + message + "\x1c\r");
    return "cat '" + file.string() + "'; sleep " + seconds;
  }
};

std::string of_sender(const std::string& application, const std::string& control_id) {
  std::string message = admission(control_id, "4711");
  return message.replace(message.find("TESTADT"), 7, application);
}

std::string acked(const std::string& out) {
  const std::size_t begin = out.find("MSH");
  return begin == std::string::npos ? "" : field(std::string_view(out).substr(begin), "MSA", 1);
}

}  // namespace

TEST_CASE("an MLLP message over TLS is acknowledged; plain text and old TLS are refused and said in the log", "[tls]") {
  Site site;
  site.start(site.mllp(site.own()) + site.to_file());
  CHECK(acked(site.speak(site.frame(admission("T1", "4711"))).out) == "AA");
  CHECK(acked(site.speak(site.frame(admission("T2", "4711")), "-tls1_2 -cipher ECDHE-ECDSA-AES128-GCM-SHA256").out) == "AA");
  CHECK(eventually([&] { return has(read_file(site.out()), "|T1|") && has(read_file(site.out()), "|T2|"); }));

  const auto no_aead = site.speak(site.frame(admission("T3", "4711")), "-tls1_2 -cipher ECDHE-ECDSA-AES128-SHA");
  CHECK(acked(no_aead.out) == "");
  CHECK(has(no_aead.err, "handshake failure"));
  std::this_thread::sleep_for(1100ms);  // one refusal a second is said
  const auto old = site.speak(site.frame(admission("T4", "4711")), "-tls1_1 -cipher DEFAULT:@SECLEVEL=0");
  CHECK(acked(old.out) == "");
  CHECK(has(old.err, "alert protocol version"));
  std::this_thread::sleep_for(1100ms);
  Line plain;
  REQUIRE(plain.connect(site.port));
  plain.send_frame(admission("T5", "4711"));
  CHECK_FALSE(plain.frame(2s));
  CHECK(eventually([&] { return has(site.engine->err(), "what the peer sends is not TLS"); }));
  CHECK(has(site.engine->err(), "T2009"));
  site.stop();
  CHECK_FALSE(has(read_file(site.out()), "|T3|"));
}

TEST_CASE("with an authority for clients nobody comes in without its certificate, and nobody with a revoked one", "[tls]") {
  Site site;
  const Authority other(site.folder / "other", "other");
  site.authority.issue("lab", "DNS:lab.north.example");
  site.authority.issue("lost", "DNS:lost.north.example");
  other.issue("stranger", "DNS:lab.north.example");
  site.authority.revoke("lost");
  site.authority.write_crl();
  site.start(site.mllp(site.own() + ", ca: " + quoted(site.authority.pem()) + ", crl: " + quoted(site.authority.crl())) + site.to_file());
  CHECK(acked(site.speak(site.frame(admission("M1", "4711")), site.with("lab")).out) == "AA");
  CHECK(acked(site.speak(site.frame(admission("M2", "4711"))).out) == "");
  CHECK(eventually([&] { return has(site.engine->err(), "showed no certificate"); }));
  std::this_thread::sleep_for(1100ms);
  CHECK(acked(site.speak(site.frame(admission("M3", "4711")), site.with("lost")).out) == "");
  CHECK(eventually([&] { return has(site.engine->err(), "certificate revoked"); }));
  std::this_thread::sleep_for(1100ms);
  const std::string strange = "-cert '" + other.certificate("stranger") + "' -key '" + other.key("stranger") + "'";
  CHECK(acked(site.speak(site.frame(admission("M4", "4711")), strange).out) == "");
  CHECK(eventually([&] { return has(site.engine->err(), "unable to get local issuer"); }));
  site.stop();
  for (const std::string refused : {"M2", "M3", "M4"}) CHECK_FALSE(has(read_file(site.out()), "|" + refused + "|"));
}

TEST_CASE("a certificate speaks for its senders only", "[tls]") {
  Site site;
  site.authority.issue("lab", "DNS:lab.north.example,DNS:second.north.example");
  site.authority.issue("guest", "DNS:guest.north.example");
  site.start(site.mllp(site.own() + ", ca: " + quoted(site.authority.pem()) +
                       ", senders: { LAB.north.example: [\"LAB|EASTWING\", \"LAB2|*\"] }") + site.to_file());
  CHECK(acked(site.speak(site.frame(of_sender("LAB", "S1")), site.with("lab")).out) == "AA");
  CHECK(acked(site.speak(site.frame(of_sender("LAB2", "S2")), site.with("lab")).out) == "AA");
  CHECK(acked(site.speak(site.frame(of_sender("WARD", "S3")), site.with("lab")).out) == "AR");
  CHECK(acked(site.speak(site.frame(of_sender("LAB", "S4")), site.with("guest")).out) == "AR");
  CHECK(has(site.engine->err(), "T3006"));
  CHECK(eventually([&] { return has(read_file(site.out()), "|S1|") && has(read_file(site.out()), "|S2|"); }));
  site.stop();
  CHECK_FALSE(has(read_file(site.out()), "|S3|"));
  CHECK_FALSE(has(read_file(site.out()), "|S4|"));
}

TEST_CASE("new certificates come into force while connections stand, and broken ones do not", "[tls]") {
  Site site;
  site.start(site.mllp(site.own()) + site.to_file());
  const auto serial = [&] {
    return site.run({"/bin/sh", "-c", "openssl s_client -connect 127.0.0.1:" + std::to_string(site.port) + " </dev/null 2>/dev/null | openssl x509 -noout -serial"}).out;
  };
  const std::string first = serial();
  const auto files = site.folder.path();
  write_file(files / "first", "\x0b" + admission("R1", "4711") + "\x1c\r");
  write_file(files / "second", "\x0b" + admission("R2", "4711") + "\x1c\r");
  const std::string waiting = "cat '" + (files / "first").string() + "'; while [ ! -e '" + (files / "go").string() + "' ]; do sleep 0.1; done; cat '" +
                              (files / "second").string() + "'; sleep 1";
  Process standing({"/bin/sh", "-c", site.client(waiting)}, files, "standing");
  REQUIRE(eventually([&] { return acked(standing.out()) == "AA"; }));
  site.authority.issue("engine", "DNS:localhost,IP:127.0.0.1");
  CHECK(eventually([&] { return serial() != first; }));
  const std::string second = serial();
  write_file(files / "go", "");
  CHECK(eventually([&] { return has(standing.out(), "MSA|AA|R2"); }));
  standing.wait();

  write_file(site.authority.certificate("engine"), "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n");
  CHECK(eventually([&] { return has(site.engine->err(), "T1302"); }));
  CHECK(serial() == second);
  site.stop();
  CHECK(has(site.engine->err(), "T1301"));
}

TEST_CASE("a certificate that will expire is said at the start", "[tls]") {
  Site site;
  site.authority.issue("engine", "DNS:localhost", "10");
  site.start(site.mllp(site.own()) + site.to_file());
  CHECK(eventually([&] { return has(site.engine->err(), "T1303"); }));
  CHECK(has(site.engine->err(), "days=9"));
  site.stop();
}

TEST_CASE("what is wrong with the files of TLS is said by check, with its place", "[tls]") {
  Site site;
  site.authority.issue("lab", "DNS:lab.north.example");
  const std::string end = site.to_file();
  const auto wrong = [&](const std::string& tls) {
    const auto got = site.check(site.mllp(tls) + end);
    CHECK(got.status == 1);
    CHECK(has(got.err + got.out, "line.yaml:3:"));
    return got.err + got.out;
  };
  CHECK(site.check(site.mllp(site.own()) + end).status == 0);
  CHECK(has(wrong("certificate: " + quoted(site.authority.certificate("engine")) + ", key: " + quoted(site.authority.key("lab"))), "does not belong to the certificate"));
  CHECK(has(wrong("certificate: /nowhere/engine.pem"), "/nowhere/engine.pem"));
  CHECK(has(wrong("certificate: " + quoted(site.authority.key("lab"))), "found PRIVATE KEY"));
  CHECK(has(wrong(site.own() + ", clients: required"), "needs 'ca'"));
  CHECK(has(wrong(site.own() + ", senders: { lab: \"LAB|NORTH\" }"), "'senders' needs certificates"));
  CHECK(has(wrong(site.own() + ", crl: x.crl"), "'crl' needs 'ca'"));
  CHECK(has(wrong(site.own() + ", cert: x"), "'cert'"));
}

TEST_CASE("callers that never shake hands take no place from those who do", "[tls]") {
  Site site;
  site.start(site.mllp(site.own() + ", handshake_timeout: 2s", ", connections: 2") + site.to_file());
  std::vector<Line> silent(300);
  for (auto& line : silent) REQUIRE(line.connect(site.port));
  CHECK(acked(site.speak(site.frame(admission("H1", "4711"))).out) == "AA");
  site.stop();
}

TEST_CASE("curl posts over TLS, with a certificate where one is asked for", "[tls]") {
  Site site;
  site.authority.issue("lab", "DNS:lab.north.example");
  const std::string url = "https://localhost:" + std::to_string(site.port) + "/in";
  site.start("channel: web\nsource:\n  http: { listen: \"127.0.0.1:" + std::to_string(site.port) + "\", path: /in, tls: { " + site.own() +
             ", ca: " + quoted(site.authority.pem()) + " } }\n" + site.to_file());
  write_file(site.folder / "body", admission("C1", "4711") + "OBX|1|TX|X^x||" + std::string(600'000, 'y') + "\r");
  std::vector<std::string> post{"/usr/bin/curl", "-s", "--max-time", "20", "--cacert", site.authority.pem(), "-H", "Content-Type: application/hl7-v2",
                                "--data-binary", "@" + (site.folder / "body").string()};
  auto known = post;
  known.insert(known.end(), {"--cert", site.authority.certificate("lab"), "--key", site.authority.key("lab"), url, url});
  const auto got = site.run(known);  // two over one connection
  CHECK(got.status == 0);
  CHECK(field(got.out, "MSA", 1) == "AA");
  CHECK(eventually([&] { return has(read_file(site.out()), "|C1|"); }));
  auto unknown = post;
  unknown.push_back(url);
  CHECK(site.run(unknown).status != 0);
  site.stop();
}

TEST_CASE("deliveries go out over TLS to whom the authority knows; another certificate pauses the destination", "[tls]") {
  Site site;
  const Authority other(site.folder / "other", "other");
  site.authority.issue("receiver", "DNS:localhost");
  site.authority.issue("us", "DNS:engine.north.example");
  const std::string server = R"(import http.server, ssl, sys
class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = 'HTTP/1.1'
    def do_POST(self):
        open(sys.argv[5], 'ab').write(self.rfile.read(int(self.headers['Content-Length'])) + b'\n')
        self.send_response(201)
        self.send_header('Content-Length', '0')
        self.end_headers()
    def log_message(self, *words): pass
server = http.server.ThreadingHTTPServer(('127.0.0.1', int(sys.argv[1])), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain(sys.argv[2], sys.argv[3])
context.load_verify_locations(sys.argv[4])
context.verify_mode = ssl.CERT_REQUIRED
server.socket = context.wrap_socket(server.socket, server_side=True)
server.serve_forever()
)";
  write_file(site.folder / "server.py", server);
  const std::uint16_t web = free_port();
  Process receiver({"/usr/bin/python3", (site.folder / "server.py").string(), std::to_string(web), site.authority.certificate("receiver"),
                    site.authority.key("receiver"), site.authority.pem(), (site.folder / "got").string()}, site.folder.path(), "receiver");
  REQUIRE(listening(web));
  const auto to = [&](const std::string& name, const std::string& ca) {
    return "  " + name + ":\n    http: { url: \"https://localhost:" + std::to_string(web) + "/\", tls: { " + site.own("us") + ", ca: " + quoted(ca) + " } }\n";
  };
  site.start(site.mllp(site.own()) + "destinations:\n" + to("trusted", site.authority.pem()) + to("untrusted", other.pem()));
  const auto sent = site.run({binary, "send", "127.0.0.1:" + std::to_string(site.port), "--ca", site.authority.pem(), (site.folder / "body").string()});
  CHECK(sent.status != 0);  // there is no such file yet
  write_file(site.folder / "body", admission("D1", "4711"));
  CHECK(site.run({binary, "send", "127.0.0.1:" + std::to_string(site.port), "--ca", site.authority.pem(), (site.folder / "body").string()}).status == 0);
  CHECK(site.run({binary, "send", "127.0.0.1:" + std::to_string(site.port), "--ca", other.pem(), (site.folder / "body").string()}).status == 3);
  CHECK(eventually([&] { return has(read_file(site.folder / "got"), "|D1|"); }));
  CHECK(eventually([&] { return has(site.engine->err(), "code=tls"); }));
  CHECK(has(site.engine->err(), "T4003"));
  site.stop();
}

TEST_CASE("an engine delivers to an engine over MLLP with certificates on both sides", "[tls]") {
  Site site;
  site.authority.issue("us", "DNS:engine.north.example");
  const std::uint16_t second = free_port();
  write_file(site.folder / "channels/ward.yaml",
             "channel: ward\nsource:\n  mllp: { listen: \"127.0.0.1:" + std::to_string(second) + "\", tls: { " + site.own() + ", ca: " + quoted(site.authority.pem()) +
                 ", minimum: 1.3, senders: { engine.north.example: \"*|*\" } } }\n" + site.to_file());
  site.start(site.mllp(site.own()) + "destinations:\n  ward:\n    mllp: { connect: \"localhost:" + std::to_string(second) + "\", tls: { " + site.own("us") +
             ", ca: " + quoted(site.authority.pem()) + " } }\n");
  const std::string long_one = admission("E1", "4711") + "OBX|1|TX|X^x||" + std::string(3'000'000, 'y') + "\r";
  CHECK(acked(site.speak(site.frame(long_one, "3")).out) == "AA");
  CHECK(acked(site.speak(site.frame(admission("E2", "4711"))).out) == "AA");
  CHECK(eventually([&] { return has(read_file(site.out()), "|E1|") && has(read_file(site.out()), "|E2|"); }));
  site.stop();
}
