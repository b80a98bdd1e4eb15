// Values: how one item becomes what the target holds.
#include <algorithm>
#include <utility>

#include "engine/mapping/runner/names.h"
#include "engine/mapping/runner/run.h"

namespace tombolo::mapping {

using fhirpath::Item;
using fhirpath::Items;
using Quality = Spelled::Quality;

namespace {

// code('v2-0203', 'VN', 'text') is one text of three parts.
CodeRow code_parts(std::string_view text) {
  CodeRow row;
  const auto first = text.find('\x1f');
  row.system = text.substr(0, first);
  if (first == std::string_view::npos) return {{}, {}, text, {}};
  text.remove_prefix(first + 1);
  const auto second = text.find('\x1f');
  row.code = text.substr(0, second);
  if (second != std::string_view::npos) row.display = text.substr(second + 1);
  return row;
}

bool is_code(const Item& item) {
  const auto* const text = std::get_if<std::string_view>(&item.held);
  return text != nullptr && text->find('\x1f') != std::string_view::npos;
}

}  // namespace

bool Runner::write(const Writing& w, const Item& item) {
  switch (w.conversion.kind) {
    case Conversion::Kind::primitive: return primitive(w, item);
    case Conversion::Kind::coding:
    case Conversion::Kind::concept_: return coding(w, item);
    case Conversion::Kind::element: return through_element(w, item);
    case Conversion::Kind::entry: return through_entry(w, item);
    case Conversion::Kind::reference: return reference(w, item);
  }
  return false;
}

const CodeTable* Runner::table(const TableUse& use, const Activation& act) const {
  return use.parameter != none ? act.tables[use.parameter] : use.table;
}

// The node that holds the target's last step; single elements on the way are made or continued.
NodeId Runner::parent_of(const TargetPath& target, NodeId base) {
  for (const auto& step : target.steps) {
    if (step.extension != nullptr) {
      base = extension(base, step.member, *step.extension, false);
      continue;
    }
    const NodeId there = out_.member(base, step.member);
    base = there != no_node ? there : out_.add(base, step.member);
  }
  return base;
}

// fresh: a new one in any case, else the one of this url is continued.
NodeId Runner::extension(NodeId parent, ElementId member, const ExtensionRow& row, bool fresh) {
  if (!fresh)
    for (const NodeId child : children(tree_, parent))
      if (tree_[child].name() == "extension" && tree_[out_.member(child, names_.extension_url)].value() == row.url) return child;
  const NodeId made = out_.add(parent, member);
  out_.add(made, names_.extension_url, row.url);
  return made;
}

NodeId Runner::put(const TargetPath& target, NodeId base, ElementId member) {
  const NodeId node = target.self ? base : place(target, base, member);
  deeds_.wrote(rule_, node);
  return node;
}

NodeId Runner::place(const TargetPath& target, NodeId base, ElementId member) {
  const NodeId parent = parent_of(target, base);
  const auto& last = target.last;
  if (last.extension != nullptr) return out_.add(extension(parent, last.member, *last.extension, true), member);
  if (!last.list)
    if (const NodeId there = out_.member(parent, last.member); there != no_node) return there;
  return out_.add(parent, member);
}

bool Runner::primitive(const Writing& w, const Item& item) {
  auto text = is_code(item) ? std::optional(code_parts(std::get<std::string_view>(item.held)).code) : text_of(item);
  if (!text || text->empty()) return false;
  std::uint32_t row = 0;
  if (const auto* const codes = table(w.conversion.table, w.act)) {
    row = codes->find(*text);
    if (row == 0) {
      miss(*codes, item, w.link->on_miss);
      missed_item_ = item;
      missed_ = &missed_item_;
      if (w.link->on_miss == OnMiss::fail) fail(Kind::refused, "the table has no such code");
      return false;
    }
    text = codes->row(row).code;
  } else if (w.conversion.table.given()) {
    return false;  // a table parameter that the caller did not give
  }
  const auto spelled = spell(*text, item.is_node(), w.conversion.primitive, zone_ ? &*zone_ : nullptr, tree_.arena());
  if (spelled.quality == Quality::absent) return false;
  if (spelled.quality == Quality::bad) return bad(w, item, spelled);
  if (spelled.quality == Quality::partial) {
    ++errors_, ++report_.bad_values;
    finding(Kind::malformed, item.sources().empty() ? no_node : item.sources()[0], "only a part of the time could be kept");
    if (w.link->on_error == OnError::try_next || w.link->on_error == OnError::drop) return false;
    if (w.link->on_error == OnError::fail) return fail(Kind::malformed, "a time that FHIR cannot hold whole"), false;
  }
  const auto set = schema_[w.conversion.member].value_set;
  if (set != 0 && w.conversion.primitive == Primitive::code && !schema_.has_code(set, spelled.text)) return bad(w, item, spelled);
  const NodeId node = put(w.target, w.base, w.conversion.member);
  const auto l = lineage(item, row);
  tree_.set_value(node, spelled.text);
  tree_[node].lineage = l;
  if (spelled.quality == Quality::partial) original_text(node, *text, l);
  return true;
}

// A value that the target cannot hold.
bool Runner::bad(const Writing& w, const Item& item, const Spelled& spelled) {
  ++errors_, ++report_.bad_values;
  const NodeId at = item.sources().empty() ? no_node : item.sources()[0];
  finding(Kind::malformed, at, std::string(expected(w.conversion.primitive)));
  // An instant has no valid front part: without a zone its text is kept.
  const bool text_only = w.conversion.primitive == Primitive::instant && w.link->on_error <= OnError::keep_partial;
  switch (text_only ? OnError::keep_text : w.link->on_error) {
    case OnError::fail: fail(Kind::malformed, std::string(expected(w.conversion.primitive))); return false;
    case OnError::keep_text:
    case OnError::data_absent: {
      const auto original = item.is_node() ? text_of(item).value_or("") : spelled.text;
      if (w.target.self || !valid(Primitive::string, original)) return false;
      const NodeId node = put(w.target, w.base, w.conversion.member);
      const auto l = lineage(item);
      if (w.link->on_error != OnError::data_absent) return original_text(node, original, l), true;
      const NodeId made = out_.add(node, schema_.member(tree_[node].element, "extension"));
      out_.add(made, names_.extension_url, "http://hl7.org/fhir/StructureDefinition/data-absent-reason");
      out_.add(made, names_.extension_code, "error", l);
      return true;
    }
    default: return false;
  }
}

// Text that FHIR cannot hold (control characters) is left out; the finding says where it stands.
void Runner::original_text(NodeId node, std::string_view text, std::uint32_t lineage) {
  if (!valid(Primitive::string, text)) return;
  const NodeId made = out_.add(node, schema_.member(tree_[node].element, "extension"));
  out_.add(made, names_.extension_url, "http://hl7.org/fhir/StructureDefinition/originalText");
  out_.add(made, names_.extension_string, text, lineage);
}

// What the table does not have stays as it is where the target can hold it: a uri, a text.
bool Runner::keep_missed(const TargetPath& target, NodeId base, const Conversion& c) {
  const auto text = text_of(missed_item_);
  if (!text) return false;
  const auto spelled = spell(*text, missed_item_.is_node(), c.primitive, zone_ ? &*zone_ : nullptr, tree_.arena());
  if (spelled.quality != Quality::good) return false;
  const NodeId node = put(target, base, c.member);
  const auto l = lineage(missed_item_);
  tree_.set_value(node, spelled.text);
  tree_[node].lineage = l;
  return true;
}

// A code that the table does not have stays beside the element.
void Runner::alternate_code(const TargetPath& target, NodeId base, const Conversion& c) {
  const auto text = text_of(missed_item_);
  if (!text || !valid(Primitive::code, *text)) return;
  const NodeId node = put(target, base, c.member);
  const NodeId made = out_.add(node, schema_.member(tree_[node].element, "extension"));
  out_.add(made, names_.extension_url, "http://hl7.org/fhir/StructureDefinition/alternate-codes");
  const NodeId concept_node = out_.add(made, names_.extension_concept);
  out_.add(out_.add(concept_node, names_.coding), names_.coding_code, *text, lineage(missed_item_));
}

bool Runner::through_element(const Writing& w, const Item& item) {
  const auto before = mark();
  const NodeId node = put(w.target, w.base, w.conversion.member);
  const auto rule = rule_;
  const auto deleted = deleted_;
  const auto* const missed = missed_;
  Activation callee(*w.conversion.call.map, around_, item, w.act.narrow);
  callee.element = node;
  callee.current = w.act.current;
  call(w.conversion.call, item, w.act, callee);
  rule_ = rule;
  deleted_ = deleted;
  missed_ = missed;
  if (standing_ == before.standing || failed_) {
    take_back(before, w.act);
    return false;
  }
  for (const auto& d : w.conversion.defaults) default_value(d, node, w.act);
  return true;
}

Handle Runner::cached(const CompiledMap& map, NodeId source) const {
  for (const auto& c : cache_)
    if (c.map == &map && same_bytes(c.source, source)) return c.handle;
  return Handle::none;
}

bool Runner::same_bytes(NodeId a, NodeId b) const {
  if (a == b) return true;
  const Node &x = source_[a], &y = source_[b];
  if (x.holds != y.holds || x.value() != y.value()) return false;
  NodeId i = x.first, j = y.first;
  while (i != no_node && j != no_node) {
    if (source_[i].name() != source_[j].name() || !same_bytes(i, j)) return false;
    i = source_[i].next, j = source_[j].next;
  }
  return i == j;
}

// A resource where a Reference is due: an entry of its own, and a handle to it.
bool Runner::through_entry(const Writing& w, const Item& item) {
  const auto& c = w.conversion.call;
  const bool shared = c.arguments.empty() && c.tables.empty() && c.reads.empty() && w.conversion.defaults.empty() && item.is_node();
  const auto before = mark();
  Handle handle = shared ? cached(*c.map, item.node()->node) : Handle::none;
  if (handle != Handle::none && inputs_.watch) mark_all(item.node()->node);
  if (handle == Handle::none) {
    const auto rule = rule_;
    const auto deleted = deleted_;
    const auto* const missed = missed_;
    const NodeId source = item.sources().empty() ? no_node : item.sources()[0];
    Activation callee(*c.map, around_, item, w.act.narrow);
    callee.current = source;
    if (!c.map->gives) {
      callee.entry = handle = out_.entry(c.map->target, tree_.arena().join({c.map->name, "@", std::to_string(source)}));
      callee.element = out_.resource(handle);
    }
    call(c, item, w.act, callee);
    rule_ = rule;
    deleted_ = deleted;
    missed_ = missed;
    if (c.map->gives) handle = callee.given;
    if (standing_ == before.standing || handle == Handle::none || failed_) {
      take_back(before, w.act);
      return false;
    }
    for (const auto& d : w.conversion.defaults) default_value(d, out_.resource(handle), w.act);
    if (shared) cache_.push_back({c.map, item.node()->node, handle});
  }
  const NodeId node = put(w.target, w.base, w.conversion.member);
  out_.refer(node, handle);
  tree_[node].lineage = lineage(item);
  return true;
}

bool Runner::reference(const Writing& w, const Item& item) {
  const auto* const handle = std::get_if<fhirpath::Handle>(&item.held);
  if (handle == nullptr || handle->number == 0) return false;
  const NodeId node = put(w.target, w.base, w.conversion.member);
  out_.refer(node, static_cast<Handle>(handle->number));
  ++standing_;
  return true;
}

void Runner::add_coding(NodeId parent, ElementId member, const CodeRow& row, std::uint32_t lineage) {
  const NodeId coding = out_.add(parent, member);
  if (!row.system.empty()) out_.add(coding, names_.coding_system, row.system, lineage);
  if (!row.code.empty()) out_.add(coding, names_.coding_code, row.code, lineage);
  if (!row.display.empty()) out_.add(coding, names_.coding_display, row.display, lineage);
}

// A Coding or CodeableConcept from code() or from a table; the code as sent stays as another coding.
bool Runner::coding(const Writing& w, const Item& item) {
  const auto text = text_of(item);
  if (!text || text->empty()) return false;
  CodeRow found, original;
  std::uint32_t row = 0;
  if (is_code(item)) {
    found = code_parts(*text);
    if (!valid(Primitive::code, found.code)) {
      ++errors_, ++report_.bad_values;
      finding(Kind::malformed, item.sources().empty() ? no_node : item.sources()[0], std::string(expected(Primitive::code)));
      return false;
    }
    if (!valid(Primitive::string, found.display)) found.display = {};
  } else {
    const auto* const codes = table(w.conversion.table, w.act);
    if (codes == nullptr) return false;
    row = codes->find(*text);
    if (row != 0) found = codes->row(row);
    else miss(*codes, item, w.link->on_miss);
    if (row == 0 && w.link->on_miss == OnMiss::fail) return fail(Kind::refused, "the table has no such code"), false;
    if (w.link->on_miss == OnMiss::keep && w.conversion.keeps_original && found.code != *text && valid(Primitive::code, *text)) original.code = *text;
    if (row == 0 && original.code.empty()) return false;
  }
  const auto l = lineage(item, row);
  const NodeId node = put(w.target, w.base, w.conversion.member);
  if (w.conversion.kind == Conversion::Kind::coding) {
    const auto& row_written = row != 0 || is_code(item) ? found : original;
    if (!row_written.system.empty()) out_.add(node, names_.coding_system, row_written.system, l);
    out_.add(node, names_.coding_code, row_written.code, l);
    if (!row_written.display.empty()) out_.add(node, names_.coding_display, row_written.display, l);
    return true;
  }
  const auto said = is_code(item) ? std::exchange(found.display, {}) : std::string_view();
  if (!found.code.empty()) add_coding(node, names_.coding, found, l);
  if (!original.code.empty()) add_coding(node, names_.coding, original, l);
  if (!said.empty()) out_.add(node, names_.concept_text, said, l);
  return true;
}

}  // namespace tombolo::mapping
