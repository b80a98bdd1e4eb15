// Code tables that a database keeps: tables/sources.yaml of a site says which, and they come as files beside those that
// people drop there: read, checked, and swapped whole. So what is in force can be looked at, survives a database that is away, and is
// part of the configuration's hash like any file.
//
//   databases:
//     codes: { sqlite: /srv/codes/codes.db }
//   tables:
//     ward-codes:
//       database: codes
//       sql: select code as source_code, target as target_code, system as target_system from ward
//       every: 15m
#pragma once

#include <atomic>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "engine/base/settings.h"
#include "engine/base/time.h"
#include "engine/connectors/sql/sql.h"

namespace tombolo {

struct TableSource {
  std::string name;                          // of the table: tables/NAME.csv
  sql::Place database;
  std::string statement;                     // its columns have the names of a table file's
  Duration every{};
};

// What sources.yaml says; nothing if there is none. Faults are in `diagnostics`, with their places.
std::vector<TableSource> read_table_sources(const std::filesystem::path& site, const Environment& environment, Diagnostics& diagnostics);

// What came of fetching a table once.
struct Refresh {
  enum class Result { changed, unchanged, failed };
  std::string table;
  Result result = Result::failed;
  std::size_t rows = 0;
  std::string hash;                          // of the file, as the configuration names it
  std::string reason;                        // of a failure, for people: no row's content
};

// Fetches a table and puts it into the site's tables/, if it is sound and other than what is there. Blocks; throws nothing.
// A file of that name that a person wrote stays: that is a failure. stop: becomes true: give up soon.
Refresh refresh_table(const TableSource& source, const std::filesystem::path& site, const std::atomic<bool>* stop = nullptr);

// When each table is due, and how it went. For one thread.
class TableSchedule {
 public:
  struct State {
    Refresh last;                            // rows and hash: of the last that did not fail
    Time at{};                               // of the last attempt
    std::uint64_t refreshes = 0, failures = 0;
  };

  // New tables are due at once; those whose source is as before when they were.
  void plan(std::vector<TableSource> sources);
  // Those that are due by `now`; each is due again `every` after it.
  std::vector<TableSource> due(Time now);
  void note(const Refresh& refresh, Time now);

  const std::map<std::string, State>& states() const { return states_; }
  std::string print() const;                 // a line a table

 private:
  struct Entry {
    TableSource source;
    Time due{};
  };
  std::vector<Entry> entries_;
  std::map<std::string, State> states_;
};

}  // namespace tombolo
