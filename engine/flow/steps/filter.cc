// filter: only messages for which the condition holds go on.
#include "engine/flow/step.h"
#include "engine/flow/walk.h"
#include "engine/mapping/condition.h"

namespace tombolo {
namespace {

class Filter final : public Work {
 public:
  explicit Filter(std::unique_ptr<const Condition> condition) : condition_(std::move(condition)) {}

  Result<Passage> operator()(Document& document) const override {
    const auto tree = document.current();
    if (!tree) return tree.error();
    Arena scratch;
    const auto wanted = condition_->holds(**tree, scratch);
    if (!wanted) return wanted.error();
    Passage passage;
    if (!*wanted) passage.kind = Passage::Kind::filtered;
    return passage;
  }

 private:
  std::unique_ptr<const Condition> condition_;
};

std::unique_ptr<const Work> make(const Setting& setting, const StepSite& site) {
  const bool fhir = site.before == Document::Form::bundle || (site.before == Document::Form::received && site.channel.format_name == "fhir");
  const auto subject = fhir ? Condition::Subject::bundle : Condition::Subject::hl7v2;
  auto condition = Condition::compile(setting.text, subject, setting.place, site.channel.text, site.definitions.dictionary,
                                      site.definitions.schema, site.diagnostics);
  if (!condition) return nullptr;
  return std::make_unique<Filter>(std::move(condition));
}

}  // namespace

StepPlug filter_step() {
  return {"filter", "lets a message go on only if a condition holds", "- filter: MSH-9.1 = 'ADT' and not ZPI", {}, make};
}

}  // namespace tombolo
