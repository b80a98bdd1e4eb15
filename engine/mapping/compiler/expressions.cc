// Expressions of a map: parsed, bound to slots, and plain addresses told from the rest.
#include <algorithm>

#include "engine/mapping/compiler/compile.h"

namespace tombolo::mapping {

using fhirpath::Form;

Expr MapCompiler::expr(Words words, bool through_repeating) {
  Expr e;
  e.at = words.at;
  const auto parsed = fhirpath::parse(words.text, fhirpath::Dialect::map);
  if (!parsed) {
    error(words.at + static_cast<std::uint32_t>(parsed.problem->offset), parsed.problem->text);
    return e;
  }
  for (const auto& term : parsed.expression.terms)
    if (term.form == Form::variable && scope_.find_variable(term.text) == nullptr)
      if (const auto file_let = world_.lets.find(term.text); file_let != world_.lets.end()) use_let(file_let->second);
  scope_.through_repeating = through_repeating;
  auto bound = fhirpath::bind(parsed.expression, scope_);
  scope_.through_repeating = false;
  for (const auto& problem : bound.problems) {
    const auto at = words.at + static_cast<std::uint32_t>(problem.offset);
    if (problem.severity == Severity::error) error(at, problem.text);
    else if (problem.severity == Severity::warning) warning(at, problem.text);
  }
  if (!bound) return e;
  e.shape = bound.program.shape();
  const auto& root = parsed.expression[parsed.expression.root];
  const auto arguments = root.form == Form::call && root.text == "code" ? parsed.expression.arguments_of(root) : std::span<const fhirpath::TermId>();
  const bool fixed_code = !arguments.empty() && std::all_of(arguments.begin(), arguments.end(), [&](auto id) { return parsed.expression[id].form == Form::string; });
  e.constant = bound.program.constant() || fixed_code;
  e.program = std::move(bound.program);
  plain(parsed.expression, e);
  return e;
}

// PID-3, PID-3[1].4.2, CX.4 of the focus, $this: these need no evaluator.
void MapCompiler::plain(const fhirpath::Expression& parsed, Expr& e) {
  const auto& root = parsed[parsed.root];
  const auto digits = [&](int n) -> std::string_view {
    if (n == 0) return {};
    return world_.texts.emplace_back(std::to_string(n));
  };
  if (root.form == Form::focus) {
    e.plain = true;
    e.slot = scope_.slot({ReadSlot::Kind::focus, 0, 0, 0, {}, 0});
    return;
  }
  if (root.form != Form::address) return;
  const auto& address = parsed.addresses[root.address];
  if (address.occurrence != 0) return;
  if (address.field == 0) {
    const auto* const type = types_.dictionary().type(address.names.front());
    const bool of_focus = address.component != 0 && type != nullptr && scope_.focus_shape.types.size() == 1 &&
                          types_.v2_type(scope_.focus_shape.types.front()) == type;
    if (!of_focus) return;
    e.slot = scope_.slot({ReadSlot::Kind::focus, 0, 0, 0, {}, 0});
  } else {
    const auto found = scope_.find(address);
    if (!found) return;
    e.slot = found->slot;
    if (found->covers == fhirpath::AddressSlot::Covers::component) {
      e.plain = true;
      e.component = digits(address.subcomponent);
      return;
    }
  }
  e.plain = true;
  e.component = digits(address.component);
  e.subcomponent = digits(address.subcomponent);
}

std::optional<Expr> MapCompiler::optional_expr(Words words) {
  if (words.empty()) return std::nullopt;
  return expr(words);
}

// A value that a file names: it becomes a local of every map that uses it.
void MapCompiler::use_let(const Statement& let) {
  const auto* const here = source_;
  source_ = let.source;
  Op op;
  op.kind = Op::Kind::let;
  op.number = out_.locals++;
  op.over = expr(let.over);
  scope_.of_files.push_back({let.name.text, Variable::Kind::local, op.number, op.over->shape, {}, let.at});
  file_lets_.push_back(std::move(op));
  source_ = here;
}

// 'it\'s' without its quotes and escapes.
std::string MapCompiler::literal(Words quoted) {
  std::string text;
  const auto inner = quoted.text.substr(1, quoted.text.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '\\' && i + 1 < inner.size()) ++i;
    text += inner[i];
  }
  return text;
}

}  // namespace tombolo::mapping
