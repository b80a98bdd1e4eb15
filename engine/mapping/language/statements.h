// Parses the statements of a map or an edit: rules, elements, entries, blocks.
#pragma once

#include <vector>

#include "engine/mapping/language/scanner.h"
#include "engine/mapping/language/syntax.h"

namespace tombolo::mapping {

class StatementParser {
 public:
  // Up to these many blocks may stand in each other.
  static constexpr int deepest = 40;

  explicit StatementParser(Scanner& scanner) : scan_(scanner) {}

  // In what the statements stand: of an overlay `replace` and `remove` count, of an edit `delete`, `add`, `move` and `copy`.
  enum class In { map, overlay, edit, edit_overlay };

  // One statement with its line's end; nothing is added if it could not be read.
  void statement(std::vector<Statement>& into, In in);

  Statement let();                   // after the word `let`

 private:
  void read(Statement& s);
  void rule_or_element(Statement& s);
  void entry(Statement& s);
  void remove(Statement& s);
  bool meant(Statement& s);
  void erase(Statement& s);
  void add(Statement& s);
  void move(Statement& s);
  void next_to(Statement& s);
  Target target();
  bool step(Target& target);
  void numbers(Target& target);
  std::vector<Alternative> chain();
  Clauses clauses();
  bool clause(Clauses& c);
  void policy(Clauses& c);
  void error_policy(Clauses& c);
  void with(Clauses& c);
  void braces(std::vector<Statement>& body);
  void skip_statement();

  Scanner& scan_;
  In in_ = In::map;
  int depth_ = 0;
};

}  // namespace tombolo::mapping
