// FHIRPath, parsed once: nanoseconds an evaluation over a resource in memory, against the npm package fhirpath (compiled once too,
// on the same resource as a JavaScript object). Both take turns; the median of the ratios counts.
//   fhirpath_bench [ROUNDS]     exit 1: a target is missed by more than 10 %
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/library.h"
#include "engine/fhirpath/parse.h"
#include "engine/fhirpath/resource.h"
#include "engine/formats/fhir/parse.h"

using namespace tombolo;
using namespace tombolo::fhirpath;

namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;
constexpr auto turn = std::chrono::milliseconds(300);

const std::string patient = R"({"resourceType":"Patient","id":"p","active":true,
  "identifier":[{"system":"urn:oid:1.2.3","value":"4711"},{"system":"urn:oid:1.2.4","value":"0815"}],
  "name":[{"use":"official","family":"Berg","given":["Tove","Lin"]},{"use":"usual","given":["Tov"]},
          {"use":"maiden","family":"Dahl","given":["Tove","Lin"],"period":{"end":"1980"}}],
  "telecom":[{"use":"home"},{"system":"phone","value":"0101","use":"work","rank":1},{"system":"email","value":"t@north.example"},
             {"system":"phone","value":"0102","use":"mobile","rank":2},{"system":"phone","value":"0103","use":"old"}],
  "gender":"female","birthDate":"1950-01-01","address":[{"use":"home","line":["1 Quay"],"city":"North","postalCode":"10000"}],
  "contact":[{"relationship":[{"coding":[{"system":"http://terminology.hl7.org/CodeSystem/v2-0131","code":"N"}]}],
              "name":{"family":"Berg","given":["Ole"]},"telecom":[{"system":"phone","value":"0104"}]}]})";

// Two hundred results of a laboratory.
std::string laboratory() {
  std::string out = R"({"resourceType":"Bundle","type":"collection","entry":[)";
  for (int i = 0; i < 200; ++i) {
    const std::string n = std::to_string(i);
    out += (i == 0 ? "" : ",") + std::string(R"({"fullUrl":"urn:uuid:)") + n + R"(","resource":{"resourceType":"Observation","id":"o)" + n +
           R"(","status":")" + (i % 5 == 0 ? "preliminary" : "final") + R"(","code":{"coding":[{"system":"http://loinc.org","code":")" +
           std::to_string(1000 + i % 20) + R"(-1","display":"Test"}]},"valueQuantity":{"value":)" + std::to_string(i) + ".5" +
           R"(,"unit":"mg/dL","system":"http://unitsofmeasure.org","code":"mg/dL"}}})";
  }
  return out + "]}";
}

struct Resource {
  Resource(std::string text, const FhirSchema& schema) : bytes(std::move(text)), tree(arena) {
    if (!parse_fhir(bytes, schema, tree)) throw std::runtime_error("the bench's own resource is no FHIR");
  }
  std::string bytes;
  Arena arena;
  Tree tree;
};

struct Question {
  const char* expression;
  bool large;
  double target;  // times faster
};
constexpr std::array questions = {
    Question{"name.given", false, 5},
    Question{"Patient.telecom.where(system = 'phone').value", false, 10},
    Question{"Bundle.entry.resource.ofType(Observation).where(status = 'final').code.coding.code", true, 10},
};

// Nanoseconds an evaluation; `count` is how many items it gives.
double ours(const Question& question, const Resource& resource, const FhirTypes& types, std::size_t& count) {
  const Parsed parsed = parse(question.expression, Dialect::standard);
  const Bound bound = bind(parsed.expression, ResourceScope(types, types.type_of_node(resource.tree, resource.tree.root())));
  if (!bound) throw std::runtime_error("the bench's own expression is wrong");
  const ResourceFrame frame(types, &resource.tree, Moment{});
  Arena arena;
  const auto begin = Clock::now();
  std::int64_t rounds = 0;
  auto elapsed = Clock::duration::zero();
  while (elapsed < turn) {
    for (int i = 0; i < 20; ++i) {
      arena.clear();
      Items focus(arena), out(arena);
      focus.add(resource.tree, resource.tree.root());
      Run run{frame, arena};
      if (!evaluate(bound.program, run, focus, out)) throw std::runtime_error("the bench's own expression fails");
      count = out.size();
    }
    rounds += 20;
    elapsed = Clock::now() - begin;
  }
  return static_cast<double>(std::chrono::duration_cast<std::chrono::nanoseconds>(elapsed).count()) / static_cast<double>(rounds);
}

// The npm package, installed into the build folder when it is not there yet.
class Peer {
 public:
  Peer() : folder_(fs::path(TOMBOLO_BINARY_DIR) / "peer") {
    if (std::system("node --version >/dev/null 2>&1 && npm --version >/dev/null 2>&1") != 0) {
      why_ = "skipped: needs the commands node and npm";
      return;
    }
    fs::create_directories(folder_);
    for (const char* name : {"package.json", "package-lock.json", "measure.cjs"}) {
      fs::copy_file(fs::path(TOMBOLO_SOURCE_DIR) / "tests/bench/peer" / name, folder_ / name, fs::copy_options::overwrite_existing);
    }
    const std::string install = "cd '" + folder_.string() + "' && npm ci --ignore-scripts --no-audit --no-fund >install.log 2>&1";
    if (!fs::exists(folder_ / "node_modules/fhirpath") && std::system(install.c_str()) != 0) why_ = "skipped: npm ci failed, see " + (folder_ / "install.log").string();
  }
  const std::string& why_not() const { return why_; }

  double measure(const Question& question, const std::string& resource, std::size_t& count) const {
    std::ofstream(folder_ / "resource.json") << resource;
    const std::string command =
        "cd '" + folder_.string() + "' && node measure.cjs resource.json \"" + question.expression + "\" " + std::to_string(turn.count());
    const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
    double nanoseconds = 0;
    if (pipe == nullptr || std::fscanf(pipe.get(), "%lf %zu", &nanoseconds, &count) != 2) throw std::runtime_error("the npm package gave no figure");
    return nanoseconds;
  }

 private:
  fs::path folder_;
  std::string why_;
};

double median(std::vector<double> list) {
  std::sort(list.begin(), list.end());
  return list[list.size() / 2];
}

}  // namespace

int main(int count, char** words) {
  const int rounds = count > 1 ? std::max(1, std::atoi(words[1])) : 3;
  const Library library({}, TOMBOLO_SOURCE_DIR);
  const FhirSchema schema(library);
  const FhirTypes types(schema);
  const Resource small(patient, schema), large(laboratory(), schema);
  const Peer peer;
  bool missed = false;
  for (const Question& question : questions) {
    const Resource& resource = question.large ? large : small;
    std::vector<double> mine, theirs, ratios;
    for (int i = 0; i < rounds; ++i) {
      std::size_t found = 0, also = 0;
      mine.push_back(ours(question, resource, types, found));
      if (!peer.why_not().empty()) continue;
      theirs.push_back(peer.measure(question, resource.bytes, also));
      if (found != also) throw std::runtime_error(std::string(question.expression) + ": the two do not find the same");
      ratios.push_back(theirs.back() / mine.back());
    }
    std::printf("%-84s %10.0f ns", question.expression, median(mine));
    if (ratios.empty()) {
      std::printf("   npm fhirpath: %s\n", peer.why_not().c_str());
      continue;
    }
    const double ratio = median(ratios);
    std::printf(" %10.0f ns %6.1f x  target %g x %s\n", median(theirs), ratio, question.target, ratio >= question.target ? "met" : "missed");
    missed = missed || ratio < question.target * 0.9;
  }
  return missed ? 1 : 0;
}
