// A database in a file, by the store's own SQLite.
#include <algorithm>
#include <charconv>
#include <cmath>

#include "engine/base/text.h"
#include "engine/connectors/sql/wires.h"
#include "engine/store/sqlite.h"

namespace tombolo::sql {
namespace {

constexpr int interrupted = 9;  // SQLITE_INTERRUPT: our own question whether time is up

// What the store's library says begins with whose it is: here it is not the store's.
std::string reason(std::string what) {
  constexpr std::string_view whose = "store: ";
  if (what.starts_with(whose)) what.erase(0, whose.size());
  return what;
}

// Which value a parameter stands for, from 0: "$2" and "?2" the second; one without a number is as good as its place.
std::size_t value_of(const store::Query& query, int parameter) {
  const auto name = query.parameter(parameter);
  const auto number = name.empty() ? std::optional<std::int64_t>(parameter) : to_integer(name.substr(1));
  if (!number || *number < 1) throw Failure("the parameter " + std::string(name) + " has no number: write $1, $2 …");
  return static_cast<std::size_t>(*number - 1);
}

std::size_t parameters(const store::Query& query) {
  std::vector<std::size_t> used;
  for (int p = 1; p <= query.parameters(); ++p) {
    // ?9 alone makes SQLite count nine: those in between have no name and are not used.
    if (!query.parameter(p).empty() || query.parameter(query.parameters()).empty()) used.push_back(value_of(query, p));
  }
  return used.empty() ? 0 : *std::max_element(used.begin(), used.end()) + 1;
}

// All the digits that tell it from its neighbours: a cursor that is rounded would see its own row again, or pass one over.
std::string exactly(double number) {
  char text[32];
  std::string out(text, std::to_chars(text, text + sizeof text, number).ptr);
  return out.find_first_not_of("-0123456789") == out.npos ? out + ".0" : out;
}

Cell cell_of(const store::Query& query, int column) {
  Cell cell;
  if (query.null(column)) return cell;
  const auto real = query.real(column);
  cell.text = real ? exactly(*real) : query.copy(column);
  if (real ? std::isfinite(*real) : query.numeric(column)) cell.kind = Cell::Kind::number;
  return cell;
}

class SqliteSession final : public Session {
 public:
  SqliteSession(const std::filesystem::path& file, Access access)
      : name_(file.string()), database_(name_, access == Access::read ? store::Database::Mode::read : store::Database::Mode::write, "") {}

  void prepare(const std::string& statement, std::size_t number, const Limits& limits) override {
    within(limits, [&](Allowance&) { check(database_.query(statement), number); });
  }

  Answer run(const std::string& statement, const Values& values, const Limits& limits) override {
    Answer answer;
    within(limits, [&](Allowance& allowance) {
      store::Query query = database_.query(statement == "begin" ? "begin immediate" : statement);
      check(query, values.size());
      for (int p = 1; p <= query.parameters(); ++p) bind(query, values[value_of(query, p)]);
      read_rows(query, allowance, answer);
    });
    answer.changed = database_.changes();
    return answer;
  }

 private:
  template <class Doing>
  void within(const Limits& limits, Doing doing) {
    Allowance allowance(limits);
    database_.give_up_when([&] { return allowance.over(); });
    const Ended ended{database_};
    try {
      doing(allowance);
    } catch (const store::SqlError& wrong) {
      if ((wrong.code() & 0xFF) == interrupted) throw allowance.failure(name_);
      const bool busy = wrong.reason() == store::Error::Reason::locked;
      throw Failure(name_ + ": " + reason(wrong.what()), wrong.specific() ? Trouble::refused : busy ? Trouble::busy : Trouble::failed,
                    std::to_string(wrong.code()));
    }
  }
  struct Ended {
    store::Database& database;
    ~Ended() { database.give_up_when([] { return false; }); }
  };

  static void check(const store::Query& query, std::size_t number) {
    const std::size_t wanted = parameters(query);
    if (wanted != number) throw Failure("the statement has " + std::to_string(wanted) + " parameters, and " + std::to_string(number) + " are given");
  }

  static void bind(store::Query& query, const Value& value) {
    if (!value) query.bind_null();
    else if (valid_utf8(*value)) query.bind(*value);
    else query.bind_blob(*value);
  }

  static void read_rows(store::Query& query, Allowance& allowance, Answer& into) {
    for (int c = 0; c < query.columns(); ++c) into.columns.emplace_back(query.column(c));
    while (query.step()) {
      auto& row = into.rows.emplace_back();
      for (int c = 0; c < query.columns(); ++c) {
        Cell cell = cell_of(query, c);
        allowance.spend(sizeof(Cell) + (cell.text ? cell.text->size() : 0));
        row.push_back(std::move(cell));
      }
    }
  }

  const std::string name_;
  store::Database database_;
};

}  // namespace

std::unique_ptr<Session> open_sqlite(const std::filesystem::path& file, Access access, const Limits&) {
  try {
    return std::make_unique<SqliteSession>(file, access);
  } catch (const store::Error& wrong) {
    throw Failure(file.string() + ": " + reason(wrong.what()), Trouble::lost);
  }
}

}  // namespace tombolo::sql
