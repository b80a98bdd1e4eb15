// Pass: one message through the verdicts. Private to this folder: deidentify.cc decides and writes, leaf.cc transforms.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/filters/deidentify/dates.h"
#include "engine/filters/deidentify/deidentify.h"
#include "engine/filters/deidentify/links.h"
#include "engine/filters/deidentify/scrub.h"

namespace tombolo::deidentify {

class Pass {
 public:
  Pass(const Verdicts& verdicts, const Keys& keys, const Tree& message, const Occasion& occasion, Tree& out, Report* report);

  Result<Release> run();

 private:
  // What becomes of a node: nothing, or something with this value.
  struct Fate {
    bool stands = false;
    std::string_view value;
  };
  // The resource that is being looked at.
  struct Subject {
    NodeId resource = no_node;
    std::optional<int> shift;          // days; none: its dates cannot be shifted
  };

  // Deciding: from the root down; false: nothing below stands.
  Result<bool> decide_resource(NodeId node);
  Result<bool> decide(NodeId node, StateId from, const Subject& subject);
  Result<bool> decide_children(NodeId node, StateId state, const Subject& subject);
  Result<bool> decide_leaf(NodeId node, ElementId member, std::uint32_t rule, const Subject& subject);
  void record(NodeId node, std::uint32_t rule, bool stands);
  Subject subject_of(NodeId resource) const;
  Fault fault(NodeId node, std::string what) const;

  // Transforming one leaf: nullopt drops it (leaf.cc).
  Result<std::optional<std::string>> transform(NodeId node, ElementId member, const Rule& rule, const Subject& subject);
  Result<std::optional<std::string>> kept(NodeId node, ElementId member, const Rule& rule) const;
  std::optional<std::string> token(NodeId node, ElementId member, const Subject& subject) const;
  std::optional<std::string> id(const Subject& subject) const;
  std::optional<std::string> reference(NodeId node, const Subject& subject) const;
  std::optional<std::string> zip3(NodeId node) const;
  Result<std::optional<std::string>> generalised(NodeId node, const Rule& rule) const;
  std::string name(ElementId type, std::string_view id) const;   // "Patient/TOKEN"

  // Writing what stands.
  void write(NodeId node, NodeId into);
  void write_children(NodeId node, NodeId into);
  void write_masked(NodeId node, NodeId into);
  NodeId add(NodeId into, ElementId element, std::string_view name);

  const Verdicts& verdicts_;
  const Policy& policy_;
  const FhirSchema& schema_;
  const Keys& keys_;
  const Tree& in_;
  Tree& out_;
  Report* report_;
  Links links_;
  std::optional<Scrubber> scrubber_;
  Day as_of_;
  const bool seen_;
  std::vector<Fate> fates_;            // by node of the message
  Arena scratch_;
  bool held_ = false;
};

}  // namespace tombolo::deidentify
