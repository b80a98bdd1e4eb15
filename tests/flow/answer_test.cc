#include "engine/flow/answer.h"

#include <catch2/catch.hpp>

using namespace tombolo;

TEST_CASE("an answer is remembered whole: verdict, complaints, or the destination's own words", "[answer]") {
  Answer answer = no(Verdict::error, Fault{Kind::missing, "MSH-9", "the message type is missing"});
  answer.complaints.push_back({"PID-3[1].4", "102", "W", "odd \x1e text"});
  const Answer again = recall(remember(answer));
  CHECK(again.verdict == Verdict::error);
  REQUIRE(again.complaints.size() == 2);
  CHECK(again.complaints[0].location == "MSH-9");
  CHECK(again.complaints[0].code == "101");
  CHECK(again.complaints[1].text == "odd   text");
  CHECK(remember(again) == remember(recall(remember(again))));

  Answer relayed;
  relayed.verdict = Verdict::rejected;
  relayed.relayed = "MSH|^~\\&|X\rMSA|AR|77\r";
  CHECK(recall(remember(relayed)).relayed == relayed.relayed);
  CHECK(recall(remember(relayed)).verdict == Verdict::rejected);
  CHECK(recall(remember(yes())).verdict == Verdict::accepted);
}

TEST_CASE("whatever stands in the store, recalling it never fails", "[answer]") {
  for (const auto* text : {"", "A", "AA\x1e", "AE\x1e" "a\x1f" "b", "XX", "AR\x1d"}) CHECK_NOTHROW(recall(text));
}
