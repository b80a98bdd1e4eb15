// A PostgreSQL server, by libpq. One statement in a read-only session; rows come one at a time.
#include <libpq-fe.h>
#include <poll.h>

#include <memory>
#include <string_view>

#include "engine/connectors/sql/wires.h"

namespace tombolo::sql {
namespace {

constexpr int look_every = 100;  // milliseconds: whether to give up

struct Finish {
  void operator()(PGconn* connection) const { PQfinish(connection); }
  void operator()(PGresult* result) const { PQclear(result); }
};
using Connection = std::unique_ptr<PGconn, Finish>;
using Answer = std::unique_ptr<PGresult, Finish>;

std::string first_line(std::string_view text) { return std::string(text.substr(0, text.find('\n'))); }

// What a server says of a statement may quote a value ("invalid input syntax for type integer: …"): its words are repeated only
// where they are about names and rights. 08 connection, 28 login, 3D database, 42 syntax or access, 53 resources, 57 operator.
std::string reason(const PGresult* answer) {
  const char* state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
  const char* said = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
  if (state == nullptr) return "the connection was lost";
  const std::string_view kind = std::string_view(state).substr(0, 2);
  constexpr std::string_view harmless = "08 28 3D 42 53 57";
  const bool repeat = said != nullptr && harmless.find(kind) != harmless.npos;
  return repeat ? first_line(said) : "the statement failed (SQLSTATE " + std::string(state) + ")";
}

Connection connect(const std::vector<std::pair<std::string, std::string>>& about, const std::string& server) {
  std::vector<const char*> names, values;
  const auto add = [&](const char* name, const char* value) { names.push_back(name), values.push_back(value); };
  for (const auto& [name, value] : about) add(name.c_str(), value.c_str());
  add("connect_timeout", "10");
  add("tcp_user_timeout", "30000");
  add("client_encoding", "UTF8");
  add("application_name", "tombolo");
  add("options", "-c default_transaction_read_only=on");
  add(nullptr, nullptr);
  Connection connection(PQconnectdbParams(names.data(), values.data(), 0));
  if (!connection) throw Failure(server + ": no memory for a connection");
  if (PQstatus(connection.get()) != CONNECTION_OK) throw Failure(server + ": " + first_line(PQerrorMessage(connection.get())));
  return connection;
}

void cancel(PGconn* connection) {
  char ignored[256];
  PGcancel* asking = PQgetCancel(connection);
  PQcancel(asking, ignored, sizeof ignored);
  PQfreeCancel(asking);
}

// The next answer; nullptr: that was all.
Answer next(PGconn* connection, const Allowance& allowance) {
  while (PQisBusy(connection) != 0) {
    pollfd wait{PQsocket(connection), POLLIN, 0};
    poll(&wait, 1, look_every);
    if (allowance.over()) {
      cancel(connection);
      throw Failure(allowance.why());
    }
    if (wait.revents != 0 && PQconsumeInput(connection) == 0) throw Failure("the connection was lost");
  }
  return Answer(PQgetResult(connection));
}

void take(const PGresult* answer, Allowance& allowance, Rows& rows) {
  const int columns = PQnfields(answer);
  if (rows.columns.empty()) {
    for (int c = 0; c < columns; ++c) rows.columns.emplace_back(PQfname(answer, c));
  }
  for (int r = 0; r < PQntuples(answer); ++r) {
    auto& row = rows.rows.emplace_back();
    for (int c = 0; c < columns; ++c) {
      const auto size = static_cast<std::size_t>(PQgetlength(answer, r, c));
      allowance.spend(sizeof(std::string) + size);
      row.emplace_back(PQgetvalue(answer, r, c), size);
    }
  }
}

void read_rows(PGconn* connection, const std::string& statement, Allowance& allowance, Rows& rows) {
  // With parameters, though none: the server then takes one statement and no more.
  if (PQsendQueryParams(connection, statement.c_str(), 0, nullptr, nullptr, nullptr, nullptr, 0) == 0) throw Failure("the connection was lost");
  PQsetSingleRowMode(connection);
  while (const Answer answer = next(connection, allowance)) {
    const auto status = PQresultStatus(answer.get());
    if (status != PGRES_SINGLE_TUPLE && status != PGRES_TUPLES_OK && status != PGRES_COMMAND_OK) throw Failure(reason(answer.get()));
    take(answer.get(), allowance, rows);
  }
}

std::string server_of(const std::vector<std::pair<std::string, std::string>>& about) {
  std::string host, database;
  for (const auto& [name, value] : about) {
    if (name == "host") host = value;
    if (name == "dbname") database = value;
  }
  return "postgresql " + database + " at " + host;
}

}  // namespace

Rows read_postgresql(const std::vector<std::pair<std::string, std::string>>& about, const std::string& statement, const Limits& limits) {
  const std::string server = server_of(about);
  const Connection connection = connect(about, server);
  Allowance allowance(limits);
  Rows rows;
  try {
    read_rows(connection.get(), statement, allowance, rows);
  } catch (const Failure& wrong) {
    throw Failure(server + ": " + wrong.what());
  }
  return rows;
}

}  // namespace tombolo::sql
