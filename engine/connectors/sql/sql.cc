#include "engine/connectors/sql/sql.h"

#include <optional>

#include "engine/connectors/sql/wires.h"

namespace tombolo::sql {
namespace {

bool stays_here(const std::string& host) { return host.starts_with('/') || host == "localhost" || host == "127.0.0.1" || host == "::1"; }

// tls: verify (the server's certificate and name), require (encrypted, to whoever answers), none.
void read_tls(Reader& reader, const std::string& host, Place& place) {
  const auto tls = reader.one_of("tls", {"verify", "require", "none"}, stays_here(host) ? "none" : "verify");
  const bool insecure = reader.flag("insecure", false);
  if (tls != "verify" && !stays_here(host) && !insecure) reader.error("tls", host + " is another machine: tls: verify, or say  insecure: true");
  place.postgresql.emplace_back("sslmode", tls == "verify" ? "verify-full" : tls == "require" ? "require" : "disable");
  if (const auto ca = reader.text("ca"); !ca.empty()) place.postgresql.emplace_back("sslrootcert", ca);
  else if (tls == "verify") place.postgresql.emplace_back("sslrootcert", "/etc/ssl/certs/ca-certificates.crt");
}

void read_postgresql_place(const Setting& setting, const Secrets& secrets, Diagnostics& diagnostics, Place& place) {
  Reader reader(setting, "postgresql", diagnostics);
  const auto host = reader.required("host");
  place.postgresql = {{"host", host},
                      {"port", std::to_string(reader.number("port", 5432, 1, 65535))},
                      {"dbname", reader.required("name")},
                      {"user", reader.required("user")}};
  if (const Setting* password = reader.raw("password")) {
    if (auto secret = secret_of(*password, secrets, diagnostics)) place.postgresql.emplace_back("password", std::move(*secret));
  }
  read_tls(reader, host, place);
  reader.finish();
}

}  // namespace

Place read_place(const Setting& setting, const std::filesystem::path& folder, const Secrets& secrets, Diagnostics& diagnostics) {
  Place place;
  Reader reader(setting, "database", diagnostics);
  const bool file = reader.has("sqlite"), server = reader.has("postgresql");
  if (file == server) diagnostics.error(setting.place, "a database has either  sqlite: FILE  or  postgresql: { host: …, name: …, user: … }");
  if (file) place.sqlite = folder / reader.required("sqlite");
  if (server) read_postgresql_place(reader.nested("postgresql"), secrets, diagnostics, place);
  reader.finish();
  return place;
}

Rows read(const Place& place, const std::string& statement, const Limits& limits) {
  return place.postgresql.empty() ? read_sqlite(place.sqlite, statement, limits) : read_postgresql(place.postgresql, statement, limits);
}

}  // namespace tombolo::sql
