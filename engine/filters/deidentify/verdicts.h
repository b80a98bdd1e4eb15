// Verdicts: a policy compiled against R4, so that every element there can be has exactly one verdict before any message comes.
//
// It is an automaton. A state stands for "in an element of this type, with these rules under way and these met above"; each
// member of the type leads to a Choice: the next state, and for a leaf the rule that decides. Where rules ask conditions of a
// node there are as many choices as answers. Running looks up no name and compares no path.
#pragma once

#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/fhir_types.h"
#include "engine/filters/deidentify/policy.h"

namespace tombolo::deidentify {

// What an element is to the engine whatever a policy says: ids and what points to them are tokens or nothing, so that they stay
// tied; an element's own id and an extension's url never stand for themselves.
enum class Role : std::uint8_t { plain, resource_id, full_url, reference, element_id, extension_url };

using StateId = std::uint32_t;
constexpr StateId nowhere = 0;             // nothing below can stand
constexpr std::uint32_t no_rule = 0;       // rules count from 1

struct Choice {
  StateId state = nowhere;
  std::uint32_t rule = no_rule;            // of a leaf: what decides; of a node that holds a resource: what drops it whole
};

class Verdicts {
 public:
  // Adds errors for paths that can never be met and methods that fit nothing below their path; warnings for rules that
  // decide nothing because those above them do. All three outlive the verdicts.
  Verdicts(const Policy& policy, const FhirSchema& schema, Diagnostics& diagnostics);
  Verdicts(const Verdicts&) = delete;
  Verdicts& operator=(const Verdicts&) = delete;

  const Policy& policy() const { return policy_; }
  const FhirSchema& schema() const { return schema_; }
  Role role(ElementId member) const;

  // Where a resource of this type begins, and where a member leads from a state. A Fault: a condition cannot be answered.
  Result<Choice> enter(ElementId resource, const Tree& tree, NodeId node, Arena& arena) const;
  Result<Choice> step(StateId from, ElementId member, const Tree& tree, NodeId node, Arena& arena) const;

  // For people: all choices of one edge, each with the condition it is made under ("" for none of them).
  struct Way {
    std::string condition;
    Choice choice;
  };
  std::vector<Way> ways(ElementId resource) const;
  std::vector<Way> ways(StateId from, ElementId member) const;
  ElementId type(StateId state) const { return states_[state].type; }
  std::size_t size() const { return states_.size(); }

 private:
  friend class VerdictsCompiler;
  struct Edge {
    std::uint32_t first = 0;               // into choices_; (urls + 1) * 2^conditions of them
    std::uint32_t guards = 0;              // into guards_: first the urls, then the conditions
    std::uint8_t urls = 0;
    std::uint8_t conditions = 0;
  };
  struct State {
    ElementId type = untyped;
    std::uint32_t edges = 0;               // into edges_: one per member of the type, in the schema's order
  };
  struct Bound {
    std::string url;
    fhirpath::Program program;
    std::string text;
  };
  Result<Choice> choose(const Edge& edge, const Tree& tree, NodeId node, Arena& arena) const;
  std::vector<Way> ways(const Edge& edge) const;
  const Edge& edge(StateId from, ElementId member) const;

  const Policy& policy_;
  const FhirSchema& schema_;
  fhirpath::FhirTypes types_;
  std::vector<State> states_;
  std::vector<Edge> edges_;
  std::vector<Choice> choices_;
  std::vector<Bound> bound_;
  std::vector<std::uint32_t> guards_;      // into bound_
  std::map<ElementId, Edge> resources_;
};

// Can this method decide a leaf of this kind?
bool fits(Method method, Primitive leaf, Role role);

}  // namespace tombolo::deidentify
