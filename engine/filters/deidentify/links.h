// Links: who is who in a message. Which resource a reference means, what a resource is called (the name its id becomes a token
// of), which person it is about. References stay tied because a reference and the id it means have the same name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/filters/deidentify/keys.h"
#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo::deidentify {

// What a reference points to.
struct Target {
  ElementId type = untyped;
  std::string_view id;                 // the part that its name is made of; empty: a resource in the same one, or nothing nameable
  NodeId node = no_node;               // the resource, if the message has it
};

// What a token is made of besides the value.
struct Origin {
  Purpose purpose = Purpose::uid;
  std::string system;
};

class Links {
 public:
  // All outlive the links. by_id: a person is named by the id of the Patient, not by an identifier.
  Links(const Tree& tree, const FhirSchema& schema, bool by_id);

  // `url` as it stands in a Reference in the resource `from`; nullopt: nobody can tell what it means (a search, another scheme).
  std::optional<Target> resolve(std::string_view url, NodeId reference, NodeId from) const;

  std::string_view id_of(NodeId resource) const;           // its id, or the last part of its fullUrl; empty: it has neither
  Purpose purpose_of(ElementId resource) const;

  // Of the value of an Identifier: whose it is, and who gave it. Of anything else: whose resource it stands in.
  Origin origin_of(NodeId identifier, NodeId resource) const;

  // The token of the person that a resource is about; nullopt: none, or one that nothing here names.
  std::optional<std::string> person_of(NodeId resource, const Keys& keys) const;
  // Of the one Patient of the message; nullopt: there is none, or several.
  std::optional<std::string> only_person(const Keys& keys) const;

  // "c3": the new id of a contained resource, by its place in the resource that holds it. Empty: there is none of this id.
  std::string contained_id(NodeId outer, std::string_view id) const;

 private:
  void collect(NodeId node);
  bool holds_resource(NodeId node) const;
  std::string_view text(NodeId node, std::string_view name) const;
  std::optional<std::string> patient_token(NodeId patient, const Keys& keys) const;
  std::optional<std::string> reference_token(NodeId reference, NodeId from, const Keys& keys) const;
  Purpose purpose_behind(NodeId reference) const;
  std::string system_of(NodeId identifier, NodeId from) const;
  ElementId sole_target(NodeId reference) const;

  const Tree& tree_;
  const FhirSchema& schema_;
  const bool by_id_;
  const ElementId patient_, reference_;
  std::vector<NodeId> patients_;
  std::unordered_map<std::string_view, NodeId> by_url_;    // fullUrl of an entry → its resource
  std::unordered_map<std::string, NodeId> by_name_;        // "Patient/1"
};

}  // namespace tombolo::deidentify
