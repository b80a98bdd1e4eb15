// What the right sides of an edit's rules give.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/fhirpath/value.h"
#include "engine/mapping/edit/run.h"
#include "engine/mapping/hl7_text.h"

namespace tombolo::mapping {

using fhirpath::Item;
using fhirpath::Items;

namespace {

constexpr std::size_t most_missed = 1000;

// A time that was computed, or that goes where a time is due, may be spelled as FHIR does: "2026-01-31T09:45:00Z".
std::optional<std::string> from_iso(std::string_view text, const V2Type* type, const fhirpath::Shape& shape) {
  using fhirpath::System;
  if (text.find_first_of("-:") == text.npos) return {};
  const auto is = [&](std::string_view v2, System computed) {
    return (type != nullptr && type->name == v2) || (shape.types.size() == 1 && shape.types.front() == fhirpath::type_of(computed));
  };
  const bool time = is("TM", System::time);
  if (!time && !is("DT", System::date) && !is("DTM", System::date_time)) return {};
  const auto moment = time ? fhirpath::to_time(text) : fhirpath::to_date_time(text);
  return moment ? std::optional(hl7_text(*moment)) : std::nullopt;
}

}  // namespace

std::vector<EditRunner::Value> EditRunner::values(const EditOp& op, Activation& act) {
  std::vector<Value> out;
  rule_ = op.rule;
  deleted_ = no_node;
  missed_.clear();
  for (const auto& each : op.chain) {
    because_.clear();
    if (each.when && !holds(each.when, act, true)) continue;
    link(op.place, each, act, out);
    if (!out.empty() || failed_) break;
  }
  if (out.empty()) out = std::move(missed_);
  if (out.empty() && deleted_ != no_node && !failed_) deleted(op.chain.front(), out);
  because_.clear();
  return out;
}

void EditRunner::link(const EditPlace& place, const ChainLink& link, Activation& act, std::vector<Value>& out) {
  for (const auto& each : link.sources) {
    source(place, link, each, act, out);
    if (failed_ || (!out.empty() && !place.list)) return;
  }
}

// One source: its items, through the table if there is one. What the table does not have waits in missed_, but stays among
// others of a list that it has.
void EditRunner::source(const EditPlace& place, const ChainLink& link, const ChainSource& source, Activation& act, std::vector<Value>& out) {
  Items items(tree_.arena());
  if (!evaluate(source.value, act, items) && link.on_error == OnError::fail) failed_ = Fault{Kind::malformed, {}, "an expression failed"};
  const auto* const table = source.conversion.table.table;
  std::vector<Value> found;
  bool hit = false;
  for (const Item& item : items) {
    Value v = value(place, source.value.shape, item);
    const auto row = table == nullptr ? 0 : table->find(text_of(v));
    if (row != 0) v = {no_node, table->row(row).code, &table->row(row), false, lineage(item, row)};
    if (table != nullptr && row == 0) {
      missed(*table, link, item);
      if (link.on_miss == OnMiss::fail) failed_ = Fault{Kind::refused, place_of(v.node), "the table has no such code"};
      if (link.on_miss != OnMiss::keep) continue;
    } else {
      hit = true;
    }
    found.push_back(v);
    if (!place.list) break;
  }
  if (!place.list && items.size() > 1)
    finding(Kind::conflict, items[1].is_node() ? items[1].node()->node : no_node, "one value is used of " + std::to_string(items.size()));
  auto& into = hit ? out : missed_;
  into.insert(into.end(), found.begin(), found.end());
}

void EditRunner::missed(const CodeTable& table, const ChainLink& link, const Item& item) {
  ++report_.misses;
  const auto from = item.sources().empty() ? std::vector<NodeId>{} : origins(item.sources()[0]);
  if (report_.missed.size() < most_missed)
    report_.missed.push_back({rule_ + 1, from.empty() ? no_node : from.front(), &table, link.on_miss == OnMiss::ignore});
}

EditRunner::Value EditRunner::value(const EditPlace& place, const fhirpath::Shape& shape, const Item& item) {
  Value v;
  v.lineage = lineage(item);
  // A composed value where text is due is its first part.
  if (const auto* const ref = item.node()) v.node = place.type != nullptr && place.type->primitive ? first_leaf(ref->node) : ref->node;
  else v.text = spelled(item, place.type, shape);
  return v;
}

// HL7's "" and no other value: the target says so too, unless the rule has another wish.
void EditRunner::deleted(const ChainLink& link, std::vector<Value>& out) {
  Value v;
  v.lineage = lineage(Item{fhirpath::NodeRef{&tree_, deleted_, fhirpath::unknown_type}, {}});
  if (link.on_delete == OnDelete::ignore) return;
  if (link.on_delete == OnDelete::text) v.text = link.delete_text;
  else v.deleted = true;
  out.push_back(v);
}

std::string_view EditRunner::spelled(const Item& item, const V2Type* type, const fhirpath::Shape& shape) {
  if (const auto* const moment = std::get_if<fhirpath::Moment>(&item.held)) return tree_.arena().copy(hl7_text(*moment));
  if (const auto* const yes = std::get_if<bool>(&item.held)) return *yes ? "Y" : "N";
  const auto text = fhirpath::text(item, tree_.arena()).value_or("");
  const auto time = from_iso(text, type, shape);
  return time ? tree_.arena().copy(*time) : text;
}

std::string_view EditRunner::text_of(const Value& value) const {
  if (value.node == no_node) return value.text;
  const NodeId leaf = first_leaf(value.node);
  return leaf == no_node ? std::string_view{} : tree_[leaf].value();
}

// A composed value where a code is due is its first valued part.
NodeId EditRunner::first_leaf(NodeId node) const {
  if (tree_[node].first == no_node) return tree_[node].holds == Holds::text ? node : no_node;
  for (const NodeId child : children(tree_, node))
    if (const NodeId leaf = first_leaf(child); leaf != no_node) return leaf;
  return no_node;
}

// Where in the message as received a node's content is from.
std::vector<NodeId> EditRunner::origins(NodeId node) const {
  if (node == no_node) return {};
  if (const auto index = tree_[node].lineage; index != 0) {
    const auto all = tree_.sources(index);
    return {all.begin(), all.end() - tree_.lineage(index).because};
  }
  return node < source_.size() ? std::vector{node} : std::vector<NodeId>{};
}

std::uint32_t EditRunner::lineage(const Item& item, std::uint32_t row) {
  std::vector<NodeId> from, because;
  for (const NodeId node : item.sources())
    for (const NodeId origin : origins(node)) from.push_back(origin);
  for (const NodeId node : because_)
    for (const NodeId origin : origins(node)) because.push_back(origin);
  Lineage l;
  l.rule = rule_ + 1;
  l.table_row = row;
  if (!from.empty()) ++standing_;
  from.insert(from.end(), because.begin(), because.end());
  from.resize(std::min<std::size_t>(from.size(), UINT16_MAX));
  l.because = static_cast<std::uint16_t>(std::min(because.size(), from.size()));
  return tree_.add_lineage(l, from);
}

}  // namespace tombolo::mapping
