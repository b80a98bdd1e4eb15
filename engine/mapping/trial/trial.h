// Trial: the cases of suites, run through the maps of some layers.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/library.h"
#include "engine/formats/format.h"
#include "engine/mapping/mapping.h"
#include "engine/mapping/trial/suite.h"

namespace tombolo::trial {

// One thing that is not as the test says.
struct Failure {
  Place place;              // of what the test says
  std::string said;         // a claim, "diagnostics", "golden died.json" …
  std::string found;        // what is really there; may have several lines
};

// What one message became.
struct Made {
  Made() : source(source_arena), bundle(bundle_arena) {}
  Arena source_arena, bundle_arena;
  Tree source, bundle;
  RunReport report;
};

struct Outcome {
  std::vector<Failure> failures;
  std::unique_ptr<Made> made;       // of maps; nullptr: the message could not be mapped
  std::vector<bool> fired;          // per rule
  std::string golden;               // the text that the golden file would have; empty: the test has none
  bool passed() const { return failures.empty(); }
};

class Trial {
 public:
  // The maps of these layers; what is wrong in them goes to `diagnostics`. Library, dictionary and schema outlive the trial.
  Trial(const Library& library, const V2Dictionary& dictionary, const FhirSchema& schema, const std::vector<std::string>& layers,
        Diagnostics& diagnostics);

  // Checks what a case says against the schema (its claims), then runs it. Errors in claims go to `diagnostics`, and the case fails.
  // approve: a golden file is not compared; the caller writes it.
  Outcome run(const Suite& suite, const Case& test, bool approve, Diagnostics& diagnostics) const;

  // A message through its map; with RunInputs::watch.
  Result<std::unique_ptr<Made>> map(std::string_view bytes, const std::optional<Zone>& zone) const;

  const Format& format() const { return *format_; }
  const Maps& maps() const { return *maps_; }
  bool sound() const { return sound_; }

  // What a run reported, a line each: "malformed PID-7: expected …", "miss PID-16: marital-status has no such code". Misses that
  // a rule ignores are not among it.
  std::vector<std::string> lines(const Made& made) const;

 private:
  const FhirSchema& schema_;
  std::unique_ptr<Format> format_;
  std::unique_ptr<const Maps> maps_;
  bool sound_ = false;
};

// Each text is a part of one line, and each line has a text.
void check_diagnostics(const std::vector<Said>& said, std::vector<std::string> lines, std::vector<Failure>& failures);

// Each place that is said is among `places`, and each of those is said.
void check_unmapped(const std::vector<Said>& said, std::vector<std::string> places, std::vector<Failure>& failures);

// Valued places of the source that no rule read, in the order of the message.
std::vector<std::string> unmapped(const Tree& source, const RunReport& report);

}  // namespace tombolo::trial
