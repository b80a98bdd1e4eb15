#include "engine/filters/deidentify/verdicts.h"

#include "engine/fhirpath/evaluate.h"
#include "engine/filters/deidentify/compile.h"

namespace tombolo::deidentify {
namespace {

class NodeFrame final : public fhirpath::Frame {
 public:
  explicit NodeFrame(const fhirpath::FhirTypes& types) : types_(types) {}
  const fhirpath::Types& types() const override { return types_; }
  void read(std::uint32_t, fhirpath::Items&) const override {}

 private:
  const fhirpath::FhirTypes& types_;
};

}  // namespace

bool fits(Method method, Primitive leaf, Role role) {
  if (method == Method::drop || method == Method::hold) return true;
  if (role == Role::element_id || role == Role::extension_url) return false;
  if (role != Role::plain) return method == Method::token;
  switch (method) {
    case Method::keep: return true;
    case Method::token: return leaf == Primitive::string || leaf == Primitive::id || leaf == Primitive::oid || leaf == Primitive::uuid;
    case Method::year: return leaf == Primitive::date || leaf == Primitive::date_time;
    case Method::shift: return leaf == Primitive::date || leaf == Primitive::date_time || leaf == Primitive::instant;
    case Method::zip3: return leaf == Primitive::string;
    case Method::scrub: return leaf == Primitive::string || leaf == Primitive::markdown;
    case Method::generalise:
      return leaf == Primitive::decimal || leaf == Primitive::integer || leaf == Primitive::positive_int || leaf == Primitive::unsigned_int;
    default: return false;
  }
}

Verdicts::Verdicts(const Policy& policy, const FhirSchema& schema, Diagnostics& diagnostics) : policy_(policy), schema_(schema), types_(schema) {
  VerdictsCompiler(*this, diagnostics).run();
}

Role Verdicts::role(ElementId member) const {
  const Element& element = schema_[member];
  if (element.owner == untyped) return Role::plain;
  const Element& owner = schema_[element.owner];
  if (element.name == "id") return owner.kind == TypeKind::resource ? Role::resource_id : Role::element_id;
  if (element.name == "fullUrl" && owner.name == "Bundle.entry") return Role::full_url;
  if (element.name == "reference" && owner.name == "Reference") return Role::reference;
  if (element.name == "url" && owner.name == "Extension") return Role::extension_url;
  return Role::plain;
}

const Verdicts::Edge& Verdicts::edge(StateId from, ElementId member) const {
  const State& state = states_[from];
  const ElementId first = schema_.id(schema_.members(state.type).front());
  return edges_[state.edges + (member - first)];
}

Result<Choice> Verdicts::enter(ElementId resource, const Tree& tree, NodeId node, Arena& arena) const {
  const auto found = resources_.find(resource);
  if (found == resources_.end()) return Fault{Kind::unsupported, "", "expected a resource of R4"};
  return choose(found->second, tree, node, arena);
}

Result<Choice> Verdicts::step(StateId from, ElementId member, const Tree& tree, NodeId node, Arena& arena) const {
  if (from == nowhere) return Choice{};
  return choose(edge(from, member), tree, node, arena);
}

Result<Choice> Verdicts::choose(const Edge& edge, const Tree& tree, NodeId node, Arena& arena) const {
  std::uint32_t at = 0;
  if (edge.urls > 0) {
    const std::string_view url = tree[tree.child(node, "url")].value();
    for (std::uint32_t i = 0; i < edge.urls; ++i) {
      if (bound_[guards_[edge.guards + i]].url == url) at = i + 1;
    }
  }
  at <<= edge.conditions;
  for (std::uint32_t i = 0; i < edge.conditions; ++i) {
    const NodeFrame frame(types_);
    fhirpath::Run run{frame, arena};
    fhirpath::Items focus(arena), result(arena);
    focus.add(tree, node);
    const auto done = fhirpath::evaluate(bound_[guards_[edge.guards + edge.urls + i]].program, run, focus, result);
    if (!done) return Fault{Kind::refused, "", "a condition of the policy cannot be answered"};
    if (fhirpath::truth(result, types_)) at |= 1u << i;
  }
  return choices_[edge.first + at];
}

// Every url and every condition alone; that two hold at once is not spelled out.
std::vector<Verdicts::Way> Verdicts::ways(const Edge& edge) const {
  std::vector<Way> all{{"", choices_[edge.first]}};
  for (std::uint32_t i = 0; i < edge.urls; ++i) {
    all.push_back({bound_[guards_[edge.guards + i]].text, choices_[edge.first + ((i + 1) << edge.conditions)]});
  }
  for (std::uint32_t i = 0; i < edge.conditions; ++i) {
    all.push_back({bound_[guards_[edge.guards + edge.urls + i]].text, choices_[edge.first + (1u << i)]});
  }
  return all;
}

std::vector<Verdicts::Way> Verdicts::ways(ElementId resource) const { return ways(resources_.at(resource)); }
std::vector<Verdicts::Way> Verdicts::ways(StateId from, ElementId member) const { return ways(edge(from, member)); }

}  // namespace tombolo::deidentify
