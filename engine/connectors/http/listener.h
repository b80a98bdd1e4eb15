// What a source that listens for HTTP reads from its block, and what it asks of every request: for the http and the fhir source.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "engine/connectors/connector.h"
#include "engine/connectors/http/server.h"

namespace tombolo::http {

struct Listener {
  ServerOptions server;
  std::string path;                 // begins with /
  std::vector<std::string> tokens;  // any of them lets in; empty: nobody is asked
  bool plain_beyond = false;

  // Has the request a token that lets in, or needs it none? Takes as long for a wrong token as for a right one.
  bool knows(const Request& request) const;
};

Listener read_listener(const Setting& block, const std::string& what, const std::string& path, Diagnostics& diagnostics);
std::vector<SettingSpec> listener_settings(std::string_view path, std::string_view about_path);

// The value of `name` among a header's parameters: charset of "text/plain; charset=utf-8". Without quotes; empty: not there.
std::string_view parameter(std::string_view header, std::string_view name);
// Content-Type names UTF-8, ASCII, or nothing.
bool readable_charset(const Request& request);

}  // namespace tombolo::http
