// SchemaTypes: the types of HL7 v2, of FHIR R4 and of maps' own things (entries, codes, keys) as the expression language asks
// for them. Nodes that are read come from a v2 message.
#pragma once

#include <deque>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fhirpath/types.h"
#include "engine/schema/fhir.h"
#include "engine/schema/hl7v2.h"

namespace tombolo::mapping {

using fhirpath::Shape;
using fhirpath::TypeId;

class SchemaTypes final : public fhirpath::Types {
 public:
  // Both outlive this. While maps are loaded segments may be declared; afterwards it is immutable and shared by threads.
  SchemaTypes(const V2Dictionary& dictionary, const FhirSchema& schema);

  const V2Dictionary& dictionary() const { return dictionary_; }
  const FhirSchema& schema() const { return schema_; }

  // Z-segments that a map file declares. `fields` are numbered from 1 without gaps.
  void declare(std::string name, std::vector<V2Field> fields, bool repeats);
  bool declared_to_repeat(const V2Segment& segment) const;
  const V2Segment* segment(std::string_view name) const;

  TypeId of(const V2Type& type) const;
  TypeId of(const V2Segment& segment) const;
  TypeId of_item(const V2Item& item) const;            // a group, or the item's segment
  TypeId of_fhir(ElementId type) const;                // "string", "Patient" …
  TypeId entry_of(ElementId resource) const;           // a handle to an entry of that type
  TypeId code() const { return code_; }                // of code('v2-0203', 'VN')
  TypeId key() const { return key_; }                  // of together(a, b)

  // The other way; nullptr or untyped if the type is none of that kind.
  const V2Type* v2_type(TypeId type) const;
  const V2Segment* v2_segment(TypeId type) const;
  ElementId fhir_type(TypeId type) const;
  ElementId entry_type(TypeId type) const;
  // The URI of a code system's short name, as code() takes it: HL7 keeps most systems under terminology.hl7.org, those of FHIR
  // itself under hl7.org/fhir.
  std::string system_uri(std::string_view name) const;

  bool varies(TypeId type) const;                      // OBX-5 and its like: whatever the message says

  std::optional<TypeId> find(std::string_view model, std::string_view name) const override;
  std::string_view model(TypeId type) const override;
  std::string_view name(TypeId type) const override;
  bool is(TypeId type, TypeId other) const override;
  fhirpath::System system(TypeId type) const override;
  std::optional<Shape> child(TypeId type, std::string_view name) const override;
  std::vector<std::string_view> children(TypeId type) const override;
  TypeId type_of_node(const Tree& tree, NodeId node) const override;
  const Ucum& units() const override { return schema_.ucum(); }

 private:
  struct Declared {
    std::string name;
    std::vector<V2Field> fields;
    bool repeats;
    V2Segment segment;
  };
  const V2Item* group(TypeId type) const;
  std::optional<Shape> fhir_child(ElementId type, std::string_view name) const;
  static int number(std::string_view name);

  const V2Dictionary& dictionary_;
  const FhirSchema& schema_;
  // Ranges of numbers, one behind the other: FHIR, entries, v2 types, v2 segments, v2 groups by element; then the rest.
  TypeId fhir_, entries_, types_, segments_, groups_, code_, key_, declared_;
  std::deque<Declared> declared_segments_;
  std::set<std::string_view> own_systems_;             // "administrative-gender": of FHIR itself
};

}  // namespace tombolo::mapping
