// HL7's official FHIRPath suite for R4, if TOMBOLO_FHIRPATH names its folder: cases.json and inputs/*.json.
// The results go to the file TOMBOLO_FHIRPATH_RESULTS, one JSON object a line: {"name", "result": [{"type", "value"}]} or {"name", "error"}.
#include <catch2/catch.hpp>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "engine/base/json.h"
#include "engine/base/library.h"
#include "engine/fhirpath/evaluate.h"
#include "engine/fhirpath/fhir_types.h"
#include "engine/fhirpath/parse.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/json/json.h"

using namespace tombolo;
using namespace tombolo::fhirpath;

namespace {

std::string read(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream out;
  out << in.rdbuf();
  return out.str();
}

// A resource, kept with its bytes.
struct Resource {
  explicit Resource(std::string text) : bytes(std::move(text)), tree(arena) {}
  std::string bytes;
  Arena arena;
  Tree tree;
};

class ResourceScope final : public Scope {
 public:
  ResourceScope(const FhirTypes& types, TypeId focus) : types_(types), focus_(focus) {}
  const Types& types() const override { return types_; }
  Shape focus() const override { return focus_ == unknown_type ? Shape{} : Shape{{focus_}, false, false}; }
  Result<AddressSlot> address(const Address&) const override { return Fault{Kind::unsupported, {}, "no HL7 here"}; }
  std::optional<Slot> variable(std::string_view name) const override {
    if (name != "resource" && name != "context" && name != "rootResource") return std::nullopt;
    return Slot{1, focus()};
  }

 private:
  const FhirTypes& types_;
  TypeId focus_;
};

class ResourceFrame final : public Frame {
 public:
  ResourceFrame(const FhirTypes& types, const Resource* resource) : types_(types), resource_(resource) {}
  const Types& types() const override { return types_; }
  void read(std::uint32_t, Items& out) const override {
    if (resource_ != nullptr) out.add(resource_->tree, resource_->tree.root());
  }
  Moment now() const override { return moment(from_micros(1'774'000'000'000'000)); }
  std::optional<bool> conforms(const Item& item, std::string_view url) const override {
    constexpr std::string_view base = "http://hl7.org/fhir/StructureDefinition/";
    const auto wanted = url.starts_with(base) ? types_.find("FHIR", url.substr(base.size())) : std::nullopt;
    if (!wanted || !item.is_node()) return std::nullopt;
    return types_.is(types_.type_of_node(*item.node()->tree, item.node()->node), *wanted);
  }

 private:
  const FhirTypes& types_;
  const Resource* resource_;
};

std::string type_name(const Item& item, const Types& types) {
  if (const NodeRef* const ref = item.node()) return std::string(types.name(types.type_of_node(*ref->tree, ref->node)));
  if (std::holds_alternative<TypeName>(item.held)) return "TypeInfo";
  return std::string(name(system_of(item, types)));
}

std::string value_text(const Item& item, Arena& arena) {
  if (const auto* m = std::get_if<Moment>(&item.held)) return (m->sort == Moment::Sort::time ? "@T" : "@") + text(*m);
  return std::string(text(item, arena).value_or(""));
}

class Suite {
 public:
  explicit Suite(std::filesystem::path folder) : folder_(std::move(folder)), library_({}, TOMBOLO_SOURCE_DIR), schema_(library_), types_(schema_) {}

  // One line of results.
  std::string run(const std::string& name, const std::string& expression, const std::string& input, bool predicate) {
    std::string line;
    JsonWriter json(line);
    json.begin_object();
    json.member("name", name);
    Arena arena;
    Items out(arena);
    Bound bound;  // outlives the results: text of literals lives in it
    const std::string error = evaluated(expression, input, arena, bound, out);
    if (!error.empty()) {
      json.member("error", error);
    } else {
      json.key("result");
      json.begin_array();
      if (predicate) {
        written(json, "boolean", truth(out, types_) ? "true" : "false");
      } else {
        for (const Item& item : out) written(json, type_name(item, types_), value_text(item, arena));
      }
      json.end_array();
    }
    json.end_object();
    return line;
  }

 private:
  static void written(JsonWriter& json, const std::string& type, const std::string& value) {
    json.begin_object();
    json.member("type", type);
    json.member("value", value);
    json.end_object();
  }

  std::string evaluated(const std::string& expression, const std::string& input, Arena& arena, Bound& bound, Items& out) {
    const Resource* const resource = load(input);
    const Parsed parsed = parse(expression, Dialect::standard);
    if (!parsed) return "syntax: " + parsed.problem->text;
    const TypeId focus = resource == nullptr ? unknown_type : types_.type_of_node(resource->tree, resource->tree.root());
    bound = bind(parsed.expression, ResourceScope(types_, focus));
    if (!bound) return "semantic: " + bound.problems.front().text;
    const ResourceFrame frame(types_, resource);
    Run run{frame, arena};
    Items start(arena);
    if (resource != nullptr) start.add(resource->tree, resource->tree.root());
    const auto done = evaluate(bound.program, run, start, out);
    return done ? "" : "execution: " + done.error().what;
  }

  const Resource* load(const std::string& name) {
    if (name.empty()) return nullptr;
    auto& resource = resources_[name];
    if (!resource) {
      resource = std::make_unique<Resource>(read(folder_ / "inputs" / name));
      const auto parsed = parse_fhir(resource->bytes, schema_, resource->tree);
      if (!parsed) WARN(name << ": " << text(parsed.error()));
    }
    return resource.get();
  }

  std::filesystem::path folder_;
  Library library_;
  FhirSchema schema_;
  FhirTypes types_;
  std::map<std::string, std::unique_ptr<Resource>> resources_;
};

std::string member(const Tree& tree, NodeId node, std::string_view name) {
  const NodeId child = tree.child(node, name);
  return child == no_node ? "" : std::string(tree[child].value());
}

}  // namespace

TEST_CASE("the official FHIRPath suite runs, where its folder is named", "[fhirpath]") {
  const char* const folder = std::getenv("TOMBOLO_FHIRPATH");
  if (folder == nullptr) return;
  const std::string bytes = read(std::filesystem::path(folder) / "cases.json");
  Arena arena;
  Tree cases(arena);
  REQUIRE(parse_json(bytes, cases));
  const char* const file = std::getenv("TOMBOLO_FHIRPATH_RESULTS");
  std::ofstream results(file == nullptr ? "/dev/null" : file);
  Suite suite(folder);
  std::size_t count = 0;
  for (const NodeId one : children(cases, cases.root())) {
    results << suite.run(member(cases, one, "name"), member(cases, one, "expression"), member(cases, one, "inputjson"), member(cases, one, "predicate") == "true")
            << "\n";
    ++count;
  }
  CHECK(count > 0);
}
