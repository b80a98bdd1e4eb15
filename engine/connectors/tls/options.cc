#include "engine/connectors/tls/options.h"

#include <algorithm>

#include "engine/connectors/tcp.h"
#include "engine/connectors/tls/context.h"

namespace tombolo::tls {
namespace {

// { lab.north.example: ["LAB|NORTH", "LAB2|*"] }
void read_senders(Reader& reader, Options& options) {
  const Setting& block = reader.nested("senders");
  if (block.shape == Setting::Shape::nothing) return;
  if (block.shape != Setting::Shape::map) {
    return reader.error("senders", "'senders' is a map: the name in a certificate, and for whom its bearer may send");
  }
  for (const auto& [name, value, place] : block.members) {
    auto senders = std::make_shared<Senders>();
    const std::vector<Setting> one{value};
    for (const Setting& item : value.shape == Setting::Shape::list ? value.items : one) {
      if (item.shape == Setting::Shape::scalar && std::count(item.text.begin(), item.text.end(), '|') == 1) {
        senders->push_back(item.text);
        continue;
      }
      reader.diagnostics().error(item.place, "expected MSH-3 and MSH-4 as \"APPLICATION|FACILITY\", * for any" +
                                                 (item.text.empty() ? "" : "; found '" + item.text + "'"));
    }
    options.senders.emplace_back(name, std::move(senders));
  }
  if (options.clients == Clients::none && options.part == Part::server)
    reader.error("senders", "'senders' needs certificates of the senders: give 'ca'");
}

void read_server(Reader& reader, Options& o) {
  o.certificate = reader.required("certificate");
  o.key = reader.text("key", o.certificate);
  o.ca = reader.text("ca");
  const std::string clients = reader.one_of("clients", {"none", "optional", "required"}, o.ca.empty() ? "none" : "required");
  o.clients = clients == "none" ? Clients::none : clients == "optional" ? Clients::optional : Clients::required;
  if (o.ca.empty() && o.clients != Clients::none)
    reader.error("clients", "'clients: " + clients + "' needs 'ca': who signs the clients' certificates");
  if (!o.ca.empty() && o.clients == Clients::none)
    reader.error("clients", "'ca' is who signs the clients' certificates; with 'clients: none' nobody is asked for one");
}

void read_client(Reader& reader, Options& o) {
  o.certificate = reader.text("certificate");
  o.key = reader.text("key", o.certificate);
  o.ca = reader.text("ca");
  o.name = reader.text("name");
  if (o.certificate.empty() && reader.has("key")) reader.error("key", "'key' without 'certificate'");
}

}  // namespace

std::optional<Options> read_tls(Reader& wire, Part part, bool sender) {
  if (!wire.has("tls")) return std::nullopt;
  Diagnostics found;  // of this block only: the files are opened when all of it is right
  Options o;
  o.part = part;
  Reader reader(wire.nested("tls"), part == Part::server ? "tls block of a listener" : "tls block of a caller", found);
  if (part == Part::server) read_server(reader, o);
  else read_client(reader, o);
  o.crl = reader.text("crl");
  if (!o.crl.empty() && o.ca.empty()) reader.error("crl", "'crl' needs 'ca': whose revocations they are");
  o.minimum = reader.one_of("minimum", {"1.2", "1.3"}, "1.2") == "1.3" ? Version::v13 : Version::v12;
  o.handshake_timeout = reader.duration("handshake_timeout", o.handshake_timeout);
  if (o.handshake_timeout <= Duration::zero())
    reader.error("handshake_timeout", "'handshake_timeout' is more than 0s: a silent peer must not stay for ever");
  if (sender) read_senders(reader, o);
  reader.finish();
  if (!found.failed()) {
    const auto now = std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now());
    for (const auto& [setting, text, fatal] : load(o, now).complaints) {
      const std::string_view key = reader.has(setting) ? std::string_view(setting) : "certificate";
      found.add(fatal ? Severity::error : Severity::warning, reader.place(key), "'" + setting + "': " + text);
    }
  }
  wire.diagnostics().append(found);
  if (found.failed()) return std::nullopt;
  return o;
}

Guard read_guard(Reader& wire, Part part, std::string_view key, std::string_view host, bool sender) {
  Guard guard;
  guard.tls = read_tls(wire, part, sender);
  if (!wire.has("tls")) guard.plain_beyond = read_insecure(wire, key, host);
  else if (wire.flag("insecure", false)) wire.error("insecure", "'insecure: true' beside 'tls': this wire is encrypted; leave it out");
  return guard;
}

SettingSpec tls_setting() {
  return {"tls", "map", "none", "certificate, key, ca, clients, crl, minimum, senders …: `tombolo describe tls`"};
}

std::vector<SettingSpec> tls_members() {
  return {{"certificate", "file", "required for a listener", "the own certificate and its chain, PEM"},
          {"key", "file", "in the certificate's file", "its private key, PEM, not encrypted"},
          {"ca", "file", "a caller: the system's roots", "the authorities of the peer's certificate, PEM"},
          {"clients", "word", "required with ca, else none", "a listener's callers need a certificate: required, optional, none"},
          {"crl", "file", "none", "revoked certificates: a list of each authority in ca, PEM"},
          {"name", "text", "the host that is called", "what the certificate of the one called must name"},
          {"minimum", "1.2 or 1.3", "1.2", "the oldest version of TLS"},
          {"handshake_timeout", "time", "10s", "how long a handshake may take"},
          {"senders", "map", "everybody", "for whom the bearer of a certificate may send: { lab.north.example: [\"LAB|NORTH\"] }"}};
}

}  // namespace tombolo::tls
