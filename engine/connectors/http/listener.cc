#include "engine/connectors/http/listener.h"

#include <algorithm>

#include "engine/base/text.h"

namespace tombolo::http {
namespace {

// { lab: !secret lab-token }: who has it, and where it is kept.
std::vector<std::string> read_tokens(Reader& reader) {
  std::vector<std::string> tokens;
  const Setting& block = reader.nested("tokens");
  if (block.shape == Setting::Shape::nothing) return tokens;
  if (block.shape != Setting::Shape::map) return reader.error("tokens", "'tokens' is a map: who has it, and !secret NAME"), tokens;
  Reader names(block, "tokens", reader.diagnostics());
  for (const auto& member : block.members) {
    const auto token = names.secret(member.key);
    if (token && token->size() < 16) names.error(member.key, "this token has less than 16 characters: it could be guessed");
    if (token) tokens.push_back(*token);
  }
  return tokens;
}

// As long for a token that differs in its first character as for one that differs in its last.
bool same(std::string_view a, std::string_view b) {
  unsigned different = a.size() == b.size() ? 0 : 1;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) different |= static_cast<unsigned char>(a[i]) ^ static_cast<unsigned char>(b[i]);
  return different == 0;
}

}  // namespace

bool Listener::knows(const Request& request) const {
  const std::string_view authorization = request.header("Authorization");
  const std::size_t blank = std::min(authorization.find(' '), authorization.size());
  const std::string_view token = trim(authorization.substr(blank));
  bool found = tokens.empty();
  for (const auto& one : tokens) found = same(one, token) || found;
  return tokens.empty() || (found && equal_ignoring_case(authorization.substr(0, blank), "bearer"));
}

Listener read_listener(const Setting& block, const std::string& what, const std::string& path, Diagnostics& diagnostics) {
  Reader reader(block, what, diagnostics);
  Listener o;
  const auto listen = read_listen(reader, "listen");
  if (!reader.has("listen")) reader.error("", "an " + what + " needs 'listen', such as 127.0.0.1:8080");
  if (listen) o.server.door.listen = *listen;
  o.path = reader.text("path", path);
  if (!o.path.starts_with('/') || o.path.find_first_of("?# \t") != std::string::npos)
    reader.error("path", "'path' begins with / and has no blank, ? or #; found '" + o.path + "'");
  o.tokens = read_tokens(reader);
  o.server.max_body = reader.bytes("max_message", o.server.max_body);
  o.server.door.connections = static_cast<std::size_t>(reader.number("connections", 256, 1, 65535));
  o.server.door.allow = read_networks(reader, "allow");
  o.server.request_timeout = reader.duration("request_timeout", o.server.request_timeout);
  o.server.idle_timeout = reader.duration("idle_timeout", o.server.idle_timeout);
  o.server.door.keep_alive = reader.duration("keep_alive", o.server.door.keep_alive);
  const auto guard = tls::read_guard(reader, tls::Part::server, "listen", listen ? listen->host : "", true);
  o.server.door.tls = guard.tls;
  o.plain_beyond = guard.plain_beyond;
  reader.finish();
  return o;
}

std::vector<SettingSpec> listener_settings(std::string_view path, std::string_view about_path) {
  return {{"listen", "address", "required", "where senders connect to: 127.0.0.1:8080; port 0 takes a free one"},
          {"path", "text", path, about_path},
          {"max_message", "size", "16MiB", "longer messages are refused (413) before they are read"},
          {"tokens", "map", "none", "senders need one of these bearer tokens: { lab: !secret lab-token } (401)"},
          {"connections", "number", "256", "how many senders may be connected at once"},
          {"allow", "list of addresses", "everybody", "who may connect: 10.1.0.0/16, fd00::/8"},
          {"request_timeout", "time", "30s", "how long a sender may take from a request's first byte to its last (408)"},
          {"idle_timeout", "time", "1m", "silence between requests after which a connection is closed; 0s: never"},
          {"keep_alive", "time", "1m", "silence after which TCP asks whether the peer is there; 0s: never"},
          {"insecure", "truth", "false", "allows plain traffic beyond this machine"},
          tls::tls_setting()};
}

// The value of `name` among a header's parameters: charset of "text/plain; charset=utf-8". Without quotes; empty: not there.
std::string_view parameter(std::string_view header, std::string_view name) {
  const auto parts = split(header, ';');
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string_view part = trim(parts[i]);
    const std::size_t equals = part.find('=');
    if (equals == std::string_view::npos || !equal_ignoring_case(trim(part.substr(0, equals)), name)) continue;
    std::string_view value = trim(part.substr(equals + 1));
    if (value.size() > 1 && value.front() == '"' && value.back() == '"') value = value.substr(1, value.size() - 2);
    return value;
  }
  return {};
}

bool readable_charset(const Request& request) {
  const std::string_view charset = parameter(request.header("Content-Type"), "charset");
  return charset.empty() || equal_ignoring_case(charset, "utf-8") || equal_ignoring_case(charset, "us-ascii");
}

}  // namespace tombolo::http
