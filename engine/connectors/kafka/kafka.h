// Kafka: a destination that produces to a topic and waits until all replicas in sync have it. See README.md.
#pragma once

#include "engine/connectors/connector.h"

namespace tombolo {

DestinationPlug kafka_destination();

}  // namespace tombolo
