#include "engine/formats/hl7v2/relay.h"

#include "engine/formats/hl7v2/header.h"

namespace tombolo::hl7v2 {

std::string relay(std::string_view reply, std::string_view message) {
  const auto sender = Header::read(message);
  const auto header = Header::read(reply);
  std::string out(reply);
  if (!sender || !header) return out;
  const std::string msa = std::string(1, header->line()) + "MSA" + header->delimiters().field;
  const std::size_t at = reply.find(msa);
  if (at == std::string_view::npos) return out;
  const std::size_t line_end = std::min(reply.find(header->line(), at + 1), reply.size());
  const std::size_t first = at + msa.size();                              // MSA-1
  const std::size_t begin = reply.find(header->delimiters().field, first);  // before MSA-2
  if (begin == std::string_view::npos || begin > line_end) return out;
  const std::size_t end = std::min(reply.find(header->delimiters().field, begin + 1), line_end);
  out.replace(begin + 1, end - begin - 1, sender->field(10));
  return out;
}

}  // namespace tombolo::hl7v2
