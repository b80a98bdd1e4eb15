#include "engine/mapping/compiler/overlay.h"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/mapping/language/source.h"

namespace tombolo::mapping {

std::string squeezed(std::string_view text) {
  std::string result;
  for (const char c : text)
    if (c != ' ' && c != '\n') result += c;
  return result;
}

namespace {

using K = Statement::Kind;

bool same_target(const Statement& a, const Statement& b) { return squeezed(a.target.whole.text) == squeezed(b.target.whole.text); }

bool writes(const Statement& s) { return s.kind == K::rule || s.kind == K::element; }

// Blocks continue blocks with the same head.
bool same_head(const Statement& a, const Statement& b) {
  if (a.kind != b.kind || squeezed(a.over.text) != squeezed(b.over.text) || squeezed(a.clauses.when.text) != squeezed(b.clauses.when.text))
    return false;
  switch (a.kind) {
    case K::each:
    case K::condition: return true;
    case K::element: return same_target(a, b) && a.type.text == b.type.text;
    case K::entry: return a.name.text == b.name.text;
    default: return false;
  }
}

bool reads(const Statement& s, std::string_view address) {
  const auto wanted = squeezed(address);
  for (const auto& link : s.chain)
    for (const auto& source : link.sources)
      if (squeezed(source.text) == wanted) return true;
  return s.kind == K::element && squeezed(s.over.text) == wanted;
}

class Extending {
 public:
  Extending(const FhirSchema& schema, Diagnostics& diagnostics) : schema_(schema), diagnostics_(diagnostics) {}

  void work(std::vector<Statement>& base, const std::vector<Statement>& change, ElementId type) {
    for (const auto& s : change) {
      if (s.kind == K::remove) remove(base, s);
      else if (s.replace) replace(base, s);
      else add(base, s, type);
    }
  }

 private:
  void remove(std::vector<Statement>& base, const Statement& s) {
    const auto size = base.size();
    std::erase_if(base, [&](const Statement& b) {
      return writes(b) && same_target(b, s) && (s.over.empty() || reads(b, s.over.text));
    });
    if (base.size() == size) s.source->error(diagnostics_, s.at, "remove meets nothing: no rule for " + std::string(s.target.whole.text) +
                                             (s.over.empty() ? "" : " that reads " + std::string(s.over.text)));
  }

  void replace(std::vector<Statement>& base, const Statement& s) {
    auto at = std::find_if(base.begin(), base.end(), [&](const Statement& b) { return writes(b) && same_target(b, s); });
    if (at == base.end())
      return s.source->error(diagnostics_, s.at, "replace meets nothing: no rule for " + std::string(s.target.whole.text));
    const auto place = at - base.begin();
    std::erase_if(base, [&](const Statement& b) { return writes(b) && same_target(b, s); });
    base.insert(base.begin() + place, s);
  }

  void add(std::vector<Statement>& base, const Statement& s, ElementId type) {
    for (auto& b : base)
      if (!b.body.empty() && same_head(b, s)) return work(b.body, s.body, type_below(b, type));
    const auto first = std::find_if(base.begin(), base.end(), [&](const Statement& b) { return writes(b) && same_target(b, s); });
    if (writes(s) && first != base.end() && !list(s, type)) base.insert(first, s);
    else base.push_back(s);
  }

  ElementId last_member(const Statement& s, ElementId type) const {
    ElementId member = untyped;
    for (const auto& step : s.target.steps) {
      member = schema_.member(type, step.kind == Step::Kind::extension ? "extension" : step.name.text);
      if (member == untyped) return untyped;
      type = schema_[member].type;
    }
    return member;
  }

  bool list(const Statement& s, ElementId type) const {
    if (!s.target.variable.empty()) return true;  // %visit.diagnosis: appended in any case
    const auto member = last_member(s, type);
    return member != untyped && schema_[member].list();
  }

  ElementId type_below(const Statement& block, ElementId type) const {
    if (block.kind == K::entry) return schema_.type(block.type.text);
    if (block.kind != K::element) return type;
    if (!block.type.empty()) return schema_.type(block.type.text);
    const auto member = last_member(block, type);
    return member == untyped ? untyped : schema_[member].type;
  }

  const FhirSchema& schema_;
  Diagnostics& diagnostics_;
};

}  // namespace

void extend(MapText& base, const MapText& change, const FhirSchema& schema, ElementId target, Diagnostics& diagnostics) {
  for (const auto& r : change.reads)
    if (std::none_of(base.reads.begin(), base.reads.end(), [&](const Words& b) { return b.text == r.text; })) base.reads.push_back(r);
  for (const auto& t : change.takes)
    if (std::none_of(base.takes.begin(), base.takes.end(), [&](const Take& b) { return b.name.text == t.name.text; })) base.takes.push_back(t);
  Extending(schema, diagnostics).work(base.body, change.body, target);
}

}  // namespace tombolo::mapping
