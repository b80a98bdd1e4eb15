// Two collections into one: union combine intersect exclude; and what comes from the frame: now today resolve.
#include <algorithm>
#include <array>

#include "engine/fhirpath/functions/functions.h"

namespace tombolo::fhirpath {
namespace {

bool has(const Items& items, const Item& wanted, const Types& types) {
  return std::any_of(items.begin(), items.end(), [&](const Item& item) { return equal(item, wanted, types) == true; });
}

void add_new(const Items& from, Items& out, const Types& types) {
  for (const Item& item : from) {
    if (!has(out, item, types)) out.add(item);
  }
}

bool unite(Call& call, Items& out) {
  Items other(call.arena());
  if (!call.argument(0, other)) return false;
  add_new(call.input(), out, call.types());
  add_new(other, out, call.types());
  return true;
}

bool combine(Call& call, Items& out) {
  Items other(call.arena());
  if (!call.argument(0, other)) return false;
  out.append(call.input());
  out.append(other);
  return true;
}

bool intersect(Call& call, Items& out) {
  Items other(call.arena());
  if (!call.argument(0, other)) return false;
  for (const Item& item : call.input()) {
    if (has(other, item, call.types()) && !has(out, item, call.types())) out.add(item);
  }
  return true;
}

bool exclude(Call& call, Items& out) {
  Items other(call.arena());
  if (!call.argument(0, other)) return false;
  for (const Item& item : call.input()) {
    if (!has(other, item, call.types())) out.add(item);
  }
  return true;
}

Shape check_both(Checking& c) {
  Shape shape = c.input();
  const Shape& other = c.shape(0);
  shape.many = true;
  if (shape.unknown() || other.unknown()) shape.types.clear();
  else shape.types.insert(shape.types.end(), other.types.begin(), other.types.end());
  return shape;
}

bool now(Call& call, Items& out) {
  out.add(Item{call.frame().now(), {}});
  return true;
}

bool today(Call& call, Items& out) {
  Moment m = call.frame().now();
  m.sort = Moment::Sort::date;
  m.precision = Precision::day;
  m.has_offset = false;
  m.offset = 0;
  m.hour = m.minute = m.second = 0;
  m.nanoseconds = 0;
  out.add(Item{m, {}});
  return true;
}

bool time_of_day(Call& call, Items& out) {
  Moment m = call.frame().now();
  m.sort = Moment::Sort::time;
  m.has_offset = false;
  m.offset = 0;
  out.add(Item{m, {}});
  return true;
}

Shape check_now(Checking&) { return {{type_of(System::date_time)}, false, false}; }
Shape check_today(Checking&) { return {{type_of(System::date)}, false, false}; }
Shape check_time(Checking&) { return {{type_of(System::time)}, false, false}; }

bool resolve(Call& call, Items& out) {
  for (const Item& item : call.input()) call.frame().resolve(item, out);
  return true;
}

Shape check_resolve(Checking& c) { return {{}, c.input().many, true}; }

constexpr std::array functions = {
    Function{"union", 1, 1, "v", check_both, unite, false, "1.union(2).count() = 2"},
    Function{"combine", 1, 1, "v", check_both, combine, false, "1.combine(1).count() = 2"},
    Function{"intersect", 1, 1, "v", checks::fewer, intersect, false, "(1 | 2).intersect(2 | 3) = 2"},
    Function{"exclude", 1, 1, "v", checks::fewer, exclude, false, "(1 | 2).exclude(2) = 1"},
    Function{"now", 0, 0, "", check_now, now, false, "now() = now()"},
    Function{"today", 0, 0, "", check_today, today, false, "today() = today()"},
    Function{"timeOfDay", 0, 0, "", check_time, time_of_day, false, "timeOfDay() = timeOfDay()"},
    Function{"resolve", 0, 0, "", check_resolve, resolve, false, "{}.resolve().empty()"},
};

}  // namespace

std::span<const Function> combining_functions() { return functions; }

}  // namespace tombolo::fhirpath
