#include "engine/mapping/messages.h"

#include <algorithm>
#include <deque>
#include <optional>

#include "engine/base/text.h"
#include "engine/formats/hl7v2/grammar.h"
#include "engine/formats/hl7v2/writer.h"
#include "engine/mapping/to_v2/compile.h"
#include "engine/mapping/to_v2/fit.h"
#include "engine/mapping/to_v2/run.h"

namespace tombolo {

using namespace mapping;
using to_v2::V2Map;

namespace {

// A kind of message in one version.
struct Wanted {
  const V2Map* map = nullptr;
  std::string code, event;                    // "ADT", "A04"
  int version = 0;
};

std::string_view value_at(const Tree& tree, NodeId node, std::initializer_list<std::string_view> path) {
  for (const auto name : path) node = node == no_node ? no_node : tree.child(node, name);
  return node == no_node ? std::string_view() : tree[node].value();
}

// The Bundle's type, and what names the message if it was read for that.
void mark_kind(const Tree& bundle, NodeId header, bool by_event, RunReport& report) {
  report.read.resize(bundle.size());
  report.read[bundle.child(bundle.root(), "type")] = true;
  const NodeId event = header == no_node || !by_event ? no_node : bundle.child(header, "event");
  if (event == no_node) return;
  report.read[event] = true;
  for (const NodeId child : children(bundle, event)) report.read[child] = true;
}

NodeId header_of(const Tree& bundle, const FhirSchema& schema) {
  const auto type = schema.type("MessageHeader");
  for (const NodeId entry : children(bundle, bundle.root())) {
    const NodeId resource = bundle.child(entry, "resource");
    if (resource != no_node && bundle[resource].element == type) return resource;
  }
  return no_node;
}

}  // namespace

struct Messages::Inside {
  Inside(const Library& library, const V2Dictionary& v2, const FhirSchema& fhir)
      : world(library, v2, fhir), types(fhir, world), dictionary(v2), schema(fhir) {}

  const V2Map* map_to(std::string_view structure) const {
    const auto bundle = schema.type("Bundle");
    for (const auto& map : maps)
      if (map.structure != nullptr && map.structure->name == structure && types.element(map.input) == bundle && map.name == "Bundle-" + std::string(structure)) return &map;
    return nullptr;
  }
  Result<Wanted> target(std::string_view code, std::string_view event, std::string_view version) const;
  Result<Wanted> of_event(std::string_view event, std::string_view version) const;
  Result<Wanted> choose(const MessageKind& kind, const Tree* bundle) const;
  void header(const Wanted& target, Tree& out) const;

  MapWorld world;
  to_v2::SourceTypes types;
  const V2Dictionary& dictionary;
  const FhirSchema& schema;
  std::deque<V2Map> maps;
};

// The structure of an event is what the version says; where the version has it not, the first of the same message code that a map
// builds and the version has: ADT_A01 for A28 and A31 of 2.3.1 (its table 0354).
Result<Wanted> Messages::Inside::target(std::string_view code, std::string_view event, std::string_view version) const {
  Wanted found{nullptr, std::string(code), std::string(event), dictionary.nearest(version)};
  const auto bit = V2Dictionary::bit(found.version);
  const auto type = found.code + "^" + found.event;
  const auto* structure = dictionary.structure(code, event, "", found.version);
  if (structure == nullptr || !structure->name.starts_with(code)) return Fault{Kind::unsupported, "", "HL7 v2 knows no message " + type};
  if ((structure->versions & bit) == 0) {
    const auto* const stated = structure;
    structure = nullptr;
    for (const auto& map : maps)
      if (map.structure != nullptr && map.structure->name.starts_with(code) && (map.structure->versions & bit) != 0 && map_to(map.structure->name) != nullptr &&
          (structure == nullptr || map.structure->name < structure->name))
        structure = map.structure;
    if (structure == nullptr) return Fault{Kind::unsupported, "", "HL7 " + std::string(version) + " has no " + std::string(stated->name)};
  }
  found.map = map_to(structure->name);
  if (found.map == nullptr) return Fault{Kind::unsupported, "", "no map builds " + type + ": there is no Bundle-" + std::string(structure->name)};
  return found;
}

// An event alone: of the messages that maps build the one that has it.
Result<Wanted> Messages::Inside::of_event(std::string_view event, std::string_view version) const {
  for (const auto& map : maps) {
    if (map.structure == nullptr || map_to(map.structure->name) != &map) continue;
    const auto code = map.structure->name.substr(0, map.structure->name.find('_'));
    const auto* const known = dictionary.structure(code, event, "", dictionary.nearest(version));
    if (known != nullptr && known->name.starts_with(code)) return target(code, event, version);
  }
  return Fault{Kind::unsupported, "MessageHeader.event", "no map builds a message of this event"};
}

Result<Wanted> Messages::Inside::choose(const MessageKind& kind, const Tree* bundle) const {
  if (!dictionary.knows_version(kind.version)) {
    std::string known;
    for (const auto v : dictionary.versions()) known += (known.empty() ? "" : ", ") + std::string(v);
    return Fault{Kind::unsupported, "", "HL7 v2 has no version " + kind.version + ", only " + known};
  }
  if (!kind.type.empty()) {
    const auto cut = kind.type.find_first_of("_^");
    if (cut == kind.type.npos || cut == 0 || cut + 1 == kind.type.size())
      return Fault{Kind::unsupported, "", "expected a kind of message such as ADT_A04, found '" + kind.type + "'"};
    const auto event = std::string_view(kind.type).substr(cut + 1);
    return target(std::string_view(kind.type).substr(0, cut), event.substr(0, event.find_first_of("_^")), kind.version);
  }
  if (bundle == nullptr) return Wanted{};
  const NodeId header = header_of(*bundle, schema);
  auto event = value_at(*bundle, header, {"event", "code"});
  if (event.empty()) event = value_at(*bundle, header, {"event"});
  if (event.empty()) return Fault{Kind::missing, "MessageHeader.event", "it says which message this becomes, and is not there: name one, such as ADT_A04"};
  if (const auto cut = event.find_first_of("_^"); cut != event.npos) return target(event.substr(0, cut), event.substr(cut + 1), kind.version);
  return of_event(event, kind.version);
}

// MSH-9 and MSH-12; MSH-1 and MSH-2 are the printer's.
void Messages::Inside::header(const Wanted& target, Tree& out) const {
  NodeId msh = out.child(out.root(), "MSH");
  const auto& item = target.map->structure->items[1];
  if (msh == no_node) {
    msh = out.add(out.root(), item.name);
    out.move(msh, out.root(), no_node);
    out[msh].element = item.element;
    out[msh].flags = static_cast<std::uint8_t>(hl7v2::Part::segment);
  }
  const auto field = [&](int number) {
    NodeId after = no_node;
    for (const NodeId child : children(out, msh))
      if (hl7v2::number_of(out[child]) < number) after = child;
    const NodeId node = out.add(msh, out.arena().copy(std::to_string(number)));
    out.move(node, msh, after);
    out[node].element = item.segment->field(number)->element;
    out[node].flags = static_cast<std::uint8_t>(hl7v2::Part::field);
    return node;
  };
  const NodeId type = field(9);
  const auto* const parts = item.segment->field(9)->type;
  int number = 0;
  for (const auto text : {std::string_view(target.code), std::string_view(target.event), target.map->structure->name}) {
    const auto* const part = parts->component(++number);
    if (part == nullptr || (number == 3 && (part->known & V2Dictionary::bit(target.version)) == 0)) continue;
    const NodeId node = out.add(type, out.arena().copy(std::to_string(number)), out.arena().copy(text));
    out[node].flags = static_cast<std::uint8_t>(hl7v2::Part::component);
    out[node].element = part->element;
  }
  out.set_value(field(12), dictionary.versions()[static_cast<std::size_t>(target.version)]);
}

Messages::Messages() = default;
Messages::~Messages() = default;

std::unique_ptr<const Messages> Messages::load(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema,
                                               const std::vector<std::string>& layers, Diagnostics& diagnostics) {
  std::unique_ptr<Messages> messages(new Messages);
  messages->inside_ = std::make_unique<Inside>(library, dictionary, schema);
  auto& inside = *messages->inside_;
  Diagnostics found;
  inside.world.read(layers, found);
  to_v2::Compiler(inside.world, inside.types, inside.maps, found).compile_all();
  diagnostics.append_new(found);  // what is wrong for each of a map's structures is said once
  return messages;
}

bool Messages::empty() const { return structures().empty(); }

std::vector<std::string_view> Messages::structures() const {
  std::vector<std::string_view> names;
  for (const auto& map : inside_->maps)
    if (map.structure != nullptr && inside_->map_to(map.structure->name) == &map) names.push_back(map.structure->name);
  std::sort(names.begin(), names.end());
  return names;
}

Result<void> Messages::check(const MessageKind& kind) const {
  const auto found = inside_->choose(kind, nullptr);
  if (!found) return found.error();
  return {};
}

Result<void> Messages::run(const Tree& bundle, const MessageKind& kind, const RunInputs& inputs, Tree& out, RunReport& report) const {
  const auto& inside = *inside_;
  if (bundle[bundle.root()].element != inside.schema.type("Bundle"))
    return Fault{Kind::unsupported, "", "expected a Bundle, found a " + std::string(inside.schema[bundle[bundle.root()].element].name)};
  const auto target = inside.choose(kind, &bundle);
  if (!target) return target.error();
  const to_v2::RunFacts facts{inside.dictionary.versions()[static_cast<std::size_t>(target->version)], target->version, target->event};
  // What kind of Bundle and message this is was asked for here.
  if (inputs.watch) mark_kind(bundle, header_of(bundle, inside.schema), kind.type.empty(), report);
  const auto done = to_v2::Runner(inside.types, inside.dictionary, inside.schema, bundle, inputs, facts, out, report).run(*target->map);
  if (!done) return done;
  inside.header(*target, out);
  to_v2::fit(out, *target->map->structure, target->version, inside.dictionary, report);
  return {};
}

std::string_view Messages::table(const CodeTable& table) const { return inside_->world.name(table); }

Place Messages::place(std::uint32_t number) const {
  if (number == 0 || number > inside_->world.rules.size()) return {};
  const auto& rule = inside_->world.rules[number - 1];
  return {std::string(rule.file), rule.line, rule.column};
}

std::uint32_t Messages::rules() const { return static_cast<std::uint32_t>(inside_->world.rules.size()); }

std::string Messages::rule(std::uint32_t number) const {
  const auto at = place(number);
  return at.line == 0 ? std::string() : text(at);
}

}  // namespace tombolo
