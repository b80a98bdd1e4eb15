// A PostgreSQL server, by libpq: prepared statements, values beside them, rows one at a time.
#include <libpq-fe.h>

#include <map>
#include <string_view>

#include "engine/connectors/sql/link.h"

namespace tombolo::sql {
namespace {

// Of pg_type, as they have been since the beginning (json and jsonb since they exist).
enum : Oid { boolean = 16, bytea = 17, int8 = 20, int2 = 21, int4 = 23, json = 114, float4 = 700, float8 = 701, numeric = 1700, jsonb = 3802 };

Trouble trouble_of(std::string_view state) {
  const std::string_view kind = state.substr(0, 2);
  if (kind == "08" || state == "57P01" || state == "57P02" || state == "57P03") return Trouble::lost;
  if (kind == "40" || kind == "53" || state == "55P03" || state == "55006") return Trouble::busy;
  if (state == "57014") return Trouble::timeout;
  if (kind == "22" || kind == "23" || kind == "44" || kind == "P0") return Trouble::refused;
  return Trouble::failed;
}

// What a server says of a statement may quote a value ("invalid input syntax for type integer: …"): its words are repeated only
// where they are about names and rights. 08 connection, 28 login, 3D database, 42 syntax or access, 53 resources, 57 operator.
std::string reason(const PGresult* answer, std::string_view state) {
  const char* said = PQresultErrorField(answer, PG_DIAG_MESSAGE_PRIMARY);
  const char* constraint = PQresultErrorField(answer, PG_DIAG_CONSTRAINT_NAME);
  constexpr std::string_view harmless = "08 28 3D 42 53 57";
  if (said && harmless.find(state.substr(0, 2)) != harmless.npos) return std::string(said).substr(0, std::string_view(said).find('\n'));
  return "the statement failed (SQLSTATE " + std::string(state) + (constraint ? std::string(", constraint ") + constraint : "") + ")";
}

bool good(const PGresult* answer) {
  const auto status = PQresultStatus(answer);
  return status == PGRES_SINGLE_TUPLE || status == PGRES_TUPLES_OK || status == PGRES_COMMAND_OK;
}

// NaN and Infinity are numbers for the server, and none in JSON.
Cell::Kind kind_of(Oid type, std::string_view text) {
  switch (type) {
    case boolean: return Cell::Kind::truth;
    case json:
    case jsonb: return Cell::Kind::json;
    case int2: case int4: case int8: case float4: case float8: case numeric:
      return text.find_first_not_of("0123456789.-+eE") == text.npos ? Cell::Kind::number : Cell::Kind::text;
    default: return Cell::Kind::text;
  }
}

class PostgresSession final : public Session {
 public:
  PostgresSession(const std::vector<std::pair<std::string, std::string>>& about, Access access, const Limits& limits) : link_(about, access, limits) {}

  void prepare(const std::string& statement, std::size_t number, const Limits& limits) override {
    const Prepared& prepared = known(statement, Allowance(limits));
    if (prepared.types.size() != number) {
      throw Failure(link_.name() + ": the statement has " + std::to_string(prepared.types.size()) + " parameters, and " + std::to_string(number) + " are given");
    }
  }

  Answer run(const std::string& statement, const Values& values, const Limits& limits) override {
    prepare(statement, values.size(), limits);
    const Prepared& prepared = known_.at(statement);
    Allowance allowance(limits);
    send(prepared, values, allowance);
    Answer answer;
    for (Result one = link_.next(allowance); one; one = link_.next(allowance)) {
      check(one.get(), allowance);
      take(one.get(), allowance, answer);
    }
    return answer;
  }

 private:
  struct Prepared {
    std::string name;
    std::vector<Oid> types;  // of its parameters
  };

  const Prepared& known(const std::string& statement, const Allowance& allowance) {
    if (const auto found = known_.find(statement); found != known_.end()) return found->second;
    Prepared prepared{"s" + std::to_string(known_.size()), {}};
    link_.flush(PQsendPrepare(link_.get(), prepared.name.c_str(), statement.c_str(), 0, nullptr), allowance);
    finish(allowance, nullptr);
    link_.flush(PQsendDescribePrepared(link_.get(), prepared.name.c_str()), allowance);
    finish(allowance, &prepared.types);
    return known_.emplace(statement, std::move(prepared)).first->second;
  }

  void finish(const Allowance& allowance, std::vector<Oid>* types) {
    for (Result one = link_.next(allowance); one; one = link_.next(allowance)) {
      check(one.get(), allowance);
      for (int p = 0; types && p < PQnparams(one.get()); ++p) types->push_back(PQparamtype(one.get(), p));
    }
  }

  // Bytes go as they are where bytes are wanted; anything else as text, which ends at a NUL.
  void send(const Prepared& prepared, const Values& values, const Allowance& allowance) {
    std::vector<const char*> texts;
    std::vector<int> sizes, binary;
    for (std::size_t p = 0; p < values.size(); ++p) {
      const bool bytes = prepared.types[p] == bytea;
      if (values[p] && !bytes && values[p]->find('\0') != std::string::npos)
        throw Failure(link_.name() + ": a value has a NUL, which text cannot have here", Trouble::refused, "22021");
      texts.push_back(values[p] ? values[p]->c_str() : nullptr);
      sizes.push_back(values[p] ? static_cast<int>(values[p]->size()) : 0);
      binary.push_back(bytes ? 1 : 0);
    }
    link_.flush(PQsendQueryPrepared(link_.get(), prepared.name.c_str(), static_cast<int>(values.size()), texts.data(), sizes.data(), binary.data(), 0), allowance);
    PQsetSingleRowMode(link_.get());
  }

  void check(const PGresult* answer, const Allowance& allowance) {
    if (good(answer)) return;
    const char* state = PQresultErrorField(answer, PG_DIAG_SQLSTATE);
    const Failure failure = state == nullptr ? Failure(link_.name() + ": the connection was lost", Trouble::lost)
                                             : Failure(link_.name() + ": " + reason(answer, state), trouble_of(state), state);
    while (failure.trouble() != Trouble::lost && link_.next(allowance)) {
    }
    throw failure;
  }

  static void take(const PGresult* answer, Allowance& allowance, Answer& into) {
    const int columns = PQnfields(answer);
    if (into.columns.empty()) {
      for (int c = 0; c < columns; ++c) into.columns.emplace_back(PQfname(answer, c));
    }
    if (const std::string_view n = PQcmdTuples(const_cast<PGresult*>(answer)); !n.empty()) into.changed = std::stoll(std::string(n));
    for (int r = 0; r < PQntuples(answer); ++r) {
      auto& row = into.rows.emplace_back();
      for (int c = 0; c < columns; ++c) {
        const auto size = static_cast<std::size_t>(PQgetlength(answer, r, c));
        allowance.spend(sizeof(Cell) + size);
        Cell cell;
        if (PQgetisnull(answer, r, c) == 0) {
          cell.text.emplace(PQgetvalue(answer, r, c), size);
          cell.kind = kind_of(PQftype(answer, c), *cell.text);
        }
        row.push_back(std::move(cell));
      }
    }
  }

  Link link_;
  std::map<std::string, Prepared> known_;  // by the statement's text
};

}  // namespace

std::unique_ptr<Session> open_postgresql(const std::vector<std::pair<std::string, std::string>>& about, Access access, const Limits& limits) {
  return std::make_unique<PostgresSession>(about, access, limits);
}

}  // namespace tombolo::sql
