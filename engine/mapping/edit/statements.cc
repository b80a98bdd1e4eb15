// The statements of an edit, one function a kind.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/mapping/edit/compile.h"

namespace tombolo::mapping {

// What is current from here on: the segment, the groups that it stands in, and the repetition if there is one.
EditCompiler::Outside EditCompiler::enter(Goal& goal) {
  Outside outside{scope_.sights.size(), scope_.currents.size(), scope_.known.size(), scope_.focus_shape};
  auto& place = goal.place;
  place.number = out_.frame.registers++;
  const auto current = enter_segment(goal.sight, goal.items, place.number);
  const auto& sight = goal.sight;
  if (sight.segment != nullptr) scope_.focus_shape = Shape{{types_.of(*sight.segment)}, false, false};
  else if (sight.item != nullptr) scope_.focus_shape = Shape{{types_.of_item(*sight.item)}, false, false};
  if (place.field != 0 && (place.by_repetition || !place.list)) scope_.currents.push_back({current, place.field, 0});
  if (place.by_repetition && sight.segment != nullptr)
    if (const auto* const field = sight.segment->field(place.field)) {
      scope_.focus_shape = Shape{{types_.of(*field->type)}, false, true};
      if (types_.varies(scope_.focus_shape.types.front())) scope_.focus_shape.types.clear();
    }
  return outside;
}

// Addresses see the segment in this register, then the groups around it, from the inside out. Where it can stand in several
// places, those groups that are not around it are empty.
std::uint32_t EditCompiler::enter_segment(const Sight& sight, const std::vector<const V2Item*>& items, std::uint32_t number) {
  V2Place current;
  current.kind = V2Place::Kind::current;
  current.index = number;
  const auto place = scope_.place(current);
  std::vector<const V2Item*> groups;
  for (const auto* const item : items)
    for (auto up = item->parent; up != 0; up = structure_->items[up].parent) groups.push_back(&structure_->items[up]);
  std::sort(groups.begin(), groups.end());  // what is around comes first
  groups.erase(std::unique(groups.begin(), groups.end()), groups.end());
  for (const auto* const group : groups) {
    V2Place above;
    above.kind = V2Place::Kind::above;
    above.base = place;
    above.path.push_back({group->element, group->name});
    auto& around = scope_.sights.emplace_back(Sight{structure_, group, nullptr, scope_.place(std::move(above))});
    around.perhaps = std::any_of(items.begin(), items.end(), [&](const V2Item* item) { return !around.holds(*item); });
  }
  if (sight.item != nullptr || sight.segment != nullptr) scope_.sights.push_back({sight.structure, sight.item, sight.segment, place});
  return place;
}

void EditCompiler::leave(Outside&& outside) {
  scope_.sights.resize(outside.sights);
  scope_.currents.resize(outside.fields);
  scope_.known.resize(std::min(outside.known, scope_.known.size()));
  scope_.focus_shape = std::move(outside.focus);
}

void EditCompiler::write(const Statement& s, std::vector<EditOp>& into) {
  if (!s.target.variable.empty()) return error(s.target.whole.at, "an edit has no entries: expected an HL7 address, such as PID-3.4");
  auto goal = this->goal(s.target.whole);
  if (!goal) return;
  if (goal->place.field == 0)
    return error(s.target.whole.at, std::string(s.target.whole.text) + " is no field: a rule writes to a field or a part of it, such as " +
                                        std::string(s.target.whole.text) + "-1");
  if (std::find(turns_.begin(), turns_.end(), goal->field_name()) != turns_.end()) goal->place.by_repetition = true, goal->place.list = false;
  auto op = made(EditOp::Kind::write, s);
  auto outside = enter(*goal);
  op.chain = chain(s, *goal);
  leave(std::move(outside));
  op.place = goal->place;
  remember(goal->address.names.back(), goal->place.field);
  into.push_back(std::move(op));
}

std::vector<ChainLink> EditCompiler::chain(const Statement& s, const Goal& goal) {
  std::vector<ChainLink> links;
  for (const auto& alternative : s.chain) {
    const auto& c = alternative.clauses;
    check_clauses(c, alternative.sources.front().at);
    ChainLink link;
    link.when = optional_expr(c.when);
    link.on_error = c.on_error;
    link.on_miss = c.on_miss == OnMiss::unsaid ? OnMiss::keep : c.on_miss;
    link.on_delete = c.on_delete;
    if (c.on_delete == OnDelete::text) link.delete_text = Expressions::literal(c.delete_text);
    TableUse table;
    if (!c.via.empty() && c.via.text.front() != '%') {
      table.table = world_.table(c.via.text, diagnostics_);
      if (table.table == nullptr) error(c.via.at, "there is no code table '" + std::string(c.via.text) + "'" + suggestion(c.via.text, world_.table_names()));
    }
    for (const auto& words : alternative.sources) {
      auto e = expr(words);
      if (e.program.empty()) continue;
      check_value(e, words, !c.via.empty(), goal);
      auto& source = link.sources.emplace_back();
      source.value = std::move(e);
      source.conversion.table = table;
    }
    const bool surely = !link.sources.empty() && link.sources.front().value.constant && c.via.empty() && c.when.empty();
    if (surely && &alternative != &s.chain.back())
      error((&alternative)[1].sources.front().at, "this can never be used: the alternative before it always gives a value");
    links.push_back(std::move(link));
  }
  return links;
}

void EditCompiler::erase(const Statement& s, bool always, std::vector<EditOp>& into) {
  auto goal = this->goal(s.over);
  if (!goal) return;
  check_deletion(*goal, s);
  only_when(s.clauses, s.over.at);
  auto& place = goal->place;
  if (place.field != 0 && place.component == 0) place.by_repetition = true, place.list = false;
  auto op = made(EditOp::Kind::erase, s);
  auto outside = enter(*goal);
  op.when = optional_expr(s.clauses.when);
  leave(std::move(outside));
  op.place = place;
  into.push_back(std::move(op));
  if (always && s.clauses.when.empty()) forget(*goal, s.at);
}

void EditCompiler::add(const Statement& s, std::vector<EditOp>& into) {
  auto anchor = goal(s.over);
  if (!anchor) return;
  if (anchor->place.field != 0 || anchor->sight.segment == nullptr)
    return error(s.over.at, "expected a segment to stand next to, found " + std::string(s.over.text));
  if (s.before && anchor->sight.segment->name == "MSH") return error(s.over.at, "nothing stands before MSH");
  const auto* const segment = types_.segment(s.name.text);
  if (segment == nullptr) {
    std::vector<std::string_view> names;
    for (const auto& known : types_.dictionary().segments()) names.push_back(known.name);
    return error(s.name.at, s.name.text.starts_with('Z') ? "declare the fields of " + std::string(s.name.text) + ": segment " + std::string(s.name.text) + " …"
                                                         : "no segment is called '" + std::string(s.name.text) + "'" + suggestion(s.name.text, names));
  }
  only_when(s.clauses, s.over.at);
  const auto* const item = place_for(s.name, s, *anchor);
  auto op = made(EditOp::Kind::add, s);
  auto outside = enter(*anchor);
  op.when = optional_expr(s.clauses.when);
  op.number = out_.frame.registers++;
  op.segment = segment->name;
  op.element = item == nullptr ? 0 : item->element;
  op.before = s.before;
  enter_segment({structure_, nullptr, segment, 0}, {}, op.number);
  scope_.focus_shape = Shape{{types_.of(*segment)}, false, false};
  remember(segment->name, 0);
  op.body = block(s.body, false);
  leave(std::move(outside));
  op.constant = std::all_of(op.body.begin(), op.body.end(), [](const EditOp& each) {
    return each.kind == EditOp::Kind::write && std::all_of(each.chain.begin(), each.chain.end(), [](const ChainLink& link) {
      return std::all_of(link.sources.begin(), link.sources.end(), [](const ChainSource& source) { return source.value.constant; });
    });
  });
  op.place = anchor->place;
  into.push_back(std::move(op));
}

// `move` and `copy`: of a group all segments.
void EditCompiler::move(const Statement& s, std::vector<EditOp>& into) {
  auto goal = this->goal(s.target.whole);
  if (!goal) return void(this->goal(s.over));
  if (!check_movable(*goal, s)) return;
  only_when(s.clauses, s.over.at);
  const bool copies = s.kind == Statement::Kind::copy;
  auto op = made(copies ? EditOp::Kind::copy : EditOp::Kind::move, s);
  auto outside = enter(*goal);
  op.when = optional_expr(s.clauses.when);
  if (const auto beside = neighbour(*goal, s.over); beside && check_beside(*goal, *beside, s)) {
    const auto* const item = place_for({goal->address.names.back(), s.target.whole.at}, s, *beside);
    op.anchor = beside->place;
    op.element = item == nullptr ? 0 : item->element;
    if (!copies)
      for (const auto* const from : goal->items) check_start(*from, s.target.whole, false);
  }
  op.before = s.before;
  if (copies) {
    op.number = out_.frame.registers++;
    enter_segment({structure_, goal->sight.segment == nullptr ? goal->sight.item : nullptr, goal->sight.segment, 0}, {}, op.number);
    remember(goal->address.names.back(), 0);
    op.body = block(s.body, false);
  }
  leave(std::move(outside));
  op.place = goal->place;
  into.push_back(std::move(op));
}

void EditCompiler::each(const Statement& s, std::vector<EditOp>& into) {
  auto goal = this->goal(s.over);
  if (!goal) return;
  only_when(s.clauses, s.over.at);
  if (goal->place.component != 0) return error(s.over.at, "an edit goes over groups, segments or the repetitions of a field");
  if (goal->place.field != 0) goal->place.by_repetition = true, goal->place.list = false;
  auto op = made(EditOp::Kind::each, s);
  auto outside = enter(*goal);
  op.when = optional_expr(s.clauses.when);
  const bool turns = goal->place.field != 0;
  if (turns) turns_.push_back(goal->field_name());
  op.body = block(s.body, false);
  if (turns) turns_.pop_back();
  leave(std::move(outside));
  op.place = goal->place;
  into.push_back(std::move(op));
}

}  // namespace tombolo::mapping
