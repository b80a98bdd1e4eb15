// Session: one open database, in which statements with bound parameters run: $1, $2 … in both kinds of database. A value is never a
// part of a statement's text. One thread at a time. Every call blocks within its limits and throws Failure; after Trouble::lost,
// timeout and stopped the session is of no use any more and is to be dropped.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/connectors/sql/sql.h"

namespace tombolo::sql {

using Value = std::optional<std::string>;   // nothing: NULL
using Values = std::vector<Value>;

// One value of a row, as text in UTF-8.
struct Cell {
  enum class Kind : std::uint8_t { text, number, truth, json };   // how it stands in JSON: number and json as they are
  Value text;
  Kind kind = Kind::text;
};

struct Answer {
  std::vector<std::string> columns;
  std::vector<std::vector<Cell>> rows;
  std::int64_t changed = 0;                 // rows inserted, updated or deleted
};

class Session {
 public:
  virtual ~Session() = default;

  // Has the database read the statement; Trouble::failed if it is wrong, or takes another number of parameters.
  virtual void prepare(const std::string& statement, std::size_t parameters, const Limits& limits) = 0;
  // Runs a statement, prepared at its first run at the latest.
  virtual Answer run(const std::string& statement, const Values& values, const Limits& limits) = 0;
};

enum class Access { read, write };
// read: the database refuses whatever would change it.
std::unique_ptr<Session> open_session(const Place& place, Access access, const Limits& limits);

// begin … commit; what was not committed is rolled back.
class Work {
 public:
  Work(Session& session, const Limits& limits);
  ~Work();
  Work(const Work&) = delete;
  Work& operator=(const Work&) = delete;
  void commit();

 private:
  Session& session_;
  const Limits& limits_;
  bool open_ = true;
};

}  // namespace tombolo::sql
