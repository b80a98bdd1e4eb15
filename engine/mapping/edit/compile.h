// EditCompiler: the text of an edit becomes its program for one message structure, checked against the dictionary on both
// sides. All findings are collected.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/mapping/compiler/expressions.h"
#include "engine/mapping/compiler/scope.h"
#include "engine/mapping/compiler/world.h"
#include "engine/mapping/edit/program.h"

namespace tombolo::mapping {

class EditCompiler {
 public:
  // structure: nullptr: for every message (`edit *`).
  EditCompiler(MapWorld& world, const EditText& text, const V2Structure* structure, EditProgram& out, Diagnostics& diagnostics);
  void compile();

 private:
  // A place in the message as a statement names it.
  struct Goal {
    Words words;
    fhirpath::Address address;
    Sight sight;                            // of the segment or group
    std::vector<const V2Item*> items;       // what it can be; one of them if that is certain
    EditPlace place;
    std::string field_name() const { return address.names.back() + "-" + std::to_string(address.field); }  // "PID-3"
  };
  // What a statement that always runs has deleted, by name: "ZPI", "PID-19".
  struct Gone {
    std::string name;
    int line;
  };
  // What goes out of sight at the end of a statement.
  struct Outside {
    std::size_t sights, fields, known;
    Shape focus;
  };

  // statements.cc
  std::vector<EditOp> block(const std::vector<Statement>& statements, bool always);
  void statement(const Statement& s, bool always, std::vector<EditOp>& into);
  void write(const Statement& s, std::vector<EditOp>& into);
  void erase(const Statement& s, bool always, std::vector<EditOp>& into);
  void add(const Statement& s, std::vector<EditOp>& into);
  void move(const Statement& s, std::vector<EditOp>& into);
  void each(const Statement& s, std::vector<EditOp>& into);
  std::vector<ChainLink> chain(const Statement& s, const Goal& goal);
  EditOp made(EditOp::Kind kind, const Statement& s);
  Outside enter(Goal& goal);
  std::uint32_t enter_segment(const Sight& sight, const std::vector<const V2Item*>& items, std::uint32_t number);
  void leave(Outside&& outside);

  // places.cc
  std::optional<Goal> goal(Words words);
  bool find(Goal& goal);
  bool find_name(Goal& goal);
  bool find_parts(Goal& goal);
  std::vector<const V2Item*> items_called(std::string_view name, const V2Item* below) const;
  void find_below(std::vector<Sight>::const_reverse_iterator sight, std::string_view name, bool unknown, Goal& goal);
  bool single_in(const V2Item& item, const V2Item& group) const;
  std::uint32_t everywhere_in(std::uint32_t base, std::string_view name);
  std::optional<Goal> neighbour(const Goal& goal, Words words);
  bool may_follow(const V2Item& second, const V2Item& first) const;
  bool leads(const V2Item& item, const V2Item& group) const;
  const V2Item* place_for(Words segment, const Statement& s, const Goal& anchor);
  std::string called() const;               // "ADT_A01", "this message"
  Fault no_such(std::string_view name) const;

  // checks.cc
  Expr expr(Words words);
  std::optional<Expr> optional_expr(Words words) { return words.empty() ? std::nullopt : std::optional(expr(words)); }
  bool still_there(const fhirpath::Address& address, std::uint32_t at);
  void forget(const Goal& goal, std::uint32_t at);
  void remember(std::string_view segment, int field);
  void check_clauses(const Clauses& clauses, std::uint32_t at);
  void only_when(const Clauses& clauses, std::uint32_t at);
  void check_value(const Expr& e, Words words, bool via, const Goal& goal);
  void check_constant(Words words, const Goal& goal);
  void check_deletion(const Goal& goal, const Statement& s);
  void check_single(const std::vector<const V2Item*>& places, Words segment, const Statement& s);
  bool check_movable(const Goal& goal, const Statement& s);
  bool check_beside(const Goal& goal, const Goal& beside, const Statement& s);
  void check_start(const V2Item& item, Words words, bool deleted);

  void error(std::uint32_t at, std::string text);
  void warning(std::uint32_t at, std::string text);

  MapWorld& world_;
  const EditText& text_;
  const V2Structure* structure_;
  EditProgram& out_;
  Diagnostics& diagnostics_;
  const SchemaTypes& types_;
  MapScope scope_;
  Expressions expressions_;
  const Source* source_;                    // of the statement at hand
  std::uint32_t input_;                     // the place of the message itself
  std::vector<Gone> gone_;
  std::vector<std::string> turns_;          // the fields over which an `each` around goes: "PID-3"
};

// The functions that an edit can use: all but those that make or find entries.
std::span<const fhirpath::Function> edit_functions();
bool about_resources(std::string_view function);

}  // namespace tombolo::mapping
