#include "engine/connectors/http/options.h"

#include <algorithm>

#include "engine/base/letters.h"
#include "engine/base/text.h"

namespace tombolo::http {
namespace {

constexpr std::string_view token_signs = "!#$%&'*+-.^_`|~";

bool token(std::string_view s) {
  return !s.empty() && std::all_of(s.begin(), s.end(), [](char c) {
    return is_letter_or_digit(c) || token_signs.find(c) != std::string_view::npos;
  });
}

bool printable(std::string_view s) {
  return std::all_of(s.begin(), s.end(),
                     [](char c) { return c == '\t' || (static_cast<unsigned char>(c) >= 0x20 && c != 0x7F); });
}

// Headers that the destination writes itself.
bool ours(std::string_view name) {
  constexpr std::string_view names[] = {
      "host", "content-length", "transfer-encoding", "connection", "content-type", "idempotency-key", "expect"};
  return std::any_of(std::begin(names), std::end(names),
                     [&](std::string_view n) { return equal_ignoring_case(n, name); });
}

std::vector<std::pair<std::string, std::string>> read_headers(Reader& reader) {
  std::vector<std::pair<std::string, std::string>> headers;
  const Setting& block = reader.nested("headers");
  if (block.shape == Setting::Shape::nothing) return headers;
  if (block.shape != Setting::Shape::map) {
    reader.error("headers", "'headers' is a map of names and values");
    return headers;
  }
  for (std::size_t i = 0; i < block.members.size(); ++i) {
    const auto& [name, value, place] = block.members[i];
    if (!token(name)) reader.diagnostics().error(place, "'" + name + "' is no name of a header");
    else if (ours(name))
      reader.diagnostics().error(place,
                                 "the header '" + name + "' is written by the destination itself");
    else if (!value.tag.empty())
      reader.diagnostics().error(value.place,
                                 "'" + value.tag + "' is not supported in headers by this version; use ${VARIABLE}");
    else if (value.shape != Setting::Shape::scalar || !printable(value.text))
      reader.diagnostics().error(value.place, "the header '" + name + "' needs a plain value on one line");
    else headers.emplace_back(name, value.text);
  }
  return headers;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  const auto fault = [](std::string what) { return Fault{Kind::malformed, "", std::move(what)}; };
  const bool tls = text.starts_with("https://");
  if (!tls && !text.starts_with("http://"))
    return fault("expected a URL such as https://registry.north.example/fhir, found '" + std::string(text) + "'");
  text.remove_prefix(tls ? 8 : 7);
  const std::string usual = tls ? "443" : "80";
  const std::size_t end = text.find_first_of("/?#");
  const std::string_view authority = text.substr(0, end);
  std::string target(end == std::string_view::npos ? "/" : text.substr(end));
  if (authority.find('@') != std::string_view::npos) return fault("a URL carries no user and password; use 'headers'");
  if (target.find('#') != std::string::npos) return fault("a URL to post to has no '#'");
  if (target.find_first_of(" \t") != std::string::npos || !printable(target))
    return fault("a URL has no blanks; write %20");
  if (target.starts_with('?')) target.insert(0, "/");
  const std::size_t colon = authority.rfind(':');
  const bool with_port = colon != std::string_view::npos && authority.find(']', colon) == std::string_view::npos;
  const auto address = to_host_port(with_port ? std::string(authority) : std::string(authority) + ":" + usual);
  if (!address) return fault("expected a host, and a port if it is not " + usual + ", found '" + std::string(authority) + "'");
  return Url{tls, *address,
             address->port == usual ? tombolo::text(*address).substr(0, tombolo::text(*address).rfind(':'))
                                   : tombolo::text(*address),
             std::move(target)};
}

tls::Guard read_guard(Reader& wire, std::string_view key, const Url& url) {
  if (!url.tls && wire.has("tls"))
    wire.error(key, "'" + std::string(key) + "' begins with http:// and has 'tls' beside it: write https://");
  tls::Guard guard = tls::read_guard(wire, tls::Part::client, key, url.tls ? "" : url.address.host);
  if (!url.tls || guard.tls) return guard;
  guard.tls.emplace();
  guard.tls->part = tls::Part::client;
  return guard;
}

Options read_options(const Setting& block, Diagnostics& diagnostics) {
  Reader reader(block, "http destination", diagnostics);
  Options o;
  const auto url = parse_url(reader.required("url"));
  if (url) o.url = *url;
  else if (!reader.text("url").empty()) reader.error("url", url.error().what);
  o.method = reader.one_of("method", {"POST", "PUT"}, o.method);
  o.headers = read_headers(reader);
  o.connections = static_cast<int>(reader.number("connections", o.connections, 1, 1024));
  o.max_reply = reader.bytes("max_reply", o.max_reply);
  o.connect_timeout = reader.duration("connect_timeout", o.connect_timeout);
  o.reply_timeout = reader.duration("reply_timeout", o.reply_timeout);
  o.keep_alive = reader.duration("keep_alive", o.keep_alive);
  o.guard = read_guard(reader, "url", o.url);
  reader.finish();
  return o;
}

std::vector<SettingSpec> option_settings() {
  return {{"url", "URL", "required", "where messages go: http://127.0.0.1:8080/fhir"},
          {"method", "POST or PUT", "POST", "how"},
          {"headers", "map", "none", "more headers, the same for every message"},
          {"connections", "number", "4", "how many connections are used at once"},
          {"max_reply", "size", "1MiB", "longer replies are cut"},
          {"connect_timeout", "time", "10s", "how long connecting may take"},
          {"reply_timeout", "time", "30s", "how long sending and the whole reply may take"},
          {"keep_alive", "time", "1m", "silence after which TCP asks whether the peer is there; 0s: never"},
          {"insecure", "truth", "false", "allows plain traffic beyond this machine"},
          tls::tls_setting()};
}

}  // namespace tombolo::http
