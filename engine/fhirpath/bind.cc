// Binding as a whole, its literals, and what a Program says of itself.
#include "engine/fhirpath/bind.h"

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/fhirpath/binding.h"

namespace tombolo::fhirpath {

Bound Binding::finish() {
  Bound bound;
  const Typed root = bind(expression_.root, scope_.focus());
  code_->root = root.op;
  code_->shape = root.shape;
  code_->constant = std::all_of(code_->ops.begin(), code_->ops.end(), [](const Op& op) {
    return op.what == Do::constant || op.what == Do::constants || op.what == Do::nothing || op.what == Do::binary || op.what == Do::unary;
  });
  const bool failed = std::any_of(problems_.begin(), problems_.end(), [](const Problem& p) { return p.severity == Severity::error; });
  if (!failed) bound.program = Program(code_);
  std::stable_sort(problems_.begin(), problems_.end(), [](const Problem& a, const Problem& b) { return a.offset < b.offset; });
  bound.problems = std::move(problems_);
  return bound;
}

Typed Binding::bind(TermId id, const Shape& focus) {
  if (id == no_term) return {add(Op{}), {}};
  const Typed made = bind(expression_[id], focus);
  if (made.op != no_op && code_->ops[made.op].offset == 0) code_->ops[made.op].offset = expression_[id].offset;
  return made;
}

Typed Binding::bind(const Term& term, const Shape& focus) {
  switch (term.form) {
    case Form::nothing: return {add(Op{}), {}};
    case Form::boolean: return constant(term.text == "true", System::boolean);
    case Form::string: return constant(keep(term.text), System::string);
    case Form::integer:
    case Form::long_integer: return integer(term);
    case Form::decimal: return decimal(term);
    case Form::date: return moment(to_date(term.text), System::date);
    case Form::date_time: return moment(to_date_time(term.text), System::date_time);
    case Form::time: return moment(to_time(term.text), System::time);
    case Form::quantity: return quantity(term);
    case Form::name: return first_name(term, focus);
    case Form::member: return member(bind(term.first, focus), term.text, term.offset);
    case Form::index: return index(term, focus);
    case Form::call: return call(term, focus);
    case Form::focus: return from_focus(focus);
    case Form::position: return position(term);
    case Form::total: return {add_op(Do::total), {}};
    case Form::variable: return variable(term);
    case Form::address: return address(expression_.addresses[term.address], focus);
    case Form::unary: return unary(term, focus);
    case Form::binary: return binary(term, focus);
    case Form::type_test:
    case Form::type_cast: return type(term, focus);
  }
  return {};
}

// Literals

Typed Binding::constant(decltype(Item::held) value, System system) {
  Op op;
  op.what = Do::constant;
  op.constant = Item{value, {}};
  return {add(std::move(op)), Shape{{type_of(system)}, false, false}};
}

Typed Binding::integer(const Term& term) {
  const auto n = to_integer(term.text);
  if (!n) error(term.offset, "this integer is too large");
  return constant(n.value_or(0), term.form == Form::integer ? System::integer : System::long_integer);
}

Typed Binding::decimal(const Term& term) {
  const auto d = to_decimal(term.text);
  if (!d) error(term.offset, "this number has more digits than 34");
  return constant(d.value_or(Decimal{}), System::decimal);
}

Typed Binding::moment(const std::optional<Moment>& read, System system) {
  Moment m = read.value_or(Moment{});
  if (system == System::date_time) m.sort = Moment::Sort::date_time;
  return constant(m, system);
}

Typed Binding::quantity(const Term& term) {
  const auto value = to_decimal(term.text);
  if (!value) error(term.offset, "this number has more digits than 34");
  std::string_view unit = keep(term.unit);
  if (term.calendar && unit.ends_with('s')) unit.remove_suffix(1);
  return constant(Quantity{value.value_or(Decimal{}), unit, term.calendar}, System::quantity);
}

// Building

OpId Binding::add(Op op) {
  code_->ops.push_back(std::move(op));
  return static_cast<OpId>(code_->ops.size() - 1);
}

OpId Binding::add_op(Do what) {
  Op op;
  op.what = what;
  return add(std::move(op));
}

std::string_view Binding::keep(const std::string& text) { return code_->texts.emplace_back(text); }

void Binding::error(std::size_t offset, std::string text) { add_problem(Severity::error, offset, std::move(text)); }

void Binding::add_problem(Severity severity, std::size_t offset, std::string text) {
  problems_.push_back({severity, offset, std::move(text)});
}

// The public face

std::string_view name(System system) {
  static constexpr std::array<std::string_view, 10> names = {"",        "Boolean", "String",   "Integer", "Long",
                                                             "Decimal", "Date",    "DateTime", "Time",    "Quantity"};
  return names[static_cast<std::size_t>(system)];
}

Program::Program() = default;

const Shape& Program::shape() const {
  static const Shape none;
  return code_ ? code_->shape : none;
}

std::span<const std::uint32_t> Program::slots() const { return code_ ? std::span<const std::uint32_t>(code_->slots) : std::span<const std::uint32_t>(); }

bool Program::constant() const { return code_ && code_->constant; }

Bound bind(const Expression& expression, const Scope& scope) { return Binding(expression, scope).finish(); }

}  // namespace tombolo::fhirpath
