#include "engine/filters/deidentify/compile.h"

#include <algorithm>
#include <set>

#include "engine/fhirpath/bind.h"

namespace tombolo::deidentify {
namespace {

constexpr std::size_t most_conditions = 6;   // on one element: 64 choices
constexpr std::size_t most_urls = 200;

bool refuses(Method method) { return method == Method::drop || method == Method::hold; }

// A condition sees the node it stands behind, nothing else.
class NodeScope final : public fhirpath::Scope {
 public:
  NodeScope(const fhirpath::FhirTypes& types, ElementId target) : types_(types), target_(target) {}
  const fhirpath::Types& types() const override { return types_; }
  fhirpath::Shape focus() const override { return {{types_.of(target_)}, false, false}; }
  Result<fhirpath::AddressSlot> address(const fhirpath::Address&) const override {
    return Fault{Kind::unsupported, "", "a policy sees FHIR, no HL7 addresses"};
  }
  std::optional<fhirpath::Slot> variable(std::string_view) const override { return std::nullopt; }

 private:
  const fhirpath::FhirTypes& types_;
  ElementId target_;
};

template <class T>
void insert_sorted(std::vector<T>& list, const T& value) {
  const auto at = std::lower_bound(list.begin(), list.end(), value);
  if (at == list.end() || *at != value) list.insert(at, value);
}

}  // namespace

VerdictsCompiler::VerdictsCompiler(Verdicts& into, Diagnostics& diagnostics) : verdicts_(into), schema_(into.schema_), diagnostics_(diagnostics) {}

void VerdictsCompiler::run() {
  const auto& rules = verdicts_.policy_.rules;
  decides_.assign(rules.size() + 1, false);
  for (std::uint32_t r = 1; r <= rules.size(); ++r) {
    if (rule(r).path.steps.front().anywhere) anywhere_.push_back(r);
  }
  situations_.emplace_back();
  verdicts_.states_.emplace_back();
  for (const auto name : schema_.type_names()) {
    const ElementId type = schema_.type(name);
    if (schema_[type].kind == TypeKind::resource && !schema_.is_abstract(type)) build_resource(type);
  }
  for (StateId id = 1; id < situations_.size(); ++id) build_state(id);
  report();
}

// Every rule that begins with this resource, or anywhere, starts at its root.
void VerdictsCompiler::build_resource(ElementId type) {
  std::vector<Candidate> found;
  for (std::uint32_t r = 1; r <= verdicts_.policy_.rules.size(); ++r) consider(found, {r, 0}, type);
  Situation root;
  root.type = type;
  verdicts_.resources_.emplace(type, branch(std::move(root), std::move(found), type));
}

void VerdictsCompiler::build_state(StateId id) {
  const auto members = schema_.members(situations_[id].type);
  std::vector<Verdicts::Edge> edges;
  for (const Element& member : members) edges.push_back(build_edge(Situation(situations_[id]), schema_.id(member)));
  verdicts_.states_[id].edges = static_cast<std::uint32_t>(verdicts_.edges_.size());
  verdicts_.edges_.insert(verdicts_.edges_.end(), edges.begin(), edges.end());
}

Verdicts::Edge VerdictsCompiler::build_edge(const Situation& above, ElementId member) {
  const bool extension = schema_[schema_[member].type].name == "Extension";
  Situation base;
  base.type = schema_[member].type;
  base.closed = above.closed || extension;
  for (const std::uint32_t r : above.covers) {   // what stays by its place has no say over extensions, what goes takes them along
    if (!extension || refuses(rule(r).method)) base.covers.push_back(r);
  }
  if (!extension) {
    for (const Position& at : above.active) {
      if (rule(at.rule).path.steps[at.step].anywhere) base.active.push_back(at);
    }
  }
  auto found = candidates(above, base.covers, member);
  return branch(std::move(base), std::move(found), member);
}

std::vector<VerdictsCompiler::Candidate> VerdictsCompiler::candidates(const Situation& above, const std::vector<std::uint32_t>& covers, ElementId member) {
  std::vector<Candidate> found;
  for (const Position& at : above.active) consider(found, at, member);
  if (above.closed) return found;
  for (const std::uint32_t r : anywhere_) {
    if (can_win(r, covers)) consider(found, {r, 0}, member);
  }
  return found;
}

void VerdictsCompiler::consider(std::vector<Candidate>& found, Position at, ElementId target) {
  const Step& step = rule(at.rule).path.steps[at.step];
  if (!meets(step, target)) return;
  Candidate candidate{at, {}};
  for (const Guard& guard : step.guards) candidate.guards.push_back(bind(guard, target));
  found.push_back(std::move(candidate));
}

bool VerdictsCompiler::meets(const Step& step, ElementId target) const {
  const Element& element = schema_[target];
  if (step.only != untyped && element.type != step.only) return false;
  switch (step.test) {
    case Step::Test::resource: return element.owner == untyped && schema_.is(target, step.type);
    case Step::Test::type: return element.type == step.type;
    case Step::Test::name: return element.owner != untyped && (element.name == step.name || element.json_name == step.name);
  }
  return false;
}

// One choice per answer that the conditions of the candidates can have.
Verdicts::Edge VerdictsCompiler::branch(Situation base, std::vector<Candidate> candidates, ElementId target) {
  std::vector<std::uint32_t> urls, conditions;
  for (const auto& candidate : candidates) {
    for (const std::uint32_t guard : candidate.guards) insert_sorted(verdicts_.bound_[guard].url.empty() ? conditions : urls, guard);
  }
  if (conditions.size() > most_conditions || urls.size() > most_urls) {
    diagnostics_.error(rule(candidates.back().at.rule).place, "more than " + std::to_string(most_conditions) + " conditions meet at one element");
    conditions.clear(), urls.clear(), candidates.clear();
  }
  std::vector<Choice> choices;
  for (std::size_t url = 0; url <= urls.size(); ++url) {
    for (std::size_t mask = 0; mask < std::size_t{1} << conditions.size(); ++mask) {
      const auto holds = [&](std::uint32_t guard) {
        if (!verdicts_.bound_[guard].url.empty()) return url > 0 && urls[url - 1] == guard;
        const auto at = std::lower_bound(conditions.begin(), conditions.end(), guard) - conditions.begin();
        return (mask >> at & 1) != 0;
      };
      Situation next = base;
      for (const auto& [at, guards] : candidates) {
        if (!std::all_of(guards.begin(), guards.end(), holds)) continue;
        if (at.step + 1 == rule(at.rule).path.steps.size()) insert_sorted(next.covers, at.rule);
        else insert_sorted(next.active, {at.rule, at.step + 1});
      }
      choices.push_back(choice(std::move(next), target));
    }
  }
  Verdicts::Edge edge;
  edge.first = static_cast<std::uint32_t>(verdicts_.choices_.size());
  edge.guards = static_cast<std::uint32_t>(verdicts_.guards_.size());
  edge.urls = static_cast<std::uint8_t>(urls.size());
  edge.conditions = static_cast<std::uint8_t>(conditions.size());
  verdicts_.choices_.insert(verdicts_.choices_.end(), choices.begin(), choices.end());
  verdicts_.guards_.insert(verdicts_.guards_.end(), urls.begin(), urls.end());
  verdicts_.guards_.insert(verdicts_.guards_.end(), conditions.begin(), conditions.end());
  return edge;
}

Choice VerdictsCompiler::choice(Situation next, ElementId target) {
  prune(next);
  const Element& element = schema_[target];
  Choice chosen;
  if (element.owner != untyped && element.kind == TypeKind::resource) {   // what it holds has rules of its own, unless it goes whole
    for (const std::uint32_t r : next.covers) {
      if (refuses(rule(r).method)) chosen.rule = r, decides_[r] = true;
    }
    return chosen;
  }
  if (element.primitive != Primitive::none) chosen.rule = decide(next.covers, target);
  chosen.state = intern(std::move(next));
  return chosen;
}

// Takes out what can change nothing any more, so that situations that are alike become one.
void VerdictsCompiler::prune(Situation& situation) const {
  std::vector<std::uint32_t> covers;
  for (const std::uint32_t r : situation.covers) {
    if (can_win(r, covers)) covers.push_back(r);
  }
  situation.covers = std::move(covers);
  std::erase_if(situation.active, [&](const Position& at) { return !can_win(at.rule, situation.covers); });
}

// Behind a rule that refuses nothing counts; behind one that keeps, only what treats ids and what holds the message.
bool VerdictsCompiler::can_win(std::uint32_t r, const std::vector<std::uint32_t>& covers) const {
  for (const std::uint32_t cover : covers) {
    if (cover >= r) break;
    if (refuses(rule(cover).method)) return false;
    if (rule(cover).method == Method::keep && rule(r).method != Method::token && rule(r).method != Method::hold) return false;
  }
  return true;
}

StateId VerdictsCompiler::intern(Situation situation) {
  if (schema_.members(situation.type).empty()) return nowhere;
  const auto [at, fresh] = known_.emplace(situation, static_cast<StateId>(situations_.size()));
  if (fresh) {
    verdicts_.states_.push_back({situation.type, 0});
    situations_.push_back(std::move(situation));
  }
  return at->second;
}

std::uint32_t VerdictsCompiler::decide(const std::vector<std::uint32_t>& covers, ElementId member) {
  const Role role = verdicts_.role(member);
  for (const std::uint32_t r : covers) {
    if (!fits(rule(r).method, schema_[member].primitive, role)) continue;
    decides_[r] = true;
    return r;
  }
  return no_rule;
}

std::uint32_t VerdictsCompiler::bind(const Guard& guard, ElementId target) {
  const ElementId type = schema_[target].type;
  const auto [at, fresh] = bound_.emplace(std::pair(guard.text, type), static_cast<std::uint32_t>(verdicts_.bound_.size()));
  if (!fresh) return at->second;
  Verdicts::Bound made{guard.url, {}, guard.text};
  if (guard.url.empty()) {
    auto bound = fhirpath::bind(guard.expression, NodeScope(verdicts_.types_, type));
    for (const auto& problem : bound.problems) {
      diagnostics_.add(problem.severity, {guard.place.file, guard.place.line, guard.place.column + static_cast<int>(problem.offset)}, problem.text);
    }
    made.program = std::move(bound.program);
  }
  verdicts_.bound_.push_back(std::move(made));
  return at->second;
}

void VerdictsCompiler::report() {
  for (std::uint32_t r = 1; r <= verdicts_.policy_.rules.size(); ++r) {
    if (decides_[r]) continue;
    if (fits_below(rule(r))) diagnostics_.warning(rule(r).place, "this rule decides nothing: rules above it do");
    else diagnostics_.error(rule(r).place, std::string(name(rule(r).method)) + " fits nothing that '" + rule(r).text + "' leads to");
  }
}

bool VerdictsCompiler::fits_below(const Rule& rule) const {
  std::vector<ElementId> open = rule.path.ends;
  std::set<ElementId> seen;
  while (!open.empty()) {
    const ElementId id = open.back();
    open.pop_back();
    if (!seen.insert(id).second) continue;
    const Element& element = schema_[id];
    if (element.owner != untyped && element.primitive != Primitive::none && fits(rule.method, element.primitive, verdicts_.role(id))) return true;
    if (element.owner == untyped && element.primitive != Primitive::none && fits(rule.method, element.primitive, Role::plain)) return true;
    if (refuses(rule.method)) return true;
    if (element.owner != untyped && element.kind == TypeKind::resource) continue;
    for (const Element& member : schema_.members(element.type)) {
      if (schema_[member.type].name != "Extension" || element.name == "extension") open.push_back(schema_.id(member));
    }
  }
  return false;
}

}  // namespace tombolo::deidentify
