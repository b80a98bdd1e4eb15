// SQL: somebody's database, SQLite or PostgreSQL. Here: where it is, what can go wrong with it, and reading rows. The two wires are in
// database.h. Calls block, for at most Limits::time (connecting counts) or until they are told to stop; make them on a thread of your own.
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

// What kind of no it was.
enum class Trouble {
  lost,     // no connection, or it broke: whether a statement took effect is not known
  busy,     // somebody else's lock, a deadlock, a conflict of transactions: try again
  timeout,  // no answer in time
  stopped,  // we were told to stop
  refused,  // these values: a constraint, a type, a trigger. Trying again changes nothing
  failed,   // the statement, its rights, the disk: not these values
};

// Why there is nothing, for people: what was asked for and who said no; never a value that the database holds or was given.
class Failure : public std::runtime_error {
 public:
  explicit Failure(const std::string& what, Trouble trouble = Trouble::failed, std::string code = "")
      : std::runtime_error(what), trouble_(trouble), code_(std::move(code)) {}
  Trouble trouble() const { return trouble_; }
  const std::string& code() const { return code_; }  // the database's own: "23505" (SQLSTATE), "2067" (SQLite); may be empty

 private:
  Trouble trouble_;
  std::string code_;
};

// Where a database is. Exactly one of the two is filled.
struct Place {
  std::filesystem::path sqlite;                                    // the file
  std::vector<std::pair<std::string, std::string>> postgresql;     // libpq's keywords and values; the password among them
};

// What stands behind the name of a database:
//   sqlite: /srv/codes/codes.db
//   postgresql: { host: db.north, name: codes, user: reader, password: !secret codes-reader }
// A relative file is one of `folder`. Faults are in the reader's diagnostics; the place is of use only if there were none.
Place read_place(Reader& reader, const std::filesystem::path& folder);
// The same as a block of its own, its secrets not looked up yet.
Place read_place(const Setting& setting, const std::filesystem::path& folder, const Secrets& secrets, Diagnostics& diagnostics);

struct Limits {
  Duration time = std::chrono::minutes(1);                         // of the query; of connecting too, but for 10 s at most
  std::size_t bytes = 64u << 20;                                   // of all values together
  const std::atomic<bool>* stop = nullptr;                         // becomes true: give up within 100 ms
};

struct Rows {
  std::vector<std::string> columns;                                // as the query names them
  std::vector<std::vector<std::string>> rows;                      // as text in UTF-8; NULL is empty
};

// The rows of one statement that only reads. Throws Failure.
Rows read(const Place& place, const std::string& statement, const Limits& limits);

}  // namespace tombolo::sql
