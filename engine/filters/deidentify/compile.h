// VerdictsCompiler: builds the automaton of a policy; see verdicts.h. Private to this folder.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "engine/filters/deidentify/verdicts.h"

namespace tombolo::deidentify {

class VerdictsCompiler {
 public:
  VerdictsCompiler(Verdicts& into, Diagnostics& diagnostics);
  void run();

 private:
  // A rule that has come to the step with this number: the next node it is looking for.
  struct Position {
    std::uint32_t rule, step;
    auto operator<=>(const Position&) const = default;
  };
  // What tells one state from another.
  struct Situation {
    ElementId type = untyped;
    std::vector<Position> active;
    std::vector<std::uint32_t> covers;   // rules met at this node or above it, in order
    bool closed = false;                 // inside an extension: rules for "anywhere" do not reach in
    auto operator<=>(const Situation&) const = default;
  };
  struct Candidate {
    Position at;
    std::vector<std::uint32_t> guards;   // into bound_
  };

  void build_resource(ElementId type);
  void build_state(StateId id);
  Verdicts::Edge build_edge(const Situation& above, ElementId member);
  std::vector<Candidate> candidates(const Situation& above, const std::vector<std::uint32_t>& covers, ElementId member);
  void consider(std::vector<Candidate>& found, Position at, ElementId target);
  bool meets(const Step& step, ElementId target) const;
  Verdicts::Edge branch(Situation base, std::vector<Candidate> candidates, ElementId target);
  Choice choice(Situation next, ElementId target);
  void prune(Situation& situation) const;
  bool can_win(std::uint32_t rule, const std::vector<std::uint32_t>& covers) const;
  StateId intern(Situation situation);
  std::uint32_t decide(const std::vector<std::uint32_t>& covers, ElementId member);
  std::uint32_t bind(const Guard& guard, ElementId target);
  void report();
  bool fits_below(const Rule& rule) const;

  const Rule& rule(std::uint32_t number) const { return verdicts_.policy_.rules[number - 1]; }

  Verdicts& verdicts_;
  const FhirSchema& schema_;
  Diagnostics& diagnostics_;
  std::vector<std::uint32_t> anywhere_;                    // rules that begin with nodesByType or nodesByName
  std::vector<Situation> situations_;                      // by StateId
  std::map<Situation, StateId> known_;
  std::map<std::pair<std::string, ElementId>, std::uint32_t> bound_;   // by what the condition says and of which type
  std::vector<bool> decides_;
};

}  // namespace tombolo::deidentify
