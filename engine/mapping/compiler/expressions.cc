#include "engine/mapping/compiler/expressions.h"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include "engine/fhirpath/evaluate.h"
#include "engine/fhirpath/parse.h"

namespace tombolo::mapping {

using fhirpath::Form;
using std::literals::operator""sv;

Expr Expressions::operator()(Words words, const Source& source, bool through_repeating) {
  Expr e;
  e.at = words.at;
  auto parsed = fhirpath::parse(words.text, fhirpath::Dialect::map);
  if (!parsed) {
    source.error(diagnostics_, words.at + static_cast<std::uint32_t>(parsed.problem->offset), parsed.problem->text);
    return e;
  }
  for (auto& term : parsed.expression.terms)
    if (term.form == Form::variable && scope_.find_variable(term.text) == nullptr)
      if (const auto file_let = world_.lets.find(term.text); file_let != world_.lets.end()) use_let(file_let->second, term);
  scope_.through_repeating = through_repeating;
  auto bound = fhirpath::bind(parsed.expression, scope_);
  const auto slot = bound ? stored(parsed.expression, parsed.expression.root) : std::nullopt;
  scope_.through_repeating = false;
  for (const auto& problem : bound.problems) {
    const auto at = words.at + static_cast<std::uint32_t>(problem.offset);
    if (problem.severity == Severity::error) source.error(diagnostics_, at, problem.text);
    else if (problem.severity == Severity::warning) source.warning(diagnostics_, at, problem.text);
  }
  if (!bound) return e;
  e.shape = bound.program.shape();
  const auto& root = parsed.expression[parsed.expression.root];
  const auto arguments = root.form == Form::call && root.text == "code" ? parsed.expression.arguments_of(root) : std::span<const fhirpath::TermId>();
  const bool fixed_code = !arguments.empty() && std::all_of(arguments.begin(), arguments.end(), [&](auto id) { return parsed.expression[id].form == Form::string; });
  e.constant = bound.program.constant() || fixed_code;
  e.program = std::move(bound.program);
  const auto address = plain(parsed.expression, parsed.expression.root);
  e.plain = address.has_value();
  e.stored = !e.plain && slot.has_value();
  if (e.plain || e.stored) e.way = e.plain ? *address : *slot;
  e.question = question(parsed.expression, parsed.expression.root);
  needs(parsed.expression, parsed.expression.root, e.needs);
  if (e.constant) fix(e);
  return e;
}

namespace {

// Functions that give nothing for nothing.
constexpr std::array strict = {
    "where"sv,   "select"sv, "first"sv,      "last"sv,     "tail"sv,      "skip"sv,   "take"sv,    "ofType"sv,   "upper"sv,
    "lower"sv,   "trim"sv,   "substring"sv,  "replace"sv,  "split"sv,     "length"sv, "indexOf"sv, "contains"sv, "startsWith"sv,
    "endsWith"sv, "matches"sv, "toString"sv, "toInteger"sv, "toDecimal"sv, "toDate"sv, "toDateTime"sv, "toTime"sv, "toQuantity"sv, "encode"sv,
};

bool strict_operator(fhirpath::Operator op) {
  using fhirpath::Operator;
  return (op >= Operator::multiply && op <= Operator::subtract) || (op >= Operator::less && op <= Operator::not_equal);
}

// For constants: there is nothing to read.
class Nowhere final : public fhirpath::Frame {
 public:
  explicit Nowhere(const fhirpath::Types& types) : types_(types) {}
  const fhirpath::Types& types() const override { return types_; }
  void read(std::uint32_t, fhirpath::Items&) const override {}

 private:
  const fhirpath::Types& types_;
};

}  // namespace

void Expressions::fix(Expr& e) {
  const Nowhere nowhere(world_.types);
  fhirpath::Run run{nowhere, world_.arena};
  fhirpath::Items items(world_.arena);
  if (fhirpath::evaluate(e.program, run, fhirpath::Items(world_.arena), items)) e.fixed.assign(items.begin(), items.end());
}

// What a term reads for certain, whatever else it reads.
void Expressions::needs(const fhirpath::Expression& parsed, fhirpath::TermId id, std::vector<Need>& all) {
  if (id == fhirpath::no_term) return;
  const auto& term = parsed[id];
  switch (term.form) {
    case Form::address: return need(parsed.addresses[term.address], all);
    case Form::focus: return need(scope_.slot({ReadSlot::Kind::focus, 0, 0, 0, 0}), 0, all);
    case Form::variable:
      if (const auto slot = scope_.variable(term.text)) need(slot->number, 0, all);
      return;
    case Form::member: return needs(parsed, term.first, all);
    case Form::binary:
      if (term.op == fhirpath::Operator::in) return needs(parsed, term.first, all);
      if (strict_operator(term.op)) needs(parsed, term.first, all), needs(parsed, term.second, all);
      return;
    case Form::call: {
      const auto arguments = parsed.arguments_of(term);
      if (term.first != fhirpath::no_term) {
        if (std::find(strict.begin(), strict.end(), term.text) != strict.end()) needs(parsed, term.first, all);
      } else if (term.text == "together") {
        needs(parsed, arguments[0], all);
      } else if (term.text == "code") {
        needs(parsed, arguments[1], all);
      }
      return;
    }
    default: return;
  }
}

void Expressions::need(const fhirpath::Address& address, std::vector<Need>& all) {
  if (address.field == 0 && address.component != 0) {
    const auto& types = world_.types;
    const auto* const type = types.dictionary().type(address.names.front());
    const bool of_focus = type != nullptr && scope_.focus_shape.types.size() == 1 && types.v2_type(scope_.focus_shape.types.front()) == type;
    if (of_focus) need(scope_.slot({ReadSlot::Kind::focus, 0, 0, 0, 0}), address.component, all);
    return;
  }
  if (const auto found = scope_.find(address)) need(found->slot, 0, all);
}

void Expressions::need(std::uint32_t number, int component, std::vector<Need>& all) {
  const auto& slot = out_.slots[number];
  Need need;
  need.component = static_cast<std::uint16_t>(component);
  switch (slot.kind) {
    case ReadSlot::Kind::field:
    case ReadSlot::Kind::place: {
      const auto& place = out_.places[slot.number];
      if (place.kind > V2Place::Kind::current) return;
      constexpr std::array kinds = {Need::Kind::input, Need::Kind::header, Need::Kind::reads, Need::Kind::current};
      need.kind = kinds[static_cast<std::size_t>(place.kind)];
      need.number = place.index;
      need.field = slot.field;
      need.component = slot.component;
      break;
    }
    case ReadSlot::Kind::focus: need.kind = Need::Kind::focus; break;
    case ReadSlot::Kind::local: need.kind = Need::Kind::local, need.number = slot.number; break;
    case ReadSlot::Kind::entries: need.kind = Need::Kind::entries, need.number = slot.number, need.level = slot.level; break;
    default: return;
  }
  all.push_back(need);
}

// A value that a file names: a text in quotes stands where its name does, anything else becomes a local of every map that uses it.
void Expressions::use_let(const Statement& let, fhirpath::Term& name) {
  auto value = fhirpath::parse(let.over.text, fhirpath::Dialect::map);
  if (value && value.expression[value.expression.root].form == Form::string) {
    name.form = Form::string;
    name.text = std::move(value.expression.terms[value.expression.root].text);
    return;
  }
  Op op;
  op.kind = Op::Kind::let;
  op.number = out_.locals++;
  op.over = (*this)(let.over, *let.source);
  scope_.of_files.push_back({let.name.text, Variable::Kind::local, op.number, op.over->shape, {}, let.at});
  file_lets.push_back(std::move(op));
}

std::string Expressions::literal(Words quoted) {
  std::string text;
  const auto inner = quoted.text.substr(1, quoted.text.size() - 2);
  for (std::size_t i = 0; i < inner.size(); ++i) {
    if (inner[i] == '\\' && i + 1 < inner.size()) ++i;
    text += inner[i];
  }
  return text;
}

}  // namespace tombolo::mapping
