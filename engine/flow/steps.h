// Steps: the `steps:` of a channel or of one destination, compiled, in their order.
#pragma once

#include <memory>
#include <vector>

#include "engine/flow/step.h"

namespace tombolo {

class Steps {
 public:
  // before: what the steps find. Faults are diagnostics.
  Steps(const std::vector<Step>& steps, Document::Form before, bool common, const Channel& channel, const Definitions& definitions,
        Diagnostics& diagnostics);

  bool empty() const { return steps_.empty(); }
  Document::Form result() const { return result_; }    // what the last step leaves

  // The first passage that is not `on`, or `on`.
  Result<Passage> carry(Document& document) const;

 private:
  std::vector<std::unique_ptr<const Work>> steps_;
  Document::Form result_;
};

}  // namespace tombolo
