// MessageTrial: the cases of suites whose source is a Bundle, and whose result HL7 v2. Claims are conditions at HL7 addresses, as of
// edits; goldens are the very bytes; `unmapped` are places of the Bundle ("Bundle.entry[1].resource.birthDate").
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/library.h"
#include "engine/mapping/messages.h"
#include "engine/mapping/trial/suite.h"
#include "engine/mapping/trial/trial.h"

namespace tombolo::trial {

class MessageTrial {
 public:
  // The maps of these layers whose source is FHIR; what is wrong goes to `diagnostics`. The others outlive the trial.
  MessageTrial(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema, const std::vector<std::string>& layers,
               Diagnostics& diagnostics);

  const Messages& messages() const { return *messages_; }
  bool sound() const { return sound_; }

  // As Trial::run; the outcome has no `made`.
  Outcome run(const Suite& suite, const Case& test, bool approve, Diagnostics& diagnostics) const;

 private:
  struct Built {
    std::string bytes;
    std::vector<std::string> lines, unread;
    std::vector<bool> fired;
  };
  Result<Built> built(const Case& test) const;

  const V2Dictionary& dictionary_;
  const FhirSchema& schema_;
  std::unique_ptr<const Messages> messages_;
  bool sound_ = false;
};

}  // namespace tombolo::trial
