#include "engine/base/zone.h"

#include <absl/time/time.h>

#include <string>

#include "engine/base/time.h"

namespace tombolo {

struct Zone::Place {
  absl::TimeZone zone;
};

namespace {

// Abseil reads more than names of the database: "localtime" is the machine's own zone, "/x", "file:x" and "../x" are files.
bool place_name(std::string_view name) {
  return !name.starts_with('/') && name.find('/') != std::string_view::npos && name.find_first_of(".:\\") == std::string_view::npos;
}

}  // namespace

std::optional<Zone> Zone::find(std::string_view name) {
  if (const auto minutes = to_offset(name)) return Zone(*minutes);
  if (!place_name(name)) return std::nullopt;
  auto place = std::make_shared<Place>();
  if (!absl::LoadTimeZone(std::string(name), &place->zone)) return std::nullopt;
  Zone zone;
  zone.place_ = std::move(place);
  return zone;
}

std::optional<std::int16_t> Zone::offset(const LocalTime& local) const {
  if (!place_) return fixed_;
  const absl::CivilSecond civil(local.year, local.month, local.day, local.hour, local.minute, local.second);
  const auto at = place_->zone.At(civil);
  if (at.kind != absl::TimeZone::TimeInfo::UNIQUE) return std::nullopt;
  const int seconds = place_->zone.At(at.pre).offset;
  if (seconds % 60 != 0) return std::nullopt;      // local mean time, before zones were introduced
  return static_cast<std::int16_t>(seconds / 60);
}

std::chrono::seconds Zone::offset_at(Time utc) const {
  if (!place_) return std::chrono::minutes(fixed_);
  return std::chrono::seconds(place_->zone.At(absl::FromUnixMicros(micros(utc))).offset);
}

}  // namespace tombolo
