#include "engine/mapping/to_v2/compile.h"

#include <algorithm>

#include "engine/base/text.h"

namespace tombolo::mapping::to_v2 {

using K = Statement::Kind;

// ── all maps ──

bool Compiler::knows(const MapEntry& entry) const {
  const auto& types = world_.types;
  if (types.schema().type(entry.text.source.text) == untyped) return false;
  return std::all_of(entry.text.targets.begin(), entry.text.targets.end(), [&](const Words& t) {
    return types.dictionary().structure(t.text) != nullptr || types.segment(t.text) != nullptr || types.dictionary().type(t.text) != nullptr;
  });
}

void Compiler::compile_all() {
  for (const auto& entry : world_.entries)
    for (std::size_t nth = 0; knows(entry) && nth < entry.text.targets.size(); ++nth)
      if (!done_.contains({&entry, nth})) compile(entry, nth, *entry.text.from, entry.text.at);
}

const V2Map* Compiler::compile(const MapEntry& entry, std::size_t nth, const mapping::Source& caller, std::uint32_t at) {
  if (const auto known = done_.find({&entry, nth}); known != done_.end()) {
    if (known->second == nullptr) caller.error(diagnostics_, at, "the map " + entry.name + " is used by itself");
    return known->second;
  }
  if (!knows(entry)) {
    caller.error(diagnostics_, at, "the map " + entry.name + " is no map of FHIR to HL7 v2");
    return nullptr;
  }
  auto& place = done_[{&entry, nth}];
  auto& made = maps_.emplace_back();
  made.name = entry.names.size() > 1 ? entry.names[nth] : entry.name;
  const auto target = entry.text.targets[nth].text;
  made.structure = dictionary().structure(target);
  if (made.structure == nullptr) made.segment = world_.types.segment(target);
  if (made.structure == nullptr && made.segment == nullptr) made.type = dictionary().type(target);
  made.input = types_.of(world_.types.schema().type(entry.text.source.text));
  MapCompiler(*this, entry, made).compile();
  return place = &made;
}

// ── one map ──

MapCompiler::MapCompiler(Compiler& compiler, const MapEntry& entry, V2Map& out)
    : compiler_(compiler),
      world_(compiler.world()),
      types_(compiler.types()),
      dictionary_(compiler.dictionary()),
      entry_(entry),
      out_(out),
      scope_(types_, out),
      source_(entry.text.from) {}

void MapCompiler::compile() {
  head();
  Here here;
  if (out_.structure != nullptr) here.group = &out_.structure->items[0];
  here.segment = out_.segment;
  here.type = out_.type;
  out_.body = block(entry_.text.body, here);
  std::move(file_lets_.begin(), file_lets_.end(), std::inserter(out_.body, out_.body.begin()));
}

void MapCompiler::head() {
  scope_.focus_shape = Shape{{out_.input}, false, false};
  for (const auto& r : entry_.text.reads) error(r.at, "'reads' names segments of a source in HL7 v2; this map's source is FHIR: hand over what it needs by `with`");
  for (const auto& t : entry_.text.takes) parameter(t);
}

void MapCompiler::parameter(const Take& take) {
  V2Map::Parameter p;
  p.name = take.name.text;
  if (scope_.find(take.name.text) != nullptr) error(take.name.at, "a second parameter is called '" + std::string(take.name.text) + "'");
  Variable v{take.name.text, 0, take.type.text == "table", {}};
  if (v.table) {
    v.number = p.table = out_.tables++;
  } else {
    v.number = p.local = out_.locals++;
    p.type = type_named(take.type);
    if (p.type != fhirpath::unknown_type) v.shape.types = {p.type};
  }
  scope_.known.push_back(std::move(v));
  out_.parameters.push_back(p);
}

std::vector<Op> MapCompiler::block(const std::vector<Statement>& statements, const Here& here) {
  std::vector<Op> made;
  const auto names = scope_.known.size();
  for (const auto& s : statements) {
    const auto* const outer = source_;
    source_ = s.source;
    statement(s, here, made);
    source_ = outer;
  }
  scope_.known.resize(std::min(names, scope_.known.size()));
  return made;
}

Op MapCompiler::made(Op::Kind kind, const Statement& s) {
  Op op;
  op.kind = kind;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  return op;
}

std::string MapCompiler::called(const Here& here) {
  return std::string(here.type != nullptr ? here.type->name : here.segment != nullptr ? here.segment->name : here.group->name);
}

std::string MapCompiler::called(const Shape& shape) const {
  if (shape.unknown()) return "anything";
  std::string text;
  for (const auto t : shape.types)
    text += (text.empty() ? "" : " or ") + std::string(fhirpath::is_system(t) ? fhirpath::name(static_cast<fhirpath::System>(t)) : types_.name(t));
  return text;
}

// A parameter's type: of FHIR, or one of FHIRPath's own.
TypeId MapCompiler::type_named(Words name) {
  if (const auto type = types_.find("", name.text)) return *type;
  auto names = world_.types.schema().type_names();
  names.push_back("table");
  error(name.at, "no type is called '" + std::string(name.text) + "'" + suggestion(name.text, names));
  return fhirpath::unknown_type;
}

}  // namespace tombolo::mapping::to_v2
