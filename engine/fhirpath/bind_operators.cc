// Operators, and the types they name: what they take, what they give, and the lists of literals that are made once.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/fhirpath/binding.h"

namespace tombolo::fhirpath {
namespace {

System system_named(std::string_view wanted) {
  for (int i = 1; i <= static_cast<int>(System::quantity); ++i) {
    if (name(static_cast<System>(i)) == wanted) return static_cast<System>(i);
  }
  return System::none;
}

}  // namespace

Shape merged(const Shape& a, const Shape& b) {
  Shape out{a.types, true, a.may_be_absent && b.may_be_absent, a.ordered && b.ordered};
  if (a.unknown() || b.unknown()) out.types.clear();
  else for (const TypeId type : b.types) {
    if (std::find(out.types.begin(), out.types.end(), type) == out.types.end()) out.types.push_back(type);
  }
  return out;
}

Typed Binding::index(const Term& term, const Shape& focus) {
  const Typed items = bind(term.first, focus);
  const Typed number = bind(term.second, focus);
  if (strict_ && !items.shape.ordered) error(term.offset, "what stands before [n] has no order: children(), descendants() and repeat() give it in any");
  Op op;
  op.what = Do::index;
  op.first = items.op;
  op.second = number.op;
  Shape shape = items.shape;
  shape.many = false;
  shape.may_be_absent = true;
  return {add(std::move(op)), std::move(shape)};
}

Typed Binding::unary(const Term& term, const Shape& focus) {
  const Typed operand = bind(term.first, focus);
  Op op;
  op.what = Do::unary;
  op.op = term.op;
  op.first = operand.op;
  const bool negation = term.op == Operator::logical_not;
  if (!negation && strict_) one_item(operand.shape, term);
  Shape shape = negation ? Shape{{type_of(System::boolean)}, false, false} : operand.shape;
  shape.many = false;
  return {add(std::move(op)), std::move(shape)};
}

Typed Binding::binary(const Term& term, const Shape& focus) {
  const std::size_t locals = locals_.size();
  const Typed left = bind(term.first, focus);
  locals_.resize(locals);
  const Typed right = bind(term.second, focus);
  locals_.resize(locals);
  check_operands(term, left.shape, right.shape);
  if (term.op == Operator::unite && is_constant(left.op) && is_constant(right.op)) return united(left, right);
  Op op;
  op.what = Do::binary;
  op.op = term.op;
  op.first = left.op;
  op.second = right.op;
  return {add(std::move(op)), result_of(term.op, left.shape, right.shape)};
}

bool Binding::is_constant(OpId id) const {
  const Do what = code_->ops[id].what;
  return what == Do::constant || what == Do::constants;
}

// 'a' | 'b' | 'c' of literals is made once, here: each | adds to the list of the one before it.
Typed Binding::united(const Typed& left, const Typed& right) {
  std::vector<Item>& list = code_->constants;
  Op op = code_->ops[left.op];
  if (op.what == Do::constant || op.begin + op.count != list.size()) {
    const auto begin = static_cast<std::uint32_t>(list.size());
    append_constants(left.op, begin);
    op = Op{};
    op.begin = begin;
  }
  append_constants(right.op, op.begin);
  op.what = Do::constants;
  op.count = static_cast<std::uint32_t>(list.size()) - op.begin;
  Shape shape = merged(left.shape, right.shape);
  return {add(std::move(op)), std::move(shape)};
}

// The constants of an operation, behind those from `begin` on, each once.
void Binding::append_constants(OpId id, std::uint32_t begin) {
  std::vector<Item>& list = code_->constants;
  const Op& op = code_->ops[id];
  const std::uint32_t count = op.what == Do::constant ? 1 : op.count;
  for (std::uint32_t i = 0; i < count; ++i) {
    const Item item = op.what == Do::constant ? op.constant : list[op.begin + i];
    const auto same = [&](const Item& known) { return equal(known, item, types_) == true; };
    if (std::none_of(list.begin() + begin, list.end(), same)) list.push_back(item);
  }
}

void Binding::check_operands(const Term& term, const Shape& left, const Shape& right) {
  const Operator op = term.op;
  if ((op == Operator::add || op == Operator::subtract) && (map_ || scope_.checks() != Checks::lenient)) check_sum(term, system(left), system(right));
  if (!strict_) return;
  const bool equality = !map_ && (op == Operator::equal || op == Operator::not_equal);  // of whole collections
  const bool list = equality || op == Operator::unite || op == Operator::equivalent || op == Operator::not_equivalent || op >= Operator::logical_and;
  if (!list && op != Operator::contains) one_item(left, term);
  if (!list && op != Operator::in) one_item(right, term);
  if (map_ && op == Operator::not_equal && (left.may_be_absent || right.may_be_absent)) {
    add_problem(Severity::warning, term.offset, "'!=' does not hold where a side is absent: if it should, say not (a = b)");
  }
}

// A sum that can never be made: a date and a number, a truth value.
void Binding::check_sum(const Term& term, System left, System right) {
  const auto moment = [](System s) { return s == System::date || s == System::date_time || s == System::time; };
  const auto number = [](System s) { return s == System::integer || s == System::long_integer || s == System::decimal; };
  const bool impossible = (moment(left) && (number(right) || moment(right))) || (number(left) && moment(right)) || left == System::boolean || right == System::boolean;
  if (impossible) error(term.offset, quoted(spelling(term.op)) + " takes two numbers, two texts, or a date and a quantity of time");
}

void Binding::one_item(const Shape& shape, const Term& term) {
  if (!shape.many) return;
  std::string what = quoted(spelling(term.op)) + " takes one value, and this may repeat: say first()";
  if (term.op == Operator::equal || term.op == Operator::not_equal) what += ", 'in' or where()";
  error(term.offset, std::move(what));
}

Shape Binding::result_of(Operator op, const Shape& left, const Shape& right) const {
  const bool absent = left.may_be_absent || right.may_be_absent;
  if (op == Operator::unite) return merged(left, right);
  if (op == Operator::concatenate) return Shape{{type_of(System::string)}, false, false};
  if (op == Operator::equivalent || op == Operator::not_equivalent) return Shape{{type_of(System::boolean)}, false, false};
  if (op >= Operator::less) return Shape{{type_of(System::boolean)}, false, absent};
  if (op == Operator::divide) return Shape{{type_of(System::decimal), type_of(System::quantity)}, false, true};
  const System mine = system(left);
  const System other = system(right);
  if (mine == System::none || other == System::none) return Shape{{}, false, true};
  if (mine == System::string || other == System::string) return Shape{{type_of(System::string)}, false, absent};
  if (mine == other || mine == System::date || mine == System::date_time || mine == System::time) return Shape{{type_of(mine)}, false, absent};
  return Shape{{}, false, true};
}

System Binding::system(const Shape& shape) const {
  if (shape.types.size() != 1) return System::none;
  return is_system(shape.types[0]) ? static_cast<System>(shape.types[0]) : types_.system(shape.types[0]);
}

// Types as they are written

Typed Binding::type(const Term& term, const Shape& focus) {
  const Typed operand = bind(term.first, focus);
  Op op;
  op.what = term.form == Form::type_test ? Do::is_type : Do::as_type;
  op.first = operand.op;
  op.specifier = specifier(term.text, term.offset, operand.shape);
  Shape shape = op.what == Do::is_type ? Shape{{type_of(System::boolean)}, false, operand.shape.may_be_absent} : shape_of(op.specifier);
  return {add(std::move(op)), std::move(shape)};
}

Shape Binding::shape_of(const TypeSpecifier& specifier) {
  Shape shape;
  if (specifier.type != unknown_type) shape.types.push_back(specifier.type);
  if (specifier.system != System::none) shape.types.push_back(type_of(specifier.system));
  return shape;
}

// A type as written: Quantity, FHIR.Quantity, System.Quantity. `input`: what it is to be the type of.
TypeSpecifier Binding::specifier(std::string_view written, std::size_t offset, const Shape& input) {
  TypeSpecifier out;
  const std::size_t dot = written.find('.');
  const std::string_view model = dot == std::string_view::npos ? std::string_view() : written.substr(0, dot);
  const std::string_view wanted = dot == std::string_view::npos ? written : written.substr(dot + 1);
  if (model.empty() || model == "System") out.system = system_named(wanted);
  if (model == "System") return out;
  out.type = types_.find(model, wanted).value_or(unknown_type);
  if (out.type == unknown_type && out.system == System::none) error(offset, "unknown type " + quoted(written));
  else if (map_) may_be(out, offset, input);
  return out;
}

void Binding::may_be(const TypeSpecifier& wanted, std::size_t offset, const Shape& input) {
  if (input.unknown()) return;
  const bool possible = std::any_of(input.types.begin(), input.types.end(), [&](TypeId mine) {
    if (is_system(mine)) return static_cast<System>(mine) == wanted.system;
    return wanted.type != unknown_type && (types_.is(mine, wanted.type) || types_.is(wanted.type, mine));
  });
  if (!possible) add_problem(Severity::warning, offset, "what stands before it is never of this type");
}

}  // namespace tombolo::fhirpath
