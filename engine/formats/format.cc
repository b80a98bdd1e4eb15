#include "engine/formats/format.h"

#include "engine/crypto/hash.h"

namespace tombolo {

std::string Format::answer_batch(std::string_view, const std::vector<std::string>& answers, Time, std::string_view) const {
  std::string all;
  for (const auto& one : answers) all += one;
  return all;
}

std::string message_name(const Peek& peek, std::string_view bytes) {
  return peek.sender + "|" + (peek.control_id.empty() ? hex(sha256(bytes)) : peek.control_id);
}

}  // namespace tombolo
