// How a value becomes what the target holds: through a map, by a code table, or by the standard conversions.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/mapping/compiler/compile.h"

namespace tombolo::mapping {

using fhirpath::System;

namespace {

bool textual(Primitive p) {
  switch (p) {
    case Primitive::string:
    case Primitive::markdown:
    case Primitive::code:
    case Primitive::id:
    case Primitive::uri:
    case Primitive::url:
    case Primitive::canonical:
    case Primitive::oid:
    case Primitive::uuid:
    case Primitive::base64_binary: return true;
    default: return false;
  }
}

bool temporal(Primitive p) { return p == Primitive::date || p == Primitive::date_time || p == Primitive::instant; }

bool numeric(Primitive p) {
  return p == Primitive::integer || p == Primitive::unsigned_int || p == Primitive::positive_int || p == Primitive::decimal;
}

// The primitive that a choice takes for a value of this type.
bool natural(System from, Primitive to) {
  switch (from) {
    case System::string: return to == Primitive::string;
    case System::boolean: return to == Primitive::boolean;
    case System::integer:
    case System::long_integer: return to == Primitive::integer;
    case System::decimal: return to == Primitive::decimal;
    case System::date: return to == Primitive::date;
    case System::date_time: return to == Primitive::date_time;
    case System::time: return to == Primitive::time;
    default: return false;
  }
}

}  // namespace

// May a value of this System type stand where this primitive is due, without anyone saying so?
bool MapCompiler::converts(System from, Primitive to) {
  switch (from) {
    case System::string: return to != Primitive::none;
    case System::boolean: return to == Primitive::boolean;
    case System::integer:
    case System::long_integer: return numeric(to);
    case System::decimal: return numeric(to) || to == Primitive::string;
    case System::date: return temporal(to) || to == Primitive::string;
    case System::date_time: return temporal(to) || to == Primitive::string;
    case System::time: return to == Primitive::time || to == Primitive::string;
    default: return false;
  }
}

std::vector<ElementId> MapCompiler::variants(const Place& place) const {
  std::vector<ElementId> all;
  if (place.extension == nullptr) {
    const auto& element = schema_[place.member];
    if (element.owner == untyped || element.variants <= 1) return {place.member};
    for (ElementId i = 0; i < element.variants; ++i) all.push_back(element.first_variant + i);
    return all;
  }
  const auto value = schema_.member(schema_.type("Extension"), "value");
  for (const auto type : place.extension->types)
    if (const auto v = schema_.variant(value, schema_.type(type)); v != untyped) all.push_back(v);
  return all;
}

std::vector<ChainLink> MapCompiler::chain(const std::vector<Alternative>& alternatives, const Place& place) {
  std::vector<ChainLink> links;
  for (const auto& alternative : alternatives) {
    auto made = link(alternative);
    policies(alternative.clauses);
    for (const auto& words : alternative.sources) {
      ChainSource source{expr(words), {}};
      if (source.value.program.empty()) continue;
      auto c = conversion(alternative.clauses, source.value, words, place);
      if (!c) continue;
      if (alternative.clauses.on_delete == OnDelete::text) delete_text(alternative.clauses, *c, made);
      if (!place.list && source.value.shape.many && schema_[c->member].kind != TypeKind::resource) warn_first(source.value, words);
      source.conversion = std::move(*c);
      made.sources.push_back(std::move(source));
    }
    links.push_back(std::move(made));
  }
  return links;
}

void MapCompiler::warn_first(const Expr& e, Words words) {
  const bool handles = !e.shape.types.empty() && types_.entry_type(e.shape.types.front()) != untyped;
  if (!handles) warning(words.at, std::string(words.text) + " may be several, the target is single: say which, as in " + std::string(words.text) + ".first()");
}

// What belongs to an alternative but its sources.
ChainLink MapCompiler::link(const Alternative& alternative) {
  const auto& c = alternative.clauses;
  ChainLink made;
  made.when = optional_expr(c.when);
  made.on_error = c.on_error;
  if (c.on_miss != OnMiss::unsaid) made.on_miss = c.on_miss;
  made.on_delete = c.on_delete;
  if (c.on_delete == OnDelete::text) made.delete_text = Expressions::literal(c.delete_text);
  return made;
}

// on delete 'text': a value of the target, checked like a constant.
void MapCompiler::delete_text(const Clauses& clauses, const Conversion& c, ChainLink& made) {
  if (c.primitive == Primitive::none || c.kind == Conversion::Kind::entry)
    return error(clauses.delete_text.at, called(c.member) + " holds no text: `on delete ignore` is all that can be said here");
  Conversion constant;
  constant.member = made.delete_member = c.member;
  constant.primitive = c.primitive;
  check_text(made.delete_text, clauses.delete_text.at, constant);
}

std::optional<Conversion> MapCompiler::conversion(const Clauses& clauses, const Expr& value, Words words, const Place& place) {
  const auto all = variants(place);
  if (all.empty()) {
    error(words.at, "the extension " + std::string(place.extension->name) + " holds extensions: write a block");
    return std::nullopt;
  }
  auto found = clauses.as.empty() ? unnamed(clauses, value, words, all) : named(clauses, value, words, all);
  if (!found) return std::nullopt;
  if (!clauses.via.empty() && found->call.map == nullptr) {
    found->table = table(clauses.via);
    check_table(*found, clauses.via);
  }
  if (!clauses.with.empty() && found->call.map == nullptr)
    error(clauses.with.front().name.at, "'with' gives something to a map, and none is used here");
  if (value.constant) check_constant(value, words, *found);
  return found;
}

bool MapCompiler::composed(const Shape& shape) const {
  return !shape.unknown() && std::all_of(shape.types.begin(), shape.types.end(), [&](TypeId t) { return types_.v2_type(t) != nullptr; });
}

// as M, as dateTime
std::optional<Conversion> MapCompiler::named(const Clauses& clauses, const Expr& value, Words words, const std::vector<ElementId>& all) {
  const auto name = clauses.as.text;
  const MapEntry* entry = nullptr;
  for (const auto member : all) {
    entry = world_.find(name, schema_[member].type);
    if (entry != nullptr) return through_map(clauses, *entry, member, value, words);
  }
  entry = world_.find(name, untyped);
  const auto reference = schema_.type("Reference");
  for (const auto member : all)
    if (entry != nullptr && schema_[member].type == reference) return through_map(clauses, *entry, member, value, words);
  if (entry != nullptr) {
    error(clauses.as.at, "the map " + entry->name + " makes a " + std::string(entry->text.targets.front().text) + ", not a " +
                             std::string(schema_[schema_[all.front()].type].name));
    return std::nullopt;
  }
  const auto type = schema_.type(name);
  if (type == untyped || schema_[type].primitive == Primitive::none) {
    auto names = world_.map_names();
    error(clauses.as.at, "there is no map '" + std::string(name) + "'" + suggestion(name, names));
    return std::nullopt;
  }
  for (const auto member : all) {
    const bool same = schema_[member].type == type || (all.size() == 1 && schema_[member].primitive != Primitive::none);
    if (!same) continue;
    if (auto c = standard(value.shape, member, !clauses.via.empty(), false)) return c;
    if (textual(schema_[member].primitive) && composed(value.shape)) {  // said on purpose: its first part
      Conversion c;
      c.member = member;
      c.primitive = schema_[member].primitive;
      return c;
    }
    mismatch(value, words, {member});
    return std::nullopt;
  }
  error(clauses.as.at, "the target cannot be a " + std::string(name));
  return std::nullopt;
}

// Without `as`: the map "source-target" if there is one, else the standard conversion.
std::optional<Conversion> MapCompiler::unnamed(const Clauses& clauses, const Expr& value, Words words, const std::vector<ElementId>& all) {
  for (const auto type : value.shape.types) {
    if (types_.v2_type(type) == nullptr && types_.v2_segment(type) == nullptr) continue;
    for (const auto member : all) {
      const auto target = schema_[member].type;
      const auto name = std::string(types_.name(type)) + "-" + std::string(schema_[target].name);
      if (const auto* const entry = world_.find(name, target); entry != nullptr && entry != &entry_)
        return through_map(clauses, *entry, member, value, words);
    }
  }
  std::vector<Conversion> possible;
  for (const bool exact : {true, false}) {
    for (const auto member : all)
      if (auto c = standard(value.shape, member, !clauses.via.empty(), exact && all.size() > 1)) possible.push_back(std::move(*c));
    if (!possible.empty()) break;
  }
  if (possible.size() == 1 || (possible.size() > 1 && !clauses.via.empty())) return std::move(possible.front());
  const auto target = all.size() == 1 ? std::string(schema_[schema_[all.front()].type].name) : called(all.front()) + "[x]";
  const auto sort = all.size() == 1 ? target : "its types";
  if (!value.shape.types.empty() && types_.entry_type(value.shape.types.front()) != untyped && target == "Reference") return wrong_reference(all.front(), called(value.shape), words.at), std::nullopt;
  if (possible.empty()) mismatch(value, words, all);
  else error(words.at, called(value.shape) + " may become several of " + sort + ": say which with `as`");
  return std::nullopt;
}

// exact: only what a person would expect without being told.
std::optional<Conversion> MapCompiler::standard(const Shape& source, ElementId member, bool via, bool exact) {
  Conversion c;
  c.member = member;
  c.primitive = schema_[member].primitive;
  const auto type_name = schema_[schema_[member].type].name;
  const bool codeable = type_name == "CodeableConcept", coding = type_name == "Coding";
  if (codeable) c.kind = Conversion::Kind::concept_;
  if (coding) c.kind = Conversion::Kind::coding;
  if (type_name == "Reference") c.kind = Conversion::Kind::reference;
  if (source.unknown()) return c.primitive != Primitive::none && !exact ? std::optional(c) : via && (codeable || coding) ? std::optional(c) : std::nullopt;
  for (const auto type : source.types) {
    if (const auto entry = types_.entry_type(type); entry != untyped) {
      if (c.kind != Conversion::Kind::reference) return std::nullopt;
      const auto targets = schema_.targets(member);
      if (!targets.empty() && std::none_of(targets.begin(), targets.end(), [&](ElementId t) { return schema_.is(entry, t); })) return std::nullopt;
      continue;
    }
    if (type == types_.code()) {
      if (!codeable && !coding && c.primitive != Primitive::code && (exact || !textual(c.primitive))) return std::nullopt;
      continue;
    }
    const auto system = fhirpath::is_system(type) ? static_cast<System>(type) : types_.system(type);
    const auto* const v2 = types_.v2_type(type);
    const bool coded = via && v2 != nullptr && v2->name == "CWE";  // its code is its first component
    if (coded && coding) c.keeps_original = false;                 // the map that says this keeps it itself
    if (coded && !codeable && (coding || c.primitive != Primitive::none)) continue;
    if (system == System::none) return std::nullopt;
    if (via && (codeable || coding)) continue;
    if (via && c.primitive != Primitive::none && !(exact && !textual(c.primitive))) continue;
    if (c.primitive == Primitive::none) return std::nullopt;
    if (exact ? !natural(system, c.primitive) : !converts(system, c.primitive)) return std::nullopt;
  }
  return c;
}

void MapCompiler::wrong_reference(ElementId member, const std::string& found, std::uint32_t at) {
  std::string names;
  for (const auto t : schema_.targets(member)) names += (names.empty() ? "" : ", ") + std::string(schema_[t].name);
  error(at, called(member) + " may refer to " + names + ", not to a " + found);
}

std::optional<Conversion> MapCompiler::through_map(const Clauses& clauses, const MapEntry& entry, ElementId member, const Expr& value, Words words) {
  Conversion c;
  c.member = member;
  c.primitive = schema_[member].primitive;
  auto target = schema_[member].type;
  c.kind = Conversion::Kind::element;
  if (std::find(entry.targets.begin(), entry.targets.end(), target) == entry.targets.end()) {
    c.kind = Conversion::Kind::entry;
    target = entry.targets.front();
    const auto allowed = schema_.targets(member);
    if (target == untyped || !schema_.is_resource(target) ||
        (!allowed.empty() && std::none_of(allowed.begin(), allowed.end(), [&](ElementId t) { return schema_.is(target, t); }))) {
      wrong_reference(member, std::string(entry.text.targets.front().text), clauses.as.empty() ? words.at : clauses.as.at);
      return std::nullopt;
    }
  }
  if (!call(c.call, entry, target, value, words, clauses, &c.defaults)) return std::nullopt;
  std::vector<ElementId> given;
  for (const auto& d : c.defaults) given.push_back(d.target.steps.empty() ? d.target.last.member : d.target.steps.front().member);
  compiler_.builds.push_back({source_, clauses.as.empty() ? words.at : clauses.as.at, target, {&c.call.map->body}, std::move(given)});
  return c;
}

// The map for one source: compiled, its `reads` found here, its parameters given. False: something is wrong and was reported.
bool MapCompiler::call(MapCall& call, const MapEntry& entry, ElementId type, const Expr& source, Words words, const Clauses& clauses,
                       std::vector<Conversion::Default>* defaults) {
  call.map = compiler_.compile(entry, type, *source_, clauses.as.empty() ? words.at : clauses.as.at);
  if (call.map == nullptr) return false;
  if (!accepts(*call.map, source.shape)) {
    error(words.at, std::string(words.text) + " is a " + called(source.shape) + "; the map " + entry.name + " takes a " +
                        std::string(types_.name(call.map->input)));
    return false;
  }
  for (const auto name : call.map->reads) {
    fhirpath::Address address;
    address.names = {std::string(name)};
    auto found = scope_.find(address);
    if (!found && types_.v2_segment(call.map->input) != nullptr) {  // the one that follows the input
      address.names.insert(address.names.begin(), std::string(types_.name(call.map->input)));
      if (const auto next = scope_.find(address)) found = next;
    }
    if (!found && found.error().kind == Kind::conflict) error(words.at, "the map " + entry.name + " reads " + std::string(name) + ": " + found.error().what);
    call.reads.push_back(found ? found->slot : none);
  }
  if (!clauses.via.empty()) {
    const auto& parameters = call.map->parameters;
    const auto taking = std::find_if(parameters.begin(), parameters.end(), [](const auto& p) { return p.table != none; });
    if (taking == parameters.end()) {
      error(clauses.via.at, "the map " + entry.name + " takes no table");
      return false;
    }
    call.tables.emplace_back(taking->table, table(clauses.via));
  }
  with(call, clauses, type, defaults);
  return true;
}

// A leaf is read as its own first component, so text may go where a composed type is due.
bool MapCompiler::accepts(const CompiledMap& map, const Shape& source) const {
  const auto* const wanted = types_.v2_type(map.input);
  return source.unknown() || std::all_of(source.types.begin(), source.types.end(), [&](TypeId t) {
           if (types_.is(t, map.input)) return true;
           if (wanted == nullptr) return false;
           if (fhirpath::is_system(t)) return wanted->primitive;
           const auto* const given = types_.v2_type(t);
           return given != nullptr && (given->primitive || types_.varies(t));
         });
}

TableUse MapCompiler::table(Words name) {
  TableUse use;
  if (name.text.starts_with('%')) {
    const auto* const v = scope_.find_variable(name.text.substr(1));
    if (v == nullptr || v->kind != Variable::Kind::table) {
      error(name.at, std::string(name.text) + " is no table that the map takes" + suggestion(name.text.substr(1), scope_.variables()));
      return use;
    }
    use.parameter = v->number;
    return use;
  }
  use.table = world_.table(name.text, compiler_.diagnostics());
  if (use.table == nullptr)
    error(name.at, "there is no code table '" + std::string(name.text) + "'" + suggestion(name.text, world_.table_names()));
  return use;
}

void MapCompiler::with(MapCall& call, const Clauses& clauses, ElementId type, std::vector<Conversion::Default>* defaults) {
  for (const auto& w : clauses.with) {
    const auto& parameters = call.map->parameters;
    const auto taken = std::find_if(parameters.begin(), parameters.end(), [&](const auto& p) { return p.name == w.name.text; });
    if (taken != parameters.end() && taken->table != none) {
      call.tables.emplace_back(taken->table, table(w.value));
    } else if (taken != parameters.end()) {
      auto value = expr(w.value);
      if (value.program.empty()) continue;
      check_argument(*call.map, *taken, value, w.value);
      call.arguments.push_back({taken->local, std::move(value)});
    } else if (defaults != nullptr) {
      if (auto d = default_for(w, type)) defaults->push_back(std::move(*d));
    }
  }
}

std::optional<Conversion::Default> MapCompiler::default_for(const Clauses::With& with, ElementId type) {
  Conversion::Default d;
  Target target;
  target.whole = with.name;
  target.steps.push_back({Step::Kind::element, with.name, 0, 0});
  if (schema_.member(type, with.name.text) == untyped) {
    error(with.name.at, "neither a parameter nor an element of " + std::string(schema_[type].name) + " is called '" +
                            std::string(with.name.text) + "'" + suggestion(with.name.text, schema_.member_names(type)));
    return std::nullopt;
  }
  const auto found = place(target, {type, nullptr});
  if (!found) return std::nullopt;
  d.target = found->path;
  d.source.value = expr(with.value);
  if (d.source.value.program.empty()) return std::nullopt;
  auto c = conversion({}, d.source.value, with.value, *found);
  if (!c) return std::nullopt;
  d.source.conversion = std::move(*c);
  d.rule = world_.add_rule(*source_, with.name.at, out_.name);
  return d;
}

// Each target of the table must be a code that the element may have.
void MapCompiler::check_table(const Conversion& c, Words name) {
  const auto set = schema_[c.member].value_set;
  if (c.table.table == nullptr || c.kind != Conversion::Kind::primitive || c.primitive != Primitive::code || set == 0) return;
  const auto& rows = *c.table.table;
  for (std::uint32_t n = 1; n <= rows.size(); ++n) {
    const auto& row = rows.row(n);
    if (rows.find(row.source) != n || schema_.has_code(set, row.code)) continue;
    error(name.at, called(c.member) + " has no code '" + std::string(row.code) + "', which the table gives for '" + std::string(row.source) + "' (" +
                       text(rows.place(n)) + ")");
  }
}

// 'finishd' is no code of Encounter.status.
void MapCompiler::check_constant(const Expr& e, Words words, const Conversion& c) {
  if (words.text.size() < 2 || words.text.front() != '\'' || words.text.back() != '\'' || c.table.given()) return;
  if (e.shape.types.size() != 1 || c.kind != Conversion::Kind::primitive) return;
  check_text(Expressions::literal(words), words.at, c);
}

void MapCompiler::check_text(const std::string& text, std::uint32_t at, const Conversion& c) {
  if (!valid(c.primitive, text))
    return error(at, "'" + text + "' is no " + std::string(schema_[schema_[c.member].type].name) + ": " + std::string(expected(c.primitive)));
  const auto set = schema_[c.member].value_set;
  if (set == 0 || schema_.has_code(set, text)) return;
  std::vector<std::string_view> codes;
  for (const auto& code : schema_.codes(set)) codes.push_back(code.code);
  error(at, called(c.member) + " has no code '" + text + "'" + suggestion(text, codes));
}

}  // namespace tombolo::mapping
