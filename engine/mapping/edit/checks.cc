// What an edit must not do: read what is gone, write what does not fit, take away what a message needs.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/fhirpath/parse.h"
#include "engine/fhirpath/value.h"
#include "engine/mapping/edit/compile.h"

namespace tombolo::mapping {

namespace {

constexpr int first_needed = 9, last_needed = 12;  // MSH-9 to MSH-12: type, control id, processing id, version

}  // namespace

Expr EditCompiler::expr(Words words) {
  const auto parsed = fhirpath::parse(words.text, fhirpath::Dialect::map);
  if (!parsed) return expressions_(words, *source_);
  for (const auto& address : parsed.expression.addresses) still_there(address, words.at + address.offset);
  for (const auto& term : parsed.expression.terms)
    if (term.form == fhirpath::Form::call && term.first == fhirpath::no_term && about_resources(term.text))
      return error(words.at + term.offset, std::string(term.text) + "() is about resources: it belongs into a map"), Expr{};
  return expressions_(words, *source_);
}

bool EditCompiler::still_there(const fhirpath::Address& address, std::uint32_t at) {
  const auto field = address.field == 0 ? std::string() : address.names.back() + "-" + std::to_string(address.field);
  const auto gone = std::find_if(gone_.begin(), gone_.end(), [&](const Gone& g) {
    return g.name == field || std::find(address.names.begin(), address.names.end(), g.name) != address.names.end();
  });
  if (gone == gone_.end()) return true;
  error(at, gone->name + " was deleted in line " + std::to_string(gone->line) + ": nothing is there any more");
  return false;
}

// After this statement nothing of it is left, in any message.
void EditCompiler::forget(const Goal& goal, std::uint32_t at) {
  const auto& a = goal.address;
  if (a.names.size() > 1 || a.occurrence != 0 || a.repetition != 0 || a.component != 0) return;
  const int line = source_->line(at);
  if (a.field != 0) return gone_.push_back({a.names[0] + "-" + std::to_string(a.field), line});
  gone_.push_back({a.names[0], line});
  const auto* const group = goal.sight.item;
  if (group == nullptr || !group->group()) return;
  for (std::size_t i = structure_->index(*group) + 1U; i < group->end; ++i) {
    const auto name = structure_->items[i].name;
    const auto all = items_called(name, &structure_->items[0]);
    if (std::all_of(all.begin(), all.end(), [&](const V2Item* item) { return item > group && structure_->index(*item) < group->end; }))
      gone_.push_back({std::string(name), line});
  }
}

void EditCompiler::remember(std::string_view segment, int field) {
  const auto name = field == 0 ? std::string(segment) : std::string(segment) + "-" + std::to_string(field);
  std::erase_if(gone_, [&](const Gone& g) { return g.name == name; });
}

void EditCompiler::check_clauses(const Clauses& c, std::uint32_t at) {
  if (!c.as.empty()) error(c.as.at, "an edit writes values as they are: there is no `as`");
  if (!c.with.empty()) error(c.with.front().name.at, "an edit calls no maps: there is no `with`");
  if (c.via.text.starts_with('%')) error(c.via.at, "expected the name of a code table");
  if (c.on_error == OnError::keep_partial || c.on_error == OnError::keep_text || c.on_error == OnError::data_absent)
    error(at, "of an edit `on error` can be 'drop', 'try next' or 'fail'");
}

// Of delete, add, each and if nothing but a condition can be said.
void EditCompiler::only_when(const Clauses& c, std::uint32_t at) {
  check_clauses(c, at);
  if (!c.via.empty()) error(c.via.at, "`via` belongs to a rule");
  if (c.on_error != OnError::unsaid || c.on_miss != OnMiss::unsaid || c.on_delete != OnDelete::unsaid) error(at, "`on …` belongs to a rule");
}

// Does a value of this shape fit into the place?
void EditCompiler::check_value(const Expr& e, Words words, bool via, const Goal& goal) {
  const auto* const type = goal.place.type;
  const auto here = std::string(goal.words.text);
  if (e.shape.many && !goal.place.list)
    warning(words.at, std::string(words.text) + " may be several values, and " + here + " takes one: say first()");
  if (e.constant && type != nullptr && !via) check_constant(words, goal);
  if (e.shape.types.size() != 1 || fhirpath::is_system(e.shape.types.front())) return;
  const auto found = e.shape.types.front();
  const auto* const value = types_.v2_type(found);
  if (value == nullptr) return error(words.at, std::string(types_.name(found)) + " is no value: name a field, as in " + std::string(types_.name(found)) + "-1");
  if (via || type == nullptr || value == type || value->primitive || type->primitive || types_.varies(found)) return;
  error(words.at, std::string(words.text) + " is a " + std::string(value->name) + ", " + here + " a " + std::string(type->name) +
                      ": name a component, such as " + std::string(words.text) + ".1");
}

void EditCompiler::check_constant(Words words, const Goal& goal) {
  const auto parsed = fhirpath::parse(words.text, fhirpath::Dialect::map);
  if (!parsed || parsed.expression[parsed.expression.root].form != fhirpath::Form::string) return;
  const auto& text = parsed.expression[parsed.expression.root].text;
  if (text.empty() || text == "\"\"") return;
  const auto name = goal.place.type->name;
  const auto wrong = [&](std::string_view what) { error(words.at, std::string(goal.words.text) + " is a " + std::string(name) + ": expected " + std::string(what)); };
  if ((name == "NM" || name == "SI") && !fhirpath::to_decimal(text)) wrong("a number");
  if ((name == "DT" || name == "DTM") && !fhirpath::hl7_date_time(text) && !fhirpath::to_date_time(text)) wrong("a time, such as 20260131 or 20260131094500");
  if (name == "TM" && !fhirpath::hl7_time(text) && !fhirpath::to_time(text)) wrong("a time of day, such as 0945");
}

void EditCompiler::check_deletion(const Goal& goal, const Statement& s) {
  const auto& name = goal.address.names.back();
  const int field = goal.address.field;
  if (name == "MSH" && field == 0) return error(s.over.at, "a message begins with its MSH: it cannot be deleted");
  if (name == "MSH" && field >= first_needed && field <= last_needed && goal.address.component <= 1)
    return error(s.over.at, std::string(s.over.text) + " is needed in every message: it cannot be deleted");
  if (field != 0 || structure_ == nullptr) return;
  for (const auto* const item : goal.items) {
    if (item->parent == 0 && (item->required & item->known) == item->known && s.clauses.when.empty())
      return warning(s.over.at, std::string(structure_->name) + " requires " + name);
    check_start(*item, s.over, true);
  }
}

bool EditCompiler::check_movable(const Goal& goal, const Statement& s) {
  const auto wrong = [&](std::string text) { return error(s.target.whole.at, std::move(text)), false; };
  if (goal.place.field != 0)
    return wrong(std::string("expected a segment or a group to ") + (s.kind == Statement::Kind::copy ? "copy" : "move") + ", found " + std::string(goal.words.text));
  return goal.address.names.back() != "MSH" || wrong("a message begins with its one MSH");
}

bool EditCompiler::check_beside(const Goal& goal, const Goal& beside, const Statement& s) {
  const auto wrong = [&](std::string text) { return error(s.over.at, std::move(text)), false; };
  const auto name = goal.address.names.back();
  if (beside.place.field != 0) return wrong("expected a segment or a group to stand next to, found " + std::string(s.over.text));
  if (s.before && beside.address.names.back() == "MSH") return wrong("nothing stands before MSH");
  const bool same = s.kind == Statement::Kind::move && s.target.whole.text == s.over.text;
  if (same && (beside.place.occurrence != 0 || s.clauses.when.empty())) return wrong(std::string(s.over.text) + " cannot stand next to itself");
  if (goal.sight.segment != nullptr || goal.items.empty()) return true;
  const auto siblings = [&](const V2Item* item) { return item->parent == goal.items.front()->parent; };
  return (!beside.items.empty() && std::all_of(beside.items.begin(), beside.items.end(), siblings)) ||
         wrong(name + " is a group: expected a segment or a group that stands beside it, found " + std::string(s.over.text));
}

// A new segment where there can be one, and there may be one already.
void EditCompiler::check_single(const std::vector<const V2Item*>& places, Words segment, const Statement& s) {
  const bool gone = std::any_of(gone_.begin(), gone_.end(), [&](const Gone& g) { return g.name == segment.text; });
  if (s.kind == Statement::Kind::move || gone || !s.clauses.when.empty()) return;
  const bool copies = s.kind == Statement::Kind::copy;
  const bool several = std::any_of(places.begin(), places.end(), [&](const V2Item* place) {
    const auto& group = structure_->items[place->parent];
    return place->repeats() || (copies && group.repeats() && leads(*place, group));
  });
  const std::string name(segment.text);
  if (!several) warning(segment.at, name + " does not repeat there" + (copies ? "" : ": say `when not " + name + "`"));
}

// A group whose first segment goes is a group no longer.
void EditCompiler::check_start(const V2Item& item, Words words, bool deleted) {
  const auto& group = structure_->items[item.parent];
  if (item.group() || item.parent == 0 || structure_->index(item) != structure_->index(group) + 1 || item.end >= group.end) return;
  const std::string name(group.name);
  warning(words.at, std::string(item.name) + " begins the group " + name + ": the " + std::string(structure_->items[item.end].name) +
                        " after it would follow another segment" + (deleted ? "; delete " + name + " takes all of it" : ""));
}

}  // namespace tombolo::mapping
