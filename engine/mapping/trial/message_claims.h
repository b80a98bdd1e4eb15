// What a test says of an HL7 v2 message that an edit or a map gave: claims at addresses, texts that must not stand there, a golden.
#pragma once

#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/mapping/trial/trial.h"

namespace tombolo::trial {

struct MessageClaims {
  const Suite& suite;
  const Case& test;
  const V2Dictionary& dictionary;
  const FhirSchema& schema;

  // `expect` and `absent`. What is wrong in a claim itself goes to `diagnostics`.
  void check(const Tree& message, Diagnostics& diagnostics, std::vector<Failure>& failures) const;
  // The golden file against the very bytes; the first segment that is another one.
  void check_golden(const std::string& bytes, std::vector<Failure>& failures) const;
};

}  // namespace tombolo::trial
