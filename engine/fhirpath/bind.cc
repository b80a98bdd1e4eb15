#include "engine/fhirpath/bind.h"

#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/fhirpath/code.h"

namespace tombolo::fhirpath {
namespace {

using Code = Program::Code;

// An operation, and what is known of its results.
struct Typed {
  OpId op = no_op;
  Shape shape;
};

Shape merged(const Shape& a, const Shape& b) {
  Shape out{a.types, true, a.may_be_absent && b.may_be_absent};
  if (a.unknown() || b.unknown()) out.types.clear();
  else for (const TypeId type : b.types) {
    if (std::find(out.types.begin(), out.types.end(), type) == out.types.end()) out.types.push_back(type);
  }
  return out;
}

struct Constant {
  std::string_view name;
  std::string_view value;
};
constexpr std::array constants = {
    Constant{"sct", "http://snomed.info/sct"},
    Constant{"loinc", "http://loinc.org"},
    Constant{"ucum", "http://unitsofmeasure.org"},
};

std::optional<std::string> constant_variable(std::string_view name) {
  for (const Constant& known : constants) {
    if (known.name == name) return std::string(known.value);
  }
  if (name.starts_with("vs-")) return "http://hl7.org/fhir/ValueSet/" + std::string(name.substr(3));
  if (name.starts_with("ext-")) return "http://hl7.org/fhir/StructureDefinition/" + std::string(name.substr(4));
  return std::nullopt;
}

System system_named(std::string_view wanted) {
  for (int i = 1; i <= static_cast<int>(System::quantity); ++i) {
    if (name(static_cast<System>(i)) == wanted) return static_cast<System>(i);
  }
  return System::none;
}

class Binding {
 public:
  Binding(const Expression& expression, const Scope& scope)
      : expression_(expression), scope_(scope), types_(scope.types()), map_(expression.dialect == Dialect::map),
        code_(std::make_shared<Code>()) {
    code_->dialect = expression.dialect;
  }

  Bound finish() {
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

 private:
  friend class CheckingCall;

  Typed bind(TermId id, const Shape& focus) {
    if (id == no_term) return {add(Op{}), {}};
    const Term& term = expression_[id];
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

  Typed constant(decltype(Item::held) value, System system) {
    Op op;
    op.what = Do::constant;
    op.constant = Item{value, {}};
    return {add(std::move(op)), Shape{{type_of(system)}, false, false}};
  }

  Typed integer(const Term& term) {
    const auto n = to_integer(term.text);
    if (!n) error(term.offset, "this integer is too large");
    return constant(n.value_or(0), term.form == Form::integer ? System::integer : System::long_integer);
  }

  Typed decimal(const Term& term) {
    const auto d = to_decimal(term.text);
    if (!d) error(term.offset, "this number has more digits than 18");
    return constant(d.value_or(Decimal{}), System::decimal);
  }

  Typed moment(const std::optional<Moment>& read, System system) {
    Moment m = read.value_or(Moment{});
    if (system == System::date_time) m.sort = Moment::Sort::date_time;
    return constant(m, system);
  }

  Typed quantity(const Term& term) {
    const auto value = to_decimal(term.text);
    if (!value) error(term.offset, "this number has more digits than 18");
    std::string_view unit = keep(term.unit);
    if (term.calendar && unit.ends_with('s')) unit.remove_suffix(1);
    return constant(Quantity{value.value_or(Decimal{}), unit, term.calendar}, System::quantity);
  }

  // Paths

  Typed from_focus(const Shape& focus) {
    Op op;
    op.what = Do::path;
    op.begin = static_cast<std::uint32_t>(code_->steps.size());
    return {add(std::move(op)), focus};
  }

  Typed from_slot(const Slot& slot) {
    Op op;
    op.what = Do::path;
    op.from = From::slot;
    op.slot = slot.number;
    op.begin = static_cast<std::uint32_t>(code_->steps.size());
    if (std::find(code_->slots.begin(), code_->slots.end(), slot.number) == code_->slots.end()) code_->slots.push_back(slot.number);
    return {add(std::move(op)), slot.shape};
  }

  // Adds a step to a path that was just begun, or begins a path on any other operation.
  Typed step(const Typed& before, const Step& step, Shape shape) {
    OpId id = before.op;
    const bool fresh = id + 1 == code_->ops.size() && code_->ops[id].what == Do::path &&
                       code_->ops[id].begin + code_->ops[id].count == code_->steps.size();
    if (!fresh) {
      Op op;
      op.what = Do::path;
      op.from = From::op;
      op.first = before.op;
      op.begin = static_cast<std::uint32_t>(code_->steps.size());
      id = add(std::move(op));
    }
    code_->steps.push_back(step);
    Op& op = code_->ops[id];
    ++op.count;
    op.type = certain_type(shape);
    return {id, std::move(shape)};
  }

  // The one type all nodes of this shape are sure to have while running: leaves have no kin, HL7 says nothing in the tree.
  TypeId certain_type(const Shape& shape) const {
    if (shape.types.size() != 1 || is_system(shape.types[0])) return unknown_type;
    const TypeId type = shape.types[0];
    const System system = types_.system(type);
    const bool leaf = system != System::none && system != System::quantity;
    return leaf || types_.model(type) == "HL7" ? type : unknown_type;
  }

  std::optional<Shape> child_of(const Shape& shape, std::string_view name) const {
    std::optional<Shape> found;
    for (const TypeId type : shape.types) {
      if (is_system(type)) continue;
      const auto child = types_.child(type, name);
      if (!child) continue;
      if (!found) {
        found = *child;
      } else {
        const bool many = found->many || child->many;
        found = merged(*found, *child);
        found->many = many;
      }
    }
    if (found) {
      found->many = found->many || shape.many;
      found->may_be_absent = found->may_be_absent || shape.may_be_absent;
    }
    return found;
  }

  Typed member(const Typed& before, const std::string& name, std::size_t offset) {
    Step next;
    next.name = keep(name);
    if (before.shape.unknown()) return step(before, next, {});
    auto shape = child_of(before.shape, name);
    if (!shape) no_such_element(before.shape, name, offset);
    return step(before, next, shape.value_or(Shape{}));
  }

  void no_such_element(const Shape& shape, std::string_view wanted, std::size_t offset) {
    std::vector<std::string_view> known;
    std::string who;
    for (const TypeId type : shape.types) {
      if (!who.empty()) who += " or ";
      who += is_system(type) ? name(static_cast<System>(type)) : types_.name(type);
      if (is_system(type)) continue;
      const auto names = types_.children(type);
      known.insert(known.end(), names.begin(), names.end());
    }
    if (shape.types.size() > 4) who = "none of its " + std::to_string(shape.types.size()) + " types";
    error(offset, who + (shape.types.size() > 4 ? " has" : " has no") + " element " + quoted(wanted) + suggestion(wanted, known));
  }

  // An element of the focus, or the focus's own type.
  Typed first_name(const Term& term, const Shape& focus) {
    const Typed start = from_focus(focus);
    const auto type = types_.find({}, term.text);
    if (focus.unknown()) {
      Step next;
      next.name = keep(term.text);
      next.or_type = true;
      return step(start, next, type ? Shape{{*type}, focus.many, true} : Shape{});
    }
    if (child_of(focus, term.text) || !type) return member(start, term.text, term.offset);
    Shape narrowed{{}, focus.many, focus.may_be_absent};
    bool certain = true;
    for (const TypeId mine : focus.types) {
      if (types_.is(mine, *type)) narrowed.types.push_back(mine);
      else if (types_.is(*type, mine)) narrowed.types.push_back(*type), certain = false;
    }
    if (narrowed.unknown()) return member(start, term.text, term.offset);
    if (certain) return {start.op, narrowed};
    Step next;
    next.name = keep(term.text);
    next.or_type = true;
    return step(start, next, std::move(narrowed));
  }

  // HL7 addresses

  Typed address(const Address& a, const Shape& focus) {
    if (a.field == 0 && a.component != 0 && a.names.size() == 1) {
      const auto type = types_.find("HL7", a.names[0]);
      const bool here = focus.unknown() || std::any_of(focus.types.begin(), focus.types.end(), [&](TypeId mine) {
        return type && !is_system(mine) && types_.is(mine, *type);
      });
      if (here) return parts(from_focus(focus.unknown() && type ? Shape{{*type}, focus.many, true} : focus), a, AddressSlot::Covers::field);
    }
    const auto found = scope_.address(a);
    if (!found) {
      error(a.offset, found.error().what);
      return {add(Op{}), {}};
    }
    Typed start = from_slot(found->slot);
    if (a.occurrence != 0 && found->covers == AddressSlot::Covers::names) {
      code_->ops[start.op].nth = static_cast<std::uint32_t>(a.occurrence);
      start.shape.many = false;
    }
    code_->ops[start.op].type = certain_type(start.shape);
    if (found->covers == AddressSlot::Covers::field && a.repetition != 0) {
      error(a.offset, text(a) + ": here " + a.names.back() + "-" + std::to_string(a.field) + " is one repetition already");
    }
    return parts(start, a, found->covers);
  }

  Typed parts(Typed at, const Address& a, AddressSlot::Covers covered) {
    using Covers = AddressSlot::Covers;
    if (a.field != 0 && covered < Covers::field) at = part(at, a, a.field, a.repetition, false);
    if (a.component != 0 && covered < Covers::component) at = part(at, a, a.component, 0, true);
    if (a.subcomponent != 0 && covered < Covers::subcomponent) at = part(at, a, a.subcomponent, 0, true);
    return at;
  }

  Typed part(const Typed& before, const Address& a, int number, int nth, bool component) {
    const std::string name = std::to_string(number);
    Step next;
    next.name = keep(name);
    next.nth = static_cast<std::uint16_t>(nth);
    next.own = component && number == 1;
    auto shape = child_of(before.shape, name);
    if (!shape && next.own) shape = before.shape;
    if (!shape && !before.shape.unknown()) {
      const std::string_view owner = is_system(before.shape.types[0]) ? "it" : types_.name(before.shape.types[0]);
      error(a.offset, text(a) + ": " + std::string(owner) + " has no " + (component ? "component " : "field ") + name);
    }
    if (shape && nth != 0) shape->many = before.shape.many;
    return step(before, next, shape.value_or(Shape{}));
  }

  // Everything else

  Typed index(const Term& term, const Shape& focus) {
    const Typed items = bind(term.first, focus);
    const Typed number = bind(term.second, focus);
    Op op;
    op.what = Do::index;
    op.first = items.op;
    op.second = number.op;
    Shape shape = items.shape;
    shape.many = false;
    shape.may_be_absent = true;
    return {add(std::move(op)), std::move(shape)};
  }

  Typed position(const Term& term) {
    if (inside_ > 0) return {add_op(Do::position), Shape{{type_of(System::integer)}, false, false}};
    if (const auto slot = scope_.variable("$index")) return from_slot(*slot);
    error(term.offset, "$index counts inside where(), select(), all() and the like: here nothing is counted");
    return {add(Op{}), {}};
  }

  Typed variable(const Term& term) {
    if (const auto slot = scope_.variable(term.text)) {
      const Typed start = from_slot(*slot);
      code_->ops[start.op].type = certain_type(start.shape);
      return start;
    }
    if (const auto value = constant_variable(term.text)) return constant(keep(*value), System::string);
    error(term.offset, "unknown variable " + quoted("%" + term.text) + suggestion(term.text, scope_.variables()));
    return {add(Op{}), {}};
  }

  Typed unary(const Term& term, const Shape& focus) {
    const Typed operand = bind(term.first, focus);
    Op op;
    op.what = Do::unary;
    op.op = term.op;
    op.first = operand.op;
    const bool negation = term.op == Operator::logical_not;
    if (!negation && map_) one_item(operand.shape, term);
    Shape shape = negation ? Shape{{type_of(System::boolean)}, false, false} : operand.shape;
    shape.many = false;
    return {add(std::move(op)), std::move(shape)};
  }

  Typed binary(const Term& term, const Shape& focus) {
    const Typed left = bind(term.first, focus);
    const Typed right = bind(term.second, focus);
    check_operands(term, left.shape, right.shape);
    if (term.op == Operator::unite && is_constant(left.op) && is_constant(right.op)) return united(left, right);
    Op op;
    op.what = Do::binary;
    op.op = term.op;
    op.first = left.op;
    op.second = right.op;
    return {add(std::move(op)), result_of(term.op, left.shape, right.shape)};
  }

  bool is_constant(OpId id) const {
    const Do what = code_->ops[id].what;
    return what == Do::constant || what == Do::constants;
  }

  // 'a' | 'b' | 'c' of literals is made once, here: each | adds to the list of the one before it.
  Typed united(const Typed& left, const Typed& right) {
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
  void append_constants(OpId id, std::uint32_t begin) {
    std::vector<Item>& list = code_->constants;
    const Op& op = code_->ops[id];
    const std::uint32_t count = op.what == Do::constant ? 1 : op.count;
    for (std::uint32_t i = 0; i < count; ++i) {
      const Item item = op.what == Do::constant ? op.constant : list[op.begin + i];
      const auto same = [&](const Item& known) { return equal(known, item, types_) == true; };
      if (std::none_of(list.begin() + begin, list.end(), same)) list.push_back(item);
    }
  }

  void check_operands(const Term& term, const Shape& left, const Shape& right) {
    if (!map_) return;
    const Operator op = term.op;
    const bool list = op == Operator::unite || op == Operator::equivalent || op == Operator::not_equivalent || op >= Operator::logical_and;
    if (!list && op != Operator::contains) one_item(left, term);
    if (!list && op != Operator::in) one_item(right, term);
    if (op == Operator::not_equal && (left.may_be_absent || right.may_be_absent)) {
      add_problem(Severity::warning, term.offset, "'!=' does not hold where a side is absent: if it should, say not (a = b)");
    }
  }

  void one_item(const Shape& shape, const Term& term) {
    if (!shape.many) return;
    std::string what = quoted(spelling(term.op)) + " takes one value, and this may repeat: say first()";
    if (term.op == Operator::equal || term.op == Operator::not_equal) what += ", 'in' or where()";
    error(term.offset, std::move(what));
  }

  Shape result_of(Operator op, const Shape& left, const Shape& right) const {
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

  System system(const Shape& shape) const {
    if (shape.types.size() != 1) return System::none;
    return is_system(shape.types[0]) ? static_cast<System>(shape.types[0]) : types_.system(shape.types[0]);
  }

  Typed type(const Term& term, const Shape& focus) {
    const Typed operand = bind(term.first, focus);
    Op op;
    op.what = term.form == Form::type_test ? Do::is_type : Do::as_type;
    op.first = operand.op;
    op.specifier = specifier(term.text, term.offset, operand.shape);
    Shape shape = op.what == Do::is_type ? Shape{{type_of(System::boolean)}, false, operand.shape.may_be_absent} : shape_of(op.specifier);
    return {add(std::move(op)), std::move(shape)};
  }

  static Shape shape_of(const TypeSpecifier& specifier) {
    Shape shape;
    if (specifier.type != unknown_type) shape.types.push_back(specifier.type);
    if (specifier.system != System::none) shape.types.push_back(type_of(specifier.system));
    return shape;
  }

  // A type as written: Quantity, FHIR.Quantity, System.Quantity. `input`: what it is to be the type of.
  TypeSpecifier specifier(std::string_view written, std::size_t offset, const Shape& input) {
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

  void may_be(const TypeSpecifier& wanted, std::size_t offset, const Shape& input) {
    if (input.unknown()) return;
    const bool possible = std::any_of(input.types.begin(), input.types.end(), [&](TypeId mine) {
      if (is_system(mine)) return static_cast<System>(mine) == wanted.system;
      return wanted.type != unknown_type && (types_.is(mine, wanted.type) || types_.is(wanted.type, mine));
    });
    if (!possible) add_problem(Severity::warning, offset, "what stands before it is never of this type");
  }

  Typed call(const Term& term, const Shape& focus);
  const Function* function(std::string_view wanted) const {
    for (const Function& other : scope_.functions()) {
      if (other.name == wanted) return &other;
    }
    return own_function(wanted);
  }
  bool right_count(const Term& term, const Function& found);
  Argument argument(char kind, TermId id, const Shape& focus, const Shape& input, Shape& shape);
  std::optional<std::string> type_text(const Term& term) const;

  // Building

  OpId add(Op op) {
    code_->ops.push_back(std::move(op));
    return static_cast<OpId>(code_->ops.size() - 1);
  }
  OpId add_op(Do what) {
    Op op;
    op.what = what;
    return add(std::move(op));
  }
  std::string_view keep(const std::string& text) { return code_->texts.emplace_back(text); }

  void error(std::size_t offset, std::string text) { add_problem(Severity::error, offset, std::move(text)); }
  void add_problem(Severity severity, std::size_t offset, std::string text) {
    problems_.push_back({severity, offset, std::move(text)});
  }

  const Expression& expression_;
  const Scope& scope_;
  const Types& types_;
  bool map_;
  int inside_ = 0;  // arguments that run on each item
  std::shared_ptr<Code> code_;
  std::vector<Problem> problems_;
};

// A call while it is bound, as its check sees it.
class CheckingCall final : public Checking {
 public:
  CheckingCall(Binding& binding, const Term& term, const Shape& input, std::span<const Argument> arguments, std::span<const Shape> shapes)
      : binding_(binding), term_(term), input_(input), arguments_(arguments), shapes_(shapes) {}

  const Types& types() const override { return binding_.types_; }
  Dialect dialect() const override { return binding_.expression_.dialect; }
  const Shape& input() const override { return input_; }
  std::size_t count() const override { return arguments_.size(); }
  const Shape& shape(std::size_t i) const override { return shapes_[i]; }
  std::optional<std::string_view> constant(std::size_t i) const override {
    if (arguments_[i].op == no_op) return std::nullopt;
    const Op& op = binding_.code_->ops[arguments_[i].op];
    const auto* const text = std::get_if<std::string_view>(&op.constant.held);
    return op.what == Do::constant && text != nullptr ? std::optional(*text) : std::nullopt;
  }
  std::string_view name(std::size_t i) const override { return arguments_[i].name; }
  Shape type(std::size_t i) const override { return Binding::shape_of(arguments_[i].specifier); }
  void error(std::size_t i, std::string text) override { binding_.error(offset(i), message(std::move(text))); }
  void warning(std::size_t i, std::string text) override { binding_.add_problem(Severity::warning, offset(i), message(std::move(text))); }
  void keep(std::shared_ptr<const void> made) override { kept_ = std::move(made); }
  std::shared_ptr<const void> kept() { return std::move(kept_); }

 private:
  std::string message(std::string text) const { return term_.text + "(): " + std::move(text); }
  std::size_t offset(std::size_t i) const {
    const auto list = binding_.expression_.arguments_of(term_);
    return i < list.size() ? binding_.expression_[list[i]].offset : term_.offset;
  }

  Binding& binding_;
  const Term& term_;
  const Shape& input_;
  std::span<const Argument> arguments_;
  std::span<const Shape> shapes_;
  std::shared_ptr<const void> kept_;
};

bool Binding::right_count(const Term& term, const Function& found) {
  const int count = static_cast<int>(term.argument_count);
  if (count >= found.least && count <= found.most) return true;
  std::string wanted = std::to_string(found.least);
  if (found.most == Function::any) wanted = "at least " + wanted;
  else if (found.most != found.least) wanted += " to " + std::to_string(found.most);
  error(term.offset, term.text + "() takes " + wanted + (wanted == "1" ? " argument" : " arguments") + ", found " + std::to_string(count));
  return false;
}

Typed Binding::call(const Term& term, const Shape& focus) {
  const Typed input = term.first == no_term ? Typed{no_op, focus} : bind(term.first, focus);
  const Function* const found = function(term.text);
  if (found == nullptr) {
    std::vector<std::string_view> known = own_function_names();
    for (const Function& other : scope_.functions()) known.push_back(other.name);
    error(term.offset, "unknown function " + quoted(term.text) + suggestion(term.text, known));
    return {add(Op{}), {}};
  }
  if (!right_count(term, *found)) return {add(Op{}), {}};
  if (found->sees_deleted && input.op != no_op) code_->ops[input.op].keep_deleted = true;
  std::vector<Argument> arguments;
  std::vector<Shape> shapes;
  for (const TermId id : expression_.arguments_of(term)) {
    const char kind = found->kinds.empty() ? 'v' : found->kinds[std::min(arguments.size(), found->kinds.size() - 1)];
    const bool tests_type = kind == 't' && term.first != no_term;  // else nothing stands before it: find(Observation, …)
    arguments.push_back(argument(kind, id, focus, kind == 't' && !tests_type ? Shape{} : input.shape, shapes.emplace_back()));
  }
  CheckingCall checking(*this, term, input.shape, arguments, shapes);
  Shape shape = found->check != nullptr ? found->check(checking) : Shape{};
  Op op;
  op.what = Do::call;
  op.offset = term.offset;
  op.first = input.op;
  op.begin = static_cast<std::uint32_t>(code_->arguments.size());
  op.count = static_cast<std::uint32_t>(arguments.size());
  op.function = &code_->functions.emplace_back(*found);
  op.kept = checking.kept();
  code_->arguments.insert(code_->arguments.end(), arguments.begin(), arguments.end());
  return {add(std::move(op)), std::move(shape)};
}

Argument Binding::argument(char kind, TermId id, const Shape& focus, const Shape& input, Shape& shape) {
  Argument out;
  out.kind = kind;
  if (kind == 't' || kind == 'n') {
    const Term& term = expression_[id];
    const auto written = type_text(term);
    if (!written) error(term.offset, kind == 't' ? "expected the name of a type" : "expected a name");
    else out.name = keep(*written);
    if (written && kind == 't') out.specifier = specifier(*written, term.offset, input);
    return out;
  }
  const bool on_items = kind == 'e' || kind == 'c';
  Shape inner = on_items ? input : focus;
  if (on_items) inner.many = false, inner.may_be_absent = false, ++inside_;
  const Typed bound = bind(id, inner);
  if (on_items) --inside_;
  out.op = bound.op;
  shape = bound.shape;
  return out;
}

// Patient, FHIR.Patient, CD and HL7.CX (which look like addresses).
std::optional<std::string> Binding::type_text(const Term& term) const {
  if (term.form == Form::name || term.form == Form::string) return term.text;
  if (term.form == Form::member) {
    const auto before = type_text(expression_[term.first]);
    return before ? std::optional(*before + "." + term.text) : std::nullopt;
  }
  if (term.form != Form::address) return std::nullopt;
  const Address& a = expression_.addresses[term.address];
  if (a.field != 0 || a.component != 0 || a.occurrence != 0) return std::nullopt;
  return text(a);
}

}  // namespace

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
