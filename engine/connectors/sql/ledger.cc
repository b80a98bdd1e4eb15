#include "engine/connectors/sql/ledger.h"

namespace tombolo::sql {

// The table's name is of the channel file, checked letter by letter; statements cannot bind names.
Ledger::Ledger(std::string table, bool postgresql, Duration remember) {
  const std::string seconds = std::to_string(std::chrono::duration_cast<std::chrono::seconds>(remember).count());
  const std::string format = "strftime('%Y-%m-%dT%H:%M:%fZ', 'now'";
  make_ = "create table if not exists " + table + "(id text primary key, at " + (postgresql ? "timestamptz" : "text") + " not null)";
  enter_ = "insert into " + table + "(id, at) values ($1, " + (postgresql ? "now()" : format + ")") + ") on conflict do nothing";
  forget_ = "delete from " + table + " where at < " + (postgresql ? "now() - interval '" + seconds + " seconds'" : format + ", '-" + seconds + " seconds')");
}

// Looked at first: the right to make a table is not asked for where it is there.
void Ledger::prepare(Session& session, const Limits& limits) const {
  try {
    session.prepare(enter_, 1, limits);
    return;
  } catch (const Failure& missing) {
    if (missing.trouble() != Trouble::failed) throw;
  }
  try {
    session.run(make_, {}, limits);
  } catch (const Failure& refused) {
    if (refused.trouble() != Trouble::refused) throw;  // another session made it at this moment
  }
  session.prepare(enter_, 1, limits);
}

bool Ledger::enter(Session& session, const std::string& id, const Limits& limits) const { return session.run(enter_, {id}, limits).changed > 0; }

void Ledger::forget(Session& session, const Limits& limits) const { session.run(forget_, {}, limits); }

}  // namespace tombolo::sql
