// The bytes' way: TCP, plain or under TLS. Nothing else of MLLP names a socket.
#pragma once

#include "engine/connectors/tls/stream.h"

namespace tombolo::mllp {

using tls::Stream;

}  // namespace tombolo::mllp
