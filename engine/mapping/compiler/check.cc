#include "engine/mapping/compiler/check.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "engine/mapping/language/source.h"

namespace tombolo::mapping {

namespace {

// The members of the element being built that some rule may write.
void written(const Block& block, std::set<ElementId>& members, const FhirSchema& schema) {
  const auto add = [&](ElementId member) { members.insert(schema[member].first_variant); };
  for (const auto& op : block.ops) {
    switch (op.kind) {
      case Op::Kind::rule:
      case Op::Kind::element:
        if (op.target.variable == none && !op.target.self) add(op.target.steps.empty() ? op.target.last.member : op.target.steps.front().member);
        break;
      case Op::Kind::each:
      case Op::Kind::condition: written(*op.body, members, schema); break;
      case Op::Kind::include:
        for (const auto& in : op.includes) written(in.call.map->body, members, schema);
        for (const auto& d : op.defaults) add(d.target.last.member);
        break;
      default: break;
    }
  }
}

bool constant(Words words) {
  return words.text.size() >= 2 && words.text.front() == '\'' && words.text.find('\'', 1) == words.text.size() - 1;
}

struct Sure {
  std::string_view target;
  std::string_view when;   // empty: always
  int line;
};

class Reachable {
 public:
  explicit Reachable(const FhirSchema& schema, Diagnostics& diagnostics) : schema_(schema), diagnostics_(diagnostics) {}

  void block(const std::vector<Statement>& statements, ElementId type) {
    std::vector<Sure> sure;
    for (const auto& s : statements) {
      if (s.kind == Statement::Kind::rule) rule(s, type, sure);
      else if (s.kind == Statement::Kind::element) block(s.body, below(s, type));
      else if (s.kind == Statement::Kind::entry) block(s.body, schema_.type(s.type.text));
      else block(s.body, type);
    }
  }

 private:
  ElementId below(const Statement& s, ElementId type) const {
    if (!s.type.empty()) return schema_.type(s.type.text);
    const auto member = last(s, type);
    return member == untyped ? untyped : schema_[member].type;
  }

  ElementId last(const Statement& s, ElementId type) const {
    if (!s.target.variable.empty()) return untyped;
    ElementId member = untyped;
    for (const auto& step : s.target.steps) {
      member = step.kind == Step::Kind::element ? schema_.member(type, step.name.text) : untyped;
      if (member == untyped) return untyped;
      type = schema_[member].type;
    }
    return member;
  }

  bool single(const Statement& s, ElementId type) const {
    if (type != untyped && schema_[type].kind == TypeKind::primitive && s.target.whole.text == "value") return true;
    const auto member = last(s, type);
    return member != untyped && !schema_[member].list();
  }

  void rule(const Statement& s, ElementId type, std::vector<Sure>& sure) {
    const bool one = single(s, type);
    const auto said = [&](std::string_view when) {
      return std::find_if(sure.begin(), sure.end(), [&](const Sure& known) { return known.target == s.target.whole.text && (known.when.empty() || known.when == when); });
    };
    std::vector<Sure> fresh;
    for (const auto& link : s.chain) {
      if (one && said(link.clauses.when.text) != sure.end()) {
        s.source->error(diagnostics_, link.sources.front().at, "this can never be used: line " + std::to_string(said(link.clauses.when.text)->line) + " always gives a value" +
                                                                   (said(link.clauses.when.text)->when.empty() ? "" : " under this condition"));
        continue;
      }
      const bool always = constant(link.sources.front()) && link.clauses.via.empty() && link.clauses.as.empty();
      if (!always) continue;
      if (&link != &s.chain.back() && link.clauses.when.empty())
        s.source->error(diagnostics_, (&link)[1].sources.front().at, "this can never be used: the alternative before it always gives a value");
      if (one) fresh.push_back({s.target.whole.text, link.clauses.when.text, s.source->line(s.at)});
    }
    sure.insert(sure.end(), fresh.begin(), fresh.end());
  }

  const FhirSchema& schema_;
  Diagnostics& diagnostics_;
};

}  // namespace

void check_required(const Compiler& compiler, Diagnostics& diagnostics) {
  const auto& schema = compiler.schema();
  std::set<std::tuple<const Block*, ElementId>> told;
  for (const auto& build : compiler.builds) {
    std::set<ElementId> members;
    for (const auto* block : build.blocks) written(*block, members, schema);
    for (const auto member : build.given) members.insert(schema[member].first_variant);
    for (const auto& member : schema.members(build.type)) {
      const auto id = schema.id(member);
      if (member.min == 0 || id != member.first_variant || members.contains(id) || !told.insert({build.blocks.front(), id}).second) continue;
      build.source->error(diagnostics, build.at, "no rule writes " + std::string(schema[build.type].name) + "." + std::string(member.name) + ", which is required");
    }
  }
}

void check_reachable(const MapEntry& entry, const FhirSchema& schema, Diagnostics& diagnostics) {
  Reachable(schema, diagnostics).block(entry.text.body, entry.targets.front());
}

}  // namespace tombolo::mapping
