// `./dev demo --once`, as a stranger runs it first.
#include <catch2/catch.hpp>

#include "tests/support/engine.h"

using namespace tombolo::test;

TEST_CASE("the demo shows what came out where and ends by itself", "[demo]") {
  TempFolder folder;
  Process demo({TOMBOLO_SOURCE_DIR "/examples/demo", binary, "--once"}, folder.path(), "demo");
  const int status = demo.wait(std::chrono::seconds(120));
  const std::string out = demo.out();
  INFO(out << demo.err());
  CHECK(status == 0);
  CHECK(demo.err().empty());
  for (const char* line : {
           "channel adt-archive listens on 127.0.0.1:",
           "channel adt-to-fhir listens on 127.0.0.1:",
           "channel lab-results listens on 127.0.0.1:",
           "channel research-feed listens on 127.0.0.1:",
           "-archive\",\"message\":\"MSH|^~\\\\&|WARDSYS|EASTWING|TOMBOLO|HUB|20260310081500||ADT^A01^ADT_A01|EX01-1|P|2.5.1",
           "   Bundle of MessageHeader ",
           "   {\"resourceType\":\"Patient\",",
           "{\"control_id\":\"EX03-1\",\"reply\":\"AA\",\"message\":\"MSH|",
           "   {\"resourceType\":\"Observation\",",
           "   {\"resourceType\":\"Patient\",\"id\":\"",
           "birthday, street and Z segment so many lines:\n0\n",
           "channel adt-to-laboratory listens on 127.0.0.1:",
           "PID-3[1].4  EASTWING → EAST  examples/05-v2-edit/mappings/to-laboratory.map:",
           "{\"control_id\":\"EX05-1\",\"reply\":\"AA\",\"message\":\"MSH|^~\\\\&|WARDSYS|EASTWING|LABSYS|MAINLAB|",
           "channel secure-line listens on 127.0.0.1:",
           "-archive\",\"message\":\"MSH|^~\\\\&|LABSYS|MAINLAB|TOMBOLO|HUB|20260310113000+0000||ORU^R01^ORU_R01|EX06-1|P|2.5.1",
           "-- and with the certificate of the ward:\n",
           "sent 1  AR 1 ",
           "  secure-line  ORU^R01  EX06-1  refused  AR",
           "  secure-line  ORU^R01  EX06-1  posted  AA  delivered 1\n",
           "  adt-to-laboratory  ADT^A01  EX05-1  posted  AA  delivered 2\n",
           "  research-feed  ORU^R01  EX04-1  posted  AA  delivered 1\n",
           "  lab-results  ORU^R01  EX03-1  posted  AA  delivered 2\n",
           "  adt-to-fhir  ADT^A01  EX02-1  posted  AA  delivered 1\n",
           "  adt-archive  ADT^A01  EX01-1  posted  AA  delivered 1\n",
       }) {
    CHECK(out.find(line) != std::string::npos);
  }
  std::size_t positive = 0;
  for (std::size_t at = 0; (at = out.find("sent 1  AA 1 ", at)) != std::string::npos; ++at) ++positive;
  CHECK(positive == 6);
}
