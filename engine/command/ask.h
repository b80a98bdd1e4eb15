// Asking the engine that runs on a store.
#pragma once

#include <string>

#include "engine/command/command.h"

namespace tombolo {

// Sends one request to the running engine; what it answers is what the person sees. The exit status.
int ask(const std::string& folder, const std::string& request, Desk& desk);

}  // namespace tombolo
