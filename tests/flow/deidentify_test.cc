#include <catch2/catch.hpp>

#include <algorithm>

#include "tests/flow/walking.h"
#include "tests/support/temp.h"

using namespace tombolo;
using namespace tombolo::test;

namespace {

const std::string secret = "a lighthouse keeper counts gulls at dusk";

std::string channel(const std::string& steps) {
  return "channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\nacknowledge: { after: mapped }\ndestinations:\n  out:\n"
         "    steps:\n" + steps + "    file: { path: out.ndjson, as: ndjson }\n";
}
const std::string map = "      - map: hl7v2-to-fhir\n";
const std::string research = "      - deidentify: { policy: research, project: coast, key: !secret coast }\n";

const std::string admission =
    "MSH|^~\\&|ADT|NORTH|T|H|20260102030405+0000||ADT^A01^ADT_A01|1|P|2.5.1\r"
    "EVN|A01|20260102030405+0000\r"
    "PID|1||4711^^^NORTH^MR||Ahlberg^Tove||19500101|F\r"
    "PV1|1|I|W1^^^NORTH||||||||||||||||V1^^^NORTH\r";

// A site with the secret, and `more` as a policy of its own.
struct Site {
  Site() { write_file(folder / "secrets/coast", secret + "\n"); }
  TempFolder folder;
  std::string errors(const std::string& steps) const { return Walking(channel(steps), folder.path().string()).errors(); }
};

}  // namespace

TEST_CASE("a destination that de-identifies gets tokens and no names", "[walk][deidentify]") {
  const Site site;
  const Walking walk(channel(map + research), site.folder.path().string());
  const auto walked = walk(admission);
  REQUIRE(walked.posting.deliveries.size() == 1);
  const std::string& body = *walked.posting.deliveries[0].body;
  CHECK(body.find("\"gender\":\"female\"") != std::string::npos);
  CHECK(body.find("\"reference\":\"Patient/") != std::string::npos);
  for (const auto* gone : {"Ahlberg", "Tove", "4711", "1950", "20260102", "2026-01-02", "NORTH"}) CHECK(body.find(gone) == std::string::npos);
  CHECK(walked.posting.deliveries[0].control_id.empty());
}

TEST_CASE("without its policy or its key a channel does not start", "[walk][deidentify]") {
  const Site site;
  CHECK(site.errors(map + research).empty());
  CHECK(site.errors(map + "      - deidentify: { policy: reserch, project: coast, key: !secret coast }\n").find("t.yaml:9:31: error: no policy is called 'reserch': did you mean 'research'?") == 0);
  CHECK(site.errors(map + "      - deidentify: { policy: research, project: coast, key: !secret hills }\n").find("error: there is no secret 'hills'") != std::string::npos);
  CHECK(site.errors(map + "      - deidentify: { policy: research, project: coast }\n").find("error: deidentify needs 'key'") != std::string::npos);
  CHECK(site.errors(map + "      - deidentify: { policy: research, key: !secret coast }\n").find("error: deidentify needs 'project'") != std::string::npos);
  CHECK(site.errors(map + "      - deidentify: research\n").find("error: 'deidentify' needs a policy, a project and a key") != std::string::npos);
  CHECK(site.errors(research).find("error: 'deidentify' works on the canonical model: put a map before it") != std::string::npos);
}

TEST_CASE("a key in the channel file is refused, a weak one too, and neither is printed", "[walk][deidentify]") {
  const Site site;
  const std::string literal = site.errors(map + "      - deidentify: { policy: research, project: coast, key: \"" + secret + "\" }\n");
  CHECK(literal.find("error: a secret is not written here") != std::string::npos);
  CHECK(literal.find("lighthouse") == std::string::npos);
  write_file(site.folder / "secrets/weak", "gull");
  const std::string weak = site.errors(map + "      - deidentify: { policy: research, project: coast, key: !secret weak }\n");
  CHECK(weak.find("error: expected a secret of 256 bits") != std::string::npos);
  CHECK(weak.find("gull") == std::string::npos);
}

TEST_CASE("a message that a policy holds is held, and nothing leaves", "[walk][deidentify]") {
  const Site site;
  write_file(site.folder / "policies/careful.yaml", "policy: careful\nversion: 1\nrules:\n  - { path: Patient.name, method: hold }\n  - { path: Patient.gender, method: keep }\n");
  const std::string steps = "steps:\n  - map: hl7v2-to-fhir\n  - deidentify: { policy: careful, project: coast, key: !secret coast }\n";
  const Walking walk("channel: t\nsource:\n  mllp: { listen: \"127.0.0.1:0\" }\n" + steps + "destinations:\n  out:\n    file: { path: out.ndjson, as: ndjson }\n",
                     site.folder.path().string());
  const auto walked = walk(admission);
  CHECK(walked.posting.status == store::Status::held);
  CHECK(walked.posting.deliveries.empty());
  CHECK(walked.posting.detail == "policy careful: a person looks at it first");
  CHECK(std::count(walked.posting.keys.begin(), walked.posting.keys.end(), std::pair<std::string, std::string>("tag", "withheld")) == 1);
}

TEST_CASE("what de-identification does not expect goes nowhere, and the failure does not say it", "[walk][deidentify]") {
  const Site site;
  write_file(site.folder / "policies/careful.yaml", "policy: careful\nversion: 1\nrules:\n  - { path: \"Patient.name.where(family.single() = given.single()).use\", method: drop }\n  - { path: Patient.name.use, method: keep }\n");
  const Walking walk(channel(map + "      - deidentify: { policy: careful, project: coast, key: !secret coast }\n"), site.folder.path().string());
  const auto walked = walk("MSH|^~\\&|ADT|NORTH|T|H|20260102030405+0000||ADT^A01^ADT_A01|1|P|2.5.1\rPID|1||4711^^^NORTH^MR||Ahlberg^Tove^Sunniva||19500101|F\r");
  CHECK(walked.posting.status == store::Status::failed);
  CHECK(walked.posting.deliveries.empty());
  CHECK(walked.posting.detail.find("a condition of the policy cannot be answered") != std::string::npos);
  CHECK(walked.posting.detail.find("Ahlberg") == std::string::npos);
}
