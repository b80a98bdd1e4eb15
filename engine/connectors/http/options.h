// The settings of the HTTP destination, read and checked.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "engine/base/result.h"
#include "engine/connectors/connector.h"
#include "engine/connectors/tcp.h"
#include "engine/connectors/tls/options.h"

namespace tombolo::http {

struct Url {
  bool tls = false;    // https
  HostPort address;
  std::string host;    // as the Host header has it: without the port if it is the usual one
  std::string target;  // path and query, "/" if there is none
};
// http:// or https://. Fault: what is wrong; no user and password in it, no fragment.
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
  tls::Guard guard;  // https: always with options
};

// How calls to `url` are protected: the wire's `tls` and `insecure`; https without `tls` trusts the system's roots.
tls::Guard read_guard(Reader& wire, std::string_view key, const Url& url);

Options read_options(const Setting& block, Diagnostics& diagnostics);
std::vector<SettingSpec> option_settings();

}  // namespace tombolo::http
