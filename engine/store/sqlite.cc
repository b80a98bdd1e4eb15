#include "engine/store/sqlite.h"

#include <sqlite3.h>

namespace tombolo::store {
namespace {

Error::Reason reason_of(int code) {
  switch (code & 0xFF) {
    case SQLITE_FULL: return Error::Reason::full;
    case SQLITE_BUSY:
    case SQLITE_LOCKED: return Error::Reason::locked;
    default: return code == SQLITE_IOERR_SHMSIZE ? Error::Reason::full : Error::Reason::broken;
  }
}

bool about_values(int code) {
  const int kind = code & 0xFF;
  return kind == SQLITE_TOOBIG || kind == SQLITE_CONSTRAINT || kind == SQLITE_MISMATCH || kind == SQLITE_RANGE;
}

constexpr int patience = 3000;  // milliseconds, for a stranger's lock (somebody's sqlite3 shell)

// SQLite counts its memory under one lock for all threads: nobody here asks for the count.
void count_no_memory() {
  static const int done = sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
  (void)done;
}

[[noreturn]] void fail(sqlite3* database, int code, const std::string& doing) {
  std::string what = doing + ": " + sqlite3_errstr(code);
  if (const int system = database ? sqlite3_system_errno(database) : 0; system != 0 && (code & 0xFF) == SQLITE_IOERR) {
    what += " (system error " + std::to_string(system) + ")";
  }
  throw SqlError(code, what);
}

}  // namespace

SqlError::SqlError(int code, const std::string& what) : Error(reason_of(code), what), code_(code), specific_(about_values(code)) {}

SqlError SqlError::too_big(const std::string& what) { return {SQLITE_TOOBIG, what}; }

Query::~Query() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

void Query::check(int code) {
  if (code != SQLITE_OK) fail(database_, code, "store: binding a value");
}

Query& Query::bind(std::int64_t n) { return check(sqlite3_bind_int64(statement_, ++next_, n)), *this; }
Query& Query::bind_null() { return check(sqlite3_bind_null(statement_, ++next_)), *this; }

Query& Query::bind(std::string_view text) {
  // A null pointer would bind NULL; an empty text is a text.
  const char* begin = text.data() ? text.data() : "";
  return check(sqlite3_bind_text64(statement_, ++next_, begin, text.size(), SQLITE_STATIC, SQLITE_UTF8)), *this;
}

Query& Query::bind_blob(std::string_view bytes) {
  const char* begin = bytes.data() ? bytes.data() : "";
  return check(sqlite3_bind_blob64(statement_, ++next_, begin, bytes.size(), SQLITE_STATIC)), *this;
}

bool Query::step() {
  const int code = sqlite3_step(statement_);
  if (code == SQLITE_ROW) return true;
  if (code != SQLITE_DONE) fail(database_, sqlite3_extended_errcode(database_), "store");
  return false;
}

std::int64_t Query::number(int column) const { return sqlite3_column_int64(statement_, column); }
bool Query::null(int column) const { return sqlite3_column_type(statement_, column) == SQLITE_NULL; }

bool Query::numeric(int column) const {
  const int type = sqlite3_column_type(statement_, column);
  return type == SQLITE_INTEGER || type == SQLITE_FLOAT;
}

std::optional<double> Query::real(int column) const {
  if (sqlite3_column_type(statement_, column) != SQLITE_FLOAT) return std::nullopt;
  return sqlite3_column_double(statement_, column);
}

int Query::columns() const { return sqlite3_column_count(statement_); }
std::string_view Query::column(int number) const { return sqlite3_column_name(statement_, number); }

int Query::parameters() const { return sqlite3_bind_parameter_count(statement_); }
std::string_view Query::parameter(int number) const {
  const char* name = sqlite3_bind_parameter_name(statement_, number);
  return name ? name : "";
}

std::string_view Query::text(int column) const {
  const auto* begin = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  return begin ? std::string_view(begin, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string_view();
}

std::string_view Query::blob(int column) const {
  const auto* begin = static_cast<const char*>(sqlite3_column_blob(statement_, column));
  return begin ? std::string_view(begin, static_cast<std::size_t>(sqlite3_column_bytes(statement_, column))) : std::string_view();
}

Database::Database(const std::string& path, Mode mode, const std::string& vfs) {
  const int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                    (mode == Mode::read ? SQLITE_OPEN_READONLY : SQLITE_OPEN_READWRITE) |
                    (mode == Mode::make ? SQLITE_OPEN_CREATE : 0);
  count_no_memory();
  const int code = sqlite3_open_v2(path.c_str(), &handle_, flags, vfs.empty() ? nullptr : vfs.c_str());
  if (code != SQLITE_OK) {
    sqlite3_close_v2(handle_);
    throw SqlError(code, "store: cannot open " + path + ": " + sqlite3_errstr(code));
  }
  sqlite3_busy_timeout(handle_, patience);
  // The hook stands where SQLite's own automatic checkpoint would be: it only counts.
  const auto count = [](void* self, sqlite3*, const char*, int pages) {
    static_cast<Database*>(self)->log_pages_ = pages;
    return SQLITE_OK;
  };
  sqlite3_wal_hook(handle_, count, this);
}

Database::~Database() {
  for (const auto& [sql, statement] : literals_) sqlite3_finalize(statement);
  for (const auto& [sql, statement] : texts_) sqlite3_finalize(statement);
  sqlite3_close_v2(handle_);
}

void Database::run(const char* sql) {
  const int code = sqlite3_exec(handle_, sql, nullptr, nullptr, nullptr);
  if (code != SQLITE_OK) fail(handle_, code, "store");
}

sqlite3_stmt* Database::prepare(std::string_view sql) {
  sqlite3_stmt* statement = nullptr;
  const int code = sqlite3_prepare_v3(handle_, sql.data(), static_cast<int>(sql.size()), SQLITE_PREPARE_PERSISTENT, &statement, nullptr);
  if (code != SQLITE_OK) fail(handle_, code, "store: preparing a statement: " + std::string(sqlite3_errmsg(handle_)));
  return statement;
}

Query Database::query(const char* literal) {
  auto& statement = literals_[literal];
  if (!statement) statement = prepare(literal);
  return Query(handle_, statement);
}

Query Database::query(const std::string& sql) {
  auto& statement = texts_[sql];
  if (!statement) statement = prepare(sql);
  return Query(handle_, statement);
}

std::int64_t Database::number(const char* sql) {
  Query q = query(std::string(sql));
  return q.step() ? q.number(0) : 0;
}

void Database::give_up_when(std::function<bool()> over) {
  constexpr int steps = 100'000;  // of SQLite's machine between two questions: some milliseconds
  over_ = std::move(over);
  sqlite3_progress_handler(handle_, steps, [](void* self) { return static_cast<Database*>(self)->over_() ? 1 : 0; }, this);
}

std::int64_t Database::changes() const { return sqlite3_changes64(handle_); }
bool Database::in_transaction() const { return sqlite3_get_autocommit(handle_) == 0; }

bool Database::checkpoint(Checkpoint kind) {
  int pages = 0, copied = 0;
  const int mode = kind == Checkpoint::passive ? SQLITE_CHECKPOINT_PASSIVE : SQLITE_CHECKPOINT_TRUNCATE;
  sqlite3_busy_timeout(handle_, 0);
  const int code = sqlite3_wal_checkpoint_v2(handle_, "main", mode, &pages, &copied);
  sqlite3_busy_timeout(handle_, patience);
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED) return false;  // a reader still needs it: later
  if (code != SQLITE_OK) fail(handle_, code, "store: checkpoint");
  if (kind == Checkpoint::truncate) log_pages_ = 0;
  return pages == copied;
}

Transaction::Transaction(Database& database) : database_(database) { database_.query("begin immediate").run(); }

Transaction::~Transaction() {
  // After some errors (disk full, I/O) SQLite has rolled back by itself.
  if (!open_ || !database_.in_transaction()) return;
  try {
    database_.query("rollback").run();
  } catch (const SqlError&) {  // the transaction is gone either way
  }
}

void Transaction::commit() {
  database_.query("commit").run();
  open_ = false;
}

}  // namespace tombolo::store
