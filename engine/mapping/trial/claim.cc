#include "engine/mapping/trial/claim.h"

#include <algorithm>
#include <vector>

#include "engine/base/text.h"
#include "engine/fhirpath/parse.h"
#include "engine/formats/fhir/print.h"
#include "engine/mapping/bundle.h"

namespace tombolo::trial {
namespace {

using namespace fhirpath;
using mapping::BundleFrame;
using mapping::BundleScope;

constexpr std::size_t most_shown = 5;         // items
constexpr std::size_t most_letters = 120;     // of one item

bool is_name(const Expression& e, TermId id, const FhirSchema& schema) {
  const auto& term = e[id];
  return term.form == Form::name && schema.type(term.text) != untyped && schema.is_resource(schema.type(term.text)) && term.text != "Bundle";
}

// Replaces resource types at the beginning of paths by Bundle.entry.resource.ofType(T). Arguments of functions are left alone:
// their focus is another one.
void about_entries(Expression& e, TermId id, const FhirSchema& schema) {
  if (id == no_term) return;
  if (is_name(e, id, schema)) {
    const auto add = [&](Term term) {
      term.offset = e[id].offset;
      e.terms.push_back(std::move(term));
      return static_cast<TermId>(e.terms.size() - 1);
    };
    const Term type = e[id];
    Term bundle = type, entry = type, resource = type, of_type = type;
    bundle.text = "Bundle";
    entry.form = resource.form = Form::member;
    entry.text = "entry", resource.text = "resource", of_type.text = "ofType";
    entry.first = add(bundle);
    resource.first = add(entry);
    of_type.form = Form::call;
    of_type.first = add(resource);
    of_type.arguments = static_cast<std::uint32_t>(e.arguments.size());
    of_type.argument_count = 1;
    e.arguments.push_back(add(type));
    e.terms[id] = of_type;
    return;
  }
  const Term term = e[id];
  about_entries(e, term.first, schema);
  if (term.form == Form::binary || term.form == Form::index) about_entries(e, term.second, schema);
}

struct Part {
  std::string text;  // as a person would write it
  Program program;
};

}  // namespace

struct Claim::Inside {
  explicit Inside(const FhirSchema& fhir) : schema(fhir), types(fhir) {}

  // `a and b` is what both claim.
  void take_apart(const Expression& written, const Expression& whole, TermId id);
  Part part(const Expression& written, const Expression& whole, TermId id) const;
  Result<void> gives(const Part& part, const Tree& bundle, Arena& arena, Items& items) const;
  std::string shown(const Items& items, Arena& arena) const;

  struct Clause {
    Part whole;
    Part subject;  // what it is about: the path before `=` or `.exists()`
  };
  const FhirSchema& schema;
  FhirTypes types;
  std::vector<Clause> clauses;
};

Claim::Claim() = default;
Claim::~Claim() = default;

namespace {

bool literal(const Term& term) { return term.form >= Form::nothing && term.form <= Form::quantity; }

// Functions that ask something of what they stand behind.
constexpr std::string_view asking[] = {"all",       "allFalse", "allTrue",   "anyFalse", "anyTrue", "contains",   "count", "empty",  "endsWith", "exists",
                                       "hasValue", "indexOf",  "isDistinct", "length",   "matches", "matchesFull", "not",  "is", "startsWith", "subsetOf", "supersetOf"};

// What to show where the clause does not hold: the path before `=` or `.exists()`.
TermId subject_of(const Expression& e, TermId id) {
  for (;;) {
    const auto& term = e[id];
    const bool logic = term.op == Operator::logical_or || term.op == Operator::logical_xor || term.op == Operator::implies;
    const bool asks = term.form == Form::call && term.first != no_term && std::find(std::begin(asking), std::end(asking), term.text) != std::end(asking);
    if (term.form == Form::binary && !logic) id = literal(e[term.first]) ? term.second : term.first;
    else if (asks || term.form == Form::type_test) id = term.first;
    else return id;
  }
}

}  // namespace

Part Claim::Inside::part(const Expression& written, const Expression& whole, TermId id) const {
  Expression shown = written, asked = whole;
  shown.root = asked.root = id;
  return {print(shown), bind(asked, BundleScope(types, schema)).program};
}

void Claim::Inside::take_apart(const Expression& written, const Expression& whole, TermId id) {
  const auto& term = written[id];
  if (term.form == Form::binary && term.op == Operator::logical_and) {
    take_apart(written, whole, term.first);
    take_apart(written, whole, term.second);
    return;
  }
  clauses.push_back({part(written, whole, id), part(written, whole, subject_of(written, id))});
}

std::unique_ptr<const Claim> Claim::compile(const Said& said, std::string_view source, const FhirSchema& schema,
                                            Diagnostics& diagnostics) {
  const auto at = [&](std::size_t offset) { return Place{said.place.file, said.place.line, said.place.column + static_cast<int>(offset)}; };
  const auto parsed = parse(said.text, Dialect::standard);
  if (!parsed) {
    diagnostics.error(at(parsed.problem->offset), parsed.problem->text, source);
    return nullptr;
  }
  std::unique_ptr<Claim> claim(new Claim);
  claim->inside_ = std::make_unique<Inside>(schema);
  Expression whole = parsed.expression;
  about_entries(whole, whole.root, schema);
  const auto bound = bind(whole, BundleScope(claim->inside_->types, schema));
  for (const auto& problem : bound.problems) diagnostics.add(problem.severity, at(problem.offset), problem.text, source);
  if (!bound) return nullptr;
  if (bound.program.constant()) {
    diagnostics.error(at(0), "this claim reads nothing of the result: it cannot fail", source);
    return nullptr;
  }
  claim->inside_->take_apart(parsed.expression, whole, whole.root);
  return claim;
}

Result<void> Claim::Inside::gives(const Part& part, const Tree& bundle, Arena& arena, Items& items) const {
  const BundleFrame frame(types, bundle);
  Run run{frame, arena};
  Items focus(arena);
  focus.add(bundle, bundle.root());
  return evaluate(part.program, run, focus, items);
}

std::string Claim::Inside::shown(const Items& items, Arena& arena) const {
  std::string out = items.size() > 1 ? std::to_string(items.size()) + " items: " : "";
  for (std::size_t i = 0; i < items.size() && i < most_shown; ++i) {
    std::string one;
    if (const auto* const ref = items[i].node(); ref != nullptr && (*ref->tree)[ref->node].first != no_node) append_fhir(one, *ref->tree, schema, ref->node);
    else if (const auto said = fhirpath::text(items[i], arena)) one = system_of(items[i], types) == System::string ? quoted(*said) : std::string(*said);
    if (one.size() > most_letters) one = one.substr(0, most_letters) + " …";
    out += (i == 0 ? "" : ", ") + one;
  }
  if (items.size() > most_shown) out += ", …";
  return items.empty() ? "nothing" : out;
}

std::string Claim::refuted(const Tree& bundle, Arena& arena) const {
  for (const auto& clause : inside_->clauses) {
    Items answer(arena), found(arena);
    if (const auto done = inside_->gives(clause.whole, bundle, arena, answer); !done) return done.error().what;
    if (answer.size() == 1) {
      const auto one = value_of(answer[0], inside_->types);
      if (const auto* const yes = std::get_if<bool>(&one.held); yes != nullptr && *yes) continue;
    }
    if (const auto done = inside_->gives(clause.subject, bundle, arena, found); !done) return done.error().what;
    return clause.subject.text + " gives " + inside_->shown(found, arena);
  }
  return {};
}

}  // namespace tombolo::trial
