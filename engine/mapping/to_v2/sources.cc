// Right sides of rules: expressions over FHIR, and how what they give becomes a part of the message.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/fhirpath/parse.h"
#include "engine/mapping/compiler/expressions.h"
#include "engine/mapping/to_v2/compile.h"

namespace tombolo::mapping::to_v2 {

using fhirpath::System;

namespace {

System system_of(const SourceTypes& types, TypeId type) {
  return fhirpath::is_system(type) ? static_cast<System>(type) : types.system(type);
}

}  // namespace

Expr MapCompiler::expr(Words words) {
  Expr e;
  e.at = words.at;
  const auto parsed = fhirpath::parse(words.text, fhirpath::Dialect::map);
  if (!parsed) {
    error(words.at + static_cast<std::uint32_t>(parsed.problem->offset), parsed.problem->text);
    return e;
  }
  for (const auto& term : parsed.expression.terms) {
    const auto file_let = term.form == fhirpath::Form::variable && scope_.find(term.text) == nullptr ? world_.lets.find(term.text) : world_.lets.end();
    if (file_let == world_.lets.end()) continue;
    Op op;
    op.kind = Op::Kind::let;
    op.rule = world_.add_rule(*file_let->second.source, file_let->second.at, out_.name);
    op.number = out_.locals++;
    op.over = expr(file_let->second.over);
    scope_.of_files.push_back({file_let->first, op.number, false, op.over->shape});
    file_lets_.push_back(std::move(op));
  }
  auto bound = fhirpath::bind(parsed.expression, scope_);
  for (const auto& problem : bound.problems) {
    const auto at = words.at + static_cast<std::uint32_t>(problem.offset);
    if (problem.severity == Severity::error) error(at, problem.text);
    else if (problem.severity == Severity::warning) warning(at, problem.text);
  }
  if (!bound) return e;
  e.shape = bound.program.shape();
  e.constant = bound.program.constant();
  e.program = std::move(bound.program);
  return e;
}

std::vector<Link> MapCompiler::chain(const std::vector<Alternative>& alternatives, const Goal& goal, const Here& here) {
  std::vector<Link> links;
  for (const auto& alternative : alternatives) {
    const auto& c = alternative.clauses;
    if (c.on_miss != OnMiss::unsaid && c.via.empty()) error(c.on_miss_at, "'on miss' needs a table: there is no 'via' here");
    if (c.on_error == OnError::keep_text || c.on_error == OnError::data_absent) error(c.on_error_at, "this is for targets in FHIR: here a bad value is dropped, tried next, or fails");
    Link link;
    link.when = optional_expr(c.when);
    link.on_error = c.on_error;
    link.on_miss = c.on_miss == OnMiss::unsaid ? OnMiss::keep : c.on_miss;
    link.on_delete = c.on_delete;
    if (c.on_delete == OnDelete::text) link.delete_text = Expressions::literal(c.delete_text);
    for (const auto& words : alternative.sources)
      if (auto source = this->source(c, words, goal, here)) link.sources.push_back(std::move(*source));
    const bool surely = !link.sources.empty() && link.sources.front().value.constant && c.via.empty() && c.when.empty();
    if (surely && &alternative != &alternatives.back())
      error((&alternative)[1].sources.front().at, "this can never be used: the alternative before it always gives a value");
    links.push_back(std::move(link));
  }
  return links;
}

std::optional<LinkSource> MapCompiler::source(const Clauses& c, Words words, const Goal& goal, const Here& here) {
  LinkSource made;
  made.value = expr(words);
  if (made.value.program.empty()) return std::nullopt;
  const auto& shape = made.value.shape;
  if (shape.many && !goal.list && goal.type == nullptr)
    warning(words.at, std::string(words.text) + " may give several, and " + goal.name + " stands once: say first()");
  const MapEntry* entry = nullptr;
  if (!c.as.empty()) {
    entry = world_.find(c.as.text, untyped);
    if (entry == nullptr) return error(c.as.at, "there is no map '" + std::string(c.as.text) + "'" + suggestion(c.as.text, world_.map_names())), std::nullopt;
  } else if (c.via.empty()) {
    entry = map_for(shape, here);
  }
  if (entry != nullptr) {
    made.call = call(*entry, c, shape, words, here);
    return made.call ? std::optional(std::move(made)) : std::nullopt;
  }
  if (!c.with.empty()) error(c.with.front().name.at, "'with' needs a map: there is no 'as' here");
  if (goal.type == nullptr)
    return error(words.at, std::string(words.text) + " is a " + called(shape) + ": which map makes a " + called(here) + " of it? say `as`"), std::nullopt;
  if (!c.via.empty()) made.table = table(c.via);
  else if (!standard(shape, goal, words)) return std::nullopt;
  return made;
}

// Without map and table: text, numbers, times, truth.
bool MapCompiler::standard(const Shape& shape, const Goal& goal, Words words) {
  for (const auto type : shape.types) {
    const auto system = system_of(types_, type);
    const auto name = goal.type->name;
    const bool composed = system == System::none || system == System::quantity;
    const bool number = system == System::integer || system == System::long_integer || system == System::decimal;
    const bool time = name == "DT" || name == "DTM";
    const bool fits = !composed && !(time && (number || system == System::boolean || system == System::time)) &&
                      !((name == "NM" || name == "SI") && !number && system != System::string) &&
                      !(name == "TM" && system != System::time && system != System::date_time && system != System::string);
    if (fits) continue;
    error(words.at, std::string(words.text) + " is a " + called(shape) + ", and " + goal.name + " is a " + std::string(name) +
                        (composed ? ": there is no map " + called(shape) + "-" + std::string(name) + "; say `as`" : ""));
    return false;
  }
  return true;
}

// The map that is meant where none is named: of the source's type to what is built.
const MapEntry* MapCompiler::map_for(const Shape& shape, const Here& into) const {
  // `ofType(Quantity)` may be FHIR's or FHIRPath's own: nodes are FHIR's.
  const auto at = std::find_if(shape.types.begin(), shape.types.end(), [](TypeId t) { return !fhirpath::is_system(t); });
  if (at == shape.types.end()) return nullptr;
  const auto name = types_.name(*at);
  const bool one = std::all_of(shape.types.begin(), shape.types.end(), [&](TypeId t) {
    return (fhirpath::is_system(t) ? fhirpath::name(static_cast<System>(t)) : types_.name(t)) == name;
  });
  if (!one) return nullptr;
  if (into.type != nullptr && into.type->primitive) return nullptr;
  return world_.find(std::string(name) + "-" + called(into), untyped);
}

// Which of the map's results is what is built here; npos: none.
std::size_t MapCompiler::result_for(const MapEntry& entry, const Here& into) const {
  const auto& targets = entry.text.targets;
  const bool varies = into.type != nullptr && world_.types.varies(world_.types.of(*into.type));
  const auto at = std::find_if(targets.begin(), targets.end(), [&](const Words& t) {
    if (into.type != nullptr) return dictionary_.type(t.text) == into.type || (varies && dictionary_.type(t.text) != nullptr);
    return t.text == called(into) && (into.group == nullptr || into.group == &out_.structure->items[0]);
  });
  return at == targets.end() ? std::string::npos : static_cast<std::size_t>(at - targets.begin());
}

std::optional<Call> MapCompiler::call(const MapEntry& entry, const Clauses& c, const Shape& shape, Words words, const Here& into) {
  const auto at = c.as.empty() ? words.at : c.as.at;
  const auto nth = result_for(entry, into);
  if (nth == std::string::npos) return error(at, "the map " + entry.name + " does not build a " + called(into)), std::nullopt;
  Call made;
  made.map = compiler_.compile(entry, nth, *source_, at);
  if (made.map == nullptr) return std::nullopt;
  const auto& map = *made.map;
  if (into.type != nullptr && map.levels + into.depth > 2)
    return error(at, "the map " + entry.name + " writes sub-components, and there is no room for them here"), std::nullopt;
  const bool fits = shape.unknown() || std::any_of(shape.types.begin(), shape.types.end(), [&](TypeId t) {
    return !fhirpath::is_system(t) && (types_.is(t, map.input) || types_.is(map.input, t));
  });
  if (!fits) return error(words.at, std::string(words.text) + " is a " + called(shape) + "; the map " + map.name + " takes a " + std::string(types_.name(map.input))), std::nullopt;
  for (const auto& w : c.with) {
    const auto p = std::find_if(map.parameters.begin(), map.parameters.end(), [&](const V2Map::Parameter& known) { return known.name == w.name.text && known.table == none; });
    if (p == map.parameters.end()) {
      std::vector<std::string_view> names;
      for (const auto& known : map.parameters) names.push_back(known.name);
      error(w.name.at, "the map " + map.name + " takes no '" + std::string(w.name.text) + "'" + suggestion(w.name.text, names));
      continue;
    }
    auto value = expr(w.value);
    const auto wanted = p->type;
    const bool right = wanted == fhirpath::unknown_type || value.shape.unknown() || std::any_of(value.shape.types.begin(), value.shape.types.end(), [&](TypeId t) {
      if (fhirpath::is_system(t) || fhirpath::is_system(wanted)) return system_of(types_, t) == system_of(types_, wanted);
      return types_.is(t, wanted) || types_.is(wanted, t) || (system_of(types_, t) != System::none && system_of(types_, t) == system_of(types_, wanted));
    });
    if (!right) error(w.value.at, std::string(w.value.text) + " is a " + called(value.shape) + "; the map " + map.name + " takes a " + called(Shape{{wanted}, false, true}) + " as " + std::string(p->name));
    made.arguments.emplace_back(p->local, std::move(value));
  }
  if (!c.via.empty()) {
    const auto p = std::find_if(map.parameters.begin(), map.parameters.end(), [](const V2Map::Parameter& known) { return known.table != none; });
    if (p == map.parameters.end()) return error(c.via.at, "the map " + map.name + " takes no table"), std::nullopt;
    made.tables.emplace_back(p->table, table(c.via));
  }
  return made;
}

TableUse MapCompiler::table(Words name) {
  TableUse use;
  if (name.text.starts_with('%')) {
    const auto* const v = scope_.find(name.text.substr(1));
    if (v == nullptr || !v->table) error(name.at, "no parameter of this map is a table called " + std::string(name.text));
    else use.parameter = v->number;
    return use;
  }
  use.table = world_.table(name.text, compiler_.diagnostics(), true);
  if (use.table == nullptr) error(name.at, "there is no code table '" + std::string(name.text) + "'" + suggestion(name.text, world_.table_names()));
  return use;
}

}  // namespace tombolo::mapping::to_v2
