// Targets of a map to HL7 v2: addresses, checked against the dictionary and the structure's grammar.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/mapping/to_v2/compile.h"

namespace tombolo::mapping::to_v2 {

namespace {

constexpr int deepest = 2;  // components and sub-components below a field

template <class F>
void for_children(const V2Structure& structure, const V2Item& group, F&& each) {
  for (std::size_t i = structure.index(group) + 1U; i < group.end; i = structure.items[i].end) each(structure.items[i]);
}

}  // namespace

std::optional<Goal> MapCompiler::goal(const Target& target, const Here& here) {
  const auto refused = [&](std::uint32_t at, std::string text) {
    error(at, std::move(text));
    return std::nullopt;
  };
  if (!target.variable.empty()) return refused(target.variable.at, "a target in HL7 v2 is an address, such as PID-3: there are no entries to write to");
  for (const auto& step : target.steps)
    if (step.kind == Step::Kind::extension) return refused(step.name.at, "HL7 v2 has no extensions");
  Goal goal;
  goal.name = std::string(target.whole.text);
  std::size_t step = 1;
  const auto& first = target.steps.front();
  if (here.group != nullptr) {
    step = 0;
    if (!down(target, step, here, goal)) return std::nullopt;
  } else if (first.repeat != 0) {
    return refused(first.name.at, "segments are made one after the other: " + std::string(first.name.text) + "[" + std::to_string(first.repeat) + "] cannot be written to");
  } else if (here.segment != nullptr) {
    goal.segment = here.segment;
    if (first.name.text != here.segment->name) return refused(target.whole.at, "a " + called(here) + " is built here: expected a field such as " + called(here) + "-1");
    if (target.steps.size() == 1) return refused(target.whole.at, std::string(first.name.text) + " is being built: write to its fields");
  } else if (dictionary_.type(first.name.text) != here.type) {
    return refused(target.whole.at, "a " + called(here) + " is built here: expected a component such as " + called(here) + ".1");
  } else {
    goal.type = here.type;
  }
  if (here.type == nullptr && step < target.steps.size() && !field(target, step, goal)) return std::nullopt;
  if (!parts(target, step, goal, here.type != nullptr ? here.depth : 0)) return std::nullopt;
  if (!ours(goal, target.whole.at)) return std::nullopt;
  return goal;
}

// The names of groups and of the segment. `step` is left behind them.
bool MapCompiler::down(const Target& target, std::size_t& step, const Here& here, Goal& goal) {
  const V2Item* at = here.group;
  for (; step < target.steps.size() && target.steps[step].kind == Step::Kind::element; ++step) {
    const auto& s = target.steps[step];
    if (s.repeat != 0) return error(s.name.at, "groups and segments are made one after the other: no [" + std::to_string(s.repeat) + "] here"), false;
    if (!at->group()) {  // PV2.ROL: the segment that follows
      const auto* const next = following(*at, s.name.text);
      if (next == nullptr) return error(s.name.at, "no " + std::string(s.name.text) + " follows " + std::string(at->name) + " in its group"), false;
      goal.items.back() = at = next;
      continue;
    }
    // A second name may tell which of several is meant.
    at = item_called(*at, s.name.text, s.name.at, goal.items);
    if (at == nullptr) return false;
  }
  goal.segment = at->segment;
  goal.list = at->repeats();
  return true;
}

// The item of this name in the group, or in groups below that do not repeat. The groups on the way and the item go to `way`.
const V2Item* MapCompiler::item_called(const V2Item& group, std::string_view name, std::uint32_t at, std::vector<const V2Item*>& way) {
  const auto& structure = *out_.structure;
  using Path = std::vector<const V2Item*>;
  std::vector<Path> level{{}}, hits;
  while (!level.empty() && hits.empty()) {
    std::vector<Path> below;
    for (const auto& path : level)
      for_children(structure, path.empty() ? group : *path.back(), [&](const V2Item& child) {
        Path next = path;
        next.push_back(&child);
        if (child.name == name) hits.push_back(std::move(next));
        else if (child.group() && !child.repeats()) below.push_back(std::move(next));
      });
    level = std::move(below);
  }
  if (!hits.empty()) {  // of several the first: behind which segment another stands is said by PV2.ROL
    way.insert(way.end(), hits.front().begin(), hits.front().end());
    return hits.front().back();
  }
  if (const auto* const z = name.starts_with('Z') ? world_.types.segment(name) : nullptr) {
    auto& item = out_.loose.emplace_back();
    item.name = z->name, item.segment = z, item.known = static_cast<V2Versions>(~0U);
    item.repeating = world_.types.declared_to_repeat(*z) ? item.known : 0;
    way.push_back(&item);
    return &item;
  }
  if (name.size() == 3 && name.starts_with('Z')) return error(at, "declare the fields of " + std::string(name) + ": segment " + std::string(name) + " …"), nullptr;
  std::vector<std::string_view> names;
  for (const auto& item : structure.items) names.push_back(item.name);
  const auto elsewhere = std::find_if(structure.items.begin(), structure.items.end(), [&](const V2Item& i) { return i.name == name; });
  const std::string where = elsewhere == structure.items.end() || elsewhere->depth == 0 ? suggestion(name, names)
                                                                                        : ": it belongs into " + std::string(structure.items[elsewhere->parent].name);
  error(at, std::string(group.name) + " has no " + std::string(name) + (&group == &structure.items[0] ? "" : " in " + std::string(structure.name)) + where);
  return nullptr;
}

const V2Item* MapCompiler::following(const V2Item& item, std::string_view name) const {
  const auto& structure = *out_.structure;
  if (item.element == 0) return nullptr;
  const V2Item* hit = nullptr;
  for_children(structure, structure.items[item.parent], [&](const V2Item& other) {
    if (hit == nullptr && &other > &item && other.name == name) hit = &other;
  });
  return hit;
}

bool MapCompiler::field(const Target& target, std::size_t& step, Goal& goal) {
  const auto& s = target.steps[step];
  if (goal.segment == nullptr) return error(s.name.at, goal.name + ": a group has no fields"), false;
  if (s.kind != Step::Kind::field)
    return error(s.name.at, "expected a field of " + std::string(goal.segment->name) + ", such as " + std::string(goal.segment->name) + "-1"), false;
  const auto* const found = goal.segment->field(static_cast<int>(s.number));
  if (found == nullptr)
    return error(s.name.at, std::string(goal.segment->name) + " has the fields 1 to " + std::to_string(goal.segment->fields.size()) + ", no " + std::string(s.name.text)), false;
  if (s.repeat != 0 && !found->repeats())
    return error(s.name.at, std::string(goal.segment->name) + "-" + std::string(s.name.text) + " does not repeat in any version"), false;
  goal.field = static_cast<std::uint16_t>(s.number);
  goal.repetition = static_cast<std::uint16_t>(s.repeat);
  goal.type = found->type;
  goal.list = found->repeats() && s.repeat == 0;
  ++step;
  return true;
}

// Components and sub-components. depth: levels above them.
bool MapCompiler::parts(const Target& target, std::size_t step, Goal& goal, int depth) {
  for (; step < target.steps.size(); ++step, ++depth) {
    const auto& s = target.steps[step];
    if (s.kind != Step::Kind::component || goal.type == nullptr) return error(s.name.at, "expected a number: fields and their parts have no names"), false;
    const bool varies = world_.types.varies(world_.types.of(*goal.type));
    const auto* const part = goal.type->component(static_cast<int>(s.number));
    if (part == nullptr && !varies && s.number != 1)
      return error(s.name.at, std::string(goal.type->name) + " has " + (goal.type->components.empty() ? "no components" : "the components 1 to " + std::to_string(goal.type->components.size())) +
                                  ": there is no " + std::string(s.name.text)), false;
    if (depth >= deepest) return error(s.name.at, "HL7 v2 cuts a field into components and sub-components, no further"), false;
    (goal.component == 0 ? goal.component : goal.subcomponent) = static_cast<std::uint16_t>(s.number);
    if (part != nullptr) goal.type = part->type;
    else if (varies) goal.type = dictionary_.type("ST");
    goal.list = false;
  }
  if (out_.type != nullptr) out_.levels = std::max(out_.levels, depth);
  return true;
}

// What the engine writes itself.
bool MapCompiler::ours(const Goal& goal, std::uint32_t at) {
  if (goal.segment == nullptr || goal.segment->name != "MSH") return true;
  for (const int field : {1, 2, 9, 12})
    if (goal.field == field) return error(at, goal.name + " is not for maps: " + (field == 9 ? "it follows from the kind of message" : field == 12 ? "it is the version that is asked for" : "the engine writes it")), false;
  return true;
}

MapCompiler::Here MapCompiler::inside(const Goal& goal, const Here& here) const {
  Here in;
  if (goal.type != nullptr) {
    in.type = goal.type;
    in.depth = (goal.field == 0 ? here.depth : 0) + (goal.component != 0) + (goal.subcomponent != 0);
  } else if (goal.segment != nullptr) {
    in.segment = goal.segment;
    in.item = goal.items.back();
  } else {
    in.group = goal.items.back();
  }
  return in;
}

}  // namespace tombolo::mapping::to_v2
