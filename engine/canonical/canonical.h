// Canonical: the checked builder of a Bundle over a Tree. What FHIR R4 does not have cannot be built with it.
//
// Maps are checked when they are loaded, so at run time the builder takes schema indexes and asserts; what comes from outside
// goes through formats/fhir/parse.h. Elements are kept in schema order, items of a list side by side. Values must live as long
// as the tree (its arena, a literal, a table). After the last rule call finish() once: it ties references, gives ids, merges.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/crypto/uuid.h"
#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo {

// One entry of the Bundle, made or searched for. `none` refers to nothing and may be written to without effect on the result.
enum class Handle : std::uint32_t { none = 0 };

// What ids are made from. site: secret of the site. message: what names the message among all others (sender and control id).
struct Identity {
  Uuid site;
  std::string message;
};

// A key or alias: the identifier first, then the assigner or whatever else belongs to it. An empty first part is no key.
using KeyParts = std::span<const std::string_view>;

// What finish() met. `first` and `second` are nodes whose lineage says where the values came from (no_node: there is none).
struct Finding {
  Kind kind;                 // conflict: equal keys, unequal values, or one alias of two; missing: a reference to nothing
  std::string path;          // "Bundle.entry[2].resource.gender"
  std::string text;
  NodeId first = no_node;
  NodeId second = no_node;
};

class Canonical {
 public:
  // Makes `tree` (which must be empty) a Bundle. All three outlive the builder.
  Canonical(const FhirSchema& schema, Tree& tree, const Identity& identity);
  Canonical(const Canonical&) = delete;
  Canonical& operator=(const Canonical&) = delete;

  const FhirSchema& schema() const { return schema_; }
  Tree& tree() { return tree_; }
  NodeId bundle() const { return tree_.root(); }

  // ── entries ──
  // A new entry. place: where in the message it stands ("OBX[3]"); it makes the id of an entry without key.
  Handle entry(ElementId resource, std::string_view place);
  // The entry of this type with that key or alias, wherever in the message it comes. Tied by finish(): until then its
  // resource() is a place to write to, merged into the real one at the end, or dropped if that never came.
  Handle find(ElementId resource, KeyParts key);
  NodeId resource(Handle handle) const;
  ElementId type(Handle handle) const;
  void key(Handle handle, KeyParts parts);       // the first key stands, further ones are aliases
  void alias(Handle handle, KeyParts parts);

  // ── elements ── `parent` is a node of this tree, `member` a member of its type. A single element is made once (assert).
  NodeId add(NodeId parent, ElementId member);                                        // complex, or a primitive with extensions only
  NodeId add(NodeId parent, ElementId member, std::string_view value, std::uint32_t lineage = 0);  // primitive; not empty
  NodeId add_resource(NodeId parent, ElementId member, ElementId resource);           // contained, Parameters.parameter.resource
  NodeId add_deleted(NodeId parent, ElementId member);                                // a leaf, or a whole list as one node
  NodeId member(NodeId parent, ElementId member) const;                               // the first there is (any variant), or no_node
  void refer(NodeId reference, Handle to);                                            // a Reference; tied by finish()

  // By name, for callers that have no checked program: Fault where the type has no such element, it is there already,
  // the value is no value of its type, or a scalar meets a complex type.
  Result<NodeId> add(NodeId parent, std::string_view name);
  Result<NodeId> add(NodeId parent, std::string_view name, std::string_view value, std::uint32_t lineage = 0);

  // ── taking back ── everything added, tied and keyed since the mark is gone again.
  struct Mark {
    std::uint32_t nodes, entries, keys, references;
  };
  Mark mark() const;
  void take_back(const Mark& mark);

  // Does something in it (itself included) come from a source: a lineage that has sources which are no mere conditions, or a
  // reference to an entry?
  bool computed(NodeId node) const;

  // Ids, fullUrls, merging of equal keys, references. Branches left empty are taken out. Call once, last.
  std::vector<Finding> finish();

 private:
  struct Entry {
    ElementId type = untyped;
    NodeId node = no_node;               // Bundle.entry
    NodeId resource = no_node;
    std::string_view place;
    std::string_view searched;           // a search: the name it looks for
    std::string_view name;               // set by finish(): what its id is made from
    Handle same = Handle::none;          // set by finish(): the entry it was merged into
    bool kept = true;
  };
  struct Name {
    Handle entry;
    std::string_view text;               // type, parts: what keys and searches are compared by
    bool alias;
  };
  struct Tie {
    NodeId node;
    Handle to;
  };

  NodeId attach(NodeId parent, ElementId member);
  std::string_view name_of(ElementId type, KeyParts parts);
  void name_entries(std::vector<Finding>& findings);
  void settle_searches(std::vector<Finding>& findings);
  void tie_references(std::vector<Finding>& findings);
  void merge_entries(std::vector<Finding>& findings);
  void merge(NodeId into, NodeId from, std::vector<Finding>& findings);
  void drop(NodeId node);
  void write_id(const Entry& entry);
  Entry& at(Handle handle) { return entries_[static_cast<std::uint32_t>(handle)]; }

  const FhirSchema& schema_;
  Tree& tree_;
  const Identity& identity_;
  std::vector<Entry> entries_;           // 0 is Handle::none
  std::vector<Name> names_;
  std::vector<Tie> ties_;
};

// "Bundle.entry[2].resource.name[0].family": the path of a node, as people and FHIRPath write it.
std::string fhir_path(const Tree& tree, const FhirSchema& schema, NodeId node);

// Do two subtrees hold the same (names, types, values, order; not lineage)?
bool equal(const Tree& tree, NodeId a, NodeId b);

}  // namespace tombolo
