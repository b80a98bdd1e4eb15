// Equality, equivalence and order of items, and reading nodes as values.
#include <algorithm>
#include <cctype>

#include "engine/base/letters.h"
#include "engine/base/text.h"
#include "engine/fhirpath/code.h"
#include "engine/fhirpath/unit.h"

namespace tombolo::fhirpath {
namespace {

TypeId type_of_item(const NodeRef& ref, const Types& types) {
  return ref.type != unknown_type ? ref.type : types.type_of_node(*ref.tree, ref.node);
}

std::string_view child_text(const NodeRef& ref, std::string_view name) {
  const NodeId child = ref.tree->child(ref.node, name);
  return child == no_node ? std::string_view() : (*ref.tree)[child].value();
}

// A quantity that says "less than" is no value.
Item quantity_of(const NodeRef& ref, const Item& otherwise) {
  const auto value = to_decimal(child_text(ref, "value"));
  if (!value || !child_text(ref, "comparator").empty()) return otherwise;
  std::string_view unit = child_text(ref, "code");
  const bool calendar = unit == "a" || unit == "mo";  // FHIR has no other way to say a year
  if (unit.empty()) unit = child_text(ref, "unit");
  return Item{Quantity{*value, unit.empty() ? "1" : unit, calendar}, {}};
}

template <class T>
Item read_as(const std::optional<T>& value, std::string_view text) {
  if (value) return Item{*value, {}};
  return Item{text, {}};
}

Item leaf_value(System system, std::string_view text, bool hl7) {
  switch (system) {
    case System::boolean:
      if (text == "true" || text == "false") return Item{text == "true", {}};
      break;
    case System::integer:
    case System::long_integer: return read_as(to_integer(text), text);
    case System::decimal: return read_as(to_decimal(text), text);
    case System::date: return read_as(hl7 ? hl7_date_time(text) : to_date(text), text);
    case System::date_time: return read_as(hl7 ? hl7_date_time(text) : to_date_time(text), text);
    case System::time: return read_as(hl7 ? hl7_time(text) : to_time(text), text);
    default: break;
  }
  return Item{text, {}};
}

bool is_number(const Item& item) { return std::holds_alternative<std::int64_t>(item.held) || std::holds_alternative<Decimal>(item.held); }
bool is_text(const Item& item) { return std::holds_alternative<std::string_view>(item.held); }

Decimal decimal_of(const Item& item) {
  if (const auto* n = std::get_if<std::int64_t>(&item.held)) return {*n, 0};
  return std::get<Decimal>(item.held);
}

std::string folded(std::string_view text) {  // as ~ sees it: case and blanks do not count
  std::string out;
  for (const char c : lower(text)) {
    if (!is_blank(c)) out += c;
    else if (!out.empty() && out.back() != ' ') out += ' ';
  }
  return std::string(trim(out));
}

// Leaves as the values their types say: 1.0 is 1.00 within a complex value too.
bool equal_leaves(const NodeRef& a, const NodeRef& b, const Types& types, bool loosely) {
  const std::string_view x = (*a.tree)[a.node].value(), y = (*b.tree)[b.node].value();
  if (x == y) return true;
  const Item p = value_of(Item{a, {}}, types), q = value_of(Item{b, {}}, types);
  if (p.is_node() || q.is_node()) return loosely && folded(x) == folded(y);
  return loosely ? equivalent(p, q, types) : equal(p, q, types) == true;
}

bool equal_nodes(const NodeRef& a, const NodeRef& b, const Types& types, bool loosely, int depth) {
  const Node& x = (*a.tree)[a.node];
  const Node& y = (*b.tree)[b.node];
  if (depth > 100 || x.holds != y.holds) return false;
  if (x.holds == Holds::text && !equal_leaves(a, b, types, loosely)) return false;
  NodeId p = x.first;
  NodeId q = y.first;
  for (; p != no_node && q != no_node; p = (*a.tree)[p].next, q = (*b.tree)[q].next) {
    if ((*a.tree)[p].name() != (*b.tree)[q].name()) return false;
    if (!equal_nodes({a.tree, p}, {b.tree, q}, types, loosely, depth + 1)) return false;
  }
  return p == no_node && q == no_node;
}

}  // namespace

System system_of(const Item& item, const Types& types) {
  struct Visitor {
    const Types& types;
    System operator()(std::monostate) const { return System::none; }
    System operator()(const NodeRef& ref) const {
      const TypeId type = type_of_item(ref, types);
      return is_system(type) ? static_cast<System>(type) : types.system(type);
    }
    System operator()(bool) const { return System::boolean; }
    System operator()(std::int64_t) const { return System::integer; }
    System operator()(const Decimal&) const { return System::decimal; }
    System operator()(std::string_view) const { return System::string; }
    System operator()(const Moment& m) const {
      return m.sort == Moment::Sort::date ? System::date : m.sort == Moment::Sort::time ? System::time : System::date_time;
    }
    System operator()(const Quantity&) const { return System::quantity; }
    System operator()(const Handle&) const { return System::none; }
    System operator()(const TypeName&) const { return System::none; }
  };
  return std::visit(Visitor{types}, item.held);
}

Item value_of(const Item& item, const Types& types) {
  const NodeRef* const ref = item.node();
  if (ref == nullptr) return item;
  const Node& node = (*ref->tree)[ref->node];
  const TypeId type = type_of_item(*ref, types);
  const System system = is_system(type) ? static_cast<System>(type) : types.system(type);
  if (system == System::quantity) return quantity_of(*ref, item);
  if (node.holds != Holds::text) return item;
  if (system == System::string) return Item{node.value(), {}};
  if (system == System::none && node.first != no_node) return item;
  const bool hl7 = type != unknown_type && !is_system(type) && types.model(type) == "HL7";
  return leaf_value(system, node.value(), hl7);
}

void coerce(Item& a, Item& b, const Types& types) {
  const Item x = value_of(a, types);
  const Item y = value_of(b, types);
  const auto leaf_text = [](const Item& item) -> std::optional<std::string_view> {
    const NodeRef* const ref = item.node();
    if (ref == nullptr || (*ref->tree)[ref->node].holds != Holds::text) return std::nullopt;
    return (*ref->tree)[ref->node].value();
  };
  const auto number = [](const Item& item) { return read_as(to_decimal(std::get<std::string_view>(item.held)), std::get<std::string_view>(item.held)); };
  const auto text_of_a = leaf_text(a);
  const auto text_of_b = leaf_text(b);
  if (is_text(y) && !is_text(x) && text_of_a) a = Item{*text_of_a, {}}, b = y;
  else if (is_text(x) && !is_text(y) && text_of_b) a = x, b = Item{*text_of_b, {}};
  else if (is_text(x) && text_of_a && is_number(y)) a = number(x), b = y;
  else if (is_text(y) && text_of_b && is_number(x)) a = x, b = number(y);
  else a = x, b = y;
}

std::optional<bool> equal(const Item& first, const Item& second, const Types& types) {
  Item a = first;
  Item b = second;
  coerce(a, b, types);
  if (is_number(a) && is_number(b)) return compare(decimal_of(a), decimal_of(b)) == 0;
  const auto* const m = std::get_if<Moment>(&a.held);
  const auto* const n = std::get_if<Moment>(&b.held);
  if (m != nullptr && n != nullptr) {
    if ((m->sort == Moment::Sort::time) != (n->sort == Moment::Sort::time)) return false;
    const auto order = compare(*m, *n);
    return order ? std::optional(*order == 0) : std::nullopt;
  }
  const auto* const p = std::get_if<Quantity>(&a.held);
  const auto* const q = std::get_if<Quantity>(&b.held);
  if (p != nullptr && q != nullptr) {
    const auto order = compare(*p, *q, types.units());
    return order ? std::optional(*order == 0) : std::nullopt;
  }
  if (a.is_node() && b.is_node()) return *a.node() == *b.node() || equal_nodes(*a.node(), *b.node(), types, false, 0);
  if (const auto* text = std::get_if<std::string_view>(&a.held); text != nullptr && is_text(b)) return *text == std::get<std::string_view>(b.held);
  if (const auto* truth = std::get_if<bool>(&a.held)) return std::get_if<bool>(&b.held) != nullptr && *truth == std::get<bool>(b.held);
  if (const auto* handle = std::get_if<Handle>(&a.held)) return std::get_if<Handle>(&b.held) != nullptr && *handle == std::get<Handle>(b.held);
  if (const auto* name = std::get_if<TypeName>(&a.held)) return std::get_if<TypeName>(&b.held) != nullptr && *name == std::get<TypeName>(b.held);
  return false;
}

bool equivalent(const Item& first, const Item& second, const Types& types) {
  Item a = first;
  Item b = second;
  coerce(a, b, types);
  if (is_number(a) && is_number(b)) {
    const Decimal x = decimal_of(a);
    const Decimal y = decimal_of(b);
    const int places = std::min(normal(x).scale, normal(y).scale);
    return compare(round(x, places), round(y, places)) == 0;
  }
  if (is_text(a) && is_text(b)) return folded(std::get<std::string_view>(a.held)) == folded(std::get<std::string_view>(b.held));
  const auto* const m = std::get_if<Moment>(&a.held);
  const auto* const n = std::get_if<Moment>(&b.held);
  if (m != nullptr && n != nullptr) return equivalent(*m, *n);
  const auto* const p = std::get_if<Quantity>(&a.held);
  const auto* const q = std::get_if<Quantity>(&b.held);
  if (p != nullptr && q != nullptr) return equivalent(*p, *q, types.units());
  if (a.is_node() && b.is_node()) return equal_nodes(*a.node(), *b.node(), types, true, 0);
  return equal(a, b, types) == true;
}

std::optional<std::string_view> text(const Item& item, Arena& arena) {
  struct Visitor {
    Arena& arena;
    using Answer = std::optional<std::string_view>;
    Answer operator()(std::monostate) const { return std::nullopt; }
    Answer operator()(const NodeRef& ref) const {
      const Node& node = (*ref.tree)[ref.node];
      return node.holds == Holds::text ? Answer(node.value()) : std::nullopt;
    }
    Answer operator()(bool truth) const { return truth ? "true" : "false"; }
    Answer operator()(std::int64_t n) const { return arena.copy(std::to_string(n)); }
    Answer operator()(const Decimal& d) const { return arena.copy(fhirpath::text(d)); }
    Answer operator()(std::string_view s) const { return s; }
    Answer operator()(const Moment& m) const { return arena.copy(fhirpath::text(m)); }
    Answer operator()(const Quantity& q) const {
      const std::string number = fhirpath::text(q.value);
      return q.calendar && calendar_word(q.unit) ? arena.join({number, " ", q.unit}) : arena.join({number, " '", q.unit, "'"});
    }
    Answer operator()(const Handle&) const { return std::nullopt; }
    Answer operator()(const TypeName& type) const { return arena.join({type.model, ".", type.name}); }
  };
  return std::visit(Visitor{arena}, item.held);
}

bool is_of(const Item& item, const TypeSpecifier& specifier, const Types& types, bool exact) {
  const NodeRef* const ref = item.node();
  if (ref == nullptr) return specifier.system != System::none && system_of(item, types) == specifier.system;
  if (specifier.type == unknown_type) return false;
  const TypeId type = type_of_item(*ref, types);
  if (type == specifier.type) return true;
  if (type == unknown_type || is_system(type)) return false;
  const System system = types.system(type);
  const bool primitive = system != System::none && system != System::quantity && types.model(type) != "HL7";
  return !(exact && primitive) && types.is(type, specifier.type);
}

bool truth(const Items& items, const Types& types) { return tri(items, types, Dialect::map) == Tri::yes; }

Tri tri(const Items& items, const Types& types, Dialect dialect) {
  if (items.empty()) return Tri::unknown;
  if (items.size() > 1) return dialect == Dialect::map ? Tri::yes : Tri::many;
  if (const bool* const truth = std::get_if<bool>(&items[0].held)) return *truth ? Tri::yes : Tri::no;
  if (system_of(items[0], types) != System::boolean) return Tri::yes;
  const Item value = value_of(items[0], types);
  const bool* const truth = std::get_if<bool>(&value.held);
  return truth == nullptr || *truth ? Tri::yes : Tri::no;
}

}  // namespace tombolo::fhirpath
