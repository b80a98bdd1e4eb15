// EditTrial: the cases of suites that are about edits, HL7 v2 in and v2 out.
//
// A claim about an edited message is a condition as in a channel's `filter:` (mapping/condition.h): `PID-3[1].4 = 'EAST'`,
// `not ZPI`, `OBX[2]-5 = '5.4'`; one that names no address is an error. Goldens are the very bytes.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/diagnostic.h"
#include "engine/base/library.h"
#include "engine/formats/format.h"
#include "engine/mapping/edits.h"
#include "engine/mapping/trial/suite.h"
#include "engine/mapping/trial/trial.h"
#include "engine/tree/tree.h"

namespace tombolo::trial {

// A message, and what an edit made of it.
struct Edited {
  Arena arena, made_arena;
  Tree source{arena}, made{made_arena};
  EditReport report;
};

class EditTrial {
 public:
  // layers: at least one; the first may be LAYER/NAME for the edit that is called so. What is wrong goes to `diagnostics`. The
  // others outlive the trial.
  EditTrial(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema, std::vector<std::string> layers, Diagnostics& diagnostics);

  const Edits& edits() const { return *edits_; }
  const Format& format() const { return *format_; }
  bool sound() const { return sound_; }

  // `message` outlives what is made of it.
  Result<std::unique_ptr<Edited>> edit(std::string_view message) const;

  // As Trial::run; the outcome has no `made`.
  Outcome run(const Suite& suite, const Case& test, bool approve, Diagnostics& diagnostics) const;

 private:
  Result<std::string> edited(const Case& test, std::vector<std::string>& lines, std::vector<bool>& fired) const;

  const V2Dictionary& dictionary_;
  const FhirSchema& schema_;
  std::unique_ptr<Format> format_;
  std::unique_ptr<const Edits> edits_;
  std::string name_;                 // of the edit that is meant; empty: by structure
  bool sound_ = false;
};

}  // namespace tombolo::trial
