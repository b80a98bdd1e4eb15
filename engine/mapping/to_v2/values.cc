// Values: how what a rule gives becomes a part of the message.
#include <algorithm>

#include "engine/base/text.h"
#include "engine/canonical/view.h"
#include "engine/mapping/hl7_text.h"
#include "engine/mapping/to_v2/run.h"

namespace tombolo::mapping::to_v2 {

using fhirpath::Item;
using fhirpath::Items;

namespace {

constexpr std::size_t most_missed = 1000;
constexpr std::string_view v2_systems = "http://terminology.hl7.org/CodeSystem/v2-";

bool number(std::string_view text) {
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) text.remove_prefix(1);
  return !text.empty() && text.find_first_not_of("0123456789.") == text.npos && std::count(text.begin(), text.end(), '.') <= 1;
}

// 2026, 202601, 20260131 …: as HL7 writes it already.
bool hl7_digits(std::string_view text) { return text.size() >= 4 && fhirpath::hl7_date_time(text).has_value(); }

}  // namespace

void Runner::rule(const Op& op, Activation& act) {
  if (filled(op.goal, act.node)) return;
  deleted_ = no_node;
  missed_.reset();
  bool done = false;
  for (const auto& link : op.chain) {
    rule_ = op.rule;
    because_.clear();
    if (link.when && !holds(link.when, act, true)) continue;
    for (const auto& each : link.sources) {
      done = source(op, link, each, act) || done;
      if (failed_ || (done && !op.goal.list)) break;
    }
    if (done || failed_) break;
  }
  rule_ = op.rule;
  if (!done && missed_ && !failed_) {  // what no table has stays as it is
    const auto text = text_of(*missed_, *op.goal.type);
    if (!text.text.empty()) put(op, text.text, false, lineage(*missed_), act), done = true;
  }
  const auto& first = op.chain.front();
  if (!done && deleted_ != no_node && first.on_delete != OnDelete::ignore && op.goal.type != nullptr && !failed_) {
    const auto l = lineage(Item{fhirpath::NodeRef{&source_, deleted_, fhirpath::unknown_type}, {}});
    if (first.on_delete == OnDelete::text) put(op, first.delete_text, false, l, act);
    else put(op, {}, true, l, act);
  }
  because_.clear();
}

bool Runner::source(const Op& op, const Link& link, const LinkSource& source, Activation& act) {
  Items items(tree_.arena());
  if (!evaluate(source.value, act, items) && link.on_error == OnError::fail) failed_ = Fault{Kind::malformed, op.goal.name, "an expression failed"};
  const auto index = act.index;
  std::size_t written = 0;
  for (std::size_t i = 0; i < items.size() && !failed_; ++i) {
    if (written > 0 && !op.goal.list) {
      finding(Kind::conflict, items[i].sources().empty() ? no_node : items[i].sources()[0], op.goal.name, "one value is used of " + std::to_string(items.size()));
      break;
    }
    if (items.size() > 1) act.index = static_cast<std::int64_t>(i);
    if (write(op, link, source, items[i], act)) ++written;
  }
  act.index = index;
  return written > 0;
}

bool Runner::write(const Op& op, const Link& link, const LinkSource& source, const Item& item, Activation& act) {
  if (source.call) return through_call(op, source, item, act);
  const auto& use = source.table;
  Text text;
  if (use.given()) {
    const auto* const table = use.parameter != none ? act.tables[use.parameter] : use.table;
    if (table == nullptr) return false;
    text = translated(*table, item);
    if (text.row == 0 && text.text.empty()) {
      missed(*table, link, item);
      if (link.on_miss == OnMiss::fail) failed_ = Fault{Kind::refused, op.goal.name, "the table has no such code"};
      return false;
    }
  } else {
    text = text_of(item, *op.goal.type);
  }
  if (text.bad) {
    ++report_.bad_values;
    finding(Kind::malformed, item.sources().empty() ? no_node : item.sources()[0], op.goal.name, "not a value for a " + std::string(op.goal.type->name));
    if (link.on_error == OnError::fail) failed_ = Fault{Kind::malformed, op.goal.name, "not a value for a " + std::string(op.goal.type->name)};
    return false;
  }
  if (text.text.empty()) return false;
  put(op, text.text, false, lineage(item, text.row), act);
  return true;
}

// Items of another type are passed over: of `value as Quantity-CWE` only quantities are meant.
bool Runner::through_call(const Op& op, const LinkSource& source, const Item& item, Activation& act) {
  const auto* const ref = item.node();
  if (ref == nullptr) return false;
  const auto type = ref->type != fhirpath::unknown_type ? ref->type : types_.type_of_node(*ref->tree, ref->node);
  if (type != fhirpath::unknown_type && !types_.is(type, source.call->map->input)) return false;
  const auto standing = standing_;
  const auto deeds = deeds_.size();
  const auto opened = open(op.goal, act.node);
  deeds_.wrote(op.rule, opened.node);
  call(*source.call, item, opened.node, act);
  if (standing_ > standing) return true;
  if (opened.fresh != no_node) tree_.remove(opened.fresh);
  deeds_.take_back(deeds);
  return false;
}

void Runner::put(const Op& op, std::string_view text, bool deleted, std::uint32_t lineage, Activation& act) {
  const NodeId node = open(op.goal, act.node).node;
  if (deleted) tree_.set_deleted(node);
  else tree_.set_value(node, text);
  tree_[node].lineage = lineage;
  deeds_.wrote(op.rule, node);
}

// A primitive as the target's type writes it.
Runner::Text Runner::text_of(const Item& item, const V2Type& type) {
  const auto copied = [&](const std::string& text) { return Text{tree_.arena().copy(text)}; };
  const bool time = type.name == "DT" || type.name == "DTM" || type.name == "TM";
  if (const auto* const yes = std::get_if<bool>(&item.held)) return {*yes ? "Y" : "N"};
  auto kind = Primitive::string;
  if (const auto* const ref = item.node()) {
    const Node& node = (*ref->tree)[ref->node];
    kind = schema_[node.element].primitive;
    if (const auto original = time ? original_text(ref->node) : std::string_view(); hl7_digits(original)) return {original};
    if (node.holds != Holds::text) return {};
    if (kind == Primitive::boolean) return {node.value() == "true" ? "Y" : "N"};
  }
  const bool moment = std::holds_alternative<fhirpath::Moment>(item.held) || kind == Primitive::date || kind == Primitive::date_time || kind == Primitive::instant || kind == Primitive::time;
  const auto text = trim(fhirpath::text(item, tree_.arena()).value_or(""));
  if (text.empty()) return {};
  if (time || moment) {
    static const V2Type any_time{"DTM", true, {}}, any_hour{"TM", true, {}};
    const bool hour = !time && text.find(':') != text.npos && text.find('-') == text.npos;
    if (const auto spelled = hl7_time_text(text, time ? type : hour ? any_hour : any_time)) return copied(*spelled);
    return {text, 0, time && !hl7_digits(text)};
  }
  return {text, 0, (type.name == "NM" || type.name == "SI") && !number(text)};
}

// What a v2 sender had written where FHIR could not hold all of it: a time of day without a zone.
std::string_view Runner::original_text(NodeId node) {
  for (const NodeId child : children(source_, node)) {
    const NodeId url = source_[child].name() == "extension" ? source_.child(child, "url") : no_node;
    if (url == no_node || source_[url].value() != "http://hl7.org/fhir/StructureDefinition/originalText") continue;
    const NodeId value = source_.child(child, "value");
    if (value == no_node) return {};
    mark(url), mark(value);
    return source_[value].value();
  }
  return {};
}

void Runner::coded(NodeId node, std::vector<std::pair<std::string_view, std::string_view>>& codings) {
  const auto value = [&](NodeId parent, std::string_view name) {
    const NodeId child = source_.child(parent, name);
    return child == no_node ? std::string_view() : source_[child].value();
  };
  if (source_[node].holds == Holds::text) return codings.emplace_back("", source_[node].value()), void();
  mark(source_.child(node, "system")), mark(source_.child(node, "code"));
  if (const auto code = value(node, "code"); !code.empty()) codings.emplace_back(value(node, "system"), code);
  for (const NodeId child : children(source_, node))
    if (source_[child].name() == "coding") coded(child, codings);
}

// From FHIR's code to that of HL7 v2. A coding of a v2 table, or without a system, may be the very code.
Runner::Text Runner::translated(const CodeTable& table, const Item& item) {
  std::vector<std::pair<std::string_view, std::string_view>> codings;
  const auto* const ref = item.node();
  if (ref != nullptr && ref->tree == &source_) coded(ref->node, codings);
  else codings.emplace_back("", fhirpath::text(item, tree_.arena()).value_or(""));
  for (const auto& [system, code] : codings) {
    const bool plain = system.empty() && codings.size() > 1;
    if ((plain || system.starts_with(v2_systems)) && table.find(code) != 0) return {code, table.find(code)};
  }
  for (const auto& [system, code] : codings)
    if (const auto row = table.find_back(system, code); row != 0) return {table.row(row).source, row};
  return {};
}

void Runner::missed(const CodeTable& table, const Link& link, const Item& item) {
  ++report_.misses;
  if (report_.missed.size() < most_missed)
    report_.missed.push_back({rule_ + 1, item.sources().empty() ? no_node : item.sources()[0], &table, link.on_miss == OnMiss::ignore});
  if (link.on_miss != OnMiss::keep || missed_) return;
  missed_ = item;
  const auto* const ref = item.node();
  if (ref == nullptr || source_[ref->node].holds == Holds::text) return;
  NodeId coding = source_.child(ref->node, "coding");  // of a concept the first code that it has
  if (coding == no_node) coding = ref->node;
  const NodeId code = source_.child(coding, "code");
  if (code == no_node) missed_.reset();
  else missed_ = Item{fhirpath::NodeRef{&source_, code, fhirpath::unknown_type}, {}};
}

std::uint32_t Runner::lineage(const Item& item, std::uint32_t row) {
  std::vector<NodeId> from(item.sources().begin(), item.sources().end());
  if (!from.empty()) ++standing_;
  Lineage l;
  l.rule = rule_ + 1;
  l.table_row = row;
  const auto because = std::min<std::size_t>(because_.size(), 1000);
  from.insert(from.end(), because_.begin(), because_.begin() + static_cast<std::ptrdiff_t>(because));
  from.resize(std::min<std::size_t>(from.size(), UINT16_MAX));
  l.because = static_cast<std::uint16_t>(std::min(because, from.size()));
  return tree_.add_lineage(l, from);
}

}  // namespace tombolo::mapping::to_v2
