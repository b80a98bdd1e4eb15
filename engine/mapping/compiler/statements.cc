// The statements of a map, one function a kind.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/mapping/compiler/compile.h"

namespace tombolo::mapping {

using K = Statement::Kind;

Block MapCompiler::block(const std::vector<Statement>& statements, Here here, bool each) {
  Block made;
  const auto names = scope_.known.size();
  fresh_names(statements);
  if (each) scope_.blocks.push_back(++blocks_met_);
  made.level = static_cast<std::uint32_t>(scope_.blocks.size() - 1);
  out_.levels = std::max<std::uint32_t>(out_.levels, made.level + 1);
  for (const auto& s : statements) {
    const auto* const source = source_;
    source_ = s.source;
    statement(s, here, made);
    source_ = source;
  }
  made.constant = !made.ops.empty() && std::all_of(made.ops.begin(), made.ops.end(), [](const Op& op) {
    if (op.kind == Op::Kind::element) return op.body->constant && !op.over;
    return op.kind == Op::Kind::rule && std::all_of(op.chain.begin(), op.chain.end(), [](const ChainLink& link) {
      return std::all_of(link.sources.begin(), link.sources.end(), [](const ChainSource& s) { return s.value.constant; });
    });
  });
  // Entries stay visible outside their block: there the name stands for all of them.
  std::vector<Variable> kept;
  for (auto i = names; i < scope_.known.size(); ++i)
    if (scope_.known[i].kind == Variable::Kind::entry) kept.push_back(std::move(scope_.known[i]));
  scope_.known.resize(std::min(names, scope_.known.size()));
  std::move(kept.begin(), kept.end(), std::back_inserter(scope_.known));
  if (each) scope_.blocks.pop_back();
  return made;
}

void MapCompiler::statement(const Statement& s, Here here, Block& block) {
  switch (s.kind) {
    case K::rule:
      if (s.target.variable.empty() && (s.target.whole.text == "key" || s.target.whole.text == "alias")) return key(s, here, block);
      return rule(s, here, block);
    case K::element: return element(s, here, block);
    case K::entry:
    case K::entry_rule: return entry(s, block);
    case K::each: return each(s, here, block);
    case K::condition: return condition(s, here, block);
    case K::include: return include(s, here, block);
    case K::let: return let(s, block);
    case K::gives: return gives(s, block);
    case K::remove: return error(s.at, "'remove' belongs into 'extend'");
    case K::erase:
    case K::add:
    case K::move:
    case K::copy: return error(s.at, "'delete', 'add', 'move' and 'copy' belong into 'edit'");
  }
}

void MapCompiler::rule(const Statement& s, Here here, Block& block) {
  const auto target = place(s.target, here);
  if (!target) return;
  Op op;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  op.target = target->path;
  op.chain = chain(s.chain, *target);
  block.ops.push_back(std::move(op));
}

// key and alias: values only, their parts are sorted out while running.
void MapCompiler::key(const Statement& s, Here here, Block& block) {
  if (here.type == untyped || !schema_.is_resource(here.type))
    return error(s.at, "a " + std::string(s.target.whole.text) + " belongs to a resource; here a " +
                           (here.type == untyped ? "list of entries" : std::string(schema_[here.type].name)) + " is built");
  Op op;
  op.kind = s.target.whole.text == "key" ? Op::Kind::key : Op::Kind::alias;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  for (const auto& alternative : s.chain) {
    auto made = link(alternative);
    only(alternative.clauses, {.when = true}, "a key");
    for (const auto& words : alternative.sources)
      if (auto e = expr(words); !e.program.empty()) made.sources.push_back({std::move(e), {}});
    op.chain.push_back(std::move(made));
  }
  block.ops.push_back(std::move(op));
}

// The address that an expression begins with: of PID-5.where(…).first() PID-5.
static const fhirpath::Address* leading(const fhirpath::Expression& expression) {
  auto id = expression.root;
  while (id != fhirpath::no_term) {
    const auto& term = expression[id];
    if (term.form == fhirpath::Form::address) return &expression.addresses[term.address];
    if (term.form != fhirpath::Form::call && term.form != fhirpath::Form::member) return nullptr;
    id = term.first;
  }
  return nullptr;
}

// What an `each` goes over: its items narrow the addresses in its block.
std::optional<Sight> MapCompiler::enter(Words over, Op& op) {
  op.over = expr(over, true);
  op.number = out_.registers++;
  if (op.over->program.empty()) return std::nullopt;
  const auto whole = fhirpath::parse(over.text, fhirpath::Dialect::map);
  V2Place current;
  current.kind = V2Place::Kind::current;
  current.index = op.number;
  if (const auto* const address = leading(whole.expression); address != nullptr && address->subcomponent == 0 && address->field != 0) {
    if (const auto found = scope_.find(*address, true)) scope_.currents.push_back({found->sight.place, address->field, address->component});
  } else if (address != nullptr && address->component != 0 && address->field == 0) {
    if (const auto* const type = types_.dictionary().type(address->names.front())) {
      Shape one = op.over->shape;
      one.many = false;
      scope_.current_parts.push_back({type, address->component, address->subcomponent,
                                      {scope_.slot({ReadSlot::Kind::place, scope_.place(current), 0, 0, 0}), std::move(one)}});
    }
  }
  if (op.over->shape.types.size() != 1) return std::nullopt;
  const auto type = op.over->shape.types.front();
  if (types_.v2_type(type) != nullptr) return std::nullopt;
  for (const auto& address : whole.expression.addresses) {
    const auto found = scope_.find(address, true);
    if (!found || address.field != 0) continue;
    const auto& sight = found->sight;
    if ((sight.segment != nullptr ? types_.of(*sight.segment) : types_.of_item(*sight.item)) != type) continue;
    return Sight{sight.structure, sight.item, sight.segment, scope_.place(current)};
  }
  return std::nullopt;
}

// In the block of an `each` its item is the focus, and what its address means.
struct MapCompiler::Outside {
  explicit Outside(MapScope& scope)
      : scope_(scope), focus_(scope.focus_shape), sights_(scope.sights.size()), currents_(scope.currents.size()), parts_(scope.current_parts.size()) {}
  ~Outside() {
    scope_.focus_shape = focus_;
    scope_.sights.resize(sights_);
    scope_.currents.resize(currents_);
    scope_.current_parts.resize(parts_);
  }
  Outside(const Outside&) = delete;
  Outside& operator=(const Outside&) = delete;

 private:
  MapScope& scope_;
  const Shape focus_;
  const std::size_t sights_, currents_, parts_;
};

void MapCompiler::step_into(Words over, Op& op) {
  if (const auto sight = enter(over, op)) scope_.sights.push_back(*sight);
  scope_.focus_shape = op.over->shape;
  scope_.focus_shape.many = false;
}

void MapCompiler::each(const Statement& s, Here here, Block& block) {
  Op op;
  op.kind = Op::Kind::each;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  only(s.clauses, {.when = true}, "an `each`");
  const Outside outside(scope_);
  step_into(s.over, op);
  op.when = optional_expr(s.clauses.when);
  op.body = std::make_unique<Block>(this->block(s.body, here, true));
  block.ops.push_back(std::move(op));
}

void MapCompiler::condition(const Statement& s, Here here, Block& block) {
  Op op;
  op.kind = Op::Kind::condition;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  only(s.clauses, {}, "an `if`");
  op.over = expr(s.over);
  op.body = std::make_unique<Block>(this->block(s.body, here, false));
  block.ops.push_back(std::move(op));
}

void MapCompiler::element(const Statement& s, Here here, Block& block) {
  auto target = place(s.target, here);
  if (!target) return;
  Op op;
  op.kind = Op::Kind::element;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  op.target = target->path;
  op.on_error = s.clauses.on_error;
  only(s.clauses, {.when = true, .try_next = true}, "a block");
  const auto& member = schema_[target->member];
  op.type = target->member;
  if (!s.type.empty()) op.type = variant(target->member, s.type);
  else if (member.variants > 1)
    return error(s.target.whole.at, called(target->member) + " may be of several types: name one, as in " +
                                        std::string(s.target.whole.text) + ": " + std::string(schema_[member.type].name) + " {");
  if (op.type == untyped) return;
  op.when = optional_expr(s.clauses.when);  // before `each`: of `T each E when C` the condition is asked once
  const Outside outside(scope_);
  if (!s.over.empty()) {
    step_into(s.over, op);
    if (!target->list && op.over->shape.many) warn_first(*op.over, s.over);
  }
  op.body = std::make_unique<Block>(this->block(s.body, {schema_[op.type].type, target->extension}, !s.over.empty()));
  if (target->extension == nullptr) compiler_.builds.push_back({source_, s.at, schema_[op.type].type, {op.body.get()}, {}});
  block.ops.push_back(std::move(op));
}

// M's rules into the element being built.
void MapCompiler::include(const Statement& s, Here here, Block& block) {
  Op op;
  op.kind = Op::Kind::include;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  only(s.clauses, {.as = true, .via = true, .with = true, .when = true}, "an `include`");
  auto source = expr(s.over);
  if (source.program.empty()) return;
  op.when = optional_expr(s.clauses.when);
  const MapEntry* entry = nullptr;
  if (!s.clauses.as.empty()) {
    entry = world_.find(s.clauses.as.text, here.type);
    if (entry == nullptr && world_.find(s.clauses.as.text, untyped) != nullptr)
      return error(s.clauses.as.at, "the map " + std::string(s.clauses.as.text) + " does not build a " + std::string(schema_[here.type].name));
    if (entry == nullptr)
      return error(s.clauses.as.at, "there is no map '" + std::string(s.clauses.as.text) + "'" + suggestion(s.clauses.as.text, world_.map_names()));
  } else if (source.shape.types.size() == 1) {
    entry = world_.find(std::string(types_.name(source.shape.types.front())) + "-" + std::string(schema_[here.type].name), here.type);
  }
  if (entry == nullptr)
    return error(s.over.at, "there is no map " + called(source.shape) + "-" + std::string(schema_[here.type].name) + ": say which with `as`");
  if (source.shape.many) warn_first(source, s.over);
  Op::Include in;
  if (!call(in.call, *entry, here.type, source, s.over, s.clauses, &op.defaults)) return;
  in.source = std::move(source);
  op.includes.push_back(std::move(in));
  block.ops.push_back(std::move(op));
}

void MapCompiler::entry(const Statement& s, Block& block) {
  const auto type = schema_.type(s.type.text);
  if (type == untyped || !schema_.is_resource(type) || schema_.is_abstract(type)) {
    std::vector<std::string_view> names;
    for (const auto name : schema_.type_names())
      if (schema_.is_resource(schema_.type(name))) names.push_back(name);
    return error(s.type.at, "FHIR R4 has no resource '" + std::string(s.type.text) + "'" + suggestion(s.type.text, names));
  }
  Op op;
  op.kind = Op::Kind::entry;
  op.type = type;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  op.number = static_cast<std::uint32_t>(out_.entry_names.size());
  out_.entry_names.push_back(s.name.text);
  std::vector<const Block*> blocks;
  if (s.kind == K::entry) {
    only(s.clauses, {.when = true}, "an entry's block");
    op.when = optional_expr(s.clauses.when);
    op.body = std::make_unique<Block>(this->block(s.body, {type, nullptr}, false));
    blocks.push_back(op.body.get());
  } else {
    entry_sources(s, type, op);
    for (const auto& in : op.includes) blocks.push_back(&in.call.map->body);
  }
  std::vector<ElementId> given;
  for (const auto& d : op.defaults) given.push_back(d.target.last.member);
  if (!blocks.empty()) compiler_.builds.push_back({source_, s.at, type, std::move(blocks), std::move(given)});
  scope_.known.push_back({s.name.text, Variable::Kind::entry, op.number, Shape{{types_.entry_of(type)}, false, true}, scope_.blocks, s.name.at});
  block.ops.push_back(std::move(op));
}

// entry n: T <- a, b: each source through its map, `with` to those that take it, else to the entry.
void MapCompiler::entry_sources(const Statement& s, ElementId type, Op& op) {
  if (s.chain.size() > 1) return error(s.at, "an entry has no alternatives");
  const auto& alternative = s.chain.front();
  const auto& clauses = alternative.clauses;
  only(clauses, {.as = true, .via = true, .with = true, .when = true}, "an entry");
  op.when = optional_expr(clauses.when);
  std::vector<std::string_view> taken;
  for (const auto& words : alternative.sources) {
    Op::Include in;
    in.source = expr(words);
    if (in.source.program.empty()) continue;
    if (in.source.shape.many) {
      error(words.at, std::string(words.text) + " may repeat: write `each " + std::string(words.text) + " { entry … }`");
      continue;
    }
    const auto name = !clauses.as.empty() ? std::string(clauses.as.text) : called(in.source.shape) + "-" + std::string(schema_[type].name);
    const auto* const entry = world_.find(name, type);
    if (entry == nullptr) {
      error(clauses.as.empty() ? words.at : clauses.as.at,
            "there is no map '" + name + "' to " + std::string(schema_[type].name) + suggestion(name, world_.map_names()));
      continue;
    }
    Clauses own = clauses;
    std::erase_if(own.with, [&](const Clauses::With& w) {
      return std::none_of(entry->text.takes.begin(), entry->text.takes.end(), [&](const Take& t) { return t.name.text == w.name.text; });
    });
    for (const auto& w : own.with) taken.push_back(w.name.text);
    if (call(in.call, *entry, type, in.source, words, own, nullptr)) op.includes.push_back(std::move(in));
  }
  for (const auto& w : clauses.with)
    if (std::find(taken.begin(), taken.end(), w.name.text) == taken.end())
      if (auto d = default_for(w, type)) op.defaults.push_back(std::move(*d));
}

void MapCompiler::let(const Statement& s, Block& block) {
  Op op;
  op.kind = Op::Kind::let;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  op.over = expr(s.over);
  op.number = out_.locals++;
  scope_.known.push_back({s.name.text, Variable::Kind::local, op.number, op.over->shape, {}, s.name.at});
  block.ops.push_back(std::move(op));
}

void MapCompiler::gives(const Statement& s, Block& block) {
  Op op;
  op.kind = Op::Kind::gives;
  op.rule = world_.add_rule(*source_, s.at, out_.name);
  for (const auto& alternative : s.chain) {
    auto made = link(alternative);
    only(alternative.clauses, {.when = true}, "a `gives`");
    for (const auto& words : alternative.sources) {
      auto e = expr(words);
      if (e.program.empty()) continue;
      if (std::any_of(e.shape.types.begin(), e.shape.types.end(), [&](TypeId t) { return types_.entry_type(t) == untyped; }))
        error(words.at, "gives: expected an entry, found a " + called(e.shape));
      else made.sources.push_back({std::move(e), {}});
    }
    op.chain.push_back(std::move(made));
  }
  out_.gives = true;
  block.ops.push_back(std::move(op));
}

}  // namespace tombolo::mapping
