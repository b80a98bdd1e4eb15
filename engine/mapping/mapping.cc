#include "engine/mapping/mapping.h"

#include <algorithm>
#include <unordered_map>

#include "engine/base/text.h"
#include "engine/mapping/compiler/check.h"
#include "engine/mapping/compiler/compile.h"
#include "engine/mapping/compiler/world.h"
#include "engine/mapping/functions/functions.h"
#include "engine/mapping/runner/names.h"
#include "engine/mapping/runner/run.h"

namespace tombolo {

using namespace mapping;

struct Maps::Inside {
  Inside(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema) : world(library, dictionary, schema), names(schema) {}

  MapWorld world;
  RunNames names;
  std::unordered_map<std::string_view, const CompiledMap*> by_name;
  std::unordered_map<std::string_view, const CompiledMap*> by_structure;
};

namespace {

// Can both sides of this map be compiled: HL7 v2 in, FHIR out?
bool v2_to_fhir(const MapEntry& entry, const SchemaTypes& types) {
  const auto source = entry.text.source.text;
  const bool known = types.dictionary().structure(source) != nullptr || types.segment(source) != nullptr || types.dictionary().type(source) != nullptr;
  return known && std::none_of(entry.targets.begin(), entry.targets.end(), [](ElementId t) { return t == untyped; });
}

void report_unknown(const MapEntry& entry, const SchemaTypes& types, Diagnostics& diagnostics) {
  const auto& text = entry.text;
  const auto known = [&](std::string_view name) {
    return types.schema().type(name) != untyped || types.segment(name) != nullptr || types.dictionary().type(name) != nullptr ||
           types.dictionary().structure(name) != nullptr;
  };
  std::vector<std::string_view> names = types.schema().type_names();
  for (const auto& s : types.dictionary().structures()) names.push_back(s.name);
  for (const auto& s : types.dictionary().segments()) names.push_back(s.name);
  for (const auto& t : types.dictionary().types()) names.push_back(t.name);
  if (!known(text.source.text))
    text.from->error(diagnostics, text.source.at, "neither HL7 v2 nor FHIR R4 has '" + std::string(text.source.text) + "'" + suggestion(text.source.text, names));
  for (const auto& t : text.targets)
    if (!known(t.text) && t.text != "entries")
      text.from->error(diagnostics, t.at, "neither HL7 v2 nor FHIR R4 has '" + std::string(t.text) + "'" + suggestion(t.text, names));
}

}  // namespace

Maps::Maps() = default;
Maps::~Maps() = default;

std::unique_ptr<const Maps> Maps::load(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema,
                                       const std::vector<std::string>& layers, Diagnostics& diagnostics) {
  std::unique_ptr<Maps> maps(new Maps);
  maps->inside_ = std::make_unique<Inside>(library, dictionary, schema);
  auto& world = maps->inside_->world;
  world.functions = functions();
  world.read(layers, diagnostics);
  for (auto& entry : world.entries) {
    entry.known = v2_to_fhir(entry, world.types);
    if (!entry.known) report_unknown(entry, world.types, diagnostics);
  }
  Compiler compiler(world, diagnostics);
  compiler.compile_all();
  check_required(compiler, diagnostics);
  for (const auto& entry : world.entries)
    if (entry.known) check_reachable(entry, schema, diagnostics);
  const auto bundle = schema.type("Bundle");
  for (const auto& map : world.maps) {
    maps->inside_->by_name.emplace(map.name, &map);
    if (map.target == bundle && world.types.v2_segment(map.input) == nullptr) maps->inside_->by_structure.emplace(world.types.name(map.input), &map);
  }
  return maps;
}

const Map* Maps::find(std::string_view name) const {
  const auto at = inside_->by_name.find(name);
  return at == inside_->by_name.end() ? nullptr : at->second;
}

const Map* Maps::for_message(const Tree& message) const {
  const auto* const item = dictionary().item_at(message[message.root()].element);
  if (item == nullptr) return nullptr;
  const auto at = inside_->by_structure.find(item->name);
  return at == inside_->by_structure.end() ? nullptr : at->second;
}

Fault Maps::no_map(const Tree& message) const {
  std::string said;
  for (const NodeId segment : children(message, message.root())) {
    if (message[segment].name() != "MSH") continue;
    for (const NodeId part : children(message, message.child(segment, "9"))) said += (said.empty() ? "" : "^") + std::string(message[part].value());
    if (const NodeId field = message.child(segment, "9"); said.empty() && field != no_node) said = message[field].value();
  }
  const bool printable = said.size() <= 24 && said.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_^") == said.npos;
  const auto found = said.empty() ? "it is empty" : printable ? "found '" + said + "'" : "it holds other text";
  if (const auto* const item = dictionary().item_at(message[message.root()].element))
    return {Kind::unsupported, "MSH-9", std::string(found) + ", and the maps that are loaded have none for " + std::string(item->name)};
  return {Kind::unsupported, "MSH-9", std::string(found) + ", expected a type of message that HL7 knows, such as ADT^A01"};
}

std::vector<std::string_view> Maps::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, map] : inside_->by_name) names.push_back(name);
  std::sort(names.begin(), names.end());
  return names;
}

std::string_view Maps::name(const Map& map) const { return map.name; }

Result<void> Maps::run(const Map& map, const Tree& source, const RunInputs& inputs, Tree& out, RunReport& report) const {
  const Identity identity{inputs.site, inputs.message};
  Canonical canonical(schema(), out, identity);
  return Runner(inside_->world.types, source, canonical, inputs, inside_->names, report).run(map);
}

Place Maps::place(std::uint32_t number) const {
  if (number == 0 || number > inside_->world.rules.size()) return {};
  const auto& rule = inside_->world.rules[number - 1];
  return {std::string(rule.file), rule.line, rule.column};
}

std::string Maps::rule(std::uint32_t number) const {
  const auto at = place(number);
  return at.line == 0 ? std::string() : text(at);
}

std::uint32_t Maps::rules() const { return static_cast<std::uint32_t>(inside_->world.rules.size()); }
std::string_view Maps::table(const CodeTable& table) const { return inside_->world.name(table); }
std::vector<std::pair<std::string_view, const CodeTable*>> Maps::tables() const { return inside_->world.tables(); }

const FhirSchema& Maps::schema() const { return inside_->world.types.schema(); }
const V2Dictionary& Maps::dictionary() const { return inside_->world.types.dictionary(); }

}  // namespace tombolo
