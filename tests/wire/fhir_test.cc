// The FHIR source of the real binary, and curl as the sender.
#include <catch2/catch.hpp>

#include "tests/support/engine.h"

using namespace tombolo::test;

namespace {

bool has(const std::string& text, const std::string& part) { return text.find(part) != text.npos; }

struct Site {
  TempFolder folder;
  std::uint16_t port = free_port();
  std::unique_ptr<Process> engine;
  int calls = 0;

  std::filesystem::path out() const { return folder / "out/all.ndjson"; }
  std::string wire(const std::string& more = "") const {
    return "channel: records\nsource:\n  fhir: { listen: \"127.0.0.1:" + std::to_string(port) + "\"" + more + " }\n";
  }
  void start(const std::string& channel, const std::string& destinations = "") {
    write_file(folder / "channels/records.yaml",
               channel + "destinations:\n" + (destinations.empty() ? "  all:\n    file: { path: \"" + out().string() + "\", as: ndjson }\n" : destinations));
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
  Got curl(const std::string& method, const std::string& path, std::vector<std::string> more = {}) {
    const std::string name = "curl" + std::to_string(++calls);
    const auto body = folder / (name + ".body"), head = folder / (name + ".head");
    std::vector<std::string> words{"/usr/bin/curl", "-s", "--max-time", "20", "-X", method, "-o", body.string(), "-D", head.string(), "-w", "%{http_code}"};
    words.insert(words.end(), more.begin(), more.end());
    words.push_back("http://127.0.0.1:" + std::to_string(port) + path);
    Process process(words, folder.path(), name);
    process.wait();
    return {process.out(), std::filesystem::exists(body) ? read_file(body) : "", read_file(head)};
  }
  Got send(const std::string& method, const std::string& path, const std::string& body, std::vector<std::string> more = {}) {
    const auto file = folder / ("sent" + std::to_string(calls + 1));
    write_file(file, body);
    const std::string syntax = body.starts_with('<') ? "xml" : "json";
    more.insert(more.end(), {"-H", "Content-Type: application/fhir+" + syntax, "--data-binary", "@" + file.string()});
    return curl(method, path, more);
  }
};

std::string patient(const std::string& id, const std::string& more = "") {
  return R"({"resourceType":"Patient","id":")" + id + R"(","name":[{"family":"Tester","given":["Tilda"]}])" + more + "}";
}

std::string bundle(const std::string& type, const std::string& id) {
  return R"({"resourceType":"Bundle","type":")" + type + R"(","entry":[{"fullUrl":"urn:uuid:6f1f5a2e-6a4c-4d39-9b52-0c7a5f0e1d01","resource":)" + patient(id) +
         R"(,"request":{"method":"POST","url":"Patient"}}]})";
}

}  // namespace

TEST_CASE("a FHIR server that keeps nothing takes creates, updates, batches, transactions and messages", "[fhir]") {
  Site site;
  site.start(site.wire());
  CHECK(site.send("POST", "/fhir/Patient", patient("w1")).status == "202");
  CHECK(site.send("PUT", "/fhir/Patient/w2", patient("w2")).status == "202");
  CHECK(site.send("POST", "/fhir", bundle("transaction", "w3")).status == "202");
  CHECK(site.send("POST", "/fhir/", bundle("batch", "w4")).status == "202");
  const std::string message =
      R"({"resourceType":"Bundle","type":"message","entry":[{"fullUrl":"urn:uuid:6f1f5a2e-6a4c-4d39-9b52-0c7a5f0e1d02","resource":{"resourceType":"MessageHeader","id":"w5","eventUri":"urn:example:admit","source":{"endpoint":"urn:example:north"}}}]})";
  CHECK(site.send("POST", "/fhir/$process-message", message).status == "202");
  const auto quiet = site.send("POST", "/fhir/$process-message?async=true", message);
  CHECK(quiet.status == "202");
  CHECK(quiet.body.empty());
  for (const std::string id : {"w1", "w2", "w3", "w4", "w5"}) {
    INFO(id);
    CHECK(eventually([&] { return has(read_file(site.out()), "\"" + id + "\""); }));
  }
  site.stop();
}

TEST_CASE("what the URL says and the body denies is refused with an OperationOutcome and no value", "[fhir]") {
  Site site;
  site.start(site.wire());
  const auto other_type = site.send("POST", "/fhir/Observation", patient("CANARY1"));
  CHECK(other_type.status == "400");
  CHECK(has(other_type.body, "OperationOutcome"));
  CHECK(has(other_type.body, "expected Observation, found Patient"));
  CHECK(site.send("PUT", "/fhir/Patient/a1", patient("CANARY2")).status == "400");
  CHECK(site.send("PUT", "/fhir/Patient/a1", R"({"resourceType":"Patient"})").status == "400");
  CHECK(site.send("POST", "/fhir", patient("a1")).status == "400");
  CHECK(site.send("POST", "/fhir", bundle("collection", "a1")).status == "400");
  const auto wrong = site.send("POST", "/fhir/Patient", patient("a1", R"(,"birtdate":"CANARY3")"));
  CHECK(wrong.status == "400");
  CHECK(has(wrong.body, "birthDate"));
  CHECK(site.send("POST", "/fhir/Patient", "").status == "400");
  CHECK(site.send("POST", "/fhir/Patient", patient("a1"), {"-H", "If-None-Exist: identifier=x|1"}).status == "412");
  for (const auto& [method, path, allow] : std::vector<std::tuple<std::string, std::string, std::string>>{
           {"GET", "/fhir/Patient/a1", "PUT"}, {"GET", "/fhir/Patient?name=x", "POST"}, {"DELETE", "/fhir/Patient/a1", "PUT"}, {"GET", "/fhir", "POST"}, {"POST", "/fhir/metadata", "GET, HEAD"}}) {
    const auto got = site.curl(method, path);
    INFO(method << " " << path);
    CHECK(got.status == "405");
    CHECK(has(got.head, "Allow: " + allow + "\r\n"));
    CHECK(has(got.body, "OperationOutcome"));
  }
  CHECK(site.curl("GET", "/other").status == "404");
  CHECK(site.curl("POST", "/fhir/Patent").status == "404");
  CHECK(site.curl("POST", "/fhirs/Patient").status == "404");
  site.stop();
  for (const std::string canary : {"CANARY1", "CANARY2", "CANARY3"}) CHECK_FALSE(has(site.engine->err() + other_type.body + wrong.body, canary));
}

TEST_CASE("answers are in the syntax and of the length that the sender prefers", "[fhir]") {
  Site site;
  site.start(site.wire());
  const auto xml = site.send("POST", "/fhir/Patient", "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"x1\"/></Patient>");
  CHECK(xml.status == "202");
  CHECK(has(xml.head, "Content-Type: application/fhir+xml"));
  CHECK(has(xml.body, "<OperationOutcome xmlns=\"http://hl7.org/fhir\">"));
  CHECK(has(site.send("POST", "/fhir/Patient", patient("x2"), {"-H", "Accept: application/fhir+xml"}).body, "<OperationOutcome"));
  CHECK(has(site.send("POST", "/fhir/Patient?_format=json", "<Patient xmlns=\"http://hl7.org/fhir\"><id value=\"x3\"/></Patient>").body, "\"resourceType\":\"OperationOutcome\""));
  CHECK(has(site.curl("GET", "/fhir/Patient/1", {"-H", "Accept: application/fhir+xml"}).body, "<OperationOutcome"));
  const auto unheard = site.send("POST", "/fhir/Patient", patient("x4"), {"-H", "Accept: text/turtle"});
  CHECK(unheard.status == "406");
  CHECK(site.send("POST", "/fhir/Patient", patient("x5"), {"-H", "Prefer: return=minimal"}).body.empty());
  site.stop();

  Site waits;
  waits.start(waits.wire() + "acknowledge: { after: mapped }\n");
  const auto back = waits.send("POST", "/fhir/Patient", patient("x6"), {"-H", "Prefer: return=representation"});
  CHECK(back.status == "200");
  CHECK(back.body == patient("x6"));
  CHECK(waits.send("POST", "/fhir/Patient", patient("x7"), {"-H", "Prefer: respond-async"}).status == "202");
  waits.stop();
}

TEST_CASE("metadata says what the server takes, to those who have a token", "[fhir]") {
  Site site;
  write_file(site.folder / "secrets/lab-token", "a gull on every third post\n");
  site.start(site.wire(", path: /r4, tokens: { lab: !secret lab-token }"));
  CHECK(site.curl("GET", "/r4/metadata").status == "401");
  const std::vector<std::string> token{"-H", "Authorization: Bearer a gull on every third post"};
  const auto json = site.curl("GET", "/r4/metadata", token);
  CHECK(json.status == "200");
  CHECK(has(json.body, R"("fhirVersion":"4.0.1")"));
  CHECK(has(json.body, R"({"type":"Patient","interaction":[{"code":"create"},{"code":"update"}]})"));
  CHECK_FALSE(has(json.body, "DomainResource"));
  CHECK(has(json.body, "process-message"));
  write_file(site.folder / "statement.json", json.body);
  Process converting({binary, "convert", (site.folder / "statement.json").string(), "--to", "xml"}, site.folder.path(), "convert");
  CHECK(converting.wait() == 0);  // it is R4
  auto in_xml = token;
  in_xml.insert(in_xml.end(), {"-H", "Accept: application/fhir+xml"});
  CHECK(has(site.curl("GET", "/r4/metadata", in_xml).body, "<CapabilityStatement"));
  site.stop();
}

TEST_CASE("with delivered the sender gets the receiver's own answer", "[fhir]") {
  Site site;
  const std::string server = R"(import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers['Content-Length']))
        answer = b'{"resourceType":"Bundle","type":"transaction-response","entry":[{"response":{"status":"201 Created","location":"Patient/77/_history/1"}}]}'
        self.send_response(200)
        self.send_header('Content-Type', 'application/fhir+json')
        self.send_header('Content-Length', str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)
    def log_message(self, *words): pass
http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])), Handler).serve_forever()
)";
  write_file(site.folder / "server.py", server);
  const std::uint16_t web = free_port();
  Process receiver({"/usr/bin/python3", (site.folder / "server.py").string(), std::to_string(web)}, site.folder.path(), "receiver");
  REQUIRE(listening(web));
  site.start(site.wire() + "acknowledge: { after: \"delivered:store\" }\n", "  store:\n    http: { url: \"http://127.0.0.1:" + std::to_string(web) + "/\" }\n");
  const auto got = site.send("POST", "/fhir", bundle("transaction", "d1"));
  CHECK(got.status == "200");
  CHECK(has(got.body, "Patient/77/_history/1"));
  CHECK(has(site.send("POST", "/fhir", bundle("transaction", "d2"), {"-H", "Accept: application/fhir+xml"}).body, "<location value=\"Patient/77/_history/1\"/>"));
  site.stop();
}
