// Some of the input: where select repeat first last tail skip take single ofType as is iif aggregate trace.
#include <algorithm>
#include <array>
#include <vector>

#include "engine/fhirpath/functions/functions.h"

namespace tombolo::fhirpath {
namespace {

bool where(Call& call, Items& out) {
  std::int64_t i = 0;
  for (const Item& item : call.input()) {
    bool holds = false;
    if (!call.condition(0, item, i++, holds)) return false;
    if (holds) out.add(item);
  }
  return true;
}

bool select(Call& call, Items& out) {
  std::int64_t i = 0;
  for (const Item& item : call.input()) {
    if (!call.each(0, item, i++, out)) return false;
  }
  return true;
}

bool repeat_with(Call& call, Items& out, bool distinct) {
  constexpr std::size_t most = 1'000'000;
  Items waiting(call.arena());
  waiting.append(call.input());
  for (std::size_t at = 0; at < waiting.size(); ++at) {
    Items found(call.arena());
    const Item item = waiting[at];
    if (!call.each(0, item, static_cast<std::int64_t>(at), found)) return false;
    for (const Item& next : found) {
      const auto same = [&](const Item& known) {
        const bool itself = next.is_node() && known.is_node() && *next.node() == *known.node();
        return itself || equal(next, known, call.types()) == true;
      };
      if (distinct && std::any_of(out.begin(), out.end(), same)) continue;
      out.add(next);
      waiting.add(next);
      if (out.size() > most) return call.fail("it does not come to an end");
    }
  }
  return true;
}
bool repeat(Call& call, Items& out) { return repeat_with(call, out, true); }
bool repeat_all(Call& call, Items& out) { return repeat_with(call, out, false); }

bool part(Call& call, std::size_t begin, std::size_t count, Items& out) {
  const Items& input = call.input();
  for (std::size_t i = begin; i < input.size() && i - begin < count; ++i) out.add(input[i]);
  return true;
}

bool first(Call& call, Items& out) { return part(call, 0, 1, out); }
bool last(Call& call, Items& out) { return call.input().empty() || part(call, call.input().size() - 1, 1, out); }
bool tail(Call& call, Items& out) { return part(call, 1, SIZE_MAX, out); }
bool skip(Call& call, Items& out) {
  std::optional<std::int64_t> n;
  if (!call.integer_argument(0, n)) return false;
  return part(call, static_cast<std::size_t>(std::max<std::int64_t>(0, n.value_or(0))), SIZE_MAX, out);
}
bool take(Call& call, Items& out) {
  std::optional<std::int64_t> n;
  if (!call.integer_argument(0, n)) return false;
  return part(call, 0, static_cast<std::size_t>(std::max<std::int64_t>(0, n.value_or(0))), out);
}
bool single(Call& call, Items& out) {
  if (call.input().size() > 1) return call.fail("expected one item, found " + std::to_string(call.input().size()));
  return part(call, 0, 1, out);
}

bool of_type(Call& call, Items& out) {
  for (const Item& item : call.input()) {
    if (call.is_type(item, 0, true)) out.add(item);
  }
  return true;
}

bool as(Call& call, Items& out) {
  if (call.input().size() > 1 && call.dialect() == Dialect::standard) {
    return call.fail("expected one item, found " + std::to_string(call.input().size()));
  }
  return of_type(call, out);
}

bool is(Call& call, Items& out) {
  if (call.input().size() > 1) return call.fail("expected one item, found " + std::to_string(call.input().size()));
  if (!call.input().empty()) out.add(call.item(call.is_type(call.input()[0], 0, false), {&call.input()}));
  return true;
}

bool iif(Call& call, Items& out) {
  if (call.input().size() > 1 && call.dialect() == Dialect::standard) {
    return call.fail("expected one item, found " + std::to_string(call.input().size()));
  }
  Items condition(call.arena());
  if (!call.on(0, call.input(), call.index(), condition)) return false;
  const Tri truth = tri(condition, call.types(), call.dialect());
  if (truth == Tri::many) return call.fail("its condition gives more than one item");
  if (truth == Tri::yes) return call.on(1, call.input(), call.index(), out);
  return call.count() < 3 || call.on(2, call.input(), call.index(), out);
}

bool aggregate(Call& call, Items& out) {
  Items total(call.arena());
  if (call.count() > 1 && !call.argument(1, total)) return false;
  std::int64_t i = 0;
  for (const Item& item : call.input()) {
    Items one(call.arena());
    one.add(item);
    Items next(call.arena());
    if (!call.on(0, one, i++, next, &total)) return false;
    total = next;
  }
  out.append(total);
  return true;
}

bool trace(Call& call, Items& out) {
  std::optional<std::string_view> name;
  if (!call.text_argument(0, name)) return false;
  Items shown(call.arena());
  if (call.count() > 1) {
    std::int64_t i = 0;
    for (const Item& item : call.input()) {
      if (!call.each(1, item, i++, shown)) return false;
    }
  }
  call.frame().trace(name.value_or(""), call.count() > 1 ? shown : call.input());
  out.append(call.input());
  return true;
}

// Keys in the order of the arguments; without any the items themselves. What has no key comes first.
bool sort(Call& call, Items& out) {
  const Items& input = call.input();
  const std::size_t count = std::max<std::size_t>(1, call.count());
  std::vector<Item> keys(input.size() * count);
  for (std::size_t i = 0; i < input.size(); ++i) {
    if (call.count() == 0) keys[i] = value_of(input[i], call.types());
    for (std::size_t k = 0; k < call.count(); ++k) {
      Items key(call.arena());
      if (!call.each(k, input[i], static_cast<std::int64_t>(i), key)) return false;
      if (!key.empty()) keys[i * count + k] = value_of(key[0], call.types());
    }
  }
  std::vector<std::size_t> order(input.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  const auto before = [&](std::size_t a, std::size_t b) {
    for (std::size_t k = 0; k < count; ++k) {
      const int relation = rank(keys[a * count + k], keys[b * count + k], call.types());
      if (relation != 0) return relation < 0;
    }
    return false;
  };
  std::stable_sort(order.begin(), order.end(), before);
  for (const std::size_t i : order) out.add(input[i]);
  return true;
}

Shape check_select(Checking& c) {
  Shape shape = c.shape(0);
  shape.many = shape.many || c.input().many;
  shape.may_be_absent = true;
  shape.ordered = shape.ordered && c.input().ordered;
  return shape;
}

Shape check_repeat(Checking& c) {
  Shape shape = c.shape(0);
  shape.many = true;
  shape.may_be_absent = true;
  shape.ordered = false;
  return shape;
}

Shape check_single(Checking& c) {
  Shape shape = checks::single(c);
  shape.may_be_absent = true;
  return shape;
}

Shape check_of_type(Checking& c) {
  Shape shape = c.type(0);
  shape.many = c.input().many;
  shape.ordered = c.input().ordered;
  return shape;
}

Shape check_iif(Checking& c) {
  Shape shape = c.shape(1);
  shape.may_be_absent = true;
  if (c.count() < 3) return shape;
  const Shape& other = c.shape(2);
  shape.many = shape.many || other.many;
  if (shape.unknown() || other.unknown()) shape.types.clear();
  else shape.types.insert(shape.types.end(), other.types.begin(), other.types.end());
  return shape;
}

constexpr std::array functions = {
    Function{"where", 1, 1, "c", checks::fewer, where, false, "(1 | 2).where($this > 1) = 2"},
    Function{"select", 1, 1, "e", check_select, select, false, "(1 | 2).select($this + 1).first() = 2"},
    Function{"repeat", 1, 1, "e", check_repeat, repeat, false, "1.repeat({}).empty()"},
    Function{"repeatAll", 1, 1, "e", check_repeat, repeat_all, false, "1.repeatAll({}).empty()"},
    Function{"first", 0, 0, "", checks::of_ordered<check_single>, first, false, "(1 | 2).first() = 1"},
    Function{"last", 0, 0, "", checks::of_ordered<check_single>, last, false, "(1 | 2).last() = 2"},
    Function{"tail", 0, 0, "", checks::of_ordered<checks::fewer>, tail, false, "(1 | 2).tail() = 2"},
    Function{"skip", 1, 1, "i", checks::of_ordered<checks::fewer>, skip, false, "(1 | 2 | 3).skip(2) = 3"},
    Function{"take", 1, 1, "i", checks::of_ordered<checks::fewer>, take, false, "(1 | 2 | 3).take(1) = 1"},
    Function{"single", 0, 0, "", check_single, single, false, "1.single() = 1"},
    Function{"ofType", 1, 1, "t", check_of_type, of_type, false, "('a' | 1).ofType(System.Integer) = 1"},
    Function{"as", 1, 1, "t", check_of_type, as, false, "1.as(System.Integer) = 1"},
    Function{"is", 1, 1, "t", checks::maybe_truth, is, false, "1.is(System.Integer)"},
    Function{"iif", 2, 3, "cee", check_iif, iif, false, "iif(1 = 1, 'yes', 'no') = 'yes'"},
    Function{"aggregate", 1, 2, "ev", nullptr, aggregate, false, "(1 | 2 | 3).aggregate($this + $total, 0) = 6"},
    Function{"sort", 0, Function::any, "e", checks::same, sort, false, "(3 | 1 | 2).sort() = (1 | 2 | 3)"},
    Function{"trace", 1, 2, "se", checks::same, trace, false, "1.trace('x') = 1"},
};

}  // namespace

std::span<const Function> filtering_functions() { return functions; }

}  // namespace tombolo::fhirpath
