// The primitive types of FHIR R4 and the syntax of their values (the regular expressions of datatypes.html, written by hand).
#pragma once

#include <cstdint>
#include <string_view>

namespace tombolo {

enum class Primitive : std::uint8_t {
  none,  // not a primitive
  boolean, integer, unsigned_int, positive_int, decimal,                 // without quotes in JSON
  string, markdown, code, id, uri, url, canonical, oid, uuid, base64_binary,
  date, date_time, instant, time, xhtml,
};

Primitive primitive(std::string_view name);   // "positiveInt" → positive_int; none for other names
bool quoted(Primitive kind);                  // is its JSON value a string?

// Is `value` a value of this kind? Dates are checked as dates: no 31 February, no hour 24. Text must not be empty nor blank.
bool valid(Primitive kind, std::string_view value);

// What `valid` wants, for an error: "expected YYYY, YYYY-MM or YYYY-MM-DD".
std::string_view expected(Primitive kind);

}  // namespace tombolo
