// A database in a file, opened for reading by the store's own SQLite.
#include "engine/connectors/sql/wires.h"
#include "engine/store/sqlite.h"

namespace tombolo::sql {
namespace {

// What the store's library says begins with whose it is: here it is not the store's.
std::string reason(std::string what) {
  constexpr std::string_view whose = "store: ";
  if (what.starts_with(whose)) what.erase(0, whose.size());
  return what;
}

void read_rows(store::Query& query, Allowance& allowance, Rows& into) {
  for (int c = 0; c < query.columns(); ++c) into.columns.emplace_back(query.column(c));
  while (query.step()) {
    auto& row = into.rows.emplace_back();
    for (int c = 0; c < query.columns(); ++c) {
      allowance.spend(sizeof(std::string) + query.text(c).size());
      row.push_back(query.copy(c));
    }
  }
}

}  // namespace

Rows read_sqlite(const std::filesystem::path& file, const std::string& statement, const Limits& limits) {
  Allowance allowance(limits);
  Rows rows;
  try {
    store::Database database(file.string(), store::Database::Mode::read, "");
    database.give_up_when([&] { return allowance.over(); });
    store::Query query = database.query(statement);
    read_rows(query, allowance, rows);
  } catch (const store::Error& wrong) {
    throw Failure(file.string() + ": " + (allowance.over() ? allowance.why() : reason(wrong.what())));
  }
  return rows;
}

}  // namespace tombolo::sql
