// The MLLP destination: keeps connections to one receiver, sends one message at a time over each, and waits for the
// reply that names it.
#pragma once

#include <memory>
#include <string>

#include "engine/connectors/connector.h"
#include "engine/connectors/mllp/options.h"

namespace tombolo::mllp {

std::unique_ptr<Destination> make_destination(DestinationOptions options, std::string channel, Edges edges);

}  // namespace tombolo::mllp
