// Any bytes as HL7 v2: never a crash; what was parsed prints as the very bytes; every scan finds the same; peek, split and
// the answers work whatever comes.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "engine/formats/hl7v2/ack.h"
#include "engine/formats/hl7v2/batch.h"
#include "engine/formats/hl7v2/hl7v2.h"
#include "engine/formats/hl7v2/message.h"

using namespace tombolo;

namespace {

void require(bool truth) {
  if (!truth) std::abort();
}

void same_index(std::string_view bytes) {
  hl7v2::Message plain, other;
  const bool read = plain.index(bytes, {}, hl7v2::scans().front().second).has_value();
  for (const auto& [name, scan] : hl7v2::scans()) {
    require(other.index(bytes, {}, scan).has_value() == read);
    require(other.leaves().size() == plain.leaves().size() && other.segments().size() == plain.segments().size());
    for (std::size_t i = 0; i < plain.leaves().size(); ++i) {
      require(other.leaves()[i].begin == plain.leaves()[i].begin && other.leaves()[i].bits == plain.leaves()[i].bits);
    }
  }
}

void round_trip(const Format& format, std::string_view bytes, const Reading& reading) {
  Arena arena;
  Tree tree(arena);
  std::vector<Complaint> complaints;
  if (!format.parse(bytes, reading, tree, complaints)) return;
  const auto printed = format.print(tree);
  require(printed.has_value() && *printed == bytes);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const Library library;
  static const V2Dictionary dictionary(library);
  static const auto format = hl7v2_format(dictionary);
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  Reading latin;
  latin.charset = "ISO-8859-1";
  same_index(bytes);
  round_trip(*format, bytes, {});
  round_trip(*format, bytes, latin);
  const auto peeked = format->peek(bytes, {}, {});
  require(!peeked || !peeked->order_keys.empty());
  if (const auto messages = format->split(bytes)) {
    for (const std::string_view message : *messages) round_trip(*format, message, {});
  }
  Answer no;
  no.verdict = Verdict::error;
  no.complaints.push_back({"PID-3[1].1", "101", "E", "x"});
  const std::string answer = format->answer(bytes, no, Time{}, "N1");
  const auto ack = read_ack(answer);  // not one in UTF-16
  require(answer.find('\0') != answer.npos || (ack.has_value() && ack->code == "AE"));
  hl7v2::answer_batch(bytes, {answer}, Time{}, "N1");
  (void)read_ack(bytes);
  return 0;
}
