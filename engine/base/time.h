// Time as a value. Nothing below the edges asks a clock: time and ids come with the World that main makes.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace tombolo {

using Time = std::chrono::sys_time<std::chrono::microseconds>;  // UTC, microseconds since 1970
using Duration = std::chrono::microseconds;

// What the engine knows of the outside: the time, and ids nobody had before. Tests pass a script.
struct World {
  std::function<Time()> now;
  std::function<std::string()> new_id;  // safe in an HL7 MSH-10 (at most 20 letters and digits), unique per installation
};
World real_world();

std::int64_t micros(Time t);
Time from_micros(std::int64_t n);

std::string iso8601(Time t);                       // 2026-11-23T15:41:52.123Z (milliseconds, UTC)
std::string hl7_time(Time t);                      // 20261123154152.123+0000: a DTM of v2.5 and later
std::optional<Time> from_iso8601(std::string_view s);  // date, or date and time; no zone means UTC

std::optional<std::int16_t> to_offset(std::string_view s);  // "+01:00" "-05:30" "Z": minutes east of UTC, within ±14:00

std::optional<int> to_minute_of_day(std::string_view s);    // "06:00" → 360, to "24:00"

std::string text(Duration d);                      // 90s → "1m30s"; 0 → "0s"
std::optional<Duration> to_duration(std::string_view s);  // "250ms" "2s" "5m" "24h" "7d" "2y" (365 days), sums such as "1h30m"

}  // namespace tombolo
