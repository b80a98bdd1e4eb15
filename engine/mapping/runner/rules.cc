// Rules: the alternatives of one target, in order, until one gives something.
#include <algorithm>

#include "engine/mapping/runner/run.h"

namespace tombolo::mapping {

using fhirpath::Item;
using fhirpath::Items;

bool Runner::lacks(const Expr& e, const Activation& act) {
  return std::any_of(e.needs.begin(), e.needs.end(), [&](const Need& need) { return act.lacks(need); });
}

bool Runner::lacks(const ChainLink& link, const Activation& act) {
  return std::all_of(link.sources.begin(), link.sources.end(), [&](const ChainSource& source) { return lacks(source.value, act); });
}

void Runner::rule(const Op& op, Activation& act) {
  std::size_t which = 0;
  for (NodeId base = base_of(op.target, act, which); base != no_node && !failed_; base = base_of(op.target, act, ++which)) {
    because_.clear();
    if (!filled(op.target, base)) chain(op.target, op.chain, op.rule, base, act);
    else if (inputs_.watch) mark_sources(op, act);  // an earlier rule won; its sources count as read all the same
    because_.clear();
  }
}

void Runner::mark_sources(const Op& op, Activation& act) {
  for (const auto& link : op.chain) {
    if (link.when && !holds(*link.when, act, false)) continue;
    for (const auto& source : link.sources) {
      Items items(tree_.arena());
      evaluate(source.value, act, items);
      for (const Item& item : items)
        if (item.is_node()) mark_all(item.node()->node);
    }
  }
}

// Is the (single) target written already?
bool Runner::filled(const TargetPath& target, NodeId base) const {
  if (target.self) return tree_[base].holds != Holds::nothing;
  if (target.last.list) return false;
  NodeId node = base;
  for (const auto& step : target.steps) {
    if (step.extension != nullptr) return false;
    node = out_.member(node, step.member);
    if (node == no_node) return false;
  }
  node = out_.member(node, target.last.member);
  if (node == no_node) return false;
  return schema_[tree_[node].element].primitive == Primitive::none || tree_[node].holds != Holds::nothing;
}

bool Runner::chain(const TargetPath& target, const std::vector<ChainLink>& links, std::uint32_t rule, NodeId base, Activation& act) {
  deleted_ = no_node;
  missed_ = nullptr;
  const ChainLink* missed_link = nullptr;
  const Conversion* missed_by = nullptr;
  bool gave = false;
  for (const auto& link : links) {
    rule_ = rule;
    because_.clear();
    const bool asked = !inputs_.watch && links.size() == 1 && link.sources.size() == 1;  // at the rule's door
    quiet_ = !asked && lacks(link, act);
    if (quiet_ && !inputs_.watch) continue;
    if (link.when && !holds(*link.when, act, true)) continue;
    for (const auto& source : link.sources) {
      if (this->source(target, link, source, base, act)) gave = true;
      if (failed_) return gave;
      if (missed_ != nullptr && missed_link == nullptr) missed_link = &link, missed_by = &source.conversion;
      if (gave && !target.last.list) break;
    }
    if (gave) break;
  }
  quiet_ = false;
  rule_ = rule;
  if (missed_by != nullptr && missed_link->on_miss == OnMiss::keep) {
    if (missed_by->primitive == Primitive::code) alternate_code(target, base, *missed_by), gave = true;
    else if (!gave) gave = keep_missed(target, base, *missed_by);
  }
  if (!gave && deleted_ != no_node && !links.empty()) deleted(target, links.front(), base);
  return gave;
}

bool Runner::source(const TargetPath& target, const ChainLink& link, const ChainSource& source, NodeId base, Activation& act) {
  Items items(tree_.arena());
  if (!evaluate(source.value, act, items) && link.on_error == OnError::fail) {
    fail(Kind::malformed, "the expression failed");
    return false;
  }
  const Writing w{target, &link, source.conversion, base, act};
  bool gave = false;
  for (const Item& item : items) {
    if (write(w, item)) gave = true;
    if (failed_) return gave;
    if (gave && !target.last.list) {
      if (source.conversion.kind != Conversion::Kind::reference) first_of(items);
      break;
    }
  }
  return gave;
}

void Runner::default_value(const Conversion::Default& d, NodeId element, Activation& act) {
  if (filled(d.target, element)) return;
  if (d.target.last.list && out_.member(element, d.target.last.member) != no_node) return;
  const auto outer = rule_;
  rule_ = d.rule;
  ChainLink link;
  link.on_miss = OnMiss::ignore;
  source(d.target, link, d.source, element, act);
  rule_ = outer;
}

// The sender said "" and no alternative had a value: there is no such value any more.
void Runner::deleted(const TargetPath& target, const ChainLink& link, NodeId base) {
  if (link.on_delete == OnDelete::ignore) return;
  if (link.on_delete == OnDelete::unsaid) return delete_later(target, base, deleted_);
  const NodeId node = put(target, base, link.delete_member);
  const auto l = lineage(Item{fhirpath::NodeRef{&source_, deleted_}, {}});
  tree_.set_value(node, link.delete_text);
  tree_[node].lineage = l;
}

// The mark is written after the last rule, if none had a value for the target. A list is deleted by the field that fills it, not
// by a component among others. What an element must have is not deleted, nor is an extension: it would keep its url.
void Runner::delete_later(const TargetPath& target, NodeId base, NodeId source) {
  note_deletion(source);
  const auto in_extension = [](const TargetStep& step) { return step.extension != nullptr; };
  if (target.self || in_extension(target.last) || std::any_of(target.steps.begin(), target.steps.end(), in_extension)) return;
  if (schema_[target.last.member].min > 0 || (target.last.list && !is_field(source))) return;
  pending_.push_back({&target, base, rule_, source, deeds_.wrote(rule_, no_node)});
}

bool Runner::is_field(NodeId node) const {
  const auto above = source_[source_[node].parent].name();  // a segment's name; a field's is a number
  return !above.empty() && above.front() >= 'A';
}

void Runner::write_deletions() {
  for (const auto& each : pending_) {
    const NodeId parent = parent_of(*each.target, each.base);
    const auto member = each.target->last.member;
    if (out_.member(parent, member) != no_node) continue;
    const NodeId mark = out_.add_deleted(parent, member);
    deeds_.came(each.deed, mark);
    Lineage l;
    l.rule = each.rule + 1;
    tree_[mark].lineage = tree_.add_lineage(l, {&each.source, 1});
  }
}

}  // namespace tombolo::mapping
