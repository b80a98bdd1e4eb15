// HTTP: a destination that posts each message to a URL. See README.md in this folder.
#pragma once

#include "engine/connectors/connector.h"

namespace tombolo {

DestinationPlug http_destination();

}  // namespace tombolo
