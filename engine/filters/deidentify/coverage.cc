#include "engine/filters/deidentify/coverage.h"

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tombolo::deidentify {
namespace {

struct Line {
  std::string path;
  std::uint32_t rule;
};

// Rules about extensions wherever they are: said once, not behind each element.
bool everywhere(const Verdicts& verdicts, std::uint32_t rule) {
  if (rule == no_rule) return false;
  const Step& first = verdicts.policy().rules[rule - 1].path.steps.front();
  return first.anywhere && verdicts.schema()[first.type].name == "Extension";
}

// In an extension only what stays is worth a line.
std::uint32_t worth(const Verdicts& verdicts, std::uint32_t rule, bool extension) {
  const bool quiet = rule == no_rule || everywhere(verdicts, rule) || (extension && verdicts.policy().rules[rule - 1].method == Method::drop);
  return quiet ? no_rule : rule;
}

// Which rule decides everything below each state, where it is one.
class Outcomes {
 public:
  static constexpr std::uint32_t several = UINT32_MAX, nothing = UINT32_MAX - 1;

  explicit Outcomes(const Verdicts& verdicts) : of_(verdicts.size(), nothing) {
    for (bool changed = true; changed;) {
      changed = false;
      for (StateId state = 1; state < verdicts.size(); ++state) {
        const std::uint32_t before = of_[state];
        for (const Element& member : verdicts.schema().members(verdicts.type(state))) add(verdicts, state, member);
        changed = changed || of_[state] != before;
      }
    }
  }
  std::uint32_t of(StateId state) const { return of_[state]; }

  static std::uint32_t both(std::uint32_t a, std::uint32_t b) { return a == nothing || a == b ? b : b == nothing ? a : several; }

 private:
  void add(const Verdicts& verdicts, StateId state, const Element& member) {
    const ElementId id = verdicts.schema().id(member);
    if (verdicts.role(id) == Role::extension_url || verdicts.role(id) == Role::element_id) return;
    const bool extension = verdicts.schema()[member.type].name == "Extension";
    for (const auto& way : verdicts.ways(state, id)) {
      std::uint32_t found = of_[way.choice.state];
      const std::uint32_t rule = worth(verdicts, way.choice.rule, extension);
      if (member.primitive != Primitive::none || rule != no_rule) found = both(found, rule);
      if (extension && found != nothing && found != several) found = worth(verdicts, found, true);
      if (!extension || found != no_rule) of_[state] = both(of_[state], found);
    }
  }

  std::vector<std::uint32_t> of_;
};

class Tabulator {
 public:
  explicit Tabulator(const Verdicts& verdicts) : verdicts_(verdicts), schema_(verdicts.schema()), outcomes_(verdicts) {}

  void resource(ElementId type) {
    for (const auto& way : verdicts_.ways(type)) {
      below(way.choice.state, std::string(schema_[type].name) + (way.condition.empty() ? "" : '.' + way.condition), false);
    }
  }
  void extensions() {
    for (std::uint32_t rule = 1; rule <= verdicts_.policy().rules.size(); ++rule) {
      if (everywhere(verdicts_, rule)) print({verdicts_.policy().rules[rule - 1].text, rule});
    }
  }
  Coverage take() { return std::move(made_); }

 private:
  void below(StateId state, const std::string& path, bool extension) {
    if (state == nowhere || std::find(open_.begin(), open_.end(), state) != open_.end()) return;
    open_.push_back(state);
    for (const Element& member : schema_.members(verdicts_.type(state))) add(state, member, path, extension);
    open_.pop_back();
  }

  // inside: of an extension, of which only what a rule names is worth a line
  void add(StateId state, const Element& member, const std::string& path, bool inside) {
    const ElementId id = schema_.id(member);
    const Role role = verdicts_.role(id);
    if (role == Role::extension_url || role == Role::element_id) return;
    const bool extension = inside || schema_[member.type].name == "Extension";
    for (const auto& way : verdicts_.ways(state, id)) {
      const bool instead = way.condition.starts_with("extension(");   // it takes the place of the name it is a condition of
      const std::string here = path + '.' + (instead ? "" : std::string(member.json_name)) + (way.condition.empty() || instead ? "" : ".") + way.condition;
      const bool leaf = member.primitive != Primitive::none;
      const std::uint32_t under = outcomes_.of(way.choice.state);
      const std::uint32_t rule = worth(verdicts_, way.choice.rule, extension);
      const std::uint32_t all = leaf || rule != no_rule ? Outcomes::both(under, rule) : under;
      if (extension && all != Outcomes::several && (all == Outcomes::nothing || worth(verdicts_, all, true) == no_rule)) continue;
      if (all != Outcomes::several) {
        if (all != Outcomes::nothing) print({leaf && under == Outcomes::nothing ? here : here + ".*", all});
        continue;
      }
      if (leaf) print({here, rule});
      below(way.choice.state, here, extension);
    }
  }

  void print(const Line& line) {
    const Method method = line.rule == no_rule ? Method::drop : verdicts_.policy().rules[line.rule - 1].method;
    ++made_.leaves[static_cast<std::size_t>(method)];
    made_.table += line.path + "  " + std::string(name(method)) + "  " + (line.rule == no_rule ? "no rule" : text(verdicts_.policy().rules[line.rule - 1].place)) + "\n";
  }

  const Verdicts& verdicts_;
  const FhirSchema& schema_;
  const Outcomes outcomes_;
  std::vector<StateId> open_;
  Coverage made_;
};

}  // namespace

Coverage coverage(const Verdicts& verdicts, std::string_view resource) {
  const FhirSchema& schema = verdicts.schema();
  Tabulator tabulator(verdicts);
  for (const auto name : schema.type_names()) {
    const ElementId type = schema.type(name);
    if (schema[type].kind != TypeKind::resource || schema.is_abstract(type)) continue;
    if (resource.empty() || resource == name) tabulator.resource(type);
  }
  tabulator.extensions();
  return tabulator.take();
}

}  // namespace tombolo::deidentify
