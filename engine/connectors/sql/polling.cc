#include "engine/connectors/sql/polling.h"

#include <algorithm>

#include "engine/base/json.h"
#include "engine/base/text.h"

namespace tombolo::sql {
namespace {

constexpr std::size_t most_of_one_value = 100'000;  // rows with the same cursor, held at once

std::size_t place_of(const std::vector<std::string>& columns, const std::string& name) {
  const auto found = std::find(columns.begin(), columns.end(), name);
  if (found != columns.end()) return static_cast<std::size_t>(found - columns.begin());
  throw Failure("the query has no column " + tombolo::quoted(name) + suggestion(name, {columns.begin(), columns.end()}));
}

const std::string& value_at(const std::vector<Cell>& row, std::size_t at, const std::string& name) {
  if (!row[at].text) throw Failure("the column " + tombolo::quoted(name) + " is NULL in a row");
  return *row[at].text;
}

std::string as_json(const std::vector<std::string>& columns, const std::vector<Cell>& row) {
  std::string out;
  JsonWriter json(out);
  json.begin_object();
  for (std::size_t c = 0; c < columns.size(); ++c) {
    const Cell& cell = row[c];
    json.key(columns[c]);
    if (!cell.text) json.literal("null");
    else if (cell.kind == Cell::Kind::truth) json.literal(*cell.text == "t" ? "true" : "false");
    else if (cell.kind == Cell::Kind::text) json.string(*cell.text);
    else json.literal(*cell.text);
  }
  json.end_object();
  return out;
}

std::string quoted_name(const std::string& column) {
  std::string out = "\"";
  for (const char c : column) out.append(c == '"' ? 2 : 1, c);
  return out + '"';
}

}  // namespace

Polling::Polling(PollOptions options) : options_(std::move(options)), cursor_(options_.file) {}

std::unique_ptr<Session> Polling::open(const Limits& limits) const {
  auto session = open_session(options_.place, options_.after.empty() ? Access::read : Access::write, limits);
  session->prepare(asking(options_.batch), options_.cursor.empty() ? 0 : 1, limits);
  if (marks_rows()) session->prepare(options_.after, options_.after_columns.size(), limits);
  return session;
}

// The order is ours, so that the last row is the furthest; one row more than wanted tells whether the last value is complete.
std::string Polling::asking(std::size_t most) const {
  std::string text = "select * from (" + options_.statement + "\n) as tombolo_rows";
  if (!options_.cursor.empty()) text += " order by " + quoted_name(options_.cursor);
  return text + " limit " + std::to_string(most + 1);
}

Batch Polling::ask(Session& session, const Limits& limits) {
  if (!options_.cursor.empty() && !at_) at_ = cursor_.read().value_or(options_.start);
  const Values values = options_.cursor.empty() ? Values{} : Values{at_};
  for (std::size_t most = options_.batch;; most *= 2) {
    const Answer answer = session.run(asking(most), values, limits);
    Batch batch = batch_of(answer, most);
    if (!batch.cursors.empty() && batch.cursors.front() == *at_)
      throw Failure("the query gave a row at the cursor itself: ask for those beyond it, " + options_.cursor + " > $1");
    if (!batch.rows.empty() || answer.rows.empty()) return batch;
    if (most > most_of_one_value) throw Failure("more than " + std::to_string(most_of_one_value) + " rows have the same " + options_.cursor);
  }
}

Batch Polling::batch_of(const Answer& answer, std::size_t most) const {
  Batch batch;
  batch.full = answer.rows.size() > most;
  const auto cursor_at = options_.cursor.empty() ? 0 : place_of(answer.columns, options_.cursor);
  const auto key_at = options_.key.empty() ? cursor_at : place_of(answer.columns, options_.key);
  const auto message_at = options_.message.empty() ? 0 : place_of(answer.columns, options_.message);
  std::vector<std::size_t> after;
  for (const auto& name : options_.after_columns) after.push_back(place_of(answer.columns, name));
  for (const auto& cells : answer.rows) {
    Row row;
    row.name = value_at(cells, key_at, options_.key.empty() ? options_.cursor : options_.key);
    if (!options_.cursor.empty()) batch.cursors.push_back(value_at(cells, cursor_at, options_.cursor));
    if (!options_.cursor.empty() && !options_.key.empty()) row.name += " at " + batch.cursors.back();
    row.bytes = options_.message.empty() ? as_json(answer.columns, cells) : value_at(cells, message_at, options_.message);
    for (const auto at : after) row.after.push_back(cells[at].text);
    batch.rows.push_back(std::move(row));
  }
  if (!batch.full) return batch;
  std::size_t kept = most;
  if (!options_.cursor.empty()) {
    while (kept > 0 && batch.cursors[kept - 1] == batch.cursors.back()) --kept;
    batch.cursors.resize(kept);
  }
  batch.rows.resize(kept);
  return batch;
}

void Polling::mark(Session& session, const Batch& batch, std::size_t count, const Limits& limits) {
  if (count == 0) return;
  if (marks_rows()) {
    Work work(session, limits);
    for (std::size_t n = 0; n < count; ++n) session.run(options_.after, batch.rows[n].after, limits);
    work.commit();
  }
  if (options_.cursor.empty()) return;
  // Rows of one value stay together: those that were taken come again with those that were not, and are told by their names.
  std::size_t last = count;
  while (last > 0 && count < batch.rows.size() && batch.cursors[last - 1] == batch.cursors[count]) --last;
  if (last == 0) return;
  cursor_.write(batch.cursors[last - 1]);
  at_ = batch.cursors[last - 1];
}

}  // namespace tombolo::sql
