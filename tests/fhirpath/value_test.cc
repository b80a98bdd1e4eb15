#include "engine/fhirpath/value.h"

#include <catch2/catch.hpp>

#include "engine/fhirpath/unit.h"
#include "tests/fhirpath/units.h"

using namespace tombolo;
using namespace tombolo::fhirpath;
using tombolo::fhirpath::testing::units;

namespace {

std::string sum(std::string_view a, std::string_view b) { return text(*add(*to_decimal(a), *to_decimal(b))); }
std::string read_hl7(std::string_view dtm) {
  const auto m = hl7_date_time(dtm);
  return m ? text(*m) : "nothing";
}
std::string moved(std::string_view moment, std::string_view number, std::string_view unit) {
  const auto m = later(*to_date_time(moment), Quantity{*to_decimal(number), unit, false});
  return m ? text(*m) : "nothing";
}
std::optional<int> order(std::string_view a, std::string_view b) { return compare(*to_date_time(a), *to_date_time(b)); }
Quantity quantity(std::string_view number, std::string_view unit) { return {*to_decimal(number), unit, calendar_word(unit) == unit}; }
std::optional<int> order(std::string_view a, std::string_view unit, std::string_view b, std::string_view other) {
  return compare(quantity(a, unit), quantity(b, other), units());
}
std::string spelled(const std::optional<Quantity>& q) { return q ? text(q->value) + " " + std::string(q->unit) : "nothing"; }
std::string converted(std::string_view number, std::string_view unit, std::string_view other) {
  const auto value = value_in(quantity(number, unit), quantity("1", other), units());
  return value ? text(*value) : "nothing";
}
std::string product(std::string_view a, std::string_view unit, std::string_view b, std::string_view other, bool divided = false) {
  Arena arena;
  return spelled(multiply(quantity(a, unit), quantity(b, other), divided, units(), arena));
}

}  // namespace

TEST_CASE("decimals keep the digits they were written with", "[fhirpath]") {
  for (const char* written : {"1.00", "-0.0034", "0.10", "123456789012345678", "12345678901234567890.12345678", "0"}) CHECK(text(*to_decimal(written)) == written);
  CHECK(text(*to_decimal("+5")) == "5");
  CHECK(text(*to_decimal("1.5e3")) == "1500");
  CHECK(sum("1.10", "2.2") == "3.30");
  CHECK(text(*divide(*to_decimal("1"), *to_decimal("3"))) == "0.33333333");
  CHECK(text(*multiply(*to_decimal("1.2"), *to_decimal("1.80"))) == "2.160");
  CHECK(compare(*to_decimal("1.0"), *to_decimal("1.00")) == 0);
  CHECK(text(*divide(*to_decimal("99999999999999999999"), *to_decimal("3"))) == "33333333333333333333");
  CHECK(text(*divide(*to_decimal("-2"), *to_decimal("3"))) == "-0.66666667");
  CHECK(text(*divide(*to_decimal("1"), *to_decimal("30000000000000000000000"))) == "0");
  CHECK(text(*multiply(*to_decimal("1234567890.12345678"), *to_decimal("1000000000.00000001"))) == "1234567890123456792.345678901234568");
  CHECK(compare(*to_decimal("9999999999999999999999999999999999"), *to_decimal("0.0000000000000000000000000000000001")) == 1);
  CHECK(compare(*to_decimal("-9999999999999999999999999999999999"), *to_decimal("0.0000000000000000000000000000000001")) == -1);
  CHECK(compare(*to_decimal("0.0000000000000000000000000000000001"), *to_decimal("9999999999999999999999999999999999")) == -1);
  CHECK_FALSE(add(*to_decimal("9999999999999999999999999999999999"), *to_decimal("1")));
  CHECK_FALSE(divide(*to_decimal("1"), *to_decimal("0.0")));
}

TEST_CASE("what is no decimal of 34 digits is refused", "[fhirpath]") {
  for (const char* written : {"", ".5", "5.", "1.2.3", "1e99", "abc", "1 ", "12345678901234567890123456789012345", "0x10", "--1"}) CHECK_FALSE(to_decimal(written));
}

TEST_CASE("moments keep their precision and their offset", "[fhirpath]") {
  for (const char* written : {"2026", "2026-01", "2026-01-31", "2026-01-31T08", "2026-01-31T08:30", "2026-01-31T08:30:00.50Z", "2026-01-31T08:30:00-05:30"}) {
    CHECK(text(*to_date_time(written)) == written);
  }
  for (const char* wrong : {"26", "2026-13", "2026-02-30", "2026-1-1", "2026-01-31T25", "2026-01-31T08:60", "2026T08", "2026-01-31T08:30+15:00", "2026-01-31 08:30"}) {
    CHECK_FALSE(to_date_time(wrong));
  }
}

TEST_CASE("HL7's spelling of dates is read", "[fhirpath]") {
  CHECK(read_hl7("2026") == "2026");
  CHECK(read_hl7("202601") == "2026-01");
  CHECK(read_hl7("20260131") == "2026-01-31");
  CHECK(read_hl7("20260131120000+0100") == "2026-01-31T12:00:00+01:00");
  CHECK(read_hl7("202601311200") == "2026-01-31T12:00");
  CHECK(read_hl7("20260131120000.1234-0500") == "2026-01-31T12:00:00.1234-05:00");
  CHECK(read_hl7("20260131+0100") == "2026-01-31");
  for (const char* wrong : {"", "202", "20261", "20260231", "2026013125", "20260131120000+1", "2026-01-31", "19x4"}) CHECK(read_hl7(wrong) == "nothing");
  CHECK(text(*hl7_time("0830")) == "08:30");
}

TEST_CASE("moments of different precision may leave the order open", "[fhirpath]") {
  CHECK(order("2026-01", "2026-02-01") == -1);
  CHECK_FALSE(order("2026-01", "2026-01-01"));
  CHECK(order("2026-01-01T10:00:00", "2026-01-01T10:00:00.0") == 0);
  CHECK(order("2026-01-01T10:00+01:00", "2026-01-01T09:00Z") == 0);
  CHECK(order("2026-01-01T23:30-05:00", "2026-01-02T04:00Z") == 1);
  CHECK_FALSE(order("2026-01-01T10:00", "2026-01-01T10:00Z"));
  CHECK(order("2026-01-01T10:00", "2026-01-05T10:00Z") == -1);
}

TEST_CASE("a moment moves by calendar units", "[fhirpath]") {
  CHECK(moved("2024-01-31", "1", "month") == "2024-02-29");
  CHECK(moved("2024-02-29", "1", "year") == "2025-02-28");
  CHECK(moved("2026-01-31T23:59:59", "1", "second") == "2026-02-01T00:00:00");
  CHECK(moved("2026-01-31T23:30+01:00", "90", "minutes") == "2026-02-01T01:00+01:00");
  CHECK(moved("2026-01-01", "-1", "day") == "2025-12-31");
  CHECK(moved("2026", "24", "month") == "2028");
  CHECK(moved("2026-01-01", "25", "hours") == "2026-01-02");
  CHECK(moved("2026-01-01", "99999999999999", "years") == "nothing");
  CHECK(moved("0001-01-01", "-5", "year") == "nothing");
  CHECK(moved("2026-01-01", "1", "mg") == "nothing");
}

TEST_CASE("quantities are compared across units of one dimension", "[fhirpath]") {
  CHECK(order("4", "g", "4000", "mg") == 0);
  CHECK(order("1", "[in_i]", "2.54", "cm") == 0);
  CHECK(order("120", "mm[Hg]", "16", "kPa") == -1);
  CHECK(order("5.5", "mmol/L", "5500", "umol/L") == 0);
  CHECK(order("1", "wk", "7", "d") == 0);
  CHECK(order("7", "days", "1", "week") == std::nullopt);
  CHECK(order("7", "day", "1", "week") == 0);
  CHECK(order("1", "10*3/uL", "1", "10*9/L") == 0);
  CHECK(order("1", "g", "1", "m") == std::nullopt);
  CHECK(order("1", "furlong", "1", "m") == std::nullopt);
  CHECK(order("1", "furlong", "2", "furlong") == -1);
  CHECK(order("1", "((((((((((((m", "1", "s") == std::nullopt);
}

TEST_CASE("units are read by UCUM's grammar", "[fhirpath]") {
  CHECK(order("1", "kg.m/s2", "1", "N") == 0);
  CHECK(order("1", "kg.m.s-2", "1", "N") == 0);
  CHECK(order("1", "J/(kg.K)", "1", "m2.s-2.K-1") == 0);
  CHECK(order("60", "/min", "1", "Hz") == 0);
  CHECK(order("5", "{score}", "5", "1") == 0);
  CHECK(order("1", "g{creat}", "1000", "mg") == 0);
  CHECK(order("1", "m+2", "1", "m2") == 0);
  CHECK(order("1", "4.[pi].10*-7.N/A2", "1", "[mu_0]") == 0);
  CHECK(order("100", "%", "1", "1") == 0);
  CHECK(order("1", "mol/L", "1", "eq/L") == 0);
  CHECK(order("1", "[iU]/L", "1", "[IU]/L") == 0);
  CHECK(order("1", "[lb_av]", "16", "[oz_av]") == 0);
  CHECK(order("180", "deg", "1", "[pi].rad") == 0);
  CHECK(order("1", "KiBy", "1024", "By") == 0);
  CHECK(order("1", "Yg", "1", "yg") == 1);
  for (const char* wrong : {"mmg", "k", "g//m", "g.", "(g", "g)", "m-", "m[", "Cel2", "g{x", "-m", "kmin"}) {
    INFO(wrong);
    CHECK_FALSE(units().read(wrong));
  }
  CHECK(order("1", "[iU]", "1", "[arb'U]") == std::nullopt);
  CHECK(order("1", "[pH]", "1", "mol/L") == std::nullopt);
}

TEST_CASE("units with another zero are converted", "[fhirpath]") {
  CHECK(converted("37", "Cel", "K") == "310.15");
  CHECK(converted("98.6", "[degF]", "Cel") == "37");
  CHECK(converted("0", "K", "[degF]") == "-459.67");
  CHECK(converted("36600", "mCel", "Cel") == "36.6");
  CHECK(order("38", "Cel", "100", "[degF]") == 1);
  CHECK(order("-40", "Cel", "-40", "[degF]") == 0);
}

TEST_CASE("what is converted is exact where digits can say it", "[fhirpath]") {
  CHECK(converted("1", "m", "cm") == "100");
  CHECK(converted("1", "[in_i]", "cm") == "2.54");
  CHECK(converted("180", "[lb_av]", "kg") == "81.6466266");
  CHECK(converted("1", "a", "d") == "365.25");
  CHECK(converted("1", "mol", "mmol") == "1000");
  CHECK(converted("1", "deg", "rad") == "0.0174532925199433");
  CHECK(converted("1", "g", "m") == "nothing");
}

TEST_CASE("products of quantities keep their units", "[fhirpath]") {
  CHECK(product("12", "cm", "3", "cm") == "36 cm2");
  CHECK(product("3", "cm", "12", "cm2") == "36 cm3");
  CHECK(product("2.0", "cm", "2.0", "m") == "4.00 cm.m");
  CHECK(product("12", "cm2", "3", "cm", true) == "4 cm");
  CHECK(product("4", "g", "2", "m", true) == "2 g/m");
  CHECK(product("1", "m", "1", "m", true) == "1 1");
  CHECK(product("6", "mg/dL", "2", "dL") == "12 mg");
  CHECK(product("2", "10*3/uL", "3", "10*3/uL") == "6 (10*3/uL)2");
  CHECK(product("1", "furlong", "1", "m") == "nothing");
  CHECK(spelled(add(quantity("3", "m"), quantity("3", "cm"), units())) == "303 cm");
}

TEST_CASE("years and months have no fixed length but among calendars", "[fhirpath]") {
  CHECK(order("1", "year", "12", "month") == 0);
  CHECK(order("1", "year", "365", "day") == 0);
  CHECK(order("1", "month", "30", "day") == 0);
  CHECK(order("1", "year", "1", "a") == std::nullopt);
  CHECK(order("1", "month", "1", "mo") == std::nullopt);
  CHECK(order("1", "day", "24", "h") == 0);
  CHECK(equivalent(quantity("1", "year"), quantity("1", "a"), units()));
  CHECK(equivalent(quantity("1", "month"), quantity("1", "mo"), units()));
  const Quantity of_fhir{Decimal{1, 0}, "a", true};
  CHECK(compare(of_fhir, quantity("1", "year"), units()) == 0);
  CHECK(compare(of_fhir, quantity("1", "a"), units()) == 0);
}
