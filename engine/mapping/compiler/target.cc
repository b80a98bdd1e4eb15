// Targets: the left sides of rules, checked against the schema of R4.
#include "engine/base/text.h"
#include "engine/mapping/compiler/compile.h"

namespace tombolo::mapping {

std::optional<MapCompiler::Place> MapCompiler::place(const Target& target, Here here) {
  Place result;
  if (!target.variable.empty()) {
    const auto name = target.variable.text.substr(1);
    const auto slot = scope_.variable(name);
    if (!slot) {
      error(target.variable.at, "there is no %" + std::string(name) + " here" + suggestion(name, scope_.variables()));
      return std::nullopt;
    }
    here = {slot->shape.types.size() == 1 ? types_.entry_type(slot->shape.types.front()) : untyped, nullptr};
    if (here.type == untyped) {
      error(target.variable.at, "%" + std::string(name) + " is no entry: only entries can be written to");
      return std::nullopt;
    }
    if (slot->shape.many) warning(target.variable.at, "%" + std::string(name) + " may stand for several entries here: the first is written to");
    result.path.variable = slot->number;
  }
  if (here.type == untyped) {
    error(target.whole.at, "nothing is being built here: write to an entry, as in %patient.name");
    return std::nullopt;
  }
  if (schema_[here.type].kind == TypeKind::primitive && target.variable.empty() && target.steps.size() == 1 &&
      target.steps[0].name.text == "value") {
    result.path.self = true;
    result.member = here.type;
    return result;
  }
  if (target.steps.size() > 1 && target.steps[1].kind == Step::Kind::field) {
    error(target.whole.at, "an HL7 address, but a " + std::string(schema_[here.type].name) + " is built here: its elements have names");
    return std::nullopt;
  }
  for (std::size_t i = 0; i < target.steps.size(); ++i)
    if (!step(target.steps[i], i + 1 == target.steps.size(), here, result)) return std::nullopt;
  return result;
}

bool MapCompiler::step(const Step& step, bool last, Here& at, Place& place) {
  const auto type = at.type;
  if (step.kind == Step::Kind::field || step.kind == Step::Kind::component || step.repeat != 0)
    return error(step.name.at, "a number: elements of a " + std::string(schema_[type].name) + " have names"), false;
  TargetStep next;
  if (step.kind == Step::Kind::extension) {
    next.extension = extension(step, at.extension);
    if (next.extension == nullptr) return false;
    next.member = schema_.member(type, "extension");
    if (next.member == untyped) next.member = schema_.member(schema_.type("Element"), "extension");
  } else {
    next.member = schema_.member(type, step.name.text);
    if (next.member == untyped)
      return error(step.name.at, std::string(schema_[type].name) + " has no element '" + std::string(step.name.text) + "'" +
                                     suggestion(step.name.text, schema_.member_names(type))),
             false;
  }
  const auto& element = schema_[next.member];
  next.list = element.list();
  place.member = next.member;
  place.extension = next.extension;
  place.list = next.list;
  if (last) {
    place.path.last = next;
    return true;
  }
  if (element.list() && next.extension == nullptr)
    return error(step.name.at, called(next.member) + " is a list: write a block, " + std::string(step.name.text) + " { … }"), false;
  if (element.variants > 1)
    return error(step.name.at, called(next.member) + " may be of several types: write a block that names one, " +
                                   std::string(step.name.text) + ": " + std::string(schema_[element.type].name) + " { … }"),
           false;
  at = {element.type, next.extension};
  place.path.steps.push_back(next);
  return true;
}

const ExtensionRow* MapCompiler::extension(const Step& step, const ExtensionRow* inside) {
  const auto name = Expressions::literal(step.name);
  const auto* row = inside == nullptr ? nullptr : world_.extensions.find(std::string(inside->name) + "." + name);
  if (row == nullptr) row = world_.extensions.find(name);
  if (row == nullptr)
    error(step.name.at, "extensions.csv has no extension '" + name + "'" + suggestion(name, world_.extensions.names()));
  return row;
}

// The variant of a choice that has this type.
ElementId MapCompiler::variant(ElementId member, Words type) {
  const auto wanted = schema_.type(type.text);
  if (wanted == untyped) {
    error(type.at, "FHIR R4 has no type '" + std::string(type.text) + "'" + suggestion(type.text, schema_.type_names()));
    return untyped;
  }
  const auto& element = schema_[member];
  const auto found = element.variants > 1 || element.chosen ? schema_.variant(member, wanted) : element.type == wanted ? member : untyped;
  if (found == untyped) {
    std::string types;
    for (ElementId i = 0; i < element.variants; ++i)
      types += (i == 0 ? "" : ", ") + std::string(schema_[schema_[element.first_variant + i].type].name);
    error(type.at, called(member) + " cannot be a " + std::string(type.text) + ", only " + types);
  }
  return found;
}

std::string MapCompiler::called(ElementId member) const {
  const auto& element = schema_[member];
  if (element.owner == untyped) return std::string(element.name);
  return std::string(schema_[element.owner].name) + "." + std::string(element.name);
}

std::string MapCompiler::called(const Shape& shape) const {
  if (shape.unknown()) return "anything";
  std::string text;
  for (const auto t : shape.types)
    text += (text.empty() ? "" : " or ") + std::string(fhirpath::is_system(t) ? fhirpath::name(static_cast<fhirpath::System>(t)) : types_.name(t));
  return text;
}

}  // namespace tombolo::mapping
