// Pace: when a destination may be sent to next: within its hours, and no faster than its rate. Every attempt counts, a repeat too.
//
//   send: { hours: "06:00-22:00", days: mon-fri, zone: Europe/Berlin, rate: 50/s }
//
// Hours are read off a wall clock of `zone`, from the first minute to before the last; "22:00-06:00" goes over midnight and belongs
// to the day it began on. In the night that a clock is put forward or back they begin and end by the clock. At a rate the sends are
// evenly spaced, not bunched: 50/s is one each 20 ms.
#pragma once

#include <array>
#include <optional>
#include <vector>

#include "engine/base/settings.h"
#include "engine/base/time.h"
#include "engine/base/zone.h"

namespace tombolo {

struct PacePlan {
  struct Hours {
    int from = 0, to = 24 * 60;             // minutes of the day; to <= from: over midnight
  };
  std::vector<Hours> hours;                 // empty: always
  std::array<bool, 7> days{true, true, true, true, true, true, true};  // Monday first
  std::optional<Zone> zone;                 // there if hours or days are
  Duration interval{};                      // between two sends; 0: no limit
};

// Reads a `send:` block; what is wrong goes to the diagnostics.
PacePlan read_pace(const Setting& block, Diagnostics& diagnostics);

class Pace {
 public:
  explicit Pace(PacePlan plan) : plan_(std::move(plan)) {}

  // The first moment, not before now, at which something may be sent.
  Time next(Time now);
  void sent(Time now);

 private:
  bool open(Time t) const;
  Time opening(Time t) const;

  PacePlan plan_;
  Time due_{};                              // by the rate
  Time closed_until_{};                     // found once
};

}  // namespace tombolo
