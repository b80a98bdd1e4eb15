// Channels that hand messages to other channels: each must exist and take them, and no message may come back to where it was.
#pragma once

#include "engine/service/plans.h"

namespace tombolo {

void check_crossings(const Plans& plans, Diagnostics& diagnostics);

}  // namespace tombolo
