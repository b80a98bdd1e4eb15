// Service: many channels in one process. Opens the store, starts the flows, watches the files, answers the control socket,
// stops on a signal.
#pragma once

#include <filesystem>
#include <functional>
#include <ostream>
#include <string>

#include "engine/base/log.h"
#include "engine/base/settings.h"
#include "engine/flow/channel.h"
#include "engine/service/plans.h"
#include "engine/store/store.h"

namespace tombolo {

struct ServiceOptions {
  std::filesystem::path store;                        // empty: `store` inside the site
  store::Options store_options;
  Duration watch = std::chrono::milliseconds(500);    // how often files are looked at; 0: never
  Duration grace = std::chrono::seconds(10);          // after the first signal; then insist
};

// Runs until SIGTERM or SIGINT. out: what a person who started it wants to see (one line a channel); errors: diagnostics.
// Exit status: 0 stopped in order; 1 wrong channel files; 3 could not start (store taken, port in use).
int serve(const ServiceOptions& options, Groundwork& ground, const Shelves& shelves, Log& log, const World& world, std::ostream& out, std::ostream& errors);

}  // namespace tombolo
