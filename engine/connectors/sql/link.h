// Link: a connection to a PostgreSQL server that can be given up at any moment: looking up the name, connecting, sending and
// waiting each look every 100 ms whether it is still wanted. Private to the room.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/connectors/sql/wires.h"

struct pg_conn;    // libpq's PGconn and PGresult
struct pg_result;

namespace tombolo::sql {

struct Finish {
  void operator()(pg_conn* connection) const;
  void operator()(pg_result* result) const;
};
using Result = std::unique_ptr<pg_result, Finish>;

class Link {
 public:
  // about: libpq's keywords and values, host among them.
  Link(std::vector<std::pair<std::string, std::string>> about, Access access, const Limits& limits);

  const std::string& name() const { return name_; }        // "postgresql lab at db.north"
  pg_conn* get() const { return connection_.get(); }

  // After a PQsend…: `sent` is what it returned. All of its results in turn; nullptr: that was all.
  void flush(int sent, const Allowance& allowance);
  Result next(const Allowance& allowance);

 private:
  void resolve(std::vector<std::pair<std::string, std::string>>& about, const Allowance& allowance) const;
  void connect(const Allowance& allowance);
  void wait(short events, const Allowance& allowance) const;
  Failure lost() const { return Failure(name_ + ": the connection was lost", Trouble::lost); }

  std::string name_;
  std::unique_ptr<pg_conn, Finish> connection_;
};

}  // namespace tombolo::sql
