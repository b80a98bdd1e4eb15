// The MLLP source: listens for senders, or calls one, and serves each connection with an Intake.
#pragma once

#include <memory>
#include <string>

#include "engine/connectors/connector.h"
#include "engine/connectors/mllp/options.h"

namespace tombolo::mllp {

std::unique_ptr<Source> make_source(SourceOptions options, std::string channel, Edges edges);

}  // namespace tombolo::mllp
