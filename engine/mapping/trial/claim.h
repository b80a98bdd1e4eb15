// Claim: what a test says of the Bundle, in FHIRPath as HL7 publishes it. It holds if it gives a single `true`.
//
// Where a path begins with the name of a resource type, outside of brackets, all resources of that type are meant:
// `Patient.name.family = 'Berg'` is `Bundle.entry.resource.ofType(Patient).name.family = 'Berg'`. `resolve()` goes to the entry
// that a reference names. A claim that reads nothing of the Bundle is an error.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "engine/base/diagnostic.h"
#include "engine/mapping/trial/suite.h"
#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo::trial {

class Claim {
 public:
  // source: the file's text. nullptr, and why in `diagnostics`, if it is wrong. The schema outlives the claim.
  static std::unique_ptr<const Claim> compile(const Said& said, std::string_view source, const FhirSchema& schema,
                                              Diagnostics& diagnostics);
  ~Claim();

  // Empty: it holds. Else what the path really gives: "Patient.gender gives 'male'".
  std::string refuted(const Tree& bundle, Arena& arena) const;

 private:
  Claim();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace tombolo::trial
