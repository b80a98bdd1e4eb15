// Expressions: plain addresses are walked here, all others by fhirpath.
#include <algorithm>

#include "engine/mapping/runner/run.h"

namespace tombolo::mapping {

using fhirpath::Item;
using fhirpath::Items;

// False: the expression failed; that was reported, and `out` is empty.
bool Runner::evaluate(const Expr& e, Activation& act, Items& out) {
  reads_.clear();
  if (!e.fixed.empty()) {
    for (const Item& item : e.fixed) out.add(item);
    return true;
  }
  if (e.plain) {
    plain(e, act, out);
    return true;
  }
  const auto begin = out.size();
  bool done = true;
  if (e.stored) act.read(e.way.slot, out), keep_valued(out, begin);
  else done = computed(e, act, out);
  if (!inputs_.watch) return done;
  for (const NodeId node : reads_) mark_read(node);
  if (done) mark_decided(out, begin);
  return done;
}

bool Runner::computed(const Expr& e, Activation& act, Items& out) {
  fhirpath::Run run{act, tree_.arena(), &reads_};
  const auto done = fhirpath::evaluate(e.program, run, act.focus, out);
  if (deleted_ == no_node) deleted_ = run.deleted;
  if (run.took_first) finding(Kind::conflict, reads_.empty() ? no_node : reads_.back(), "one value is used of several");
  if (done) return true;
  finding(done.error().kind, reads_.empty() ? no_node : reads_.front(), done.error().what);
  out.clear();
  return false;
}

// Of what a slot holds, from `begin` on: nodes that are empty or "" are passed over.
void Runner::keep_valued(Items& items, std::size_t begin) {
  auto kept = begin;
  for (auto i = begin; i < items.size(); ++i) {
    if (const auto* const ref = items[i].node()) {
      const auto found = fhirpath::presence(source_, ref->node);
      if (found == fhirpath::Presence::absent) continue;
      reads_.push_back(ref->node);
      if (found == fhirpath::Presence::deleted && deleted_ == no_node) deleted_ = ref->node;
      if (found == fhirpath::Presence::deleted) continue;
    }
    if (kept != i) items[kept] = items[i];
    ++kept;
  }
  items.resize(kept);
}

// The node that the address goes on to from `node`, as an item; nothing where there is none or "" stands.
bool Runner::arrive(const Expr& e, const Activation& act, NodeId node, Item& item) {
  node = act.component(node, e.way.component);
  if (node != no_node) node = act.component(node, e.way.subcomponent);
  if (node == no_node) return false;
  const auto found = fhirpath::presence(source_, node);
  reads_.push_back(node);
  if (found == fhirpath::Presence::deleted && deleted_ == no_node) deleted_ = node;
  if (inputs_.watch) found == fhirpath::Presence::deleted ? mark_all(node) : mark_read(node);
  if (found == fhirpath::Presence::deleted || (found == fhirpath::Presence::absent && source_[node].length == 0)) return false;
  item.held = fhirpath::NodeRef{&source_, node, e.shape.types.size() == 1 ? e.shape.types.front() : fhirpath::unknown_type};
  return true;
}

void Runner::plain(const Expr& e, Activation& act, Items& out) {
  Item item;
  const bool nodes = act.visit(e.way.slot, [&](NodeId node) {
    if (arrive(e, act, node, item)) out.add(item);
  });
  if (nodes) return;
  for (const Item& focused : act.focus) {  // some of it was computed, and is its own first component
    item = focused;
    const auto* const ref = focused.node();
    if (ref != nullptr ? arrive(e, act, ref->node, item) : e.way.component <= 1) out.add(item);
  }
}

// A condition. because: what it reads is kept for the lineage of the values it lets pass.
bool Runner::holds(const Expr& e, Activation& act, bool because) {
  const NodeId deleted = deleted_;
  reads_.clear();
  const auto said = e.question ? answer(*e.question, act) : Answer::open;
  bool result = said == Answer::yes;
  if (said == Answer::open) reads_.clear(), result = holds_computed(e, act);
  deleted_ = deleted;
  if (inputs_.watch)
    for (const NodeId node : reads_) mark_read(node), report_.decided[node] = true;
  if (because) because_.insert(because_.end(), reads_.begin(), reads_.end());
  return result;
}

bool Runner::holds_computed(const Expr& e, Activation& act) {
  fhirpath::Run run{act, tree_.arena(), &reads_};
  const auto result = fhirpath::holds(e.program, run, act.focus);
  if (run.took_first) finding(Kind::conflict, reads_.empty() ? no_node : reads_.back(), "one value is used of several");
  if (!result) finding(result.error().kind, reads_.empty() ? no_node : reads_.front(), result.error().what);
  return result && *result;
}

void Runner::mark_read(NodeId node) {
  if (node != no_node && node < report_.read.size()) report_.read[node] = true;
}

void Runner::mark_all(NodeId node) {
  if (!inputs_.watch) return;
  mark_read(node);
  for (const NodeId child : children(source_, node)) mark_all(child);
}

// What an expression read without its being part of a result was read to decide: PID-3.5 in PID-3.where(CX.5 = 'MR').
void Runner::mark_decided(const Items& results, std::size_t begin) {
  std::vector<NodeId> given;
  for (auto i = begin; i < results.size(); ++i)
    for (const NodeId node : results[i].sources()) given.push_back(node);
  for (const NodeId node : reads_)
    if (std::find(given.begin(), given.end(), node) == given.end()) report_.decided[node] = true;
}

std::optional<std::string_view> Runner::text_of(const Item& item) {
  if (const auto* const ref = item.node()) {
    const NodeId leaf = first_leaf(ref->node);
    if (leaf == no_node) return std::nullopt;
    if (inputs_.watch) mark_read(leaf);
    return source_[leaf].value();
  }
  return fhirpath::text(item, tree_.arena());
}

// A composed value where text is due is its first valued part.
NodeId Runner::first_leaf(NodeId node) const {
  const Node& n = source_[node];
  if (n.first == no_node) return n.holds == Holds::text ? node : no_node;
  for (const NodeId child : children(source_, node))
    if (const NodeId leaf = first_leaf(child); leaf != no_node) return leaf;
  return no_node;
}

std::uint32_t Runner::lineage(const Item& item, std::uint32_t table_row) {
  const auto from = item.sources();
  sources_.assign(from.begin(), from.end());
  sources_.insert(sources_.end(), because_.begin(), because_.end());
  Lineage l;
  l.rule = rule_ + 1;
  l.table_row = table_row;
  l.count = static_cast<std::uint16_t>(std::min<std::size_t>(sources_.size(), UINT16_MAX));
  l.because = static_cast<std::uint16_t>(std::min<std::size_t>(because_.size(), UINT16_MAX));
  if (!from.empty()) ++standing_;
  ++report_.values;
  return tree_.add_lineage(l, sources_);
}

// What makes an identity, or is looked for, is read to decide.
void Runner::mark_key(NodeId node) {
  if (!inputs_.watch) return;
  mark_read(node);
  report_.decided[node] = true;
}

// The parts of a key. A composed identifier is its number and its assigner: CX-1 and CX-4; EI whole.
std::size_t Runner::key_parts(const Item& item, std::vector<std::string_view>& parts) {
  parts.clear();
  for (const NodeId source : item.sources()) mark_key(source);
  const auto* const ref = item.node();
  if (ref == nullptr || source_[ref->node].first == no_node) {
    auto text = text_of(item).value_or("");
    for (;;) {
      const auto end = text.find('\x1f');
      parts.push_back(text.substr(0, end));
      if (end == std::string_view::npos) return parts.size();
      text.remove_prefix(end + 1);
    }
  }
  const auto type = around_.types.type_of_node(source_, ref->node);
  const auto name = type == fhirpath::unknown_type ? std::string_view() : around_.types.name(type);
  const std::string_view assigner = name == "CX" ? "4" : name == "XCN" ? "9" : name == "XON" ? "6" : "";
  for (const NodeId child : children(source_, ref->node)) {
    const auto number = source_[child].name();
    if (!assigner.empty() && number != "1" && number != assigner) continue;
    if (assigner.empty() && number != "1" && parts.empty()) parts.emplace_back();
    if (source_[child].first == no_node) {
      if (source_[child].holds == Holds::text) parts.push_back(source_[child].value()), mark_key(child);
      continue;
    }
    for (const NodeId sub : children(source_, child))
      if (source_[sub].holds == Holds::text) parts.push_back(source_[sub].value()), mark_key(sub);
  }
  return parts.size();
}

}  // namespace tombolo::mapping
