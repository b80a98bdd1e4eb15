#include "engine/mapping/runner/run.h"

#include <algorithm>

#include "engine/fhirpath/value.h"
#include "engine/mapping/runner/names.h"

namespace tombolo::mapping {

using fhirpath::Item;
using fhirpath::Items;

namespace {

NodeId header_of(const Tree& source) {
  for (const NodeId child : children(source, source.root()))
    if (source[child].name() == "MSH") return child;
  return no_node;
}

// The zone of MSH-7, which holds for the whole message (HL7 2.5, 2.A.22).
std::optional<Zone> message_zone(const Tree& source, NodeId header) {
  if (header == no_node) return std::nullopt;
  NodeId node = source.child(header, "7");
  if (node != no_node && source[node].first != no_node) node = source[node].first;
  if (node == no_node) return std::nullopt;
  const auto m = fhirpath::hl7_date_time(source[node].value());
  return m && m->has_offset ? std::optional(Zone(m->offset)) : std::nullopt;
}

}  // namespace

Runner::Runner(const fhirpath::Types& types, const Tree& source, Canonical& out, const RunInputs& inputs, const RunNames& names, RunReport& report)
    : source_(source),
      out_(out),
      tree_(out.tree()),
      schema_(out.schema()),
      inputs_(inputs),
      names_(names),
      report_(report),
      numbers_(source),
      around_{types, source, out.tree().arena(), &out, numbers_, header_of(source), fhirpath::moment(inputs.received), this},
      zone_(message_zone(source, around_.header)),
      deeds_(inputs.watch) {
  if (!zone_) zone_ = inputs.zone;
  if (!inputs.watch) return;
  report.read.assign(source.size(), false);
  report.decided.assign(source.size(), false);
}

Result<void> Runner::run(const CompiledMap& map) {
  Activation act(map, around_, Item{fhirpath::NodeRef{&source_, source_.root(), map.input}, {}}, nullptr);
  act.element = out_.bundle();
  block(map.body, act);
  if (failed_) return *failed_;
  write_deletions();
  for (const auto& found : out_.finish()) report(found);
  if (inputs_.watch) report_.fired = deeds_.fired(tree_);
  for (const NodeId entry : children(tree_, out_.bundle())) required(entry);
  return {};
}

// Of the places of a finding those that the first leaf with a lineage knows.
void Runner::report(const Finding& found) {
  const auto from = [&](NodeId node, NodeId& source, std::uint32_t& rule) {
    const auto lineage = node == no_node ? 0 : lineage_below(node);
    if (lineage == 0) return;
    rule = tree_.lineage(lineage).rule;
    if (const auto sources = tree_.sources(lineage); !sources.empty()) source = sources.front();
  };
  RunReport::Line line{found.kind, 0, no_node, found.path, found.text};
  from(found.first, line.source, line.rule);
  from(found.second, line.other_source, line.other_rule);
  report_.lines.push_back(std::move(line));
}

std::uint32_t Runner::lineage_below(NodeId node) const {
  if (tree_[node].lineage != 0) return tree_[node].lineage;
  for (const NodeId child : children(tree_, node))
    if (const auto lineage = lineage_below(child); lineage != 0) return lineage;
  return 0;
}

// Holds it nothing but "" of the sender?
bool Runner::only_deleted(NodeId node) const {
  const Node& n = tree_[node];
  if (n.holds == Holds::text) return false;
  for (NodeId child = n.first; child != no_node; child = tree_[child].next)
    if (!only_deleted(child)) return false;
  return n.holds == Holds::deleted || n.first != no_node;
}

// Must something stand in it?
bool Runner::wants_members(ElementId element) const {
  const auto type = schema_[element].type;
  if (schema_[element].primitive != Primitive::none) return false;
  const auto members = schema_.members(type);
  return std::any_of(members.begin(), members.end(), [&](const auto& m) { return m.min > 0 && !schema_.is_abstract(m.type) && !schema_.is_resource(schema_.id(m)); });
}

// A required element that has no value says so itself.
void Runner::required(NodeId node) {
  const auto& must = names_.required(schema_[tree_[node].element].type);
  if (tree_[node].first == no_node && tree_[node].holds != Holds::nothing) return;
  if (!pending_.empty() && only_deleted(node)) return;
  for (const ElementId id : must) {
    if (out_.member(node, id) != no_node) continue;
    const NodeId made = out_.add(node, id);
    if (wants_members(id)) {  // the reason belongs to the innermost that is missing
      required(made);
      continue;
    }
    const NodeId reason = out_.add(made, schema_.member(id, "extension"));
    out_.add(reason, names_.extension_url, "http://hl7.org/fhir/StructureDefinition/data-absent-reason");
    out_.add(reason, names_.extension_code, "unknown");
    report_.lines.push_back({Kind::missing, 0, no_node, fhir_path(tree_, schema_, made), "required, and no rule had a value for it"});
  }
  for (NodeId child = tree_[node].first; child != no_node; child = tree_[child].next)
    if (tree_[child].first != no_node) required(child);
}

void Runner::take_back(const Mark& mark, Activation& act) {
  std::erase_if(act.made, [&](const Made& m) { return static_cast<std::size_t>(m.handle) >= mark.canonical.entries; });
  out_.take_back(mark.canonical);
  cache_.resize(std::min(cache_.size(), mark.cached));
  pending_.resize(mark.pending);
  standing_ = mark.standing;
  deeds_.take_back(mark.deeds);
}

void Runner::finding(Kind kind, NodeId source, std::string text) {
  if (!quiet_ && report_.lines.size() < 1000) report_.lines.push_back({kind, rule_ + 1, source, {}, std::move(text)});
}

void Runner::miss(const CodeTable& table, const Item& code, OnMiss policy) {
  ++report_.misses;
  const auto sources = code.sources();
  if (report_.missed.size() < 1000) report_.missed.push_back({rule_ + 1, sources.empty() ? no_node : sources[0], &table, policy == OnMiss::ignore});
}

// Where one is due.
void Runner::first_of(Items& items) {
  if (items.size() <= 1) return;
  finding(Kind::conflict, items[1].is_node() ? items[1].node()->node : no_node, "one value is used of " + std::to_string(items.size()));
  items.resize(1);
}

void Runner::fail(Kind kind, std::string text) {
  if (!failed_) failed_ = Fault{kind, {}, std::move(text)};
}

Handle Runner::find(ElementId type, const Items& key) {
  for (const Item& item : key) {
    if (key_parts(item, parts_) == 0 || parts_.front().empty()) continue;
    return out_.find(type, parts_);
  }
  return Handle::none;
}

}  // namespace tombolo::mapping
