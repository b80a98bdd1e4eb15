// Every kind of log line. Codes are stable: T1xxx engine, T2xxx sources, T3xxx messages, T4xxx deliveries, T5xxx store.
#pragma once

#include <span>

#include "engine/base/log.h"

namespace tombolo::event {

inline constexpr Event engine_started{"T1001", Level::info, "engine started", "All channels are loaded and listening."};
inline constexpr Event engine_stopping{"T1002", Level::info, "stopping",
    "A signal asked the engine to stop. What is in hand is finished first; a second signal insists."};
inline constexpr Event engine_stopped{"T1003", Level::info, "engine stopped", "Everything in hand was finished or kept."};

std::span<const Event* const> all();

}  // namespace tombolo::event
