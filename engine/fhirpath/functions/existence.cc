// Is there anything, and does it hold: empty exists all allTrue … count distinct subsetOf not hasValue deleted.
#include <algorithm>
#include <array>

#include "engine/fhirpath/functions/functions.h"

namespace tombolo::fhirpath {
namespace {

bool has(const Items& items, const Item& wanted, const Types& types) {
  return std::any_of(items.begin(), items.end(), [&](const Item& item) { return equal(item, wanted, types) == true; });
}

bool answer(Call& call, bool truth, Items& out) {
  out.add(call.item(truth, {&call.input()}));
  return true;
}

bool empty(Call& call, Items& out) { return answer(call, call.input().empty(), out); }

bool exists(Call& call, Items& out) {
  if (call.count() == 0) return answer(call, !call.input().empty(), out);
  std::int64_t i = 0;
  for (const Item& item : call.input()) {
    bool holds = false;
    if (!call.condition(0, item, i++, holds)) return false;
    if (holds) return answer(call, true, out);
  }
  return answer(call, false, out);
}

bool all(Call& call, Items& out) {
  std::int64_t i = 0;
  for (const Item& item : call.input()) {
    bool holds = false;
    if (!call.condition(0, item, i++, holds)) return false;
    if (!holds) return answer(call, false, out);
  }
  return answer(call, true, out);
}

// Is any (or none) of the input `wanted`? All of it must be booleans.
bool any_is(Call& call, bool wanted, bool& found) {
  found = false;
  for (const Item& item : call.input()) {
    const Item value = value_of(item, call.types());
    const bool* const truth = std::get_if<bool>(&value.held);
    if (truth == nullptr) return call.fail("expected booleans");
    found = found || *truth == wanted;
  }
  return true;
}

bool all_true(Call& call, Items& out) {
  bool found = false;
  return any_is(call, false, found) && answer(call, !found, out);
}
bool all_false(Call& call, Items& out) {
  bool found = false;
  return any_is(call, true, found) && answer(call, !found, out);
}
bool any_true(Call& call, Items& out) {
  bool found = false;
  return any_is(call, true, found) && answer(call, found, out);
}
bool any_false(Call& call, Items& out) {
  bool found = false;
  return any_is(call, false, found) && answer(call, found, out);
}

bool within(const Items& part, const Items& whole, const Types& types) {
  return std::all_of(part.begin(), part.end(), [&](const Item& item) { return has(whole, item, types); });
}

bool subset_of(Call& call, Items& out) {
  Items other(call.arena());
  return call.argument(0, other) && answer(call, within(call.input(), other, call.types()), out);
}

bool superset_of(Call& call, Items& out) {
  Items other(call.arena());
  return call.argument(0, other) && answer(call, within(other, call.input(), call.types()), out);
}

bool count(Call& call, Items& out) {
  out.add(call.item(static_cast<std::int64_t>(call.input().size()), {&call.input()}));
  return true;
}

bool distinct(Call& call, Items& out) {
  for (const Item& item : call.input()) {
    if (!has(out, item, call.types())) out.add(item);
  }
  return true;
}

bool is_distinct(Call& call, Items& out) {
  Items different(call.arena());
  distinct(call, different);
  return answer(call, different.size() == call.input().size(), out);
}

bool negate(Call& call, Items& out) {
  const Tri truth = tri(call.input(), call.types(), call.dialect());
  if (truth == Tri::many) return call.fail("expected one item");
  return truth == Tri::unknown || answer(call, truth == Tri::no, out);
}

bool has_value(Call& call, Items& out) {
  const Items& input = call.input();
  const NodeRef* const ref = input.size() == 1 ? input[0].node() : nullptr;
  const bool valued = input.size() == 1 && (ref == nullptr || (*ref->tree)[ref->node].holds == Holds::text);
  return answer(call, valued, out);
}

bool get_value(Call& call, Items& out) {
  if (call.input().size() != 1) return true;
  Item value = value_of(call.input()[0], call.types());
  if (value.is_node()) return true;
  value.from = sources_of({&call.input()}, call.arena());
  out.add(value);
  return true;
}

bool deleted(Call& call, Items& out) {
  const auto is_deleted = [](const Item& item) {
    const NodeRef* const ref = item.node();
    return ref != nullptr && (*ref->tree)[ref->node].holds == Holds::deleted;
  };
  return answer(call, std::any_of(call.input().begin(), call.input().end(), is_deleted), out);
}

constexpr std::array functions = {
    Function{"empty", 0, 0, "", checks::truth, empty, false, "{}.empty()"},
    Function{"exists", 0, 1, "c", checks::truth, exists, false, "(1 | 2).exists($this > 1)"},
    Function{"all", 1, 1, "c", checks::truth, all, false, "(1 | 2).all($this < 3)"},
    Function{"allTrue", 0, 0, "", checks::truth, all_true, false, "(true).allTrue()"},
    Function{"anyTrue", 0, 0, "", checks::truth, any_true, false, "(true | false).anyTrue()"},
    Function{"allFalse", 0, 0, "", checks::truth, all_false, false, "(false).allFalse()"},
    Function{"anyFalse", 0, 0, "", checks::truth, any_false, false, "(true | false).anyFalse()"},
    Function{"subsetOf", 1, 1, "v", checks::truth, subset_of, false, "(1 | 2).subsetOf(1 | 2 | 3)"},
    Function{"supersetOf", 1, 1, "v", checks::truth, superset_of, false, "(1 | 2 | 3).supersetOf(2)"},
    Function{"count", 0, 0, "", checks::count, count, false, "(1 | 2).count() = 2"},
    Function{"distinct", 0, 0, "", checks::same, distinct, false, "1.combine(1).distinct() = 1"},
    Function{"isDistinct", 0, 0, "", checks::truth, is_distinct, false, "(1 | 2).isDistinct()"},
    Function{"not", 0, 0, "", checks::maybe_truth, negate, false, "false.not()"},
    Function{"hasValue", 0, 0, "", checks::truth, has_value, false, "'a'.hasValue()"},
    Function{"getValue", 0, 0, "", checks::single, get_value, false, "'a'.getValue() = 'a'"},
    Function{"deleted", 0, 0, "", checks::truth, deleted, true, "'a'.deleted().not()"},
};

}  // namespace

std::span<const Function> existence_functions() { return functions; }

}  // namespace tombolo::fhirpath
