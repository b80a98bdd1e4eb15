#include "engine/mapping/compiler/check.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "engine/fhirpath/parse.h"
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

// 'a', true, 12, code('v2-0203', 'VN'): gives a value whatever the message says.
bool constant(Words words) {
  const auto parsed = fhirpath::parse(words.text, fhirpath::Dialect::map);
  if (!parsed) return false;
  const auto literal = [&](fhirpath::TermId id) {
    using fhirpath::Form;
    const auto form = parsed.expression[id].form;
    return form == Form::string || form == Form::boolean || form == Form::integer || form == Form::decimal || form == Form::date || form == Form::date_time;
  };
  const auto& root = parsed.expression[parsed.expression.root];
  if (root.form != fhirpath::Form::call || root.text != "code") return literal(parsed.expression.root);
  const auto arguments = parsed.expression.arguments_of(root);
  return std::all_of(arguments.begin(), arguments.end(), literal);
}

// A rule for a single element that leaves nothing to later ones of the same kind.
struct Sure {
  std::string_view target;
  std::string_view source;  // empty: a constant; else later rules that read the same
  std::string_view when;    // empty: always
  std::string_view as, via; // of a source
  int line;
};

class Reachable {
 public:
  explicit Reachable(const FhirSchema& schema, Diagnostics& diagnostics) : schema_(schema), diagnostics_(diagnostics) {}

  void block(const std::vector<Statement>& statements, ElementId type, std::vector<Sure> sure = {}) {
    for (const auto& s : statements) {
      if (s.kind == Statement::Kind::rule) rule(s, type, sure);
      else if (s.kind == Statement::Kind::element) block(s.body, below(s, type));
      else if (s.kind == Statement::Kind::entry) block(s.body, schema_.type(s.type.text));
      else if (s.kind == Statement::Kind::condition) block(s.body, type, sure);
      else block(s.body, type, constants(sure));  // in an `each` the same address means something else
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
    std::vector<Sure> fresh;
    for (const auto& link : s.chain) {
      const auto& clauses = link.clauses;
      for (const auto& source : link.sources) {
        if (const auto* const before = one ? known(s, source, clauses, sure, fresh) : nullptr) {
          error(s, source, before->line == s.source->line(s.at) ? "the alternative before it" : "line " + std::to_string(before->line), *before);
          continue;
        }
        const bool always = constant(source) && clauses.via.empty() && clauses.as.empty();
        if (!one && always && clauses.when.empty() && &link != &s.chain.back())
          error(s, (&link)[1].sources.front(), "the alternative before it", {});
        const bool special = !clauses.with.empty() || clauses.on_error != OnError::unsaid || clauses.on_miss != OnMiss::unsaid;
        if (always || !special) fresh.push_back({s.target.whole.text, always ? std::string_view() : source.text, clauses.when.text, clauses.as.text, clauses.via.text, s.source->line(s.at)});
      }
    }
    if (one) sure.insert(sure.end(), fresh.begin(), fresh.end());
  }

  static std::vector<Sure> constants(std::vector<Sure> sure) {
    std::erase_if(sure, [](const Sure& s) { return !s.source.empty(); });
    return sure;
  }

  // What came before and leaves nothing to this source of a single element.
  static const Sure* known(const Statement& s, const Words& source, const Clauses& clauses, const std::vector<Sure>& sure, const std::vector<Sure>& fresh) {
    const auto covers = [&](const Sure& before) {
      const bool same = before.source.empty() || (before.source == source.text && before.as == clauses.as.text && before.via == clauses.via.text);
      return before.target == s.target.whole.text && same && (before.when.empty() || before.when == clauses.when.text);
    };
    for (const auto* list : {&sure, &fresh})
      if (const auto at = std::find_if(list->begin(), list->end(), covers); at != list->end()) return &*at;
    return nullptr;
  }

  void error(const Statement& s, const Words& source, const std::string& who, const Sure& before) {
    s.source->error(diagnostics_, source.at, "this can never be used: " + who + (before.source.empty() ? " always gives a value" : " reads the same") +
                                                 (before.when.empty() ? "" : " under this condition"));
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
