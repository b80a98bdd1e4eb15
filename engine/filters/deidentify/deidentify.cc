#include "engine/filters/deidentify/deidentify.h"

#include "engine/canonical/view.h"
#include "engine/filters/deidentify/pass.h"

namespace tombolo::deidentify {
namespace {

constexpr std::string_view absent_reason = "http://hl7.org/fhir/StructureDefinition/data-absent-reason";

bool holds_resource(const FhirSchema& schema, ElementId element) {
  return element != untyped && schema[element].kind == TypeKind::resource && schema[element].owner == untyped;
}

}  // namespace

Pass::Pass(const Verdicts& verdicts, const Keys& keys, const Tree& message, const Occasion& occasion, Tree& out, Report* report)
    : verdicts_(verdicts), policy_(verdicts.policy()), schema_(verdicts.schema()), keys_(keys), in_(message), out_(out), report_(report),
      links_(message, schema_, policy_.by_id), as_of_(std::chrono::floor<std::chrono::days>(occasion.received)), seen_(occasion.seen), fates_(message.size()) {
  const NodeId said = in_.child(in_.root(), "timestamp");
  if (const auto day = day_of(in_[said].value()); said != no_node && day) as_of_ = *day;
}

Result<Release> Pass::run() {
  const NodeId root = in_.root();
  if (!holds_resource(schema_, in_[root].element)) return Fault{Kind::unsupported, "", "expected a resource of FHIR R4"};
  const auto stands = decide_resource(root);
  if (!stands) return stands.error();
  if (held_ && !seen_) return Release::held;
  out_[out_.root()].element = in_[root].element;
  write_children(root, out_.root());
  return Release::released;
}

Fault Pass::fault(NodeId node, std::string what) const { return {Kind::refused, fhir_path(in_, schema_, node), std::move(what)}; }

Pass::Subject Pass::subject_of(NodeId resource) const {
  auto person = links_.person_of(resource, keys_);
  if (!person && policy_.shift_nobody) person = links_.only_person(keys_);
  return {resource, person ? std::optional(keys_.shift(*person, policy_.days)) : std::nullopt};
}

// A resource stands if anything in it does.
Result<bool> Pass::decide_resource(NodeId node) {
  const auto choice = verdicts_.enter(in_[node].element, in_, node, scratch_);
  if (!choice) return fault(node, choice.error().what);
  const auto stands = decide_children(node, choice->state, subject_of(node));
  if (stands) fates_[node].stands = *stands;
  return stands;
}

Result<bool> Pass::decide(NodeId node, StateId from, const Subject& subject) {
  const ElementId member = schema_.as_member(in_[node].element, in_[in_[node].parent].element, in_[node].name());
  if (member == untyped) return fault(in_[node].parent, "it has an element that R4 does not have");
  const auto choice = verdicts_.step(from, member, in_, node, scratch_);
  if (!choice) return fault(node, choice.error().what);
  if (holds_resource(schema_, in_[node].element)) {
    if (choice->rule == no_rule) return decide_resource(node);
    record(node, choice->rule, false);
    held_ = held_ || policy_.rules[choice->rule - 1].method == Method::hold;
    return false;
  }
  bool stands = false;
  if (schema_[member].primitive != Primitive::none && in_[node].holds != Holds::nothing) {
    const auto leaf = decide_leaf(node, member, choice->rule, subject);
    if (!leaf) return leaf.error();
    stands = *leaf;
  }
  const auto below = decide_children(node, choice->state, subject);
  if (!below) return below.error();
  fates_[node].stands = stands || *below;
  return fates_[node].stands;
}

// The url of an extension stands with its value, and not without.
Result<bool> Pass::decide_children(NodeId node, StateId state, const Subject& subject) {
  bool any = false;
  NodeId url = no_node;
  for (const NodeId child : children(in_, node)) {
    if (verdicts_.role(schema_.as_member(in_[child].element, in_[node].element, in_[child].name())) == Role::extension_url) {
      url = child;
      continue;
    }
    const auto stands = decide(child, state, subject);
    if (!stands) return stands.error();
    any = any || *stands;
  }
  if (url != no_node && any) fates_[url] = {true, in_[url].value()};
  return any;
}

Result<bool> Pass::decide_leaf(NodeId node, ElementId member, std::uint32_t rule, const Subject& subject) {
  bool stands = false;
  if (in_[node].holds == Holds::deleted) {
    stands = rule != no_rule && policy_.rules[rule - 1].method != Method::drop;   // HL7's "": nothing to hide, nothing to hash
  } else if (rule != no_rule) {
    auto changed = transform(node, member, policy_.rules[rule - 1], subject);
    if (!changed) return changed.error();
    stands = changed->has_value();
    if (stands) fates_[node].value = out_.arena().copy(**changed);
  }
  record(node, rule, stands);
  return stands;
}

void Pass::record(NodeId node, std::uint32_t rule, bool stands) {
  if (report_ == nullptr) return;
  const Method method = rule == no_rule ? Method::drop : policy_.rules[rule - 1].method;
  report_->acts.push_back({node, rule, method, stands, fhir_path(in_, schema_, node), keys_.fingerprint(in_[node].value())});
}

NodeId Pass::add(NodeId into, ElementId element, std::string_view name) {
  const NodeId made = out_.add(into, name);
  out_[made].element = element;
  return made;
}

void Pass::write(NodeId node, NodeId into) {
  const Node& from = in_[node];
  const ElementId member = schema_.as_member(from.element, in_[from.parent].element, from.name());
  const NodeId made = add(into, from.element, schema_[member].name);
  if (from.holds == Holds::deleted) out_.set_deleted(made);
  else if (!fates_[node].value.empty()) out_.set_value(made, fates_[node].value);
  write_children(node, made);
}

// A required element of which nothing stands says so, so that the output stays sound.
void Pass::write_children(NodeId node, NodeId into) {
  for (NodeId child = in_[node].first; child != no_node; child = in_[child].next) {
    if (fates_[child].stands) {
      write(child, into);
      continue;
    }
    const ElementId member = schema_.as_member(in_[child].element, in_[node].element, in_[child].name());
    if (schema_[member].min == 0 || in_.child(node, in_[child].name()) != child) continue;
    bool other = false;
    for (NodeId same = in_.next_same(child); same != no_node; same = in_.next_same(same)) other = other || fates_[same].stands;
    if (!other && schema_[member].kind != TypeKind::resource) write_masked(child, into);
  }
}

void Pass::write_masked(NodeId node, NodeId into) {
  const ElementId member = in_[node].element;
  const NodeId made = add(into, member, schema_[member].name);
  const ElementId extension = schema_.member(member, "extension");
  const NodeId why = add(made, extension, "extension");
  const ElementId url = schema_.member(extension, "url"), value = schema_.member(extension, "valueCode");
  out_.set_value(add(why, url, "url"), absent_reason);
  out_.set_value(add(why, value, "value"), "masked");
}

Deidentifier::Deidentifier(Policy policy, Keys keys) : policy_(std::make_unique<const Policy>(std::move(policy))), keys_(std::move(keys)) {}

std::unique_ptr<const Deidentifier> Deidentifier::make(Policy policy, Keys keys, const FhirSchema& schema, Diagnostics& diagnostics) {
  std::unique_ptr<Deidentifier> made(new Deidentifier(std::move(policy), std::move(keys)));
  Diagnostics found;
  made->verdicts_ = std::make_unique<const Verdicts>(*made->policy_, schema, found);
  const bool failed = found.failed();
  diagnostics.append(found);
  if (failed) return nullptr;
  return made;
}

Result<Release> Deidentifier::operator()(const Tree& message, const Occasion& occasion, Tree& out, Report* report) const {
  try {
    return Pass(*verdicts_, keys_, message, occasion, out, report).run();
  } catch (const std::exception&) {   // its text may be about the message
    return Fault{Kind::internal, "", "de-identification failed; nothing leaves"};
  }
}

std::string text(const Report& report, const Policy& policy) {
  std::string out;
  for (const auto& act : report.acts) {
    out += act.path + "  " + std::string(name(act.method)) + (act.stands || act.method == Method::drop ? "" : " to nothing") + "  ";
    out += act.rule == no_rule ? "no rule" : text(policy.rules[act.rule - 1].place);
    out += "  " + act.fingerprint + "\n";
  }
  return out;
}

}  // namespace tombolo::deidentify
