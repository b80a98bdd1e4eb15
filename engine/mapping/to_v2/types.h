// What expressions of a map see whose source is FHIR: the types of R4, and the names of extensions.csv.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/fhir_types.h"
#include "engine/fhirpath/function.h"
#include "engine/mapping/compiler/world.h"
#include "engine/mapping/to_v2/program.h"

namespace tombolo::mapping::to_v2 {

using fhirpath::Shape;
using fhirpath::TypeId;

class SourceTypes final : public fhirpath::FhirTypes {
 public:
  // Both outlive this. The world is asked while maps are loaded only.
  SourceTypes(const FhirSchema& schema, MapWorld& world) : FhirTypes(schema), world_(world) {}

  // The url of an extension's short name ("patient-religion"; of one inside another "ombCategory"), or of a url itself; empty: unknown.
  std::string_view extension_url(std::string_view name) const;
  MapWorld& world() const { return world_; }

 private:
  MapWorld& world_;
};

// words(), lines() and the like, extension() by short names, and sourceOf('table'): a table read backwards.
std::span<const fhirpath::Function> functions();

struct Variable {
  std::string_view name;
  std::uint32_t number = 0;            // of a local or table
  bool table = false;
  Shape shape;
};

// The names at one place of a map; grows and shrinks as the compiler walks in and out of blocks.
class SourceScope final : public fhirpath::Scope {
 public:
  SourceScope(const SourceTypes& types, V2Map& map) : types_(types), map_(map) {}

  std::vector<Variable> known;         // innermost last
  std::vector<Variable> of_files;      // `let`s of files that the map uses
  Shape focus_shape;

  const Variable* find(std::string_view name) const;

  const fhirpath::Types& types() const override { return types_; }
  Shape focus() const override { return focus_shape; }
  Result<fhirpath::AddressSlot> address(const fhirpath::Address& address) const override;
  std::optional<fhirpath::Slot> variable(std::string_view name) const override;
  std::vector<std::string_view> variables() const override;
  std::span<const fhirpath::Function> functions() const override { return to_v2::functions(); }

 private:
  std::uint32_t slot(Seen seen) const;

  const SourceTypes& types_;
  V2Map& map_;                           // slots are added to it
};

}  // namespace tombolo::mapping::to_v2
