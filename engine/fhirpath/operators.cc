// The operators of FHIRPath on two collections; the logical ones, which may leave their right side unread, stand in evaluate.cc.
#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/fhirpath/code.h"
#include "engine/fhirpath/unit.h"

namespace tombolo::fhirpath {
namespace {

bool fail(std::string& why, std::string what) {
  why = std::move(what);
  return false;
}

std::string described(const Item& item, const Types& types) {
  const System system = system_of(item, types);
  return system == System::none ? std::string("a complex value") : "a value of type " + std::string(name(system));
}

void give(decltype(Item::held) value, const Operands& o, Items& out) {
  out.add(Item{value, sources_of({&o.left, &o.right}, o.arena)});
}

template <class T>
const T* as(const Item& item) { return std::get_if<T>(&item.held); }

std::optional<Decimal> number(const Item& item) {
  if (const auto* n = as<std::int64_t>(item)) return Decimal{*n, 0};
  if (const auto* d = as<Decimal>(item)) return *d;
  return std::nullopt;
}

bool mismatch(Operator op, const Item& a, const Item& b, const Operands& o, std::string& why) {
  return fail(why, quoted(spelling(op)) + " cannot take " + described(a, o.types) + " and " + described(b, o.types));
}

// Integers stay integers; what overflows gives nothing.
bool whole_arithmetic(Operator op, std::int64_t a, std::int64_t b, const Operands& o, Items& out) {
  std::int64_t result = 0;
  bool overflow = false;
  switch (op) {
    case Operator::add: overflow = __builtin_add_overflow(a, b, &result); break;
    case Operator::subtract: overflow = __builtin_sub_overflow(a, b, &result); break;
    case Operator::multiply: overflow = __builtin_mul_overflow(a, b, &result); break;
    case Operator::div:
    case Operator::mod:
      if (b == 0) return true;
      overflow = b == -1 && a == INT64_MIN;
      if (!overflow) result = op == Operator::div ? a / b : a % b;
      break;
    default: return true;
  }
  if (!overflow) give(result, o, out);
  return true;
}

bool decimal_arithmetic(Operator op, const Decimal& a, const Decimal& b, const Operands& o, Items& out) {
  std::optional<Decimal> result;
  switch (op) {
    case Operator::add: result = add(a, b); break;
    case Operator::subtract: result = add(a, negate(b)); break;
    case Operator::multiply: result = multiply(a, b); break;
    case Operator::divide: result = divide(a, b); break;
    default: break;
  }
  if (op == Operator::div || op == Operator::mod) {
    const auto both = divide_truncated(a, b);
    if (!both) return true;
    if (op == Operator::div) return give(both->whole, o, out), true;
    result = both->rest;
  }
  if (result) give(*result, o, out);
  return true;
}

bool quantity_arithmetic(Operator op, const Quantity& a, const Quantity& b, const Operands& o, Items& out, std::string& why) {
  if (op == Operator::multiply || op == Operator::divide) {
    if (const auto product = multiply(a, b, op == Operator::divide, o.types.units(), o.arena)) give(*product, o, out);
    return true;
  }
  if (op != Operator::add && op != Operator::subtract) return fail(why, "quantities have no " + quoted(spelling(op)));
  const Quantity addend{op == Operator::add ? b.value : negate(b.value), b.unit, b.calendar};
  if (const auto sum = add(a, addend, o.types.units())) give(*sum, o, out);
  return true;
}

bool moment_arithmetic(Operator op, const Moment& moment, Quantity by, const Operands& o, Items& out, std::string& why) {
  if (op == Operator::subtract) by.value = negate(by.value);
  static constexpr std::array<std::string_view, 14> units = {"year", "month", "week", "day", "hour", "minute", "second", "millisecond",
                                                             "s",    "ms",    "min",  "h",   "d",    "wk"};
  const bool plural = by.unit.size() > 2 && by.unit.ends_with('s');
  if (std::find(units.begin(), units.end(), plural ? by.unit.substr(0, by.unit.size() - 1) : by.unit) == units.end()) {
    return fail(why, "a date moves by calendar units (years … milliseconds, or s ms min h d wk), found " + quoted(by.unit));
  }
  if (const auto moved = later(moment, by)) give(*moved, o, out);
  return true;
}

bool arithmetic(Operator op, const Operands& o, Items& out, std::string& why) {
  if (o.left.empty() || o.right.empty()) return true;
  Item a = o.left[0];
  Item b = o.right[0];
  coerce(a, b, o.types);
  const auto* m = as<std::int64_t>(a);
  const auto* n = as<std::int64_t>(b);
  if (m != nullptr && n != nullptr && op != Operator::divide) return whole_arithmetic(op, *m, *n, o, out);
  const auto x = number(a);
  const auto y = number(b);
  if (x && y) return decimal_arithmetic(op, *x, *y, o, out);
  const auto* s = as<std::string_view>(a);
  const auto* t = as<std::string_view>(b);
  if (s != nullptr && t != nullptr && op == Operator::add) return give(o.arena.join({*s, *t}), o, out), true;
  const auto* p = as<Quantity>(a);
  const auto* q = as<Quantity>(b);
  const auto* moment = as<Moment>(a);
  if (moment != nullptr && q != nullptr && (op == Operator::add || op == Operator::subtract)) {
    return moment_arithmetic(op, *moment, *q, o, out, why);
  }
  if (p != nullptr && q != nullptr) return quantity_arithmetic(op, *p, *q, o, out, why);
  if (p != nullptr && y) return quantity_arithmetic(op, *p, Quantity{*y, "1", false}, o, out, why);
  if (q != nullptr && x) return quantity_arithmetic(op, Quantity{*x, "1", false}, *q, o, out, why);
  return mismatch(op, a, b, o, why);
}

bool concatenation(const Operands& o, Items& out, std::string& why) {
  std::string_view parts[2];
  std::size_t i = 0;
  for (const Items* side : {&o.left, &o.right}) {
    if (!side->empty()) {
      const auto part = text((*side)[0], o.arena);
      if (!part) return fail(why, "'&' joins text, found " + described((*side)[0], o.types));
      parts[i] = *part;
    }
    ++i;
  }
  give(o.arena.join({parts[0], parts[1]}), o, out);
  return true;
}

// -1, 0, 1; nothing: left open. failed: the two cannot be ordered at all.
std::optional<int> order(const Item& a, const Item& b, const Types& types, bool& failed) {
  const auto x = number(a);
  const auto y = number(b);
  if (x && y) return compare(*x, *y);
  const auto* s = as<std::string_view>(a);
  const auto* t = as<std::string_view>(b);
  if (s != nullptr && t != nullptr) return *s < *t ? -1 : *s > *t ? 1 : 0;
  const auto* m = as<Moment>(a);
  const auto* n = as<Moment>(b);
  if (m != nullptr && n != nullptr) {
    failed = (m->sort == Moment::Sort::time) != (n->sort == Moment::Sort::time);
    return compare(*m, *n);
  }
  const auto* p = as<Quantity>(a);
  const auto* q = as<Quantity>(b);
  if ((p != nullptr && q != nullptr) || (p != nullptr && y) || (q != nullptr && x)) {
    const Quantity left = p != nullptr ? *p : Quantity{*x, "1", false};
    const Quantity right = q != nullptr ? *q : Quantity{*y, "1", false};
    return compare(left, right, types.units());
  }
  failed = true;
  return std::nullopt;
}

bool inequality(Operator op, const Operands& o, Items& out, std::string& why) {
  if (o.left.empty() || o.right.empty()) return true;
  Item a = o.left[0];
  Item b = o.right[0];
  coerce(a, b, o.types);
  bool failed = false;
  const auto found = order(a, b, o.types, failed);
  if (failed) return mismatch(op, a, b, o, why);
  if (!found) return true;
  const bool holds = op == Operator::less ? *found < 0 : op == Operator::less_or_equal ? *found <= 0 : op == Operator::greater ? *found > 0 : *found >= 0;
  give(holds, o, out);
  return true;
}

std::optional<bool> equal_collections(const Operands& o) {
  if (o.left.size() != o.right.size()) return false;
  std::optional<bool> all = true;
  for (std::size_t i = 0; i < o.left.size(); ++i) {
    const auto one = equal(o.left[i], o.right[i], o.types);
    if (one == false) return false;
    if (!one) all = std::nullopt;
  }
  return all;
}

bool equivalent_collections(const Operands& o) {
  if (o.left.size() != o.right.size()) return false;
  std::vector<bool> taken(o.right.size());
  return std::all_of(o.left.begin(), o.left.end(), [&](const Item& item) {
    for (std::size_t i = 0; i < o.right.size(); ++i) {
      if (!taken[i] && equivalent(item, o.right[i], o.types)) return taken[i] = true, true;
    }
    return false;
  });
}

// Where a leaf meets text, text is compared: that is most of what `in` is asked, so it comes first.
bool contains(const Items& items, const Item& wanted, const Types& types) {
  const NodeRef* const ref = wanted.node();
  const bool leaf = ref != nullptr && (*ref->tree)[ref->node].holds == Holds::text;
  const std::string_view text = leaf ? (*ref->tree)[ref->node].value() : std::string_view();
  return std::any_of(items.begin(), items.end(), [&](const Item& item) {
    const auto* const constant = as<std::string_view>(item);
    return leaf && constant != nullptr ? *constant == text : equal(item, wanted, types) == true;
  });
}

bool singles(Operator op, const Operands& o, std::string& why) {
  if (o.left.size() <= 1 && o.right.size() <= 1) return true;
  return fail(why, quoted(spelling(op)) + " takes one item on each side, found " +
                       std::to_string(std::max(o.left.size(), o.right.size())));
}

}  // namespace

bool apply(Operator op, const Operands& o, Items& out, std::string& why) {
  switch (op) {
    case Operator::equal:
    case Operator::not_equal: {
      if (o.left.empty() || o.right.empty()) return true;
      if (const auto same = equal_collections(o)) give(*same == (op == Operator::equal), o, out);
      return true;
    }
    case Operator::equivalent:
    case Operator::not_equivalent: give(equivalent_collections(o) == (op == Operator::equivalent), o, out); return true;
    case Operator::in:
    case Operator::contains: {
      const Items& one = op == Operator::in ? o.left : o.right;
      const Items& all = op == Operator::in ? o.right : o.left;
      if (one.size() > 1) return fail(why, quoted(spelling(op)) + " looks for one item, found " + std::to_string(one.size()));
      if (!one.empty()) give(contains(all, one[0], o.types), o, out);
      return true;
    }
    case Operator::unite:
      for (const Items* side : {&o.left, &o.right}) {
        for (const Item& item : *side) {
          if (!contains(out, item, o.types)) out.add(item);
        }
      }
      return true;
    case Operator::less:
    case Operator::less_or_equal:
    case Operator::greater:
    case Operator::greater_or_equal: return singles(op, o, why) && inequality(op, o, out, why);
    case Operator::concatenate: return singles(op, o, why) && concatenation(o, out, why);
    default: return singles(op, o, why) && arithmetic(op, o, out, why);
  }
}

int rank(const Item& a, const Item& b, const Types& types) {
  const auto sort = [](const Item& item) { return number(item) ? 1 : static_cast<int>(item.held.index()) * 2; };
  if (sort(a) != sort(b)) return sort(a) < sort(b) ? -1 : 1;
  bool failed = false;
  return order(a, b, types, failed).value_or(0);
}

std::span<const NodeId> sources_of(std::initializer_list<const Items*> from, Arena& arena) {
  constexpr std::size_t most = 256;  // more sources than a person reads are left out
  std::size_t count = 0;
  for (const Items* items : from) {
    for (const Item& item : *items) count += item.sources().size();
  }
  count = std::min(count, most);
  if (count == 0) return {};
  void* const bytes = arena.resource()->allocate(count * sizeof(NodeId), alignof(NodeId));
  NodeId* const list = static_cast<NodeId*>(bytes);
  std::size_t size = 0;
  for (const Items* items : from) {
    for (const Item& item : *items) {
      for (const NodeId node : item.sources()) {
        if (size < count && std::find(list, list + size, node) == list + size) list[size++] = node;
      }
    }
  }
  return {list, size};
}

}  // namespace tombolo::fhirpath
