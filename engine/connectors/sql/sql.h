// SQL: reading rows from somebody's database, SQLite or PostgreSQL. Reads only: nothing is ever written there.
// Calls block, for at most Limits::time and ten seconds of connecting; make them on a thread of your own.
#pragma once

#include <atomic>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/secret.h"
#include "engine/base/settings.h"
#include "engine/base/time.h"

namespace tombolo::sql {

// Why there are no rows, for people: what was asked for and who said no; never a value that the database holds.
class Failure : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// Where a database is. Exactly one of the two is filled.
struct Place {
  std::filesystem::path sqlite;                                    // the file
  std::vector<std::pair<std::string, std::string>> postgresql;     // libpq's keywords and values; the password among them
};

// What stands behind the name of a database:
//   sqlite: /srv/codes/codes.db
//   postgresql: { host: db.north, name: codes, user: reader, password: !secret codes-reader }
// A relative file is one of `folder`. Faults are in `diagnostics`; the place is of use only if there were none.
Place read_place(const Setting& setting, const std::filesystem::path& folder, const Secrets& secrets, Diagnostics& diagnostics);

struct Limits {
  Duration time = std::chrono::minutes(1);                         // of the query
  std::size_t bytes = 64u << 20;                                   // of all values together
  const std::atomic<bool>* stop = nullptr;                         // becomes true: give up soon
};

struct Rows {
  std::vector<std::string> columns;                                // as the query names them
  std::vector<std::vector<std::string>> rows;                      // as text in UTF-8; NULL is empty
};

// The rows of one statement. Throws Failure.
Rows read(const Place& place, const std::string& statement, const Limits& limits);

}  // namespace tombolo::sql
