// timer: a message of its own at regular times: a query to be sent on, a heartbeat. What would have come while the engine was
// down does not come later.
#pragma once

#include "engine/connectors/connector.h"

namespace tombolo {

SourcePlug timer_source();   // timer: { every: 1h, message: "MSH|…" }

}  // namespace tombolo
