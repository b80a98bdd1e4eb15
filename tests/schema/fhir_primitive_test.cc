#include "engine/schema/primitive.h"

#include <catch2/catch.hpp>

#include <string>

using namespace tombolo;

TEST_CASE("primitive values follow the syntax of R4", "[fhir]") {
  const auto good = [](Primitive kind, std::initializer_list<const char*> values) {
    for (const auto* value : values) {
      INFO(value);
      CHECK(valid(kind, value));
    }
  };
  const auto bad = [](Primitive kind, std::initializer_list<const char*> values) {
    for (const auto* value : values) {
      INFO(value);
      CHECK_FALSE(valid(kind, value));
    }
  };
  good(Primitive::boolean, {"true", "false"});
  bad(Primitive::boolean, {"True", "1", ""});
  good(Primitive::integer, {"0", "-1", "2147483647", "-2147483648"});
  bad(Primitive::integer, {"", "-", "-0", "01", "+1", "2147483648", "1.0", "1e2"});
  good(Primitive::unsigned_int, {"0", "7"});
  bad(Primitive::unsigned_int, {"-1"});
  bad(Primitive::positive_int, {"0"});
  good(Primitive::decimal, {"0", "1.00", "-0.5", "1e10", "0E-3", "10"});
  bad(Primitive::decimal, {"", ".5", "1.", "01.5", "+1", "1e", "NaN", "0x1"});
  good(Primitive::string, {"a", " a ", "two\nlines"});
  bad(Primitive::string, {"", "  ", "\x01"});
  good(Primitive::code, {"a", "a b"});
  bad(Primitive::code, {"", " a", "a ", "a  b"});
  good(Primitive::id, {"a-B.9"});
  bad(Primitive::id, {"", "a_b", "a b"});
  CHECK_FALSE(valid(Primitive::id, std::string(65, 'a')));
  good(Primitive::uri, {"urn:oid:1.2", "http://example.org/a?b"});
  bad(Primitive::uri, {"", "a b"});
  good(Primitive::oid, {"urn:oid:1.2.840.0"});
  bad(Primitive::oid, {"1.2.3", "urn:oid:3.1", "urn:oid:1", "urn:oid:1.02"});
  good(Primitive::uuid, {"urn:uuid:c757873d-ec9a-4326-a141-556f43239520"});
  bad(Primitive::uuid, {"urn:uuid:C757873D-EC9A-4326-A141-556F43239520", "c757873d-ec9a-4326-a141-556f43239520"});
  good(Primitive::base64_binary, {"QQ==", "QUJD", "QUJD QUJD"});
  bad(Primitive::base64_binary, {"", "Q", "Q===", "QQ=A", "QU*D"});
  good(Primitive::date, {"1970", "1970-02", "2024-02-29"});
  bad(Primitive::date, {"", "70", "0000", "1970-13", "2023-02-29", "1970-1-1", "1970-02-", "19700101", "1970-01-01T00:00:00Z"});
  good(Primitive::date_time, {"2015", "2015-02-07T13:28:17-05:00", "2015-02-07T13:28:17.239Z", "2016-12-31T23:59:60Z"});
  bad(Primitive::date_time, {"2015-02-07T13:28:17", "2015-02T13:28:17Z", "2015-02-07T24:00:00Z", "2015-02-07T13:28Z", "2015-02-07T13:28:17+14:30"});
  bad(Primitive::instant, {"2015-02-07"});
  good(Primitive::time, {"12:30:00", "00:00:00.5"});
  bad(Primitive::time, {"24:00:00", "12:30", "12:30:00Z"});
  good(Primitive::xhtml, {"<div xmlns=\"http://www.w3.org/1999/xhtml\">a</div>"});
  bad(Primitive::xhtml, {"text", ""});
}
