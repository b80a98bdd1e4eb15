// Walk: the pure middle. One parcel in, one posting out: parse, filter, map, route, print. No wire, no clock, no disk; the same
// parcel gives the same posting, so a crash is repaired by walking again. One Walk may be used by many threads.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/base/diagnostic.h"
#include "engine/base/parcel.h"
#include "engine/flow/channel.h"
#include "engine/store/store.h"

namespace tombolo {

struct Walked {
  store::Posting posting;
  Answer answer;           // for `after: mapped`; `posting.answer` is left to whoever posts
  bool silent = false;     // filtered, and the channel says that filtered messages get no answer
};

class Walk {
 public:
  explicit Walk(const Channel& channel) : channel_(channel) {}
  virtual ~Walk() = default;

  // True: nothing is parsed and every destination gets the bytes as received; cheap enough for the I/O thread.
  virtual bool light() const { return true; }

  virtual Walked operator()(const Parcel& parcel, const std::vector<std::string>& order_keys) const;

 protected:
  const Channel& channel_;
};

// The walk of a channel's steps. Faults in them are diagnostics. The channel outlives the walk.
std::unique_ptr<const Walk> compile_walk(const Channel& channel, Diagnostics& diagnostics);

// A channel that may run: checked, compiled, with the hash that outcomes name it by.
struct Plan {
  Channel channel;
  std::unique_ptr<const Walk> walk;
  std::string config;
};

}  // namespace tombolo
