// tables/sources.yaml, read.
#include <algorithm>

#include "engine/base/files.h"
#include "engine/base/letters.h"
#include "engine/base/text.h"
#include "engine/service/tables.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;

bool good_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) { return is_letter_or_digit(c) || c == '-' || c == '_'; });
}

using Databases = std::vector<std::pair<std::string_view, sql::Place>>;

Databases read_databases(const Setting& setting, const fs::path& site, const Secrets& secrets, Diagnostics& diagnostics) {
  Databases databases;
  for (const auto& member : setting.members) databases.emplace_back(member.key, sql::read_place(member.value, site, secrets, diagnostics));
  return databases;
}

TableSource read_table(const Setting::Member& member, const Databases& databases, Diagnostics& diagnostics) {
  TableSource table;
  table.name = member.key;
  if (!good_name(table.name)) diagnostics.error(member.place, "the name of a table is made of letters, digits, - and _");
  if (table.name == "extensions") diagnostics.error(member.place, "extensions.csv is no code table: it has other columns");
  Reader reader(member.value, "table", diagnostics);
  const auto name = reader.required("database");
  const auto known = std::find_if(databases.begin(), databases.end(), [&](const auto& d) { return d.first == name; });
  if (known != databases.end()) {
    table.database = known->second;
  } else if (!name.empty()) {
    std::vector<std::string_view> names;
    for (const auto& database : databases) names.push_back(database.first);
    reader.error("database", "no database is called '" + name + "'" + suggestion(name, names));
  }
  table.statement = reader.required("sql");
  table.every = reader.duration("every", std::chrono::minutes(15));
  if (table.every < std::chrono::seconds(1)) reader.error("every", "expected a time of a second or more");
  reader.finish();
  return table;
}

}  // namespace

std::vector<TableSource> read_table_sources(const fs::path& site, const Environment& environment, Diagnostics& diagnostics) {
  std::vector<TableSource> tables;
  const fs::path file = site / "tables/sources.yaml";
  if (std::error_code wrong; site.empty() || !fs::is_regular_file(file, wrong)) return tables;
  const std::string text = read_file(file);
  Diagnostics found;
  const Setting whole = parse_settings(file.string(), text, environment, found);
  const Secrets secrets(environment, site / "secrets");
  Reader reader(whole, "tables/sources.yaml", found);
  const auto databases = read_databases(reader.nested("databases"), site, secrets, found);
  for (const auto& member : reader.nested("tables").members) tables.push_back(read_table(member, databases, found));
  reader.finish();
  found.quote(file.string(), text);
  diagnostics.append(found);
  return tables;
}

}  // namespace tombolo
