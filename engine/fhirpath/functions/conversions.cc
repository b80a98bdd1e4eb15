// One item as another type: toX() gives nothing where it cannot be, convertsToX() asks. In the map dialect dates and times are
// read in HL7's spelling too.
#include <algorithm>
#include <array>

#include "engine/base/text.h"
#include "engine/fhirpath/functions/functions.h"
#include "engine/fhirpath/unit.h"

namespace tombolo::fhirpath {
namespace {

using Held = std::optional<decltype(Item::held)>;

std::optional<std::string_view> leaf_text(const Item& item) {
  if (const auto* s = std::get_if<std::string_view>(&item.held)) return *s;
  const NodeRef* const ref = item.node();
  if (ref == nullptr || (*ref->tree)[ref->node].holds != Holds::text) return std::nullopt;
  return (*ref->tree)[ref->node].value();
}

Held to_boolean(Call&, const Item& item, const Item& value) {
  if (const auto* truth = std::get_if<bool>(&value.held)) return *truth;
  if (const auto* n = std::get_if<std::int64_t>(&value.held)) return *n == 0 || *n == 1 ? Held(*n == 1) : std::nullopt;
  if (const auto* d = std::get_if<Decimal>(&value.held)) {
    if (compare(*d, Decimal{1, 0}) == 0) return true;
    if (compare(*d, Decimal{0, 0}) == 0) return false;
  }
  const auto text = leaf_text(item);
  if (!text) return std::nullopt;
  const std::string word = lower(*text);
  if (word == "true" || word == "t" || word == "yes" || word == "y" || word == "1" || word == "1.0") return true;
  if (word == "false" || word == "f" || word == "no" || word == "n" || word == "0" || word == "0.0") return false;
  return std::nullopt;
}

Held to_whole(Call&, const Item& item, const Item& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value.held)) return *n;
  if (const auto* truth = std::get_if<bool>(&value.held)) return static_cast<std::int64_t>(*truth);
  const auto text = leaf_text(item);
  const auto n = text ? to_integer(*text) : std::nullopt;
  return n ? Held(*n) : std::nullopt;
}

Held to_number(Call&, const Item& item, const Item& value) {
  if (const auto* n = std::get_if<std::int64_t>(&value.held)) return Decimal{*n, 0};
  if (const auto* d = std::get_if<Decimal>(&value.held)) return *d;
  if (const auto* truth = std::get_if<bool>(&value.held)) return Decimal{*truth ? 1 : 0, 0};
  const auto text = leaf_text(item);
  const bool plain = text && text->find_first_of("eE") == std::string_view::npos;  // text has no exponents, though FHIR's numbers do
  const auto d = plain ? to_decimal(*text) : std::nullopt;
  return d ? Held(*d) : std::nullopt;
}

Held to_text(Call& call, const Item& item, const Item& value) {
  const auto spelled = text(item.is_node() ? item : value, call.arena());
  return spelled ? Held(*spelled) : std::nullopt;
}

Held as_date(Moment m) {
  if (m.sort == Moment::Sort::time) return std::nullopt;
  m.sort = Moment::Sort::date;
  if (m.precision > Precision::day) m.precision = Precision::day;
  m.has_offset = false;
  return m;
}

Held to_day(Call& call, const Item& item, const Item& value) {
  if (const auto* m = std::get_if<Moment>(&value.held)) return as_date(*m);
  const auto text = leaf_text(item);
  if (!text) return std::nullopt;
  auto m = to_date(*text);
  if (!m && call.dialect() == Dialect::map) m = to_date_time(*text);
  if (!m && call.dialect() == Dialect::map) m = hl7_date_time(*text);
  return m ? as_date(*m) : std::nullopt;
}

Held to_moment(Call& call, const Item& item, const Item& value) {
  std::optional<Moment> m;
  if (const auto* known = std::get_if<Moment>(&value.held)) m = *known;
  const auto text = leaf_text(item);
  if (!m && text) m = to_date_time(*text);
  if (!m && text && call.dialect() == Dialect::map) m = hl7_date_time(*text);
  if (!m || m->sort == Moment::Sort::time) return std::nullopt;
  m->sort = Moment::Sort::date_time;
  return *m;
}

Held to_clock(Call& call, const Item& item, const Item& value) {
  if (const auto* m = std::get_if<Moment>(&value.held)) return m->sort == Moment::Sort::time ? Held(*m) : std::nullopt;
  const auto text = leaf_text(item);
  auto m = text ? to_time(text->starts_with('T') ? text->substr(1) : *text) : std::nullopt;
  if (!m && text && call.dialect() == Dialect::map) m = hl7_time(*text);
  return m ? Held(*m) : std::nullopt;
}

// "1 day", "4 'mg'", "2.5", with any blanks between, or none.
std::optional<Quantity> read_quantity(std::string_view text) {
  const std::size_t size = std::min(text.find_first_not_of("+-.0123456789"), text.size());
  const auto value = to_decimal(text.substr(0, size));
  text.remove_prefix(size);
  const std::string_view unit = text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
  if (!value) return std::nullopt;
  if (text.empty()) return Quantity{*value, "1", false};
  if (unit.size() > 2 && unit.front() == '\'' && unit.back() == '\'') {
    const std::string_view code = unit.substr(1, unit.size() - 2);
    return code.find('\'') == std::string_view::npos ? std::optional(Quantity{*value, code, false}) : std::nullopt;
  }
  const auto word = calendar_word(unit);
  return word ? std::optional(Quantity{*value, *word, true}) : std::nullopt;
}

std::optional<Quantity> as_quantity(const Item& item, const Item& value) {
  if (const auto* q = std::get_if<Quantity>(&value.held)) return *q;
  if (const auto* n = std::get_if<std::int64_t>(&value.held)) return Quantity{Decimal{*n, 0}, "1", false};
  if (const auto* d = std::get_if<Decimal>(&value.held)) return Quantity{*d, "1", false};
  if (const auto* truth = std::get_if<bool>(&value.held)) return Quantity{Decimal{*truth ? 10 : 0, 1}, "1", false};
  const auto text = leaf_text(item);
  return text ? read_quantity(*text) : std::nullopt;
}

// In the unit that the argument names, if there is one.
Held to_quantity(Call& call, const Item& item, const Item& value) {
  auto q = as_quantity(item, value);
  std::optional<std::string_view> unit;
  if (call.count() > 0 && !call.text_argument(0, unit)) return std::nullopt;
  if (!q || !unit) return q ? Held(*q) : std::nullopt;
  const auto word = calendar_word(*unit);
  const Quantity wanted{Decimal{1, 0}, word.value_or(call.arena().copy(*unit)), word.has_value()};
  const auto changed = value_in(*q, wanted, call.types().units());
  return changed ? Held(Quantity{*changed, wanted.unit, wanted.calendar}) : std::nullopt;
}

template <Held (*convert)(Call&, const Item&, const Item&)>
bool converted(Call& call, Held& held) {
  const Items& input = call.input();
  if (input.empty()) return true;
  if (input.size() > 1) {
    if (call.dialect() == Dialect::standard) return call.fail("expected one item, found " + std::to_string(input.size()));
    call.run().took_first = true;
  }
  held = convert(call, input[0], value_of(input[0], call.types()));
  return true;
}

template <Held (*convert)(Call&, const Item&, const Item&)>
bool to(Call& call, Items& out) {
  Held held;
  if (!converted<convert>(call, held)) return false;
  if (held) out.add(call.item(*held, {&call.input()}));
  return true;
}

template <Held (*convert)(Call&, const Item&, const Item&)>
bool converts(Call& call, Items& out) {
  Held held;
  if (!converted<convert>(call, held)) return false;
  if (!call.input().empty()) out.add(call.item(held.has_value(), {&call.input()}));
  return true;
}

template <System system>
Shape check(Checking& c) {
  checks::one_input(c);
  return one(system);
}
constexpr auto asks = checks::of_one<checks::maybe_truth>;

constexpr std::array functions = {
    Function{"toBoolean", 0, 0, "", check<System::boolean>, to<to_boolean>, false, "'true'.toBoolean()"},
    Function{"toInteger", 0, 0, "", check<System::integer>, to<to_whole>, false, "'12'.toInteger() = 12"},
    Function{"toLong", 0, 0, "", check<System::long_integer>, to<to_whole>, false, "'12'.toLong() = 12"},
    Function{"toDecimal", 0, 0, "", check<System::decimal>, to<to_number>, false, "'1.50'.toDecimal() = 1.5"},
    Function{"toString", 0, 0, "", check<System::string>, to<to_text>, false, "1.50.toString() = '1.50'"},
    Function{"toDate", 0, 0, "", check<System::date>, to<to_day>, false, "'2026-01-31'.toDate() = @2026-01-31"},
    Function{"toDateTime", 0, 0, "", check<System::date_time>, to<to_moment>, false, "'2026-01-31T12:00'.toDateTime() = @2026-01-31T12:00"},
    Function{"toTime", 0, 0, "", check<System::time>, to<to_clock>, false, "'12:30'.toTime() = @T12:30"},
    Function{"toQuantity", 0, 1, "s", check<System::quantity>, to<to_quantity>, false, "4 'g'.toQuantity('mg') = 4000 'mg'"},
    Function{"convertsToBoolean", 0, 0, "", asks, converts<to_boolean>, false, "'true'.convertsToBoolean()"},
    Function{"convertsToInteger", 0, 0, "", asks, converts<to_whole>, false, "'a'.convertsToInteger().not()"},
    Function{"convertsToLong", 0, 0, "", asks, converts<to_whole>, false, "'1'.convertsToLong()"},
    Function{"convertsToDecimal", 0, 0, "", asks, converts<to_number>, false, "'1.5'.convertsToDecimal()"},
    Function{"convertsToString", 0, 0, "", asks, converts<to_text>, false, "1.convertsToString()"},
    Function{"convertsToDate", 0, 0, "", asks, converts<to_day>, false, "'2026-02-30'.convertsToDate().not()"},
    Function{"convertsToDateTime", 0, 0, "", asks, converts<to_moment>, false, "'2026'.convertsToDateTime()"},
    Function{"convertsToTime", 0, 0, "", asks, converts<to_clock>, false, "'14:34'.convertsToTime()"},
    Function{"convertsToQuantity", 0, 1, "s", asks, converts<to_quantity>, false, "'4 days'.convertsToQuantity()"},
};

}  // namespace

std::span<const Function> conversion_functions() { return functions; }

}  // namespace tombolo::fhirpath
