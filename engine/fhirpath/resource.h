// An expression over one FHIR resource: what %resource, %context and %rootResource are, where references lead within it, which
// value sets and types it can ask for. For the command line, and for rules about single resources.
#pragma once

#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/evaluate.h"
#include "engine/fhirpath/fhir_types.h"

namespace tombolo::fhirpath {

class ResourceScope : public Scope {
 public:
  // focus: the resource's type, or unknown_type where there is none. `types` outlives the scope.
  ResourceScope(const FhirTypes& types, TypeId focus, Checks checks = Checks::usual) : types_(types), focus_(focus), checks_(checks) {}

  const Types& types() const override { return types_; }
  Shape focus() const override { return focus_ == unknown_type ? Shape{{}, false, true} : Shape{{focus_}, false, false}; }
  Checks checks() const override { return checks_; }
  Result<AddressSlot> address(const Address& address) const override;
  std::optional<Slot> variable(std::string_view name) const override;
  std::vector<std::string_view> variables() const override { return {"resource", "context", "rootResource"}; }

 private:
  const FhirTypes& types_;
  TypeId focus_;
  Checks checks_;
};

class ResourceFrame : public Frame {
 public:
  // resource: nullptr where there is none. All outlive the frame.
  ResourceFrame(const FhirTypes& types, const Tree* resource, Moment now) : types_(types), resource_(resource), now_(now) {}

  const Types& types() const override { return types_; }
  void read(std::uint32_t slot, Items& out) const override;
  Moment now() const override { return now_; }
  // A Reference, or text: "#id" among what the resource around it contains, else an entry of the Bundle by its fullUrl, whole or
  // as "Patient/12" at its end.
  void resolve(const Item& reference, Items& out) const override;
  // By the value sets that R4 binds as required.
  std::optional<bool> member(const Item& item, std::string_view value_set) const override;
  // R4's own types only.
  std::optional<bool> conforms(const Item& item, std::string_view url) const override;

 private:
  NodeId around(const Tree& tree, NodeId node) const;

  const FhirTypes& types_;
  const Tree* resource_;
  Moment now_;
};

}  // namespace tombolo::fhirpath
