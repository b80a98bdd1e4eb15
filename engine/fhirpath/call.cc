// What every function may ask of its call: one text, one integer, one condition.
#include "engine/fhirpath/code.h"

namespace tombolo::fhirpath {

bool Call::each(std::size_t i, const Item& focus, std::int64_t index, Items& out) {
  Items one(arena());
  one.add(focus);
  return on(i, one, index, out);
}

bool Call::text(const Items& items, std::optional<std::string_view>& out) {
  out.reset();
  if (items.empty()) return true;
  if (items.size() > 1) {
    if (dialect() == Dialect::standard) return fail("expected one text, found " + std::to_string(items.size()) + " items");
    run().took_first = true;
  }
  out = fhirpath::text(items[0], arena());
  return out.has_value() || fail("expected text, found a complex value");
}

bool Call::text_argument(std::size_t i, std::optional<std::string_view>& out) {
  Items items(arena());
  return argument(i, items) && text(items, out);
}

bool Call::integer_argument(std::size_t i, std::optional<std::int64_t>& out) {
  out.reset();
  Items items(arena());
  if (!argument(i, items)) return false;
  if (items.empty()) return true;
  const Item value = value_of(items[0], types());
  const auto* const n = std::get_if<std::int64_t>(&value.held);
  if (n == nullptr || items.size() > 1) return fail("expected an integer as argument " + std::to_string(i + 1));
  out = *n;
  return true;
}

bool Call::condition(std::size_t i, const Item& focus, std::int64_t index, bool& out) {
  Items items(arena());
  if (!each(i, focus, index, items)) return false;
  const Tri found = tri(items, types(), dialect());
  if (found == Tri::many) return fail("its condition gives more than one item");
  out = found == Tri::yes;
  return true;
}

Item Call::item(decltype(Item::held) value, std::initializer_list<const Items*> from) { return Item{value, sources_of(from, arena())}; }

Item Call::text_item(std::string_view text, std::initializer_list<const Items*> from) { return item(arena().copy(text), from); }

}  // namespace tombolo::fhirpath
