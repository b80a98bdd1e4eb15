#include "engine/connectors/nats/subject.h"

#include <catch2/catch.hpp>

using namespace tombolo;

TEST_CASE("what comes from a message is one token of a subject, whatever it holds", "[nats]") {
  const auto subject = nats::Subject::parse("hl7.{channel}.{type}.{control_id}");
  REQUIRE(subject.has_value());
  Envelope envelope;
  envelope.channel = "adt-in";
  envelope.type = "ADT^A01";
  envelope.control_id = "a.b *>\r\n{x}";
  CHECK(subject->of(envelope) == "hl7.adt-in.ADT_A01.a_b______x_");
  envelope.control_id = "";
  CHECK(subject->of(envelope) == "hl7.adt-in.ADT_A01.none");
  envelope.control_id = std::string_view("\xc3\xa4", 2);
  CHECK(subject->of(envelope) == "hl7.adt-in.ADT_A01.__");
}

TEST_CASE("a subject with empty tokens, wildcards, blanks or unknown names is refused", "[nats]") {
  for (const char* wrong : {"", ".", "a..b", "a.", ".a", "a.*", "a.>", "a b", "a.{patient}", "a.{type", "a.}x{", "$JS.API", "a\r\nPUB b"}) {
    CAPTURE(wrong);
    CHECK(!nats::Subject::parse(wrong).has_value());
  }
  CHECK(nats::good_subject("hl7.*.adt.>", true));
  CHECK(!nats::good_subject("hl7.>.adt", true));
  CHECK(!nats::good_subject("hl7.a*", true));
}
