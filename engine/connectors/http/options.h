// The settings of the HTTP destination, read and checked.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/connectors/connector.h"
#include "engine/connectors/tcp.h"

namespace tombolo::http {

struct Url {
  HostPort address;
  std::string host;    // as the Host header has it: without the port if it is the usual one
  std::string target;  // path and query, "/" if there is none
};
// Fault: what is wrong. Only http:// for now; no user and password in it, no fragment.
Result<Url> parse_url(std::string_view text);

struct Options {
  Url url;
  std::string method = "POST";
  std::vector<std::pair<std::string, std::string>> headers;
  int connections = 4;
  std::size_t max_reply = 1u << 20;
  Duration connect_timeout = std::chrono::seconds(10);
  Duration reply_timeout = std::chrono::seconds(30);
  Duration keep_alive = std::chrono::seconds(60);
  bool plain_beyond = false;
};

Options read_options(const Setting& block, Diagnostics& diagnostics);
std::vector<SettingSpec> option_settings();

}  // namespace tombolo::http
