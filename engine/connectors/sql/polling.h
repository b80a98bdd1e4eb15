// Polling: new rows of a query, a batch at a time, and marking them as taken. Everything here blocks, on a thread of the desk.
//
// With a cursor the query is asked for rows beyond the last value of one column ($1), in the order of that column, and a batch never ends
// among rows of the same value. Without one the statement `after` is what makes a row no longer come.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/connectors/sql/cursor.h"
#include "engine/connectors/sql/session.h"

namespace tombolo::sql {

struct PollOptions {
  Place place;
  std::string statement;
  std::string cursor, start;            // the column, empty: none; where to begin
  std::filesystem::path file;           // where the cursor is kept
  std::string key, message;             // columns; empty: the cursor's; the row as JSON
  std::string after;                    // a statement for each row that was taken, with the values of these columns
  std::vector<std::string> after_columns;
  std::size_t batch = 100;
  Duration timeout{};
};

// A row as a message.
struct Row {
  std::string bytes;
  std::string name;                     // the same whenever this row comes
  Values after;                         // what `after` is given
};

struct Batch {
  std::vector<Row> rows;
  std::vector<std::string> cursors;     // of each row
  bool full = false;                    // there may be more
};

class Polling {
 public:
  explicit Polling(PollOptions options);

  std::unique_ptr<Session> open(const Limits& limits) const;
  // Throws Failure; std::runtime_error for a cursor file that cannot be read.
  Batch ask(Session& session, const Limits& limits);
  // The first `count` rows of the batch were taken: `after` for each in one transaction, then the cursor. Throws as ask(), and
  // std::system_error; then they come again.
  void mark(Session& session, const Batch& batch, std::size_t count, const Limits& limits);
  bool marks_rows() const { return !options_.after.empty(); }

 private:
  std::string asking(std::size_t most) const;
  Batch batch_of(const Answer& answer, std::size_t most) const;

  const PollOptions options_;
  const Cursor cursor_;
  std::optional<std::string> at_;       // what the file says, once it was read
};

}  // namespace tombolo::sql
