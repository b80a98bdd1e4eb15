// Source and Destination: the two sides of a wire. A source hands parcels to flow and sends back the reply it is given;
// a destination sends one envelope and says what came back. Both run on the io_context they were made with (one thread).
#pragma once

#include <boost/asio/awaitable.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/log.h"
#include "engine/base/parcel.h"
#include "engine/base/settings.h"
#include "engine/base/time.h"

namespace tombolo {

// What became of a parcel, for wires that say it in their own words. With `after: stored` all that is kept is taken.
enum class Taken {
  yes,
  refused,       // by its content: sending it again changes nothing
  not_now,       // by a trouble of ours: it was not kept, send it again
};

// What goes back to the sender of one parcel. Empty bytes: nothing is sent.
struct Reply {
  std::string bytes;
  std::string then;   // a second message right after the first: enhanced mode's application acknowledgement
  bool kept = true;   // the parcel is durable; false: refused, or it could not be kept (MLLP release 2 tells the sender)
  Taken taken = Taken::yes;
  std::string why = {};         // refused: the reasons for people, a line each; no message content
  bool walked = false;  // it says what came of the message, not only that it is kept
  std::string_view content_type = {};  // of the bytes, "application/hl7-v2"; lives as long as the channel's format
};

// A count that only grows, for metrics: {"frames", 120}.
using Count = std::pair<std::string_view, std::uint64_t>;

// Called once for each parcel, in order of arrival on its connection; several calls of one connection may be under way at
// once, the source sends the replies in order. Never throws for what is wrong with a message; if it throws all the same, the
// sender gets no reply and its connection is closed, so that it sends again.
using Receive = std::function<boost::asio::awaitable<Reply>(Parcel)>;

class Source {
 public:
  virtual ~Source() = default;

  // Opens the port, folder or connection; throws boost::system::system_error with the reason if that cannot be done.
  virtual void open() = 0;
  // Where it listens: "127.0.0.1:41234"; for messages to people and for tests that listen on port 0.
  virtual std::string address() const = 0;
  // Hands over parcels until stop() and the end of what is in hand. Runs once, after open().
  virtual boost::asio::awaitable<void> run(Receive receive) = 0;
  // No new connections and no new parcels; replies under way are still sent, then run() ends.
  virtual void stop() = 0;
  // Of connections, frames, garbage …; read on the io_context's thread.
  virtual std::vector<Count> counts() const { return {}; }
};

// What is to be sent. Views are lent by the caller until send() ends.
struct Envelope {
  std::string_view id;            // the delivery id: stable over retries and crashes (Idempotency-Key)
  std::string_view bytes;
  std::string_view content_type;  // "application/hl7-v2", "application/fhir+json"
  std::string_view control_id;    // MSH-10 of what is sent, if it is HL7 v2: the reply must name it
  Time now{};                     // for names made from a template
  std::string_view channel;
  std::string_view type;          // "ADT^A01"
  std::string_view order_key = {};  // what keeps its place among others, the first of its keys; empty: none
};

// What came of one attempt. A broken wire throws (boost::system::system_error), a reply is always a value.
struct Sent {
  std::string code;               // "AA" "AE" "CR" "201" "503" "timeout" "written"; reply rules match on it
  bool accepted = false;
  std::string error_code;         // ERR-3 (table 0357) of a negative v2 reply, or empty
  std::string reply;              // the reply's bytes as received, for `after: delivered:X`; may be empty
  std::string detail;             // for people; no message content
};

class Destination {
 public:
  virtual ~Destination() = default;
  virtual boost::asio::awaitable<Sent> send(const Envelope& envelope) = 0;
  // How many sends may be under way at once over this destination's connections.
  virtual int connections() const = 0;
  virtual void close() {}         // ends idle connections and whatever listens
  virtual std::vector<Count> counts() const { return {}; }
};

// How a wire is made from its block in a channel file. `about`, `example` and the settings' names feed `tombolo list`.
struct SettingSpec {
  std::string_view name, type, otherwise, about;   // otherwise: the default as text, "required" if there is none
};
struct Edges {                     // what a wire may use of the house; outlives it
  boost::asio::any_io_executor executor;
  const Log* log = nullptr;
  World world;
};
template <class Wire>
struct WirePlug {
  std::string_view name;           // the key in the channel file: "mllp"
  std::string_view about;
  std::string_view example;        // YAML
  std::vector<SettingSpec> settings;
  // Checks the settings, adding to the diagnostics; with edges == nullptr only checks and returns nothing.
  std::function<std::unique_ptr<Wire>(const Setting& block, const std::string& channel, Diagnostics&, const Edges*)> make;
  std::string_view format = "hl7v2";  // of what comes, unless the channel says otherwise
};
using SourcePlug = WirePlug<Source>;
using DestinationPlug = WirePlug<Destination>;

}  // namespace tombolo
