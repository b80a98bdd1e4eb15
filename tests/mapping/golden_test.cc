// The messages in tests/golden, mapped, against the claims beside them; tests/golden/README.md tells what a claim is.
#include <catch2/catch.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/library.h"
#include "engine/formats/fhir/print.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/formats/json/json.h"
#include "engine/mapping/mapping.h"
#include "engine/tree/tree.h"

using namespace tombolo;

namespace {

using Nodes = std::vector<NodeId>;

// One step of a claim's path: name, conditions, and whether it goes to where a reference points.
struct ClaimStep {
  std::string_view name;
  std::vector<std::pair<std::string_view, std::string_view>> where;
  bool follow = false;
};

std::vector<ClaimStep> steps_of(std::string_view path) {
  std::vector<ClaimStep> steps(1);
  std::size_t i = 0;
  while (i < path.size()) {
    if (path[i] == '{') {
      const auto close = path.find('}', i), equals = path.find('=', i);
      REQUIRE((close != path.npos && equals < close));
      steps.back().where.emplace_back(path.substr(i + 1, equals - i - 1), path.substr(equals + 1, close - equals - 1));
      i = close + 1;
    } else if (path.substr(i, 2) == "()") {
      steps.back().follow = true;
      i += 2;
    } else if (path[i] == '.') {
      steps.emplace_back();
      ++i;
    } else {
      const auto end = std::min(path.find_first_of(".{(", i), path.size());
      steps.back().name = path.substr(i, end - i);
      i = end;
    }
  }
  return steps;
}

// A Bundle as it was printed.
class Printed {
 public:
  explicit Printed(std::string json) : json_(std::move(json)), tree_(arena_) {
    REQUIRE(parse_json(json_, tree_));
    for (const NodeId entry : all(tree_.root(), "entry"))
      by_url_[tree_[tree_.child(entry, "fullUrl")].value()] = tree_.child(entry, "resource");
  }

  Nodes find(std::string_view path) const {
    auto steps = steps_of(path);
    Nodes found;
    if (steps[0].name == "Bundle") found = {tree_.root()};
    for (const NodeId entry : all(tree_.root(), "entry")) {
      const NodeId resource = tree_.child(entry, "resource");
      if (tree_[tree_.child(resource, "resourceType")].value() == steps[0].name) found.push_back(resource);
    }
    filter(found, steps[0]);
    for (std::size_t i = 1; i < steps.size(); ++i) found = next(found, steps[i]);
    return found;
  }
  std::string value(NodeId node) const { return std::string(tree_[node].value()); }

 private:
  Nodes all(NodeId parent, std::string_view name) const {
    Nodes found;
    for (NodeId at = tree_.child(parent, name); at != no_node; at = tree_.next_same(at)) found.push_back(at);
    return found;
  }
  Nodes next(const Nodes& from, const ClaimStep& step) const {
    Nodes found;
    for (const NodeId node : from)
      for (const NodeId child : all(node, step.name)) found.push_back(child);
    if (step.follow) {
      Nodes targets;
      for (const NodeId node : found)
        if (const auto at = by_url_.find(tree_[tree_.child(node, "reference")].value()); at != by_url_.end()) targets.push_back(at->second);
      found = targets;
    }
    filter(found, step);
    return found;
  }
  void filter(Nodes& nodes, const ClaimStep& step) const {
    for (const auto& [path, wanted] : step.where)
      std::erase_if(nodes, [&](NodeId node) {
        Nodes found{node};
        for (const auto& inner : steps_of(path)) found = next(found, inner);
        return std::none_of(found.begin(), found.end(), [&](NodeId at) { return tree_[at].value() == wanted; });
      });
  }

  std::string json_;
  Arena arena_;
  Tree tree_;
  std::map<std::string_view, NodeId> by_url_;
};

// The maps that ship.
struct Shipped {
  Library library{{}, TOMBOLO_SOURCE_DIR};
  V2Dictionary dictionary{library};
  FhirSchema schema{library};
  std::unique_ptr<Format> hl7v2 = hl7v2_format(dictionary);
  Diagnostics diagnostics;
  std::unique_ptr<const Maps> maps = Maps::load(library, dictionary, schema, {"hl7v2-to-fhir"}, diagnostics);

  std::string run(const std::string& message) const {
    Arena arena;
    Tree source(arena), bundle(arena);
    std::vector<Complaint> complaints;
    REQUIRE(hl7v2->parse(message, Reading{}, source, complaints));
    const Map* const map = maps->for_message(source);
    REQUIRE(map != nullptr);
    RunInputs inputs;
    inputs.message = "golden";
    RunReport report;
    REQUIRE(maps->run(*map, source, inputs, bundle, report));
    return print_fhir(bundle, schema);
  }
};

std::string read(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

// Up to the first blank outside of conditions.
std::size_t path_length(std::string_view claim) {
  int depth = 0;
  for (std::size_t i = 0; i < claim.size(); ++i) {
    depth += claim[i] == '{' ? 1 : claim[i] == '}' ? -1 : 0;
    if (claim[i] == ' ' && depth == 0) return i;
  }
  return claim.size();
}

// What is wrong with the claim; empty if it holds.
std::string check(const Printed& bundle, std::string_view claim) {
  const auto blank = path_length(claim);
  const auto found = bundle.find(claim.substr(0, blank));
  const auto said = claim.substr(blank + 1);
  if (said == "absent") return found.empty() ? "" : "found " + bundle.value(found.front());
  if (said.starts_with("count ")) return said.substr(6) == std::to_string(found.size()) ? "" : "found " + std::to_string(found.size());
  if (!said.starts_with("= ")) return "no claim";
  std::string values;
  for (const NodeId node : found) {
    if (bundle.value(node) == said.substr(2)) return "";
    values += (values.empty() ? "" : ", ") + bundle.value(node);
  }
  return values.empty() ? "found nothing" : "found " + values;
}

}  // namespace

TEST_CASE("the golden messages say in FHIR what the guide says they mean", "[mapping][golden]") {
  std::vector<std::filesystem::path> messages;
  for (const auto& file : std::filesystem::directory_iterator(TOMBOLO_SOURCE_DIR "/tests/golden"))
    if (file.path().extension() == ".hl7") messages.push_back(file.path());
  std::sort(messages.begin(), messages.end());
  REQUIRE(!messages.empty());
  const Shipped shipped;
  INFO(shipped.diagnostics.print());
  REQUIRE(shipped.diagnostics.empty());
  for (const auto& message : messages) {
    const Printed bundle(shipped.run(read(message)));
    std::istringstream claims(read(std::filesystem::path(message).replace_extension(".claims")));
    int number = 0;
    for (std::string claim; std::getline(claims, claim);) {
      ++number;
      if (claim.empty() || claim.starts_with('#')) continue;
      INFO(message.stem().string() << ".claims:" << number << ": " << claim);
      CHECK(check(bundle, claim) == "");
    }
  }
}
