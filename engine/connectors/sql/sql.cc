#include "engine/connectors/sql/sql.h"

#include <memory>

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

void read_server(const Setting& setting, Diagnostics& diagnostics, Place& place) {
  Reader reader(setting, "postgresql", diagnostics);
  const auto host = reader.required("host");
  place.postgresql = {{"host", host},
                      {"port", std::to_string(reader.number("port", 5432, 1, 65535))},
                      {"dbname", reader.required("name")},
                      {"user", reader.required("user")}};
  if (auto password = reader.secret("password")) place.postgresql.emplace_back("password", std::move(*password));
  read_tls(reader, host, place);
  reader.finish();
}

}  // namespace

Place read_place(Reader& reader, const std::filesystem::path& folder) {
  Place place;
  const bool file = reader.has("sqlite"), server = reader.has("postgresql");
  if (file == server) reader.diagnostics().error(reader.place(), "a database has either  sqlite: FILE  or  postgresql: { host: …, name: …, user: … }");
  if (file) place.sqlite = folder / reader.required("sqlite");
  if (server) read_server(reader.nested("postgresql"), reader.diagnostics(), place);
  return place;
}

Place read_place(const Setting& setting, const std::filesystem::path& folder, const Secrets& secrets, Diagnostics& diagnostics) {
  Setting known = setting;
  look_up_secrets(known, secrets, diagnostics);
  Reader reader(known, "database", diagnostics);
  Place place = read_place(reader, folder);
  reader.finish();
  return place;
}

std::unique_ptr<Session> open_session(const Place& place, Access access, const Limits& limits) {
  return place.postgresql.empty() ? open_sqlite(place.sqlite, access, limits) : open_postgresql(place.postgresql, access, limits);
}

Work::Work(Session& session, const Limits& limits) : session_(session), limits_(limits) { session_.run("begin", {}, limits_); }

Work::~Work() {
  if (!open_) return;
  try {
    session_.run("rollback", {}, limits_);
  } catch (const Failure&) {  // the transaction is gone either way
  }
}

void Work::commit() {
  open_ = false;
  session_.run("commit", {}, limits_);
}

Rows read(const Place& place, const std::string& statement, const Limits& limits) {
  Answer answer = open_session(place, Access::read, limits)->run(statement, {}, limits);
  Rows rows;
  rows.columns = std::move(answer.columns);
  for (auto& row : answer.rows) {
    auto& texts = rows.rows.emplace_back();
    for (auto& cell : row) texts.push_back(std::move(cell.text).value_or(""));
  }
  return rows;
}

}  // namespace tombolo::sql
