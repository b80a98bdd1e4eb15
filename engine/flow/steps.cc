#include "engine/flow/steps.h"

namespace tombolo {

Steps::Steps(const std::vector<Step>& steps, Document::Form before, bool common, const Channel& channel, const Definitions& definitions,
             Diagnostics& diagnostics)
    : result_(before) {
  for (const auto& step : steps) {
    auto work = step.plug->make(step.setting, {channel, definitions, result_, common, diagnostics});
    if (!work) continue;
    result_ = work->leaves(result_);
    steps_.push_back(std::move(work));
  }
}

Result<Passage> Steps::carry(Document& document) const {
  for (const auto& step : steps_) {
    auto passage = (*step)(document);
    if (!passage || passage->kind != Passage::Kind::on) return passage;
  }
  return Passage{};
}

}  // namespace tombolo
