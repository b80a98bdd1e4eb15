// PeerLog: what people should know of one peer, in the engine's log under the channel's name; never of what it sent.
#pragma once

#include <string>

#include "engine/base/events.h"
#include "engine/base/log.h"

namespace tombolo {

struct PeerLog {
  const Log* log = nullptr;  // nullptr: it is said to nobody
  std::string channel;

  void operator()(const Event& what, const std::string& peer, const std::string& detail = {}) const {
    if (!log) return;
    if (detail.empty()) (*log)(what, {{"channel", channel}, {"peer", peer}});
    else (*log)(what, {{"channel", channel}, {"peer", peer}, {"detail", detail}});
  }
};

}  // namespace tombolo
