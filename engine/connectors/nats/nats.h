// NATS JetStream: a destination that publishes to a stream, a source that pulls from a durable consumer. See README.md.
#pragma once

#include "engine/connectors/connector.h"

namespace tombolo {

SourcePlug nats_source();
DestinationPlug nats_destination();

}  // namespace tombolo
