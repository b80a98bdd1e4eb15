#include "engine/mapping/compiler/compile.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/mapping/compiler/doors.h"

namespace tombolo::mapping {

// ── all maps ──

const CompiledMap* Compiler::compile(const MapEntry& entry, ElementId target, const Source& caller, std::uint32_t at) {
  if (const auto known = done_.find({&entry, target}); known != done_.end()) {
    if (known->second != nullptr) return known->second;
    caller.error(diagnostics_, at, "the map " + entry.name + " is used by itself: " + [&] {
      std::string way;
      for (auto i = std::find(chain_.begin(), chain_.end(), entry.name); i != chain_.end(); ++i) way += std::string(*i) + " → ";
      return way + entry.name;
    }());
    return nullptr;
  }
  if (!entry.known) {
    caller.error(diagnostics_, at, "the map " + entry.name + " is no map of HL7 v2 to FHIR");
    return nullptr;
  }
  auto& place = done_[{&entry, target}];
  auto& made = world_.maps.emplace_back();
  const auto nth = std::find(entry.targets.begin(), entry.targets.end(), target) - entry.targets.begin();
  made.name = entry.names.size() > 1 ? entry.names[static_cast<std::size_t>(nth)] : entry.name;
  made.number = static_cast<std::uint32_t>(world_.maps.size() - 1);
  chain_.push_back(entry.name);
  MapCompiler(*this, entry, target, made).compile();
  chain_.pop_back();
  return place = &made;
}

void Compiler::compile_all() {
  for (const auto& entry : world_.entries)
    for (const auto target : entry.targets)
      if (entry.known && !done_.contains({&entry, target})) compile(entry, target, *entry.text.from, entry.text.at);
}

// ── one map ──

MapCompiler::MapCompiler(Compiler& compiler, const MapEntry& entry, ElementId target, CompiledMap& out)
    : compiler_(compiler),
      world_(compiler.world()),
      types_(world_.types),
      schema_(compiler.schema()),
      entry_(entry),
      out_(out),
      scope_(world_.types, out, world_.functions),
      expressions_(world_, scope_, out, compiler.diagnostics()),
      source_(entry.text.from) {
  out_.target = target;
}

void MapCompiler::compile() {
  head();
  out_.body = block(entry_.text.body, {out_.target, nullptr}, false);
  auto& lets = expressions_.file_lets;
  std::move(lets.begin(), lets.end(), std::inserter(out_.body.ops, out_.body.ops.begin()));
  hang_doors(out_);
}

// The input, what is read besides, and the parameters.
void MapCompiler::head() {
  const auto& text = entry_.text;
  V2Place input;
  input.kind = V2Place::Kind::input;
  const auto place = scope_.place(input);
  if (const auto* const structure = types_.dictionary().structure(text.source.text)) {
    out_.input = types_.of_item(structure->items[0]);
    scope_.sights.push_back({structure, &structure->items[0], nullptr, place});
  } else if (const auto* const segment = types_.segment(text.source.text)) {
    out_.input = types_.of(*segment);
    scope_.sights.push_back({nullptr, nullptr, segment, place});
  } else if (const auto* const type = types_.dictionary().type(text.source.text)) {
    out_.input = types_.of(*type);
  }
  scope_.focus_shape = Shape{{out_.input}, false, false};
  if (types_.varies(out_.input)) scope_.focus_shape.types.clear();
  for (const auto& r : text.reads) {
    const auto* const segment = types_.segment(r.text);
    if (segment == nullptr) {
      std::vector<std::string_view> names;
      for (const auto& s : types_.dictionary().segments()) names.push_back(s.name);
      error(r.at, "no segment is called '" + std::string(r.text) + "'" + suggestion(r.text, names));
      continue;
    }
    V2Place read;
    read.kind = V2Place::Kind::read;
    read.index = static_cast<std::uint32_t>(out_.reads.size());
    out_.reads.push_back(segment->name);
    scope_.sights.insert(scope_.sights.begin(), {nullptr, nullptr, segment, scope_.place(read)});
  }
  for (const auto& t : text.takes) parameter(t);
}

void MapCompiler::parameter(const Take& take) {
  CompiledMap::Parameter p;
  p.name = take.name.text;
  if (scope_.find_variable(take.name.text) != nullptr) error(take.name.at, "a second parameter is called '" + std::string(take.name.text) + "'");
  Variable v{take.name.text, Variable::Kind::local, 0, {}, {}, take.name.at};
  if (take.type.text == "table") {
    v.kind = Variable::Kind::table;
    v.number = p.table = out_.tables++;
  } else {
    v.number = p.local = out_.locals++;
    p.type = type_named(take.type);
    if (p.type != fhirpath::unknown_type) v.shape.types = {p.type};
  }
  scope_.known.push_back(std::move(v));
  out_.parameters.push_back(p);
}

// A parameter's type: a resource means a handle to an entry of it.
TypeId MapCompiler::type_named(Words name) {
  const auto type = schema_.type(name.text);
  if (type != untyped && schema_.is_resource(type)) return types_.entry_of(type);
  if (name.text == "Reference") return 0;
  if (const auto system = types_.find("", name.text)) return *system;
  auto names = schema_.type_names();
  names.push_back("table");
  error(name.at, "no type is called '" + std::string(name.text) + "'" + suggestion(name.text, names));
  return 0;
}

void MapCompiler::error(std::uint32_t at, std::string text) { source_->error(compiler_.diagnostics(), at, std::move(text)); }
void MapCompiler::warning(std::uint32_t at, std::string text) { source_->warning(compiler_.diagnostics(), at, std::move(text)); }

}  // namespace tombolo::mapping
