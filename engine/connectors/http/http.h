// HTTP: a source that takes messages posted to a port, a destination that posts each message to a URL. See README.md in this folder.
#pragma once

#include "engine/connectors/connector.h"

namespace tombolo {

SourcePlug http_source();
DestinationPlug http_destination();

}  // namespace tombolo
