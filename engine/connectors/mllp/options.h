// The settings of both MLLP wires, read and checked.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/connectors/connector.h"
#include "engine/connectors/mllp/frames.h"
#include "engine/connectors/tcp.h"
#include "engine/connectors/tls/options.h"

namespace tombolo::mllp {

struct SourceOptions {
  std::optional<HostPort> listen;  // one of the two
  std::optional<HostPort> connect;
  FrameOptions frames;
  std::size_t connections = 256;
  std::size_t in_hand = 64;    // messages of one connection that may be under way at once
  std::vector<Network> allow;  // empty: everybody
  Duration frame_timeout = std::chrono::seconds(30);
  Duration idle_timeout{};  // 0: never
  Duration connect_timeout = std::chrono::seconds(10);
  Duration keep_alive = std::chrono::seconds(60);
  bool release2 = false;
  tls::Guard guard;
};

struct DestinationOptions {
  std::optional<HostPort> connect;  // one of the two
  std::optional<HostPort> listen;
  FrameOptions frames;
  int connections = 1;
  std::vector<Network> allow;
  Duration reply_timeout = std::chrono::seconds(30);
  Duration connect_timeout = std::chrono::seconds(10);
  Duration keep_alive = std::chrono::seconds(60);
  bool release2 = false;
  bool check_control_id = true;
  tls::Guard guard;
};

SourceOptions read_source(const Setting& block, Diagnostics& diagnostics);
DestinationOptions read_destination(const Setting& block, Diagnostics& diagnostics);
std::vector<SettingSpec> source_settings();
std::vector<SettingSpec> destination_settings();

}  // namespace tombolo::mllp
