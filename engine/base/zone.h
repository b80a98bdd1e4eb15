// Zone: what turns a local time into an offset from UTC. A fixed offset, or a place of the IANA time zone database with its
// summer times, which is read from the machine (/usr/share/zoneinfo) when the name is looked up and never again.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "engine/base/time.h"

namespace tombolo {

// A wall clock's reading; ranges as on a calendar, hour 0–23.
struct LocalTime {
  int year = 1970, month = 1, day = 1, hour = 0, minute = 0, second = 0;
};

class Zone {
 public:
  explicit Zone(std::int16_t minutes_east) : fixed_(minutes_east) {}

  // "+01:00", "-05:30", "Z" (within ±14:00), "Europe/Berlin". Nothing: no zone is called so here.
  static std::optional<Zone> find(std::string_view name);

  // Minutes east of UTC. Nothing in the hour that comes twice in autumn, or never comes in spring: nobody can know.
  std::optional<std::int16_t> offset(const LocalTime& local) const;
  // East of UTC at a moment, which is never in doubt.
  std::chrono::seconds offset_at(Time utc) const;

 private:
  struct Place;
  Zone() = default;
  std::int16_t fixed_ = 0;
  std::shared_ptr<const Place> place_;       // immutable; shared by the copies
};

}  // namespace tombolo
