#include <catch2/catch.hpp>

#include "engine/formats/fhir/format.h"
#include "tests/formats/fhir/reading.h"

using namespace tombolo;

namespace {

const Format& format() {
  static const auto made = fhir_format(test::schema());
  return *made;
}

constexpr const char* message = R"({"resourceType":"Bundle","identifier":{"value":"m-1"},"type":"message","entry":[)"
                                R"({"resource":{"resourceType":"MessageHeader","source":{"endpoint":"http://north.example"}}},)"
                                R"({"resource":{"resourceType":"Patient","id":"p1","identifier":[{"value":"4711"},{"value":"4712"}]}},)"
                                R"({"resource":{"resourceType":"Observation","subject":{"reference":"Patient/p2"}}}]})";

std::vector<std::string> keys(const Peek& peek) {
  std::vector<std::string> all;
  for (const auto& key : peek.keys) all.push_back(key.kind + "=" + key.value);
  return all;
}

}  // namespace

TEST_CASE("a look tells what a message Bundle is, from whom and about whom", "[fhir][format]") {
  const auto peek = format().peek(message, {}, {});
  REQUIRE(peek.has_value());
  CHECK(peek->type == "Bundle/message");
  CHECK(peek->sender == "http://north.example");
  CHECK(peek->control_id == "m-1");
  CHECK(peek->duplicate_key == "http://north.example|m-1");
  CHECK(peek->order_keys == std::vector<std::string>{"Patient/p1", "Patient/p2"});
  CHECK(keys(*peek) == std::vector<std::string>{"control=m-1", "patient=4711", "patient=4712"});
}

TEST_CASE("a channel's own paths are names of elements from a type on", "[fhir][format]") {
  const auto peek = format().peek(message, {{"Patient.identifier.value"}, {"Bundle.identifier.value"}, {{"seen", "Observation.subject.reference"}}}, {});
  REQUIRE(peek.has_value());
  CHECK(peek->order_keys == std::vector<std::string>{"4711", "4712"});
  CHECK(peek->duplicate_key == "m-1");
  CHECK(keys(*peek).back() == "seen=Patient/p2");
}

TEST_CASE("a single resource is no duplicate of itself, and without a patient belongs to its sender", "[fhir][format]") {
  const auto peek = format().peek(R"({"resourceType":"Basic","id":"b","meta":{"source":"north"}})", {}, {});
  REQUIRE(peek.has_value());
  CHECK(peek->type == "Basic");
  CHECK(peek->duplicate_key.empty());
  CHECK(peek->order_keys == std::vector<std::string>{"north"});
}

TEST_CASE("what is no R4 is refused at the first look", "[fhir][format]") {
  const auto peek = format().peek(R"({"resourceType":"Basic","colour":1})", {}, {});
  REQUIRE_FALSE(peek.has_value());
  CHECK(text(peek.error()) == "/colour 1:34: Basic has no such element");
}

TEST_CASE("resources in lines are split, one alone is left whole", "[fhir][format]") {
  const std::string one = "{\"resourceType\":\"Basic\",\n \"id\":\"{\\\"}\"}";
  CHECK(*format().split(one) == std::vector<std::string_view>{one});
  CHECK(*format().split("{\"a\":\"}\\\"{\"}\n{\"b\":{}}\n") == std::vector<std::string_view>{"{\"a\":\"}\\\"{\"}", "{\"b\":{}}"});
}

TEST_CASE("the answer is an OperationOutcome in the syntax of the message", "[fhir][format]") {
  CHECK(format().answer("{}", {}, {}, "7") ==
        R"({"resourceType":"OperationOutcome","id":"7","issue":[{"severity":"information","code":"informational","diagnostics":"accepted"}]})");
  const Answer no{Verdict::error, false, {{"/name 1:2", "100", "E", "expected less"}}};
  CHECK(format().answer("<Patient/>", no, {}, "") ==
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<OperationOutcome xmlns=\"http://hl7.org/fhir\"><issue><severity value=\"error\"/><code value=\"invalid\"/>"
        "<diagnostics value=\"/name 1:2: expected less\"/></issue></OperationOutcome>");
  CHECK(format().answer("\xFF", no, {}, "").starts_with("{\"resourceType\":\"OperationOutcome\""));
}
