// SQLite behind three small types. Only this room's sources include this; no sqlite3 type leaves it.
// A Database and its Queries belong to one thread at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "engine/store/store.h"

struct sqlite3;
struct sqlite3_stmt;

namespace tombolo::store {

// What SQLite said no to. `specific`: it was this statement's own values (too big, a constraint), not the world.
class SqlError : public Error {
 public:
  SqlError(int code, const std::string& what);
  static SqlError too_big(const std::string& what);
  bool specific() const { return specific_; }
  int code() const { return code_; }  // SQLite's extended result code

 private:
  int code_;
  bool specific_;
};

// One run of a prepared statement: bind in order, step, read columns. Its end resets the statement (a forgotten reset
// would keep a read lock and hold up checkpoints). Bound text and blobs are borrowed until the Query ends; columns live
// until the next step().
class Query {
 public:
  explicit Query(sqlite3* database, sqlite3_stmt* statement) : database_(database), statement_(statement) {}
  ~Query();
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  Query& bind(std::int64_t n);
  Query& bind(std::string_view text);
  Query& bind_blob(std::string_view bytes);
  Query& bind_null();
  template <class... Values>
  Query& with(const Values&... values) { return (bind(values), ..., *this); }
  Query& bind(std::uint64_t n) { return bind(static_cast<std::int64_t>(n)); }
  Query& bind(int n) { return bind(std::int64_t{n}); }
  Query& bind(Time t) { return bind(micros(t)); }
  Query& bind(const std::string& text) { return bind(std::string_view(text)); }
  template <class T>
  Query& bind(const std::optional<T>& value) { return value ? bind(*value) : bind_null(); }

  bool step();                       // true: there is a row
  void run() { while (step()) {} }

  std::int64_t number(int column) const;
  std::uint64_t count(int column) const { return static_cast<std::uint64_t>(number(column)); }
  Time time(int column) const { return from_micros(number(column)); }
  std::string_view text(int column) const;
  std::string copy(int column) const { return std::string(text(column)); }
  std::string_view blob(int column) const;
  bool null(int column) const;
  bool numeric(int column) const;    // it holds a number, not text that looks like one
  std::optional<double> real(int column) const;  // a number that is no integer; text() gives only 15 of its digits
  int columns() const;               // how many a row has
  std::string_view column(int number) const;  // its name
  int parameters() const;            // how many values are bound
  std::string_view parameter(int number) const;  // its name, from 1: "$1", "?1"; empty: it has none

 private:
  void check(int code);

  sqlite3* database_;
  sqlite3_stmt* statement_;
  int next_ = 0;
};

class Database {
 public:
  enum class Mode { make, write, read };
  Database(const std::string& path, Mode mode, const std::string& vfs);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  void run(const char* sql);                      // one or more statements, prepared for this once
  std::int64_t number(const char* sql);           // the first column of the first row; 0 if there is none
  Query query(const char* literal);               // prepared once: the cache goes by the address of the literal
  Query query(const std::string& sql);            // prepared once: the cache goes by the text

  // Asked now and then while a statement runs; true: the statement fails. For queries that somebody else wrote.
  void give_up_when(std::function<bool()> over);

  std::int64_t changes() const;                   // rows changed by the last statement
  bool in_transaction() const;
  // Copies what is in the write-ahead log into the database, and waits for nobody. True if all of it was; the next commit
  // then begins the log anew. truncate: also gives the log's disk space back.
  enum class Checkpoint { passive, truncate };
  bool checkpoint(Checkpoint kind);
  // Pages in the write-ahead log after this connection's last commit.
  std::int64_t log_pages() const { return log_pages_; }

 private:
  sqlite3_stmt* prepare(std::string_view sql);

  sqlite3* handle_ = nullptr;                     // outlives the statements below it
  std::unordered_map<const void*, sqlite3_stmt*> literals_;
  std::unordered_map<std::string, sqlite3_stmt*> texts_;
  std::int64_t log_pages_ = 0;
  std::function<bool()> over_;
};

// begin immediate … commit; rolls back unless committed.
class Transaction {
 public:
  explicit Transaction(Database& database);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;
  void commit();

 private:
  Database& database_;
  bool open_ = true;
};

}  // namespace tombolo::store
