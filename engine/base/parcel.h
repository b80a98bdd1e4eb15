// Parcel: one message on its way through the house, with what is known of its arrival. The bytes are as received, always.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/time.h"

namespace tombolo {

// For whom a peer may send: "APP|FACILITY" (MSH-3 and MSH-4), * for anything in either place.
using Senders = std::vector<std::string>;
bool may_send(const Senders& senders, std::string_view sender);

struct Parcel {
  std::uint64_t sequence = 0;  // given by the store when it is durable; order of acceptance in the whole engine; 0: not yet
  std::string channel;
  std::string peer;            // who sent it: "127.0.0.1:40112", or a file's name
  Time received_at{};
  std::string bytes;
  bool released = false;       // a person let it pass that had been held: it is not held again
  std::string repeat = {};     // what the wire would call it again if it handed it over twice: counts where the message names no key
  bool too_large = false;      // over the source's limit: `bytes` is only its beginning; refuse it, never keep it as a message
  // What the wire was told it is, refused if it is something else: peek's types, "Patient", "Bundle", "Bundle/transaction", or with an
  // id "Patient/p1", blanks between those that will do. Empty: anything.
  std::string as = {};
  std::shared_ptr<const Senders> senders = {};  // what the peer's certificate allows it; nullptr: everything
};

}  // namespace tombolo
