#include "engine/formats/hl7v2/hl7v2.h"

#include "engine/formats/hl7v2/answer.h"
#include "engine/formats/hl7v2/batch.h"
#include "engine/formats/hl7v2/build.h"
#include "engine/formats/hl7v2/peek.h"
#include "engine/formats/hl7v2/print.h"

namespace tombolo {
namespace {

class Hl7v2Format final : public Format {
 public:
  explicit Hl7v2Format(const V2Dictionary& dictionary) : dictionary_(dictionary) {}

  std::string_view content_type(std::string_view) const override { return "application/hl7-v2"; }

  Result<Peek> peek(std::string_view bytes, const PeekPaths& paths, const Reading& reading) const override {
    auto peek = hl7v2::peek(bytes, paths, reading, dictionary_);
    if (peek) peek->errors = hl7v2::header_errors(bytes);
    return peek;
  }
  Result<std::vector<std::string_view>> split(std::string_view bytes) const override {
    auto batch = hl7v2::read_batch(bytes);
    if (!batch) return batch.error();
    return std::move(batch->messages);
  }
  Result<void> parse(std::string_view bytes, const Reading& reading, Tree& tree, std::vector<Complaint>& complaints) const override {
    return hl7v2::build(bytes, reading, dictionary_, tree, complaints);
  }
  Result<std::string> print(const Tree& tree) const override { return hl7v2::print(tree, dictionary_); }
  std::string answer(std::string_view message, const Answer& answer, Time now, std::string_view id) const override {
    return hl7v2::answer(message, answer, now, id);
  }
  std::string answer_batch(std::string_view batch, const std::vector<std::string>& answers, Time now,
                           std::string_view id) const override {
    return hl7v2::answer_batch(batch, answers, now, id);
  }

 private:
  const V2Dictionary& dictionary_;
};

}  // namespace

std::unique_ptr<Format> hl7v2_format(const V2Dictionary& dictionary) { return std::make_unique<Hl7v2Format>(dictionary); }

}  // namespace tombolo
