// FhirSchema: every type and element of FHIR R4 (4.0.1), from the compact table schemas/fhir/r4/types.tsv and codes.tsv.
//
// One number names everything a tree node can be. Small ones are types ("Patient", "HumanName", "Patient.contact", "date");
// the rest are members of types, inheritance flattened, content references resolved. A choice (`value[x]`) is one member per
// type, side by side: all are called "value", their JSON names are "valueQuantity", "valueString", … Root nodes and nodes
// that hold a whole resource (Bundle.entry.resource, contained) carry the type itself, all others the member.
//
// All text is a view into the schema (or the Library's file, which must outlive it). Immutable after loading: share it freely.
#pragma once

#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/library.h"
#include "engine/schema/primitive.h"
#include "engine/schema/ucum.h"

namespace tombolo {

using ElementId = std::uint32_t;   // stable within one load; 0: untyped, or not found
constexpr ElementId untyped = 0;

enum class TypeKind : std::uint8_t { primitive, complex, backbone, resource };

struct Element {
  static constexpr std::uint16_t many = 0xffff;

  bool list() const { return max > 1; }
  bool choice() const { return variants > 1 || chosen; }

  std::string_view name;           // "value"; a type: its own name, "Patient.contact"
  std::string_view json_name;      // "valueQuantity"
  ElementId owner = untyped;       // the type whose member this is; untyped: it is a type itself
  ElementId type = untyped;        // what it holds; a type: itself
  ElementId first_variant = untyped;  // of a choice: the first of its members; else the member itself
  std::uint16_t variants = 1;      // of a choice: how many there are, from first_variant on
  std::uint16_t order = 0;         // place among the members of the owner, as in JSON and XML; equal for all of a choice
  std::uint16_t min = 0;
  std::uint16_t max = 1;           // `many`: *
  std::uint16_t value_set = 0;     // required binding: index for value_set(); 0: none, or one that cannot be listed
  std::uint16_t target_count = 0;  // Reference and canonical: which resource types; none means any
  std::uint32_t target_first = 0;
  Primitive primitive = Primitive::none;  // of its type
  TypeKind kind = TypeKind::complex;      // of its type
  bool chosen = false;             // it is `name[x]` in the definitions
  bool modifier = false;
  bool summary = false;
};

class FhirSchema {
 public:
  // Reads "schemas/fhir/r4/types.tsv", "codes.tsv" and "schemas/ucum/units.tsv". Throws std::runtime_error with file:line if they are not there or damaged.
  explicit FhirSchema(const Library& library);
  FhirSchema(const FhirSchema&) = delete;
  FhirSchema& operator=(const FhirSchema&) = delete;

  const Element& operator[](ElementId id) const { return elements_[id]; }
  std::size_t size() const { return elements_.size(); }

  ElementId type(std::string_view name) const;           // "Patient", "Patient.contact", "date"; untyped if there is none

  // The member of `of` (a type, or a member whose type is meant) by name or JSON name: "value" gives the first of the choice,
  // "valueQuantity" that one. Constant time, no allocation.
  ElementId member(ElementId of, std::string_view name) const;
  ElementId variant(ElementId choice, ElementId type) const;       // of `value[x]` the one with this type, else untyped

  // The member that a node stands for, given its `element`, its parent's and its name: `element` itself, but for a node that
  // holds a whole resource, whose `element` is the resource's type.
  ElementId as_member(ElementId element, ElementId parent, std::string_view name) const {
    return elements_[element].owner != untyped ? element : member(parent, name);
  }
  std::span<const Element> members(ElementId of) const;            // in order, all variants of a choice
  ElementId id(const Element& element) const { return static_cast<ElementId>(&element - elements_.data()); }

  ElementId base(ElementId type) const;                  // Patient → DomainResource → Resource → untyped
  bool is(ElementId type, ElementId ancestor) const;     // is or derives from; takes members too (their type is meant)
  bool is_resource(ElementId id) const { return elements_[id].kind == TypeKind::resource; }
  bool is_abstract(ElementId type) const;                // Resource, DomainResource, Element, BackboneElement

  // Types a Reference or canonical may point to: resource types. Empty: any.
  std::span<const ElementId> targets(ElementId id) const;

  // Required bindings. A set without codes (mime types, languages) cannot be listed and has no index.
  struct ValueSet {
    std::string_view url;
    std::uint32_t first = 0, count = 0;                  // into codes()
  };
  struct Code {
    std::string_view system;
    std::string_view code;
  };
  const ValueSet& value_set(std::uint16_t index) const { return value_sets_[index]; }
  std::uint16_t value_set(std::string_view url) const;             // by its url, without a version; 0: not here
  std::span<const Code> codes(std::uint16_t value_set) const;      // sorted by code
  bool has_code(std::uint16_t value_set, std::string_view code) const;
  bool has_code(std::uint16_t value_set, std::string_view system, std::string_view code) const;

  const Ucum& ucum() const { return ucum_; }             // the units of its quantities

  std::vector<std::string_view> type_names() const;      // for "did you mean …?"
  std::vector<std::string_view> member_names(ElementId of) const;

 private:
  struct Type {
    ElementId base = untyped;
    ElementId first = 0;     // its members are elements_[first .. first + count)
    std::uint32_t count = 0;
    bool abstract = false;
  };
  friend class FhirSchemaLoader;

  std::uint32_t slot(ElementId owner, std::string_view name) const;
  std::uint32_t next_slot(std::uint32_t at) const { return (at + 1) & static_cast<std::uint32_t>(by_name_.size() - 1); }

  std::vector<Element> elements_;        // 0: untyped; types; members
  std::vector<Type> types_;              // by type id
  std::vector<ElementId> targets_;
  std::vector<ValueSet> value_sets_;
  std::vector<Code> codes_;
  std::vector<ElementId> by_name_;       // open addressing over (owner, name); types have the owner `untyped`
  Ucum ucum_;
  std::deque<std::string> names_;        // JSON names of choices
};

}  // namespace tombolo
