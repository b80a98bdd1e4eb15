// A step at work: one line under `steps:` of a channel or of a destination, compiled by its StepPlug (flow/channel.h).
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/settings.h"
#include "engine/flow/document.h"

namespace tombolo {

struct Definitions;

// What a step says of a message.
struct Passage {
  enum class Kind {
    on,        // it goes on
    filtered,  // it is not wanted here: recorded, delivered nowhere from here
    held,      // it waits for a person
    refused,   // its sender is told so, where the answer waits for the walk (`after: mapped`)
  };
  Kind kind = Kind::on;
  std::string why = {};                      // for people: no content
  Verdict verdict = Verdict::error;          // of a refusal
  std::vector<Complaint> complaints = {};    // of a refusal: an ERR each
};

class Work {
 public:
  virtual ~Work() = default;

  // A Fault: the message cannot go on (it becomes a dead letter of the channel). Many threads may call at once.
  virtual Result<Passage> operator()(Document& document) const = 0;

  // What the step leaves of a document that comes in this form.
  virtual Document::Form leaves(Document::Form before) const { return before; }
};

// Where a step stands.
struct StepSite {
  const Channel& channel;
  const Definitions& definitions;
  Document::Form before;                     // the form in which documents come here
  bool common;                               // in the channel's own `steps:`, not in those of one destination
  Diagnostics& diagnostics;
};

StepPlug deidentify_step();
StepPlug edit_step();
StepPlug filter_step();
StepPlug map_step();
StepPlug validate_step();

}  // namespace tombolo
