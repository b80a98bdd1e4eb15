// A code table in an SQLite file, as somebody's terminology server might keep it; for tests only.
#pragma once

#include <filesystem>
#include <string>

#include "engine/store/sqlite.h"

namespace tombolo::test {

class CodesDatabase {
 public:
  explicit CodesDatabase(const std::filesystem::path& file) : database_(file.string(), store::Database::Mode::make, "") {
    run("create table if not exists ward(code text, system text, target text, display text, weight real)");
  }
  void run(const std::string& sql) { database_.run(sql.c_str()); }

 private:
  store::Database database_;
};

inline constexpr const char* ward_query = "select target as target_code, code as source_code, system as target_system from ward";

}  // namespace tombolo::test
