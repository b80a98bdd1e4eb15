// What names mean: members, HL7 addresses, variables, and the paths they become.
#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/fhirpath/binding.h"

namespace tombolo::fhirpath {
namespace {

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

}  // namespace

bool Binding::is_constant_variable(std::string_view name) { return constant_variable(name).has_value(); }

// Paths

Typed Binding::from_focus(const Shape& focus) {
  Op op;
  op.what = Do::path;
  op.begin = static_cast<std::uint32_t>(code_->steps.size());
  return {add(std::move(op)), focus};
}

Typed Binding::from_slot(const Slot& slot) {
  Op op;
  op.what = Do::path;
  op.from = From::slot;
  op.slot = slot.number;
  op.begin = static_cast<std::uint32_t>(code_->steps.size());
  if (std::find(code_->slots.begin(), code_->slots.end(), slot.number) == code_->slots.end()) code_->slots.push_back(slot.number);
  return {add(std::move(op)), slot.shape};
}

// Adds a step to a path that was just begun, or begins a path on any other operation.
Typed Binding::step(const Typed& before, const Step& step, Shape shape) {
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
TypeId Binding::certain_type(const Shape& shape) const {
  if (shape.types.size() != 1 || is_system(shape.types[0])) return unknown_type;
  const TypeId type = shape.types[0];
  const System system = types_.system(type);
  const bool leaf = system != System::none && system != System::quantity;
  return leaf || types_.model(type) == "HL7" ? type : unknown_type;
}

std::optional<Shape> Binding::child_of(const Shape& shape, std::string_view name) const {
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
    found->ordered = shape.ordered;
  }
  return found;
}

Typed Binding::member(const Typed& before, const std::string& name, std::size_t offset) {
  Step next;
  next.name = keep(name);
  if (before.shape.unknown()) return step(before, next, Shape{{}, false, true, before.shape.ordered});
  auto shape = child_of(before.shape, name);
  if (!shape) no_such_element(before.shape, name, offset);
  return step(before, next, shape.value_or(Shape{}));
}

void Binding::no_such_element(const Shape& shape, std::string_view wanted, std::size_t offset) {
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
  const Severity severity = !map_ && scope_.checks() == Checks::lenient ? Severity::warning : Severity::error;
  add_problem(severity, offset, who + (shape.types.size() > 4 ? " has" : " has no") + " element " + quoted(wanted) + suggestion(wanted, known));
}

// An element of the focus, or the focus's own type.
Typed Binding::first_name(const Term& term, const Shape& focus) {
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

Typed Binding::address(const Address& a, const Shape& focus) {
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

Typed Binding::parts(Typed at, const Address& a, AddressSlot::Covers covered) {
  using Covers = AddressSlot::Covers;
  if (a.field != 0 && covered < Covers::field) at = part(at, a, a.field, a.repetition, false);
  if (a.component != 0 && covered < Covers::component) at = part(at, a, a.component, 0, true);
  if (a.subcomponent != 0 && covered < Covers::subcomponent) at = part(at, a, a.subcomponent, 0, true);
  return at;
}

Typed Binding::part(const Typed& before, const Address& a, int number, int nth, bool component) {
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

// Variables

Typed Binding::position(const Term& term) {
  if (inside_ > 0) return {add_op(Do::position), Shape{{type_of(System::integer)}, false, false}};
  if (const auto slot = scope_.variable("$index")) return from_slot(*slot);
  error(term.offset, "$index counts inside where(), select(), all() and the like: here nothing is counted");
  return {add(Op{}), {}};
}

Typed Binding::variable(const Term& term) {
  const auto local = std::find_if(locals_.rbegin(), locals_.rend(), [&](const Local& known) { return known.name == term.text; });
  if (local != locals_.rend()) {
    Op op;
    op.what = Do::local;
    op.slot = local->value.op;
    return {add(std::move(op)), local->value.shape};
  }
  if (const auto slot = scope_.variable(term.text)) {
    const Typed start = from_slot(*slot);
    code_->ops[start.op].type = certain_type(start.shape);
    return start;
  }
  if (const auto value = constant_variable(term.text)) return constant(keep(*value), System::string);
  error(term.offset, "unknown variable " + quoted("%" + term.text) + suggestion(term.text, scope_.variables()));
  return {add(Op{}), {}};
}

}  // namespace tombolo::fhirpath
