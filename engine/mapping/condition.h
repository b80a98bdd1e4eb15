// Condition: an expression that a channel asks of a message (`filter:`, `when:`), bound when the channel is loaded.
//
// Before a map it sees the HL7 v2 message: a segment's name is the first one of that name (`OBX[2]-5`: the second), wherever
// it stands; fields, components and FHIRPath are as in maps (mappings/README.md). After a map it sees the Bundle:
// `Bundle.entry.resource.ofType(Encounter).exists()`.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/result.h"
#include "engine/schema/fhir.h"
#include "engine/schema/hl7v2.h"
#include "engine/tree/tree.h"

namespace tombolo {

class Condition {
 public:
  enum class Subject { hl7v2, bundle };

  // place: of the text in `source`, the file it stands in (for the quoted line). nullptr and diagnostics if it is wrong.
  // The dictionary and the schema outlive the condition. Immutable: many threads may ask.
  static std::unique_ptr<const Condition> compile(const std::string& text, Subject subject, const Place& place, std::string_view source,
                                                  const V2Dictionary& dictionary, const FhirSchema& schema, Diagnostics& diagnostics);
  ~Condition();

  // A Fault where the expression cannot be computed for this message: the caller fails closed.
  Result<bool> holds(const Tree& tree, Arena& arena) const;

 private:
  Condition();
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace tombolo
