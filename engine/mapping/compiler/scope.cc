#include "engine/mapping/compiler/scope.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "engine/base/text.h"

namespace tombolo::mapping {

using fhirpath::Address;

namespace {

template <class F>
void for_children(const V2Structure& structure, const V2Item& group, F&& each) {
  for (std::size_t i = structure.index(group) + 1U; i < group.end; i = structure.items[i].end) each(structure.items[i]);
}

Fault fault(std::string text) { return Fault{Kind::missing, "", std::move(text)}; }

}  // namespace

std::uint32_t MapScope::place(V2Place place) const {
  const auto at = std::find(map_.places.begin(), map_.places.end(), place);
  if (at != map_.places.end()) return static_cast<std::uint32_t>(at - map_.places.begin());
  map_.places.push_back(std::move(place));
  return static_cast<std::uint32_t>(map_.places.size() - 1);
}

std::uint32_t MapScope::slot(ReadSlot slot) const {
  const auto at = std::find(map_.slots.begin(), map_.slots.end(), slot);
  if (at != map_.slots.end()) return static_cast<std::uint32_t>(at - map_.slots.begin());
  map_.slots.push_back(slot);
  return static_cast<std::uint32_t>(map_.slots.size() - 1);
}

// Direct children first; then what stands in groups below that do not repeat (or may, if `through`).
std::vector<MapScope::Hit> MapScope::search(const Sight& sight, std::string_view name, bool through) const {
  std::vector<Hit> level{{{}, false}}, hits;
  while (!level.empty() && hits.empty()) {
    std::vector<Hit> below;
    for (const auto& hit : level) {
      const V2Item& group = hit.path.empty() ? *sight.item : *hit.path.back();
      for_children(*sight.structure, group, [&](const V2Item& child) {
        Hit next = hit;
        next.path.push_back(&child);
        next.repeats = hit.repeats || child.repeats();
        if (child.name == name) hits.push_back(next);
        else if (child.group() && (through || !child.repeats())) below.push_back(std::move(next));
      });
    }
    level = std::move(below);
  }
  return hits;
}

MapScope::Found MapScope::enter(const Sight& sight, const Hit& hit) const {
  V2Place p;
  p.kind = V2Place::Kind::below;
  p.base = sight.place;
  for (const auto* item : hit.path) p.path.push_back({item->element, item->name});
  Found found;
  found.sight = {sight.structure, hit.path.back(), hit.path.back()->segment, place(std::move(p))};
  found.repeats = hit.repeats;
  return found;
}

// A declared Z-segment may stand anywhere below.
std::optional<MapScope::Found> MapScope::declared(const Sight& sight, std::string_view name) const {
  const auto* const z = name.starts_with('Z') ? types_.segment(name) : nullptr;
  if (z == nullptr) return std::nullopt;
  V2Place p;
  p.kind = V2Place::Kind::below, p.base = sight.place;
  p.path.push_back({0, z->name});
  return Found{{sight.structure, nullptr, z, place(std::move(p))}, nullptr, 0, types_.declared_to_repeat(*z)};
}

// The group of this sight may be another one than that around; then it is sought in the next.
MapScope::Found MapScope::or_else(Found found, std::vector<Sight>::const_reverse_iterator sight, std::string_view name) const {
  std::vector<std::uint32_t> places{found.sight.place};
  while (sight->perhaps && ++sight != sights.rend()) {
    if (sight->segment != nullptr) continue;
    const auto hits = search(*sight, name, false);
    const auto other = hits.size() == 1 ? std::optional(enter(*sight, hits.front())) : declared(*sight, name);
    if (!other) continue;
    places.push_back(other->sight.place);
    found.repeats = found.repeats || other->repeats;
  }
  found.sight.place = either(places);
  return found;
}

std::uint32_t MapScope::either(const std::vector<std::uint32_t>& places) const {
  std::uint32_t all = places.back();
  for (auto one = places.rbegin() + 1; one != places.rend(); ++one) {
    V2Place p;
    p.kind = V2Place::Kind::either;
    p.base = *one, p.index = all;
    all = place(std::move(p));
  }
  return all;
}

bool Sight::holds(const V2Item& other) const {
  return item != nullptr && item < &other && structure->index(other) < item->end;
}

Fault MapScope::unknown(std::string_view name) const {
  if (types_.segment(name) != nullptr || types_.dictionary().structure(name) != nullptr)
    return fault("there is no " + std::string(name) + " to be seen here; a map sees its input and what it `reads`");
  if (name.size() == 3 && name.starts_with('Z')) return fault("declare the fields of " + std::string(name) + ": segment " + std::string(name) + " …");
  std::vector<std::string_view> names;
  for (const auto& s : types_.dictionary().segments()) names.push_back(s.name);
  for (const auto& sight : sights) {
    if (sight.structure == nullptr) continue;
    for (const auto& item : sight.structure->items) names.push_back(item.name);
  }
  return fault("no segment, group or data type is called '" + std::string(name) + "'" + suggestion(name, names));
}

Result<MapScope::Found> MapScope::first_name(const Address& address, bool through) const {
  const std::string_view name = address.names.front();
  for (auto sight = sights.rbegin(); sight != sights.rend(); ++sight) {
    if (sight->segment != nullptr) {
      if (sight->segment->name == name) return Found{*sight, nullptr, 0, false};
      continue;
    }
    if (sight->item != nullptr && sight->item->name == name) return Found{*sight, nullptr, 0, false};
    auto hits = search(*sight, name, through);
    if (hits.size() > 1 && address.names.size() > 1) {  // PV2.ROL: the last of the names tells which
      std::erase_if(hits, [&](const Hit& hit) { return !next_name(enter(*sight, hit), address.names[1]); });
      if (hits.empty()) hits = search(*sight, name, through);
    }
    if (hits.size() > 1)
      return Fault{Kind::conflict, "", std::string(name) + " stands in " + std::to_string(hits.size()) +
                   " places of this group: name the group or the segment that it follows (PID." + std::string(name) + ")"};
    if (hits.size() == 1) return through || !sight->perhaps ? enter(*sight, hits.front()) : or_else(enter(*sight, hits.front()), sight, name);
    if (const auto z = declared(*sight, name)) return sight->perhaps ? or_else(*z, sight, name) : *z;
  }
  if (name == "MSH") {
    V2Place header;
    header.kind = V2Place::Kind::header;
    return Found{{nullptr, nullptr, types_.segment("MSH"), place(std::move(header))}, nullptr, 0, false};
  }
  if (const auto* const segment = types_.segment(name); any_structure && segment != nullptr) {
    V2Place first;
    first.kind = V2Place::Kind::anywhere, first.index = 1;
    first.path.push_back({0, segment->name});
    return Found{{nullptr, nullptr, segment, place(std::move(first))}, nullptr, 0, false};
  }
  return unknown(name);
}

// A child of a group, or what follows a segment in its group.
Result<MapScope::Found> MapScope::next_name(Found found, std::string_view name) const {
  const auto& sight = found.sight;
  if (sight.segment == nullptr) {
    const auto hits = search(sight, name, false);
    if (hits.empty()) return fault("the group " + std::string(sight.item->name) + " has no " + std::string(name));
    auto next = enter(sight, hits.front());
    next.repeats = next.repeats || found.repeats;
    return next;
  }
  if (sight.item == nullptr) return fault("where the " + std::string(name) + " after " + std::string(sight.segment->name) + " stand is not known here");
  const V2Item* hit = nullptr;
  for_children(*sight.structure, sight.structure->items[sight.item->parent], [&](const V2Item& item) {
    if (hit == nullptr && &item > sight.item && item.name == name) hit = &item;
  });
  if (hit == nullptr) return fault("no " + std::string(name) + " follows " + std::string(sight.segment->name) + " in its group");
  V2Place p;
  p.kind = V2Place::Kind::following, p.base = sight.place;
  p.path.push_back({hit->element, hit->name});
  return Found{{sight.structure, hit, hit->segment, place(std::move(p))}, nullptr, 0, true};
}

Result<MapScope::Found> MapScope::find(const Address& address, bool through) const {
  auto found = first_name(address, through);
  for (std::size_t i = 1; found && i < address.names.size(); ++i) found = next_name(std::move(*found), address.names[i]);
  if (!found) return found.error();
  if (address.field == 0) {
    found->slot = slot({ReadSlot::Kind::place, found->sight.place, 0, 0, 0});
    return found;
  }
  const auto* const segment = found->sight.segment;
  if (segment == nullptr) return fault(address.names.back() + " is a group: it has no fields");
  found->field = segment->field(address.field);
  if (found->field == nullptr)
    return fault(std::string(segment->name) + " has the fields 1 to " + std::to_string(segment->fields.size()) + ", no " +
                 std::to_string(address.field));
  // A component that the type does not have is left to the expression language, which says so.
  const auto& type = *found->field->type;
  const int component = types_.varies(types_.of(type)) || type.component(address.component) != nullptr ? address.component : 0;
  found->covers = component != 0 ? AddressSlot::Covers::component : AddressSlot::Covers::field;
  found->slot = slot({ReadSlot::Kind::field, found->sight.place, static_cast<std::uint16_t>(address.field),
                      static_cast<std::uint16_t>(address.repetition), 0, static_cast<std::uint16_t>(component)});
  return found;
}

std::optional<AddressSlot> MapScope::current_part(const V2Type& type, const Address& address) const {
  for (auto part = current_parts.rbegin(); part != current_parts.rend(); ++part) {
    if (part->type != &type || part->component != address.component) continue;
    if (part->subcomponent == 0) return AddressSlot{part->slot, AddressSlot::Covers::component};
    if (part->subcomponent == address.subcomponent) return AddressSlot{part->slot, AddressSlot::Covers::subcomponent};
  }
  return std::nullopt;
}

Result<AddressSlot> MapScope::address(const Address& address) const {
  if (address.field == 0 && address.names.size() == 1 && types_.segment(address.names[0]) == nullptr)
    if (const auto* const type = types_.dictionary().type(address.names[0])) {
      if (const auto part = current_part(*type, address)) return *part;
      const auto focus = focus_shape.types.empty() ? "unknown" : std::string(types_.name(focus_shape.types.front()));
      return fault(fhirpath::text(address) + " needs a " + std::string(type->name) + " in focus; the focus is " + focus);
    }
  const auto found = find(address, through_repeating);
  if (!found) return found.error();
  AddressSlot result;
  result.slot.number = found->slot;
  result.slot.shape.many = found->repeats;
  const auto& s = found->sight;
  if (found->field != nullptr && address.repetition == 0) {
    result.covers = found->covers;
    const bool one = std::any_of(currents.begin(), currents.end(), [&](const Current& c) {
      return c.place == s.place && c.field == address.field && (c.component == 0 || c.component == address.component);
    });
    result.slot.shape.many = !one && (found->repeats || found->field->repeats());
    const auto* const part = found->covers == AddressSlot::Covers::component ? found->field->type->component(address.component) : found->field;
    if (!types_.varies(types_.of(*found->field->type))) result.slot.shape.types = {types_.of(*part->type)};
  } else {  // repetitions are counted by the expression
    result.slot.number = slot({ReadSlot::Kind::place, s.place, 0, 0, 0});
    result.slot.shape.types = {s.segment != nullptr ? types_.of(*s.segment) : types_.of_item(*s.item)};
  }
  return result;
}

const Variable* MapScope::find_variable(std::string_view name) const {
  const auto at = std::find_if(known.rbegin(), known.rend(), [&](const Variable& v) { return v.name == name; });
  if (at != known.rend()) return &*at;
  const auto file = std::find_if(of_files.begin(), of_files.end(), [&](const Variable& v) { return v.name == name; });
  return file == of_files.end() ? nullptr : &*file;
}

std::optional<Slot> MapScope::variable(std::string_view name) const {
  if (name == "context") {
    V2Place input;
    input.kind = V2Place::Kind::input;
    return Slot{slot({ReadSlot::Kind::place, place(input), 0, 0, 0}), Shape{{map_.input}, false, false}};
  }
  if (name == "received") return Slot{slot({ReadSlot::Kind::received, 0, 0, 0, 0}), fhirpath::one(fhirpath::System::date_time)};
  if (name == "$index") return Slot{slot({ReadSlot::Kind::index, 0, 0, 0, 0}), fhirpath::one(fhirpath::System::integer)};
  const auto* const v = find_variable(name);
  if (v == nullptr || v->kind == Variable::Kind::table) return std::nullopt;
  if (v->kind == Variable::Kind::local) return Slot{slot({ReadSlot::Kind::local, v->number, 0, 0, 0}), v->shape};
  // Inside the `each` of its declaration an entry is the current one; outside it stands for all since the block they share began.
  const auto shared = std::mismatch(v->blocks.begin(), v->blocks.end(), blocks.begin(), blocks.end()).first - v->blocks.begin();
  Shape shape = v->shape;
  shape.many = static_cast<std::size_t>(shared) < v->blocks.size();
  return Slot{slot({ReadSlot::Kind::entries, v->number, 0, 0, static_cast<std::uint32_t>(shared - 1)}), shape};
}

std::vector<std::string_view> MapScope::variables() const {
  std::vector<std::string_view> names{"context", "received"};
  for (const auto& v : known) names.push_back(v.name);
  return names;
}

}  // namespace tombolo::mapping
