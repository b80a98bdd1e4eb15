// Deidentifier: a Bundle (or one resource) in, a new one out that holds what the policy lets through and nothing else.
//
// It fails closed: whatever is unexpected (an element R4 does not have, a value that is no value of its type, a condition that
// cannot be answered) is a Fault, and then nothing may leave. No Fault says what a message says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/time.h"
#include "engine/filters/deidentify/keys.h"
#include "engine/filters/deidentify/verdicts.h"

namespace tombolo::deidentify {

// What was done to one leaf of the message (or to a resource that goes whole). Never its value.
struct Act {
  NodeId node = no_node;               // of the message; its lineage tells the place in the source
  std::uint32_t rule = no_rule;        // Policy::rules, from 1; no_rule: no rule names it
  Method method = Method::drop;
  bool stands = false;                 // is there something in the output?
  std::string path = {};               // "Bundle.entry[3].resource.birthDate"
  std::string fingerprint = {};        // of the value, keyed: equal values, equal fingerprints
};
struct Report {
  std::vector<Act> acts;
};

// "Bundle.entry[3].resource.birthDate  shift  shipped:schemas/policies/research.yaml:40:13  4f0c…": one line an act.
std::string text(const Report& report, const Policy& policy);

enum class Release : std::uint8_t {
  released,
  held,      // a rule says hold for something that is there: the message waits for a person, nothing leaves
};

// What is known of a message besides what stands in it.
struct Occasion {
  Time received = {};      // for ages, where the message itself has no time (Bundle.timestamp)
  bool seen = false;       // it was held, and a person let it pass: what hold names is dropped
};

class Deidentifier {
 public:
  // The policy as read_policy() gives it; the schema outlives this. Immutable: many threads may use it at once.
  // nullptr if the policy does not compile (`diagnostics` says why).
  static std::unique_ptr<const Deidentifier> make(Policy policy, Keys keys, const FhirSchema& schema, Diagnostics& diagnostics);

  // out: empty; its texts go to its arena. report: if given, every act is added.
  Result<Release> operator()(const Tree& message, const Occasion& occasion, Tree& out, Report* report = nullptr) const;

  const Policy& policy() const { return *policy_; }
  const Verdicts& verdicts() const { return *verdicts_; }

 private:
  Deidentifier(Policy policy, Keys keys);

  std::unique_ptr<const Policy> policy_;
  Keys keys_;
  std::unique_ptr<const Verdicts> verdicts_;
};

}  // namespace tombolo::deidentify
