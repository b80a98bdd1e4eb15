#include "engine/connectors/mllp/options.h"

namespace tombolo::mllp {
namespace {

// Exactly one of listen and connect. Who listens is TLS's server.
template <class Options>
void read_ends(Reader& reader, Options& o, bool sender) {
  o.listen = read_listen(reader, "listen");
  o.connect = read_address(reader, "connect");
  if (reader.has("listen") == reader.has("connect")) {
    reader.error(reader.has("listen") ? "connect" : "", "an mllp wire has either 'listen' or 'connect'");
  }
  const auto& end = o.listen ? o.listen : o.connect;
  o.guard = tls::read_guard(reader, o.listen ? tls::Part::server : tls::Part::client, o.listen ? "listen" : "connect",
                            end ? end->host : "", sender);
}

constexpr SettingSpec max_message{"max_message", "size", "16MiB", "longer messages are refused"};
constexpr SettingSpec missing_cr{"missing_cr", "truth", "false",
                                 "1C alone ends a frame, for peers that leave out the 0D"};
constexpr SettingSpec allow{"allow", "list of addresses", "everybody", "who may connect: 10.1.0.0/16, fd00::/8"};
constexpr SettingSpec keep_alive{"keep_alive", "time", "1m",
                                 "silence after which TCP asks whether the peer is there; 0s: never"};
constexpr SettingSpec connect_timeout{"connect_timeout", "time", "10s", "how long connecting may take"};
constexpr SettingSpec release2{"release2", "truth", "false", "MLLP release 2: commit blocks 06 and 15"};
constexpr SettingSpec insecure{"insecure", "truth", "false", "allows plain traffic beyond this machine"};

}  // namespace

SourceOptions read_source(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "mllp source", diagnostics);
  SourceOptions o;
  read_ends(reader, o, true);
  o.frames.max_message = reader.bytes("max_message", o.frames.max_message);
  o.frames.missing_cr = reader.flag("missing_cr", o.frames.missing_cr);
  o.connections = static_cast<std::size_t>(reader.number("connections", 256, 1, 65535));
  o.in_hand = static_cast<std::size_t>(reader.number("in_hand", 64, 1, 4096));
  o.allow = read_networks(reader, "allow");
  o.frame_timeout = reader.duration("frame_timeout", o.frame_timeout);
  o.idle_timeout = reader.duration("idle_timeout", o.idle_timeout);
  o.connect_timeout = reader.duration("connect_timeout", o.connect_timeout);
  o.keep_alive = reader.duration("keep_alive", o.keep_alive);
  o.release2 = reader.flag("release2", o.release2);
  reader.finish();
  return o;
}

DestinationOptions read_destination(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "mllp destination", diagnostics);
  DestinationOptions o;
  read_ends(reader, o, false);
  o.frames.max_message = reader.bytes("max_reply", 1u << 20);
  o.frames.missing_cr = reader.flag("missing_cr", o.frames.missing_cr);
  o.connections = static_cast<int>(reader.number("connections", 1, 1, 1024));
  o.allow = read_networks(reader, "allow");
  o.reply_timeout = reader.duration("reply_timeout", o.reply_timeout);
  o.connect_timeout = reader.duration("connect_timeout", o.connect_timeout);
  o.keep_alive = reader.duration("keep_alive", o.keep_alive);
  o.release2 = reader.flag("release2", o.release2);
  o.check_control_id = reader.flag("check_control_id", o.check_control_id);
  reader.finish();
  return o;
}

std::vector<SettingSpec> source_settings() {
  return {{"listen", "address", "this or connect", "where senders connect to: 127.0.0.1:2575; port 0 takes a free one"},
          {"connect", "address", "this or listen", "a sender that waits to be called"},
          max_message,
          missing_cr,
          {"connections", "number", "256", "how many senders may be connected at once"},
          {"in_hand", "number", "64", "how many messages of one connection may be under way at once"},
          allow,
          {"frame_timeout", "time", "30s", "how long a sender may take from a frame's first byte to its last"},
          {"idle_timeout", "time", "0s", "silence between frames after which a connection is closed; 0s: never"},
          connect_timeout,
          keep_alive,
          release2,
          insecure,
          tls::tls_setting()};
}

std::vector<SettingSpec> destination_settings() {
  return {{"connect", "address", "this or listen", "the receiver: lab.hospital:2575"},
          {"listen", "address", "this or connect", "where a receiver that dials in connects to"},
          {"max_reply", "size", "1MiB", "longer replies are refused"},
          missing_cr,
          {"connections", "number", "1", "how many connections are used at once"},
          allow,
          {"reply_timeout", "time", "30s", "how long the receiver may take to answer"},
          connect_timeout,
          keep_alive,
          release2,
          {"check_control_id", "truth", "true", "a reply counts only if its MSA-2 names the message"},
          insecure,
          tls::tls_setting()};
}

}  // namespace tombolo::mllp
