// Types: what the expression language knows of FHIR, CDA and HL7 v2. The callers put their schema behind this.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/schema/ucum.h"
#include "engine/tree/tree.h"

namespace tombolo::fhirpath {

// FHIRPath's own types.
enum class System : std::uint8_t { none, boolean, string, integer, long_integer, decimal, date, date_time, time, quantity };
std::string_view name(System system);  // "DateTime"

// A type, by number. 0: unknown; below first_type: System types; Types numbers its own from first_type.
using TypeId = std::uint32_t;
constexpr TypeId unknown_type = 0;
constexpr TypeId first_type = 16;
constexpr TypeId type_of(System system) { return static_cast<TypeId>(system); }
constexpr bool is_system(TypeId type) { return type != unknown_type && type < first_type; }

// What is known of a value before any message is there.
struct Shape {
  std::vector<TypeId> types;  // one of these (a choice element has several); empty: anything
  bool many = false;          // may be more than one item
  bool may_be_absent = true;
  bool ordered = true;        // false: of children() and the like, whose order says nothing

  bool unknown() const { return types.empty(); }
};
inline Shape one(System system) { return {{type_of(system)}, false, true}; }

class Types {
 public:
  virtual ~Types() = default;

  // The type of a specifier: model "FHIR", "HL7" or "CDA", or empty for all of them. System types are not asked for.
  virtual std::optional<TypeId> find(std::string_view model, std::string_view name) const = 0;
  virtual std::string_view model(TypeId type) const = 0;  // "FHIR", "HL7", "CDA"
  virtual std::string_view name(TypeId type) const = 0;   // "HumanName", "CWE", "PID"

  // Is `type` the same as `other`, or built upon it? HL7 families are one (CE is CWE).
  virtual bool is(TypeId type, TypeId other) const = 0;

  // What a leaf of this type is to FHIRPath; quantity for Quantity and its kin; none for the other complex types.
  // HL7 v2: string for all but NM, SI (decimal), DT (date), DTM (date_time), TM (time).
  virtual System system(TypeId type) const = 0;

  // The element `name` of a type; HL7: fields of a segment and components of a data type by number ("3"). Types that may hold
  // anything (Resource, contained) may answer with an empty Shape::types. nullopt: there is no such element.
  virtual std::optional<Shape> child(TypeId type, std::string_view name) const = 0;
  virtual std::vector<std::string_view> children(TypeId type) const = 0;  // names, for suggestions

  // The units that quantities are compared by. Without them only equal ones, and calendar durations, are comparable.
  virtual const Ucum& units() const;

  // The type of a node while running, from Node::element and the node's place; unknown_type if the tree does not say.
  virtual TypeId type_of_node(const Tree& tree, NodeId node) const = 0;
};

}  // namespace tombolo::fhirpath
