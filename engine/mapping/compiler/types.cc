#include "engine/mapping/compiler/types.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace tombolo::mapping {

using fhirpath::System;

namespace {

// More than there are items in all structures: element numbers of v2 stay below.
constexpr TypeId most_v2_elements = 1U << 20U;

constexpr std::string_view fhir_systems = "http://hl7.org/fhir/";

System system_of_primitive(Primitive kind) {
  switch (kind) {
    case Primitive::none: return System::none;
    case Primitive::boolean: return System::boolean;
    case Primitive::integer:
    case Primitive::unsigned_int:
    case Primitive::positive_int: return System::integer;
    case Primitive::decimal: return System::decimal;
    case Primitive::date: return System::date;
    case Primitive::date_time:
    case Primitive::instant: return System::date_time;
    case Primitive::time: return System::time;
    default: return System::string;
  }
}

}  // namespace

SchemaTypes::SchemaTypes(const V2Dictionary& dictionary, const FhirSchema& schema)
    : dictionary_(dictionary),
      schema_(schema),
      fhir_(fhirpath::first_type),
      entries_(fhir_ + static_cast<TypeId>(schema.size())),
      types_(entries_ + static_cast<TypeId>(schema.size())),
      segments_(types_ + static_cast<TypeId>(dictionary.types().size())),
      groups_(segments_ + static_cast<TypeId>(dictionary.segments().size())),
      code_(groups_ + most_v2_elements),
      key_(code_ + 1),
      declared_(code_ + 2) {
  std::set<std::uint16_t> met;
  for (ElementId id = 1; id < schema.size(); ++id) {
    if (schema[id].value_set == 0 || !met.insert(schema[id].value_set).second) continue;
    for (const auto& code : schema.codes(schema[id].value_set))
      if (code.system.starts_with(fhir_systems)) own_systems_.insert(code.system.substr(fhir_systems.size()));
  }
}

std::string SchemaTypes::system_uri(std::string_view name) const {
  if (name.find("://") != std::string_view::npos || name.starts_with("urn:")) return std::string(name);
  return std::string(own_systems_.contains(name) ? fhir_systems : "http://terminology.hl7.org/CodeSystem/") + std::string(name);
}

void SchemaTypes::declare(std::string name, std::vector<V2Field> fields, bool repeats) {
  auto& made = declared_segments_.emplace_back(Declared{std::move(name), std::move(fields), repeats, {}});
  made.segment.name = made.name;
  made.segment.fields = made.fields;
}

bool SchemaTypes::declared_to_repeat(const V2Segment& segment) const {
  return std::any_of(declared_segments_.begin(), declared_segments_.end(), [&](const Declared& d) { return &d.segment == &segment && d.repeats; });
}

const V2Segment* SchemaTypes::segment(std::string_view name) const {
  for (const auto& d : declared_segments_)
    if (d.name == name) return &d.segment;
  return dictionary_.segment(name);
}

TypeId SchemaTypes::of(const V2Type& type) const { return types_ + static_cast<TypeId>(&type - dictionary_.types().data()); }

TypeId SchemaTypes::of(const V2Segment& segment) const {
  for (std::size_t i = 0; i < declared_segments_.size(); ++i)
    if (&declared_segments_[i].segment == &segment) return declared_ + static_cast<TypeId>(i);
  return segments_ + static_cast<TypeId>(&segment - dictionary_.segments().data());
}

TypeId SchemaTypes::of_item(const V2Item& item) const { return item.group() ? groups_ + item.element : of(*item.segment); }
TypeId SchemaTypes::of_fhir(ElementId type) const { return fhir_ + type; }
TypeId SchemaTypes::entry_of(ElementId resource) const { return entries_ + resource; }

const V2Type* SchemaTypes::v2_type(TypeId type) const {
  return type >= types_ && type < segments_ ? &dictionary_.types()[type - types_] : nullptr;
}

const V2Segment* SchemaTypes::v2_segment(TypeId type) const {
  if (type >= declared_ && type - declared_ < declared_segments_.size()) return &declared_segments_[type - declared_].segment;
  return type >= segments_ && type < groups_ ? &dictionary_.segments()[type - segments_] : nullptr;
}

const V2Item* SchemaTypes::group(TypeId type) const {
  return type >= groups_ && type < code_ ? dictionary_.item_at(type - groups_) : nullptr;
}

ElementId SchemaTypes::fhir_type(TypeId type) const { return type >= fhir_ && type < entries_ ? type - fhir_ : untyped; }
ElementId SchemaTypes::entry_type(TypeId type) const { return type >= entries_ && type < types_ ? type - entries_ : untyped; }

bool SchemaTypes::varies(TypeId type) const {
  const auto* const t = v2_type(type);
  return t != nullptr && (t->name == "varies" || t->name == "Varies" || t->name == "VARIES" || t->name == "*");
}

std::optional<TypeId> SchemaTypes::find(std::string_view model, std::string_view name) const {
  if (model.empty() || model == "FHIR")
    if (const auto type = schema_.type(name); type != untyped) return of_fhir(type);
  if (model.empty() || model == "HL7") {
    if (const auto* const type = dictionary_.type(name)) return of(*type);
    if (const auto* const found = segment(name)) return of(*found);
  }
  return std::nullopt;
}

std::string_view SchemaTypes::model(TypeId type) const {
  if (type < entries_) return "FHIR";
  return type < types_ || type == code_ || type == key_ ? "map" : "HL7";
}

std::string_view SchemaTypes::name(TypeId type) const {
  if (const auto fhir = fhir_type(type); fhir != untyped) return schema_[fhir].name;
  if (const auto entry = entry_type(type); entry != untyped) return schema_[entry].name;
  if (const auto* const t = v2_type(type)) return t->name;
  if (const auto* const s = v2_segment(type)) return s->name;
  if (const auto* const g = group(type)) return g->name;
  return type == code_ ? "code" : type == key_ ? "key" : "";
}

bool SchemaTypes::is(TypeId type, TypeId other) const {
  if (type == other) return true;
  const auto a = fhir_type(type), b = fhir_type(other);
  return a != untyped && b != untyped && schema_.is(a, b);
}

System SchemaTypes::system(TypeId type) const {
  if (const auto fhir = fhir_type(type); fhir != untyped) {
    const auto quantity = schema_.type("Quantity");
    return schema_.is(fhir, quantity) ? System::quantity : system_of_primitive(schema_[fhir].primitive);
  }
  if (type == code_ || type == key_) return System::string;
  const auto* const v2 = v2_type(type);
  if (v2 == nullptr) return System::none;
  if (v2->name == "NM" || v2->name == "SI") return System::decimal;
  if (v2->name == "DT") return System::date;
  if (v2->name == "DTM") return System::date_time;
  if (v2->name == "TM") return System::time;
  return v2->primitive ? System::string : System::none;
}

int SchemaTypes::number(std::string_view name) {
  int n = 0;
  const auto end = name.data() + name.size();
  return std::from_chars(name.data(), end, n).ptr == end ? n : 0;
}

std::optional<Shape> SchemaTypes::fhir_child(ElementId type, std::string_view name) const {
  const auto first = schema_.member(type, name);
  if (first == untyped || schema_[first].name != name) return std::nullopt;  // `value`, whatever JSON calls it
  Shape shape;
  const auto& element = schema_[first];
  for (ElementId i = 0; i < element.variants; ++i) {
    const auto held = schema_[first + i].type;
    if (schema_.is_abstract(held)) return Shape{{}, element.list(), element.min == 0};
    shape.types.push_back(of_fhir(held));
  }
  shape.many = element.list();
  shape.may_be_absent = element.min == 0;
  return shape;
}

std::optional<Shape> SchemaTypes::child(TypeId type, std::string_view name) const {
  if (const auto fhir = fhir_type(type); fhir != untyped) return fhir_child(fhir, name);
  if (varies(type)) return Shape{};
  const int n = number(name);
  if (const auto* const v2 = v2_type(type)) {
    const auto* const component = v2->component(n);
    if (component != nullptr) return Shape{{of(*component->type)}, false, true};
    if (n == 1) return Shape{{type}, false, true};  // a value without components is its own .1
    return std::nullopt;
  }
  if (const auto* const v2 = v2_segment(type)) {
    const auto* const field = v2->field(n);
    if (field == nullptr) return std::nullopt;
    return Shape{{of(*field->type)}, field->repeats(), true};
  }
  return std::nullopt;
}

std::vector<std::string_view> SchemaTypes::children(TypeId type) const {
  if (const auto fhir = fhir_type(type); fhir != untyped) return schema_.member_names(fhir);
  return {};
}

TypeId SchemaTypes::type_of_node(const Tree& tree, NodeId node) const {
  const auto element = tree[node].element;
  if (element == 0) return fhirpath::unknown_type;
  if (const auto* const field = dictionary_.field_at(element)) return of(*field->type);
  if (const auto* const item = dictionary_.item_at(element)) return of_item(*item);
  return fhirpath::unknown_type;
}

}  // namespace tombolo::mapping
