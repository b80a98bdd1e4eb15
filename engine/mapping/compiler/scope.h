// MapScope: what the names in a map's expressions mean at one place of it. It grows and shrinks as the compiler walks in and out
// of blocks, and collects the slots that the map reads. The nine rules of mappings/README.md, "Addresses", stand here.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/function.h"
#include "engine/mapping/compiler/program.h"
#include "engine/mapping/compiler/types.h"

namespace tombolo::mapping {

// A group or segment that addresses are sought in, the innermost last.
struct Sight {
  const V2Structure* structure = nullptr;  // of `item`
  const V2Item* item = nullptr;            // nullptr: a segment whose place in the message is not known here
  const V2Segment* segment = nullptr;      // nullptr: a group
  std::uint32_t place = 0;
  bool perhaps = false;                    // a group that may or may not be around; where it is not, others may be

  bool holds(const V2Item& other) const;   // does it stand in this group?
};

struct Variable {
  enum class Kind : std::uint8_t { local, entry, table };
  std::string_view name;
  Kind kind = Kind::local;
  std::uint32_t number = 0;
  Shape shape;
  std::vector<std::uint32_t> blocks;       // entry: the `each` blocks around its declaration
  std::uint32_t at = 0;
};

using fhirpath::AddressSlot;
using fhirpath::Slot;

class MapScope final : public fhirpath::Scope {
 public:
  MapScope(const SchemaTypes& types, CompiledMap& map, std::span<const fhirpath::Function> functions)
      : types_(types), map_(map), functions_(functions) {}

  // What an address was found to be, with its slot in the map.
  struct Found {
    Sight sight;                           // of the names
    const V2Field* field = nullptr;        // if the address has one
    std::uint32_t slot = 0;
    bool repeats = false;                  // may the names stand for several?
    AddressSlot::Covers covers = AddressSlot::Covers::names;
  };
  Result<Found> find(const fhirpath::Address& address, bool through_repeating = false) const;

  // ── for the compiler ──
  std::vector<Sight> sights;
  std::vector<Variable> known;             // innermost last
  std::vector<Variable> of_files;          // `let`s of files that the map uses
  std::vector<std::uint32_t> blocks{0};    // the `each` blocks around, outermost first; numbered as they are met
  Shape focus_shape;
  // Inside `each PID-3` that field is one repetition, inside `each PID-5.2` that component is one.
  struct Current {
    std::uint32_t place = 0;
    int field = 0;
    int component = 0;
    bool operator==(const Current&) const = default;
  };
  std::vector<Current> currents;
  // Inside `each CX.4` the focus is no CX any more, but CX.4 still means the current one.
  struct CurrentPart {
    const V2Type* type = nullptr;
    int component = 0, subcomponent = 0;
    Slot slot;
  };
  std::vector<CurrentPart> current_parts;
  bool through_repeating = false;          // while an `each` is bound
  bool any_structure = false;              // no structure is known: a segment's name is the first one of that name

  std::uint32_t place(V2Place place) const;
  std::uint32_t slot(ReadSlot slot) const;
  std::uint32_t either(const std::vector<std::uint32_t>& places) const;  // the first of them whose group is around
  const Variable* find_variable(std::string_view name) const;

  // ── for the expression language ──
  const fhirpath::Types& types() const override { return types_; }
  Shape focus() const override { return focus_shape; }
  Result<AddressSlot> address(const fhirpath::Address& address) const override;
  std::optional<Slot> variable(std::string_view name) const override;
  std::vector<std::string_view> variables() const override;
  std::span<const fhirpath::Function> functions() const override { return functions_; }

 private:
  struct Hit {
    std::vector<const V2Item*> path;       // from the sight's item down
    bool repeats = false;
  };
  std::vector<Hit> search(const Sight& sight, std::string_view name, bool through) const;
  Result<Found> first_name(const fhirpath::Address& address, bool through) const;
  Result<Found> next_name(Found found, std::string_view name) const;
  std::optional<AddressSlot> current_part(const V2Type& type, const fhirpath::Address& address) const;
  std::optional<Found> declared(const Sight& sight, std::string_view name) const;
  Found or_else(Found found, std::vector<Sight>::const_reverse_iterator sight, std::string_view name) const;
  Found enter(const Sight& sight, const Hit& hit) const;
  Fault unknown(std::string_view name) const;

  const SchemaTypes& types_;
  CompiledMap& map_;                       // slots and places are added to it
  std::span<const fhirpath::Function> functions_;
};

}  // namespace tombolo::mapping
