// What an expression about a Bundle sees: FHIR's types, and the entries that references lead to. For conditions after a map, and
// for the claims of tests.
#pragma once

#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/evaluate.h"
#include "engine/fhirpath/fhir_types.h"

namespace tombolo::mapping {

class BundleScope final : public fhirpath::Scope {
 public:
  // Both outlive the scope.
  BundleScope(const fhirpath::FhirTypes& types, const FhirSchema& schema) : types_(types), bundle_(schema.type("Bundle")) {}

  const fhirpath::Types& types() const override { return types_; }
  fhirpath::Shape focus() const override { return {{types_.of(bundle_)}, false, false}; }
  Result<fhirpath::AddressSlot> address(const fhirpath::Address& address) const override {
    return Fault{Kind::unsupported, "", "after a map there is a Bundle, and no " + text(address)};
  }
  std::optional<fhirpath::Slot> variable(std::string_view) const override { return std::nullopt; }

 private:
  const fhirpath::FhirTypes& types_;
  ElementId bundle_;
};

class BundleFrame final : public fhirpath::Frame {
 public:
  // Both outlive the frame.
  BundleFrame(const fhirpath::FhirTypes& types, const Tree& bundle) : types_(types), bundle_(bundle) {}

  const fhirpath::Types& types() const override { return types_; }
  void read(std::uint32_t, fhirpath::Items&) const override {}  // the scope gives no slots
  void resolve(const fhirpath::Item& reference, fhirpath::Items& out) const override;

 private:
  const fhirpath::FhirTypes& types_;
  const Tree& bundle_;
};

}  // namespace tombolo::mapping
