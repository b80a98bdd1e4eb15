// channel: from one channel to another within the engine, durable on both sides. What is handed over is kept by the receiving
// channel before it counts as delivered; after a crash between the two it is handed over again under the same delivery id, and
// the receiving channel knows it (its own key of duplicates, else that id).
#pragma once

#include "engine/connectors/connector.h"

namespace tombolo {

SourcePlug channel_source();             // channel: { from: [adt-in] }
DestinationPlug channel_destination();   // channel: { to: adt-archive }

}  // namespace tombolo
