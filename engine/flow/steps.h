// Steps: the `steps:` of a channel or of one destination, compiled; and the Document they work on, one message of which at
// first only the bytes are there, then the tree, then the Bundle that a map made of it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/arena.h"
#include "engine/base/parcel.h"
#include "engine/flow/channel.h"
#include "engine/flow/walk.h"
#include "engine/mapping/condition.h"

namespace tombolo {

// A copy shares what was made so far; what either makes later is its own.
class Document {
 public:
  enum class Form { received, bundle };

  // All three outlive the document.
  Document(const Channel& channel, const Parcel& parcel, const Peek& peek) : channel_(&channel), parcel_(&parcel), peek_(&peek) {}

  Form form() const { return bundle_ ? Form::bundle : Form::received; }

  Result<const Tree*> message();                       // parsed at the first call
  const Tree& bundle() const { return bundle_->tree; }

  Result<void> map(const Maps& maps, const Map* map, const Uuid& site);   // map: nullptr: chosen by the message's structure
  std::string print(const FhirSchema& schema) const;

 private:
  struct Grown {
    Arena arena;
    Tree tree{arena};
  };
  const Channel* channel_;
  const Parcel* parcel_;
  const Peek* peek_;
  std::shared_ptr<Grown> message_;                     // shared with the copies: nothing is changed in it once it is made
  std::shared_ptr<Grown> bundle_;
};

class Steps {
 public:
  // before: what the steps find. Faults are diagnostics.
  Steps(const std::vector<Step>& steps, Document::Form before, const Channel& channel, const Definitions& definitions, Diagnostics& diagnostics);

  bool empty() const { return steps_.empty(); }
  Document::Form result() const { return result_; }    // what the last step leaves

  // False: a filter does not want the message. A Fault: the message cannot go on.
  Result<bool> carry(Document& document) const;

 private:
  struct Compiled {
    std::shared_ptr<const Condition> filter;           // one of the two
    std::shared_ptr<const Maps> maps;
    const Map* map = nullptr;                          // nullptr: by the message's structure
  };
  void add_filter(const Step& step, const Channel& channel, const Definitions& definitions, Diagnostics& diagnostics);
  void add_map(const Step& step, const Channel& channel, const Definitions& definitions, Diagnostics& diagnostics);

  std::vector<Compiled> steps_;
  Document::Form result_;
  Uuid site_{};
};

}  // namespace tombolo
