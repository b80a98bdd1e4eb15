#include "engine/command/fhirpath.h"

#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>
#include <map>
#include <memory>
#include <ostream>

#include "engine/base/files.h"
#include "engine/base/json.h"
#include "engine/base/library.h"
#include "engine/command/command.h"
#include "engine/command/input.h"
#include "engine/fhirpath/parse.h"
#include "engine/fhirpath/resource.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/fhir/print.h"
#include "engine/formats/json/json.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;
using namespace fhirpath;

// A resource, kept with its bytes.
struct Resource {
  Resource(std::string text, const FhirSchema& schema) : bytes(std::move(text)), tree(arena) {
    const auto parsed = parse_fhir(bytes, schema, tree);
    if (!parsed) unreadable = tombolo::text(parsed.error());
  }
  std::string bytes;
  Arena arena;
  Tree tree;
  std::string unreadable;  // why
};

struct Case {
  std::string name;
  std::string expression;
  const Resource* resource = nullptr;
  Checks checks = Checks::usual;
  bool predicate = false;
};

class TracingFrame final : public ResourceFrame {
 public:
  TracingFrame(const FhirTypes& types, const Tree* resource, Moment now, std::ostream& err) : ResourceFrame(types, resource, now), err_(err) {}
  void trace(std::string_view name, const Items& items) const override {
    for (const Item& item : items) {
      Arena arena;
      err_ << name << ": " << fhirpath::text(item, arena).value_or("(an element)") << "\n";
    }
  }

 private:
  std::ostream& err_;
};

class Runner {
 public:
  Runner(const FhirpathOptions& options, std::ostream& out, std::ostream& err)
      : library_({}, options.shipped), schema_(library_), types_(schema_),
        now_(moment(std::chrono::time_point_cast<Time::duration>(std::chrono::system_clock::now()))), out_(out), err_(err) {}

  const FhirSchema& schema() const { return schema_; }

  // Prints one line; false: an error.
  bool run(const Case& one) {
    std::string line;
    JsonWriter json(line);
    json.begin_object();
    json.member("name", one.name);
    Arena arena;
    Items items(arena);
    Bound bound;  // outlives the results: text of literals lives in it
    const std::string error = evaluated(one, arena, bound, items);
    if (error.empty()) write(json, one, items, arena);
    else json.member("error", error);
    json.end_object();
    out_ << line << "\n";
    return error.empty();
  }

 private:
  std::string evaluated(const Case& one, Arena& arena, Bound& bound, Items& items) {
    if (one.resource != nullptr && !one.resource->unreadable.empty()) return one.resource->unreadable;
    const Parsed parsed = parse(one.expression, Dialect::standard);
    if (!parsed) return placed(one, parsed.problem->offset, parsed.problem->text);
    const Tree* const tree = one.resource == nullptr ? nullptr : &one.resource->tree;
    const TypeId focus = tree == nullptr ? unknown_type : types_.type_of_node(*tree, tree->root());
    bound = bind(parsed.expression, ResourceScope(types_, focus, one.checks));
    for (const Problem& problem : bound.problems) {
      if (problem.severity == Severity::error) return placed(one, problem.offset, problem.text);
    }
    const TracingFrame frame(types_, tree, now_, err_);
    Run run{frame, arena};
    Items start(arena);
    if (tree != nullptr) start.add(*tree, tree->root());
    const auto done = evaluate(bound.program, run, start, items);
    return done ? "" : placed(one, run.failed_at, done.error().what);
  }

  static std::string placed(const Case& one, std::size_t offset, const std::string& what) {
    const Place place = place_of({}, one.expression, offset);
    return std::to_string(place.line) + ":" + std::to_string(place.column) + ": " + what;
  }

  void write(JsonWriter& json, const Case& one, const Items& items, Arena& arena) const {
    json.key("result");
    json.begin_array();
    if (one.predicate) {
      json.begin_object();
      json.member("type", "boolean");
      json.member("value", truth(items, types_) ? "true" : "false");
      json.end_object();
    } else {
      for (const Item& item : items) write(json, item, arena);
    }
    json.end_array();
  }

  void write(JsonWriter& json, const Item& item, Arena& arena) const {
    json.begin_object();
    json.member("type", type_name(item));
    json.key("value");
    const auto text = fhirpath::text(item, arena);
    if (const auto* const m = std::get_if<Moment>(&item.held)) {
      json.string((m->sort == Moment::Sort::time ? "@T" : "@") + fhirpath::text(*m));
    } else if (text) {
      json.string(*text);
    } else {
      std::string element;
      if (const NodeRef* const ref = item.node()) append_fhir(element, *ref->tree, schema_, ref->node);
      json.literal(element.empty() ? "null" : element);
    }
    json.end_object();
  }

  std::string_view type_name(const Item& item) const {
    if (std::holds_alternative<TypeName>(item.held)) return "TypeInfo";
    const NodeRef* const ref = item.node();
    if (ref == nullptr) return fhirpath::name(system_of(item, types_));
    const TypeId type = types_.type_of_node(*ref->tree, ref->node);
    return type == unknown_type ? "" : types_.name(type);
  }

  Library library_;
  FhirSchema schema_;
  FhirTypes types_;
  Moment now_;
  std::ostream& out_;
  std::ostream& err_;
};

// The cases of a file, and the resources they are about, each read once.
class Batch {
 public:
  Batch(const std::string& file, const FhirSchema& schema)
      : inputs_(fs::path(file).parent_path() / "inputs"), schema_(schema), bytes_(read_input(file)), cases_(arena_) {
    const auto parsed = parse_json(bytes_, cases_);
    if (!parsed) throw std::invalid_argument(file + ": " + text(parsed.error()));
    if (json_kind(cases_[cases_.root()]) != JsonKind::array) throw std::invalid_argument(file + ": expected a list of cases");
  }

  void run(Runner& runner, Checks checks) {
    for (const NodeId id : children(cases_, cases_.root())) {
      runner.run({member(id, "name"), member(id, "expression"), resource(id), member(id, "mode") == "strict" ? Checks::strict : checks,
                  member(id, "predicate") == "true"});
    }
  }

 private:
  std::string member(NodeId id, std::string_view name) const {
    const NodeId child = cases_.child(id, name);
    const bool there = child != no_node && json_kind(cases_[child]) != JsonKind::null;
    return there ? std::string(cases_[child].value()) : std::string();
  }

  const Resource* resource(NodeId id) {
    const std::string first = member(id, "inputjson"), second = member(id, "inputfile");
    const Resource* const found = first.empty() ? nullptr : load(first);
    if (second.empty() || (found != nullptr && found->unreadable.empty())) return found;
    const Resource* const other = load(second);
    return found == nullptr || other->unreadable.empty() ? other : found;
  }

  const Resource* load(const std::string& name) {
    auto& resource = resources_[name];
    if (!resource) resource = std::make_unique<Resource>(read_file((inputs_ / name).string()), schema_);
    return resource.get();
  }

  fs::path inputs_;
  const FhirSchema& schema_;
  std::string bytes_;
  Arena arena_;
  Tree cases_;
  std::map<std::string, std::unique_ptr<Resource>> resources_;
};

}  // namespace

int fhirpath_command(const FhirpathOptions& options, std::ostream& out, std::ostream& err) {
  try {
    Runner runner(options, out, err);
    if (!options.batch.empty()) {
      Batch(options.batch, runner.schema()).run(runner, options.checks);
      return 0;
    }
    std::optional<Resource> resource;
    if (!options.input.empty()) resource.emplace(read_input(options.input), runner.schema());
    return runner.run({options.expression, options.expression, resource ? &*resource : nullptr, options.checks, false}) ? 0 : 1;
  } catch (const std::invalid_argument& wrong) {
    err << "tombolo: " << wrong.what() << std::endl;
    return 2;
  }
}

void add_fhirpath(CLI::App& app, Desk& desk) {
  auto options = std::make_shared<FhirpathOptions>();
  auto strict = std::make_shared<bool>(), lenient = std::make_shared<bool>();
  CLI::App* command = app.add_subcommand("fhirpath", "what a FHIRPath expression finds in a FHIR resource, as JSON lines");
  CLI::Option* const expression = command->add_option("EXPR", options->expression, "the expression");
  command->add_option("FILE", options->input, "a FHIR resource, or - for standard input; without it only what needs none can be said");
  command->add_option("--batch", options->batch, "a JSON list of cases; their inputs stand beside it in inputs/")->type_name("CASES.json")->excludes(expression);
  CLI::Option* const strictly = command->add_flag("--strict", *strict, "refuse one value where several may stand, and the first of what has no order");
  command->add_flag("--lenient", *lenient, "an element that the type has not is nothing, no error")->excludes(strictly);
  command->callback([=, &desk] {
    if (options->expression.empty() && options->batch.empty()) throw CLI::RequiredError("EXPR or --batch");
    if (*strict) options->checks = Checks::strict;
    if (*lenient) options->checks = Checks::lenient;
    options->shipped = desk.shipped;
    desk.status = fhirpath_command(*options, desk.out, desk.err);
  });
}

}  // namespace tombolo
