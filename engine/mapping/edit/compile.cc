#include "engine/mapping/edit/compile.h"

#include <algorithm>

#include "engine/mapping/functions/functions.h"

namespace tombolo::mapping {

using K = Statement::Kind;

EditCompiler::EditCompiler(MapWorld& world, const EditText& text, const V2Structure* structure, EditProgram& out, Diagnostics& diagnostics)
    : world_(world),
      text_(text),
      structure_(structure),
      out_(out),
      diagnostics_(diagnostics),
      types_(world.types),
      scope_(world.types, out.frame, world.functions),
      expressions_(world, scope_, out.frame, diagnostics),
      source_(text.from) {
  out_.called = text.called.text;
  out_.structure = structure;
  out_.frame.name = called();
  V2Place input;
  input.kind = V2Place::Kind::input;
  input_ = scope_.place(input);
  scope_.any_structure = structure == nullptr;
  if (structure == nullptr) return;
  out_.frame.input = types_.of_item(structure->items[0]);
  scope_.sights.push_back({structure, &structure->items[0], nullptr, input_});
  scope_.focus_shape = Shape{{out_.frame.input}, false, false};
}

void EditCompiler::compile() {
  out_.ops = block(text_.body, true);
  std::vector<EditOp> lets;
  for (auto& let : expressions_.file_lets) {
    EditOp op;
    op.kind = EditOp::Kind::let;
    op.number = let.number;
    op.over = std::move(let.over);
    lets.push_back(std::move(op));
  }
  std::move(lets.begin(), lets.end(), std::inserter(out_.ops, out_.ops.begin()));
}

// always: do these statements run for every message?
std::vector<EditOp> EditCompiler::block(const std::vector<Statement>& statements, bool always) {
  std::vector<EditOp> made;
  const auto names = scope_.known.size();
  for (const auto& s : statements) {
    source_ = s.source;
    statement(s, always, made);
  }
  scope_.known.resize(std::min(names, scope_.known.size()));
  return made;
}

void EditCompiler::statement(const Statement& s, bool always, std::vector<EditOp>& into) {
  switch (s.kind) {
    case K::rule: return write(s, into);
    case K::erase: return erase(s, always, into);
    case K::add: return add(s, into);
    case K::move:
    case K::copy: return move(s, into);
    case K::each: return each(s, into);
    case K::condition: {
      auto op = made(EditOp::Kind::condition, s);
      op.over = expr(s.over);
      only_when(s.clauses, s.over.at);
      if (!s.clauses.when.empty()) error(s.clauses.when.at, "a condition has no condition: say `and`");
      op.body = block(s.body, false);
      into.push_back(std::move(op));
      return;
    }
    case K::let: {
      auto op = made(EditOp::Kind::let, s);
      op.over = expr(s.over);
      op.number = out_.frame.locals++;
      scope_.known.push_back({s.name.text, Variable::Kind::local, op.number, op.over->shape, {}, s.name.at});
      into.push_back(std::move(op));
      return;
    }
    default: return error(s.at, "this belongs into a map: an edit knows rules, 'delete', 'add', 'move', 'copy', 'each', 'if' and 'let'");
  }
}

EditOp EditCompiler::made(EditOp::Kind kind, const Statement& s) {
  EditOp op;
  op.kind = kind;
  op.rule = world_.add_rule(*source_, s.at, out_.frame.name);
  return op;
}

std::string EditCompiler::called() const { return structure_ == nullptr ? "edit" : std::string(structure_->name); }

void EditCompiler::error(std::uint32_t at, std::string text) { source_->error(diagnostics_, at, std::move(text)); }
void EditCompiler::warning(std::uint32_t at, std::string text) { source_->warning(diagnostics_, at, std::move(text)); }

std::span<const fhirpath::Function> edit_functions() {
  static const auto some = [] {
    std::vector<fhirpath::Function> all(functions().begin(), functions().end());
    std::erase_if(all, [](const auto& f) { return about_resources(f.name); });
    return all;
  }();
  return some;
}

bool about_resources(std::string_view function) { return function == "find" || function == "code" || function == "together"; }

}  // namespace tombolo::mapping
