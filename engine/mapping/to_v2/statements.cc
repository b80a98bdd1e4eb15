// The statements of a map to HL7 v2, one function a kind.
#include "engine/mapping/to_v2/compile.h"

#include "engine/base/text.h"

namespace tombolo::mapping::to_v2 {

using K = Statement::Kind;

void MapCompiler::statement(const Statement& s, const Here& here, std::vector<Op>& into) {
  switch (s.kind) {
    case K::rule: return rule(s, here, into);
    case K::element: return element(s, here, into);
    case K::each: return each(s, here, into);
    case K::include: return include(s, here, into);
    case K::let: return let(s, into);
    case K::condition: {
      auto op = made(Op::Kind::condition, s);
      only(s.clauses, false, false, "an `if`");
      op.over = expr(s.over);
      op.body = block(s.body, here);
      into.push_back(std::move(op));
      return;
    }
    case K::entry:
    case K::entry_rule:
    case K::gives: return error(s.at, "an entry belongs into a map to FHIR; here a " + called(here) + " is built");
    case K::remove: return error(s.at, "'remove' belongs into 'extend'");
    case K::erase:
    case K::add:
    case K::move:
    case K::copy: return error(s.at, "'delete', 'add', 'move' and 'copy' belong into 'edit'");
  }
}

void MapCompiler::rule(const Statement& s, const Here& here, std::vector<Op>& into) {
  auto goal = this->goal(s.target, here);
  if (!goal) return;
  auto op = made(Op::Kind::rule, s);
  op.chain = chain(s.chain, *goal, inside(*goal, here));
  op.goal = std::move(*goal);
  into.push_back(std::move(op));
}

void MapCompiler::element(const Statement& s, const Here& here, std::vector<Op>& into) {
  auto goal = this->goal(s.target, here);
  if (!goal) return;
  if (!s.type.empty()) error(s.type.at, "the type of " + goal->name + " is what HL7 says: no type is named here");
  auto op = made(Op::Kind::block, s);
  only(s.clauses, true, false, "a block");
  op.when = optional_expr(s.clauses.when);  // before `each`: of `T each E when C` the condition is asked once
  const auto outer = scope_.focus_shape;
  if (!s.over.empty()) {
    op.over = expr(s.over);
    if (!goal->list && op.over->shape.many) warning(s.over.at, goal->name + " stands once, and " + std::string(s.over.text) + " may give several: the first is taken; say first()");
    scope_.focus_shape = op.over->shape;
    scope_.focus_shape.many = false;
  }
  op.body = block(s.body, inside(*goal, here));
  scope_.focus_shape = outer;
  op.goal = std::move(*goal);
  into.push_back(std::move(op));
}

void MapCompiler::each(const Statement& s, const Here& here, std::vector<Op>& into) {
  auto op = made(Op::Kind::each, s);
  only(s.clauses, true, false, "an `each`");
  op.over = expr(s.over);
  const auto outer = scope_.focus_shape;
  scope_.focus_shape = op.over->shape;
  scope_.focus_shape.many = false;
  op.when = optional_expr(s.clauses.when);
  op.body = block(s.body, here);
  scope_.focus_shape = outer;
  into.push_back(std::move(op));
}

// M's rules into what is being built.
void MapCompiler::include(const Statement& s, const Here& here, std::vector<Op>& into) {
  auto op = made(Op::Kind::include, s);
  only(s.clauses, true, true, "an `include`");
  op.over = expr(s.over);
  op.when = optional_expr(s.clauses.when);
  const auto* const entry = s.clauses.as.empty() ? map_for(op.over->shape, here) : world_.find(s.clauses.as.text, untyped);
  if (entry == nullptr) {
    if (s.clauses.as.empty()) return error(s.over.at, "there is no map " + called(op.over->shape) + "-" + called(here) + ": say which with `as`");
    return error(s.clauses.as.at, "there is no map '" + std::string(s.clauses.as.text) + "'" + suggestion(s.clauses.as.text, world_.map_names()));
  }
  op.call = call(*entry, s.clauses, op.over->shape, s.over, here);
  if (op.call) into.push_back(std::move(op));
}

void MapCompiler::let(const Statement& s, std::vector<Op>& into) {
  auto op = made(Op::Kind::let, s);
  op.over = expr(s.over);
  op.number = out_.locals++;
  scope_.known.push_back({s.name.text, op.number, false, op.over->shape});
  into.push_back(std::move(op));
}

// Clauses that would do nothing where they stand.
void MapCompiler::only(const Clauses& c, bool when, bool call, std::string_view where) {
  const auto refuse = [&](std::uint32_t at, std::string_view clause) { error(at, "'" + std::string(clause) + "' means nothing at " + std::string(where)); };
  if (!call && !c.as.empty()) refuse(c.as.at, "as");
  if (!call && !c.via.empty()) refuse(c.via.at, "via");
  if (!call && !c.with.empty()) refuse(c.with.front().name.at, "with");
  if (!when && !c.when.empty()) refuse(c.when.at, "when");
  if (c.on_error != OnError::unsaid) refuse(c.on_error_at, "on error");
  if (c.on_miss != OnMiss::unsaid) refuse(c.on_miss_at, "on miss");
  if (c.on_delete != OnDelete::unsaid) refuse(c.on_delete_at, "on delete");
}

}  // namespace tombolo::mapping::to_v2
