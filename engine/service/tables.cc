#include "engine/service/tables.h"

#include <algorithm>
#include <array>
#include <map>

#include "engine/base/files.h"
#include "engine/base/text.h"
#include "engine/connectors/file/disk.h"
#include "engine/crypto/hash.h"

namespace tombolo {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view made_here = "# Made by tombolo as tables/sources.yaml says. A file without this line is a person's and is never replaced.\n";
constexpr std::array<std::string_view, 4> columns{"source_code", "target_system", "target_code", "target_display"};
constexpr std::size_t source = 0, target = 2;
constexpr std::size_t absent = static_cast<std::size_t>(-1);

using Row = std::array<std::string_view, columns.size()>;

// Where the query has each column of a table.
std::array<std::size_t, columns.size()> places(const sql::Rows& rows) {
  std::array<std::size_t, columns.size()> at;
  at.fill(absent);
  for (std::size_t c = 0; c < rows.columns.size(); ++c) {
    const auto known = std::find(columns.begin(), columns.end(), rows.columns[c]);
    if (known == columns.end()) throw sql::Failure("the column '" + rows.columns[c] + "' is none of source_code, target_system, target_code, target_display");
    auto& place = at[static_cast<std::size_t>(known - columns.begin())];
    if (place != absent) throw sql::Failure("the column '" + rows.columns[c] + "' comes twice");
    place = c;
  }
  for (const auto needed : {source, target}) {
    if (at[needed] == absent) throw sql::Failure("the query has no column " + std::string(columns[needed]));
  }
  return at;
}

[[noreturn]] void refuse(std::size_t row, std::size_t column, const std::string& what) {
  throw sql::Failure("row " + std::to_string(row) + ": " + std::string(columns[column]) + " " + what);
}

void check(const Row& row, std::size_t number) {
  for (std::size_t c = 0; c < row.size(); ++c) {
    if ((c == source || c == target) && row[c].empty()) refuse(number, c, "is empty");
    if (!valid_utf8(row[c])) refuse(number, c, "is not UTF-8");
    if (std::any_of(row[c].begin(), row[c].end(), [](char letter) { return static_cast<unsigned char>(letter) < ' '; }))
      refuse(number, c, "has a control character");
  }
}

void write(std::string& out, std::string_view text) {
  if (text.find_first_of(",\"#") == text.npos && trim(text).size() == text.size()) {
    out += text;
    return;
  }
  out += '"';
  for (const char c : text) out.append(c == '"' ? 2 : 1, c);
  out += '"';
}

// The rows as a table file, by source code: equal rows make an equal file, in whatever order they come.
std::string csv(const sql::Rows& rows) {
  const auto at = places(rows);
  if (rows.rows.empty()) throw sql::Failure("the query has no rows");
  std::map<std::string_view, std::pair<Row, std::size_t>> sorted;
  for (std::size_t n = 0; n < rows.rows.size(); ++n) {
    Row row;
    for (std::size_t c = 0; c < row.size(); ++c) row[c] = at[c] == absent ? std::string_view() : rows.rows[n][at[c]];
    check(row, n + 1);
    const auto [same, fresh] = sorted.try_emplace(row[source], row, n + 1);
    if (!fresh) refuse(n + 1, source, "is translated already in row " + std::to_string(same->second.second));
  }
  std::string text(made_here);
  text += "source_code,target_system,target_code,target_display\n";
  for (const auto& [code, row] : sorted) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (c != 0) text += ',';
      write(text, row.first[c]);
    }
    text += '\n';
  }
  return text;
}

// Written aside, then renamed: nobody ever sees half a table.
void put(const fs::path& file, const std::string& text) {
  const auto disk = real_disk();
  const fs::path aside = file.parent_path() / ("." + file.filename().string() + ".new");
  const auto writing = disk->make_empty(aside);
  writing->append(text);
  writing->sync();
  disk->rename(aside, file);
  disk->sync_folder(file.parent_path());
}

void replace(const fs::path& site, const std::string& text, Refresh& refresh) {
  const fs::path file = site / "tables" / (refresh.table + ".csv");
  const std::string now = fs::exists(file) ? read_file(file) : "";
  if (!now.empty() && !now.starts_with(made_here)) throw sql::Failure(file.string() + " was written by a person, and stays");
  if (now != text) put(file, text);
  refresh.result = now == text ? Refresh::Result::unchanged : Refresh::Result::changed;
}

}  // namespace

Refresh refresh_table(const TableSource& table, const fs::path& site, const std::atomic<bool>* stop) {
  Refresh refresh;
  refresh.table = table.name;
  sql::Limits limits;
  limits.stop = stop;
  try {
    const sql::Rows rows = sql::read(table.database, table.statement, limits);
    const std::string text = csv(rows);
    refresh.rows = rows.rows.size();
    refresh.hash = hex(sha256(text));
    replace(site, text, refresh);
  } catch (const std::exception& wrong) {
    refresh.result = Refresh::Result::failed;
    refresh.reason = wrong.what();
  }
  return refresh;
}

void TableSchedule::plan(std::vector<TableSource> sources) {
  std::vector<Entry> entries;
  for (auto& fresh : sources) {
    const auto before = std::find_if(entries_.begin(), entries_.end(), [&](const Entry& e) {
      return e.source.name == fresh.name && e.source.statement == fresh.statement && e.source.every == fresh.every &&
             e.source.database.sqlite == fresh.database.sqlite && e.source.database.postgresql == fresh.database.postgresql;
    });
    const Time due = before == entries_.end() ? Time{} : before->due;
    entries.push_back({std::move(fresh), due});
  }
  entries_ = std::move(entries);
  std::erase_if(states_, [&](const auto& state) {
    return std::none_of(entries_.begin(), entries_.end(), [&](const Entry& e) { return e.source.name == state.first; });
  });
}

std::vector<TableSource> TableSchedule::due(Time now) {
  std::vector<TableSource> found;
  for (auto& entry : entries_) {
    if (entry.due > now) continue;
    entry.due = now + entry.source.every;
    found.push_back(entry.source);
  }
  return found;
}

void TableSchedule::note(const Refresh& refresh, Time now) {
  State& state = states_[refresh.table];
  state.at = now;
  if (refresh.result == Refresh::Result::failed) {
    ++state.failures;
    state.last.table = refresh.table;
    state.last.result = refresh.result;
    state.last.reason = refresh.reason;
    return;
  }
  ++state.refreshes;
  state.last = refresh;
}

std::string TableSchedule::print() const {
  std::string lines;
  for (const auto& [name, state] : states_) {
    lines += name + "  " + std::to_string(state.last.rows) + " rows";
    if (!state.last.hash.empty()) lines += "  " + state.last.hash.substr(0, 16);
    lines += "  refreshed " + std::to_string(state.refreshes) + ", failed " + std::to_string(state.failures) + ", last " + iso8601(state.at);
    if (state.last.result == Refresh::Result::failed) lines += "  (" + state.last.reason + ")";
    lines += "\n";
  }
  return lines;
}

}  // namespace tombolo
