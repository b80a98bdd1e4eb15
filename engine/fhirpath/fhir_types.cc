#include "engine/fhirpath/fhir_types.h"

namespace tombolo::fhirpath {

const Ucum& Types::units() const {
  static const Ucum none;
  return none;
}

FhirTypes::FhirTypes(const FhirSchema& schema) : schema_(schema), quantity_(schema.type("Quantity")) {}

std::optional<TypeId> FhirTypes::find(std::string_view model, std::string_view name) const {
  if (!model.empty() && model != "FHIR") return std::nullopt;
  const ElementId type = schema_.type(name);
  return type == untyped ? std::nullopt : std::optional(first_type + type);
}

bool FhirTypes::is(TypeId type, TypeId other) const { return schema_.is(element(type), element(other)); }

System FhirTypes::system(TypeId type) const {
  const ElementId id = element(type);
  switch (schema_[id].primitive) {
    case Primitive::none: return schema_.is(id, quantity_) ? System::quantity : System::none;
    case Primitive::boolean: return System::boolean;
    case Primitive::integer:
    case Primitive::unsigned_int:
    case Primitive::positive_int: return System::integer;
    case Primitive::decimal: return System::decimal;
    case Primitive::date: return System::date;
    case Primitive::date_time:
    case Primitive::instant: return System::date_time;
    case Primitive::time: return System::time;
    default: return System::string;
  }
}

std::optional<Shape> FhirTypes::child(TypeId type, std::string_view name) const {
  const ElementId first = schema_.member(element(type), name);
  if (first == untyped || schema_[first].name != name) return std::nullopt;
  const Element& member = schema_[first];
  Shape shape{{}, member.list(), member.min == 0};
  for (ElementId id = first; id < first + member.variants; ++id) {
    const ElementId held = schema_[id].type;
    if (schema_.is_resource(held) && schema_.is_abstract(held)) return Shape{{}, member.list(), member.min == 0};
    shape.types.push_back(first_type + held);
  }
  return shape;
}

std::vector<std::string_view> FhirTypes::children(TypeId type) const { return schema_.member_names(element(type)); }

TypeId FhirTypes::type_of_node(const Tree& tree, NodeId node) const {
  const ElementId id = tree[node].element;
  return id == untyped ? unknown_type : of(id);
}

}  // namespace tombolo::fhirpath
