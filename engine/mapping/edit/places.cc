// Where the addresses of an edit lead: segments by name, wherever they stand, and what may stand next to what.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/fhirpath/parse.h"
#include "engine/mapping/edit/compile.h"

namespace tombolo::mapping {

namespace {

// Local segments and notes may follow anything.
bool free(std::string_view name) { return name == "NTE" || (name.size() == 3 && name.front() == 'Z'); }

bool always_required(const V2Item& item) { return item.known != 0 && (item.required & item.known) == item.known; }

}  // namespace

std::optional<EditCompiler::Goal> EditCompiler::goal(Words words) {
  Goal goal;
  goal.words = words;
  const auto parsed = fhirpath::parse(words.text, fhirpath::Dialect::map);
  if (!parsed || parsed.expression[parsed.expression.root].form != fhirpath::Form::address) {
    error(words.at, "expected an HL7 address, such as PID-3.4, found '" + std::string(words.text) + "'");
    return std::nullopt;
  }
  goal.address = parsed.expression.addresses[parsed.expression[parsed.expression.root].address];
  auto names_only = goal.address;
  names_only.field = 0;
  if (!still_there(names_only, words.at) || !find(goal) || !find_parts(goal)) return std::nullopt;
  goal.place.slot = scope_.slot({ReadSlot::Kind::place, goal.sight.place, 0, 0, {}, 0});
  goal.place.occurrence = static_cast<std::uint32_t>(goal.address.occurrence);
  return goal;
}

bool EditCompiler::find(Goal& goal) {
  if (goal.address.names.size() == 1) return find_name(goal);
  auto names_only = goal.address;
  names_only.field = names_only.repetition = names_only.component = names_only.subcomponent = 0;
  const auto found = scope_.find(names_only, true);
  if (found && found->sight.item != nullptr) goal.items = {found->sight.item};
  if (found) goal.sight = found->sight;
  else error(goal.words.at, found.error().what);
  return found.has_value();
}

// A name alone: the current segment or group of that name, else all of them in the innermost group that can have any.
bool EditCompiler::find_name(Goal& goal) {
  const std::string_view name = goal.address.names.front();
  for (auto sight = scope_.sights.rbegin(); sight != scope_.sights.rend(); ++sight) {
    const bool is_it = sight->segment != nullptr ? sight->segment->name == name : sight->item->parent != structure_->index(*sight->item) && sight->item->name == name;
    if (is_it) {
      goal.sight = *sight;
      if (sight->item != nullptr) goal.items = {sight->item};
      return true;
    }
    if (sight->segment == nullptr && !items_called(name, sight->item).empty()) return find_below(sight, name, false, goal), true;
  }
  const auto* const segment = types_.segment(name);
  if (!free(name) && (structure_ != nullptr || segment == nullptr)) return error(goal.words.at, no_such(name).what), false;
  goal.sight = {structure_, nullptr, segment, input_};
  const auto group = std::find_if(scope_.sights.rbegin(), scope_.sights.rend(), [](const Sight& s) { return s.segment == nullptr; });
  if (group != scope_.sights.rend()) find_below(group, name, true, goal);
  else goal.sight.place = everywhere_in(input_, name);
  return true;
}

// In this group; where it is but perhaps around, in the next, and in one that holds another only what surely belongs to that too.
// unknown: the structure does not have the name.
void EditCompiler::find_below(std::vector<Sight>::const_reverse_iterator sight, std::string_view name, bool unknown, Goal& goal) {
  std::vector<std::uint32_t> places;
  const V2Item* inner = nullptr;
  for (bool last = false; !last && sight != scope_.sights.rend(); ++sight) {
    if (sight->segment != nullptr) continue;
    last = !sight->perhaps;
    auto items = items_called(name, sight->item);
    if (inner != nullptr && sight->holds(*inner)) std::erase_if(items, [&](const V2Item* item) { return !single_in(*item, *sight->item); });
    if (items.empty() && !unknown) continue;
    places.push_back(everywhere_in(sight->place, name));
    goal.items.insert(goal.items.end(), items.begin(), items.end());
    inner = sight->item;
  }
  if (!goal.items.empty()) goal.sight.segment = goal.items.front()->segment;
  goal.sight = {structure_, goal.items.size() == 1 ? goal.items.front() : nullptr, goal.sight.segment, scope_.either(places)};
}

// Is no group between them that repeats?
bool EditCompiler::single_in(const V2Item& item, const V2Item& group) const {
  for (const auto* up = &structure_->items[item.parent]; up != &group; up = &structure_->items[up->parent])
    if (up->repeats()) return false;
  return true;
}

std::uint32_t EditCompiler::everywhere_in(std::uint32_t base, std::string_view name) {
  V2Place p;
  p.kind = V2Place::Kind::anywhere;
  p.base = base;
  p.path.push_back({0, world_.arena.copy(name)});
  return scope_.place(std::move(p));
}

bool EditCompiler::find_parts(Goal& goal) {
  const auto& a = goal.address;
  auto& place = goal.place;
  const auto wrong = [&](std::string text) { return error(goal.words.at, std::move(text)), false; };
  if (a.field == 0) return a.component == 0 || wrong("expected a segment, a group or a field, found a part of the data type " + a.names.back());
  const auto* const segment = goal.sight.segment;
  const std::string name(a.names.back());
  if (segment == nullptr && free(name)) return wrong("declare the fields of " + name + ": segment " + name + " …");
  if (segment == nullptr) return wrong(name + " is a group: it has no fields");
  if (name == "MSH" && a.field <= 2) return wrong("MSH-1 and MSH-2 are the delimiters of the message: they stay");
  const auto* const field = segment->field(a.field);
  if (field == nullptr) return wrong(name + " has the fields 1 to " + std::to_string(segment->fields.size()) + ", no " + std::to_string(a.field));
  place.field = static_cast<std::uint16_t>(a.field);
  place.repetition = static_cast<std::uint16_t>(a.repetition);
  place.element = field->element;
  place.type = field->type;
  place.by_repetition = a.component != 0 || a.repetition != 0;
  place.list = !place.by_repetition && field->repeats();
  const auto down = [&](int number, std::uint16_t& into) {
    if (number == 0) return true;
    into = static_cast<std::uint16_t>(number);
    if (place.type == nullptr || types_.varies(types_.of(*place.type))) return place.type = nullptr, true;
    const auto* const part = place.type->component(number);
    if (part == nullptr && number == 1) return true;  // a value without components is its own first one
    if (part == nullptr && place.type->components.empty()) return wrong(std::string(place.type->name) + " has no components");
    if (part == nullptr)
      return wrong(std::string(place.type->name) + " has the components 1 to " + std::to_string(place.type->components.size()) + ", no " + std::to_string(number));
    place.type = part->type;
    return true;
  };
  const bool all = down(a.component, place.component) && down(a.subcomponent, place.subcomponent);
  if (place.type != nullptr && types_.varies(types_.of(*place.type))) place.type = nullptr;
  return all;
}

std::vector<const V2Item*> EditCompiler::items_called(std::string_view name, const V2Item* below) const {
  std::vector<const V2Item*> found;
  if (structure_ == nullptr) return found;
  for (std::size_t i = structure_->index(*below) + 1U; i < below->end; ++i)
    if (structure_->items[i].name == name) found.push_back(&structure_->items[i]);
  return found;
}

// What a goal comes to stand next to, as if it were out of sight itself.
std::optional<EditCompiler::Goal> EditCompiler::neighbour(const Goal& goal, Words words) {
  auto& sights = scope_.sights;
  const auto itself = std::find_if(sights.begin(), sights.end(), [&](const Sight& s) { return s.item == goal.sight.item && s.segment == goal.sight.segment; });
  const std::vector<Sight> inner(itself, sights.end());
  sights.erase(itself, sights.end());
  auto found = this->goal(words);
  sights.insert(sights.end(), inner.begin(), inner.end());
  return found;
}

// Can this item be the first of the group?
bool EditCompiler::leads(const V2Item& item, const V2Item& group) const {
  const auto items = structure_->items;
  for (std::size_t i = structure_->index(group) + 1U; i < group.end; i = items[i].end) {
    if (&items[i] == &item || (items[i].group() && leads(item, items[i]))) return true;
    if (always_required(items[i])) return false;
  }
  return false;
}

// Can `second` come next after `first`, whatever else may stand between them left out?
bool EditCompiler::may_follow(const V2Item& second, const V2Item& first) const {
  const auto items = structure_->items;
  for (const V2Item* at = &first;; at = &items[at->parent]) {
    if (at->repeats() && (at == &second || (at->group() && leads(second, *at)))) return true;
    for (std::size_t i = at->end; i < items[at->parent].end; i = items[i].end)
      if (&items[i] == &second || (items[i].group() && leads(second, items[i]))) return true;
    if (at->parent == 0) return false;
  }
}

// The place that the structure has for a segment next to the anchor; nullptr: none is known, which may be a fault.
const V2Item* EditCompiler::place_for(Words segment, const Statement& s, const Goal& anchor) {
  if (structure_ == nullptr) return nullptr;
  const auto* const root = &structure_->items[0];
  const auto& anchors = anchor.items;
  const auto places = items_called(segment.text, root);
  std::vector<const V2Item*> possible;
  const V2Item* beside = nullptr;  // in the same group
  for (const auto* const place : places)
    for (const auto* const next : anchors) {
      if (!(s.before ? may_follow(*next, *place) : may_follow(*place, *next))) continue;
      possible.push_back(place);
      if (beside == nullptr && place->parent == next->parent) beside = place;
    }
  if (!possible.empty()) return check_single(possible, segment, s), beside;
  if (free(segment.text) || anchors.empty()) return nullptr;
  if (places.empty()) return error(segment.at, no_such(segment.text).what), nullptr;
  if (places == anchors) return error(segment.at, std::string(segment.text) + " does not repeat in " + std::string(structure_->name)), nullptr;
  const auto index = structure_->index(*places.front());
  const auto* neighbour = &structure_->items[index - 1U];
  std::string where;
  if (neighbour != root && !neighbour->group()) where = "; it stands after " + std::string(neighbour->name);
  else if (neighbour != root) where = "; it begins the group " + std::string(neighbour->name);
  error(segment.at, std::string(segment.text) + " cannot stand " + (s.before ? "before " : "after ") + anchor.address.names.back() + " in " +
                       std::string(structure_->name) + where);
  return nullptr;
}

Fault EditCompiler::no_such(std::string_view name) const {
  std::vector<std::string_view> names;
  if (structure_ == nullptr)
    for (const auto& s : types_.dictionary().segments()) names.push_back(s.name);
  else
    for (const auto& item : structure_->items) names.push_back(item.name);
  if (structure_ == nullptr) return {Kind::missing, "", "no segment is called '" + std::string(name) + "'" + suggestion(name, names)};
  // What other structures have is no slip of the pen.
  const bool known = types_.segment(name) != nullptr;
  return {Kind::missing, "", std::string(structure_->name) + " has no " + std::string(name) + (known ? "" : suggestion(name, names))};
}

}  // namespace tombolo::mapping
