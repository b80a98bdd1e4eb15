#include "engine/formats/hl7v2/ack.h"

#include <algorithm>

#include "engine/formats/hl7v2/header.h"

namespace tombolo {

Result<Ack> read_ack(std::string_view bytes) {
  using namespace hl7v2;
  bytes.remove_prefix(preamble(bytes));
  const auto header = Header::read(bytes);
  if (!header) return header.error();
  const Delimiters& d = header->delimiters();
  Ack ack;
  bool seen = false;
  std::string_view in_msa;
  for (std::string_view rest = bytes; !rest.empty();) {
    const std::size_t end = std::min(rest.find_first_of("\r\n"), rest.size());
    const std::string_view segment = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (segment.starts_with("MSA") && !seen) {
      seen = true;
      ack.code = part(field(segment, d.field, 1), d, 1, 1);
      ack.control_id = field(segment, d.field, 2);
      in_msa = part(field(segment, d.field, 6), d, 1, 1);
    } else if (segment.starts_with("ERR") && ack.error_code.empty()) {
      ack.error_code = part(field(segment, d.field, 3), d, 1, 1);
      if (ack.error_code.empty()) ack.error_code = part(field(segment, d.field, 1), d, 1, 4, 1);
    }
  }
  if (!seen) return Fault{Kind::missing, "MSA", "expected an acknowledgement"};
  if (ack.code.empty()) return Fault{Kind::missing, "MSA-1", "expected an acknowledgement code"};
  if (ack.error_code.empty()) ack.error_code = in_msa;
  return ack;
}

}  // namespace tombolo
