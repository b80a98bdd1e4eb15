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
#include <unordered_map>
#include <vector>

#include "engine/base/result.h"
#include "engine/canonical/view.h"
#include "engine/crypto/uuid.h"
#include "engine/schema/fhir.h"
#include "engine/tree/tree.h"

namespace tombolo {

// One entry of the Bundle, made or searched for. `none` is no entry: a reference to it is taken out by finish().
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
  Kind kind;                 // conflict: equal keys but other values, or an alias of two entries; missing: a reference to nothing
  std::string path;          // "Bundle.entry[2].resource.gender"
  std::string text;
  NodeId first = no_node;    // the value that stands, or the reference that was taken out; its leaves have the lineage
  NodeId second = no_node;   // the value that gave way
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
  // resource() is a place to write to, merged into the real one at the end, or dropped and reported if that never came.
  // An empty key finds nothing.
  Handle find(ElementId resource, KeyParts key);
  NodeId resource(Handle handle) const;
  ElementId type(Handle handle) const;
  void key(Handle handle, KeyParts parts);       // the first key stands, further ones are aliases
  void alias(Handle handle, KeyParts parts);
  // What all entries that will be one resource have in common, as far as is known by now: the key with its type. Of a search what
  // it looks for, or the key of the entry that has this as an alias. Empty: no other is the same.
  std::string_view common_key(Handle handle) const;

  // ── elements ── `parent` is a node of this tree, `member` a member of its type. A single element is made once (assert).
  NodeId add(NodeId parent, ElementId member);                                        // complex, or a primitive with extensions only
  NodeId add(NodeId parent, ElementId member, std::string_view value, std::uint32_t lineage = 0);  // primitive; not empty
  NodeId add_resource(NodeId parent, ElementId member, ElementId resource);           // contained, Parameters.parameter.resource
  NodeId add_deleted(NodeId parent, ElementId member);                                // a leaf, or a whole list as one node
  NodeId member(NodeId parent, ElementId member) const;                               // the first there is (any variant), or no_node
  void refer(NodeId reference, Handle to);                                            // a Reference node that add() made; tied by finish()

  // By name, for callers that have no checked program: Fault where the type has no such element, it is there already,
  // the value is no value of its type, or a scalar meets a complex type.
  Result<NodeId> add(NodeId parent, std::string_view name);
  Result<NodeId> add(NodeId parent, std::string_view name, std::string_view value, std::uint32_t lineage = 0);

  // ── taking back ── everything added, tied and keyed since the mark is gone again.
  struct Mark {
    std::size_t nodes, entries, keys, aliases, ties;
  };
  Mark mark() const;
  void take_back(const Mark& mark);

  // Does something in it (itself included) come from a source, that is, has a lineage whose sources are not all mere conditions?
  // A reference does if its own node has such a lineage: `with subject = %patient` alone makes nothing stand.
  bool computed(NodeId node) const;

  // Ids, fullUrls, merging of equal keys, references. What becomes empty is taken out. Call once, last.
  std::vector<Finding> finish();

 private:
  struct Entry {
    ElementId type = untyped;
    NodeId node = no_node;               // Bundle.entry; of a search a node outside the Bundle
    NodeId resource = no_node;
    std::string_view place;
    std::string_view key;                // see name_of; of a search: what it looks for; empty: no key
    std::string_view url;                // "urn:uuid:…"; set by finish() where `same` is none
    bool search = false;
    bool kept = true;
    Handle same = Handle::none;          // set by finish(): the entry that a search found, or that has the same key
  };
  struct Alias {
    Handle entry;
    std::string_view name;
  };
  struct Tie {
    NodeId node;
    Handle to;
  };
  struct Found {
    Finding finding;
    NodeId resource;                     // finding.path is relative to it until the end
  };
  using Names = std::unordered_map<std::string_view, Handle>;

  Handle new_entry(ElementId resource, NodeId parent);
  NodeId attach(NodeId parent, ElementId member);
  NodeId last_before(NodeId parent, std::uint16_t order) const;
  std::uint16_t order_of(NodeId node) const;
  std::string_view name_of(ElementId type, KeyParts parts);
  std::string_view name_without_key(const Entry& entry, std::uint32_t nth);
  void name_entries();
  Names names_of_keys() const;
  Names names_of_aliases(const Names& keys);
  void settle();
  void tie_references();
  void tie(const Tie& tie);
  void merge_entries();
  void merge(NodeId into, NodeId from);
  void merge_list_item(NodeId into, NodeId item);
  void merge_lineage(NodeId into, NodeId from);
  void drop(NodeId node);
  bool stands(NodeId node) const;
  void write_ids();
  void report(Kind kind, std::string text, NodeId node, NodeId second);
  std::vector<Finding> take_findings();
  const Entry& at(Handle handle) const { return entries_[static_cast<std::uint32_t>(handle)]; }
  Entry& at(Handle handle) { return entries_[static_cast<std::uint32_t>(handle)]; }

  const FhirSchema& schema_;
  Tree& tree_;
  const Identity& identity_;
  NodeId aside_ = no_node;               // what searches write to hangs here, outside the Bundle
  ElementId entry_, full_url_, resource_, reference_;
  std::vector<Entry> entries_;           // 0 is Handle::none
  std::vector<Alias> aliases_;
  std::vector<Handle> keys_;             // entries in the order they got their keys, for take_back
  std::vector<Tie> ties_;
  std::vector<Found> found_;
  std::string name_;                     // of a key, while it is put together
};

}  // namespace tombolo
