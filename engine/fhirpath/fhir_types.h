// FhirTypes: the types of FHIR R4 as the expression language asks for them, for filters, rules and tests on canonical trees.
#pragma once

#include "engine/fhirpath/types.h"
#include "engine/schema/fhir.h"

namespace tombolo::fhirpath {

class FhirTypes : public Types {
 public:
  explicit FhirTypes(const FhirSchema& schema);  // outlives this

  // Types and elements of the schema to TypeId and back; a member stands for its type.
  TypeId of(ElementId id) const { return first_type + schema_[id].type; }
  ElementId element(TypeId type) const { return type - first_type; }
  const FhirSchema& schema() const { return schema_; }

  std::optional<TypeId> find(std::string_view model, std::string_view name) const override;
  std::string_view model(TypeId) const override { return "FHIR"; }
  std::string_view name(TypeId type) const override { return schema_[element(type)].name; }
  bool is(TypeId type, TypeId other) const override;
  System system(TypeId type) const override;
  // A choice by its name without the type ("value", not "valueQuantity"). Elements that hold any resource are unknown.
  std::optional<Shape> child(TypeId type, std::string_view name) const override;
  std::vector<std::string_view> children(TypeId type) const override;
  const Ucum& units() const override { return schema_.ucum(); }
  TypeId type_of_node(const Tree& tree, NodeId node) const override;

 private:
  const FhirSchema& schema_;
  ElementId quantity_;
};

}  // namespace tombolo::fhirpath
