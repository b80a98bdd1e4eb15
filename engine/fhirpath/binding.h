// One expression while it is bound: walks its terms from the inside out, adds an operation for each, and carries along what is
// known of the results. Private to the room; its members stand in bind.cc, bind_names.cc, bind_operators.cc and bind_calls.cc.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/code.h"

namespace tombolo::fhirpath {

// An operation, and what is known of its results.
struct Typed {
  OpId op = no_op;
  Shape shape;
};

// What is of one shape or the other: of no known type if one of them is not.
Shape merged(const Shape& a, const Shape& b);

class Binding {
 public:
  // Both outlive the binding. The Program that finish() makes needs neither.
  Binding(const Expression& expression, const Scope& scope)
      : expression_(expression), scope_(scope), types_(scope.types()), map_(expression.dialect == Dialect::map),
        strict_(map_ || scope.checks() == Checks::strict),
        code_(std::make_shared<Program::Code>()) {
    code_->dialect = expression.dialect;
  }

  Bound finish();  // once

 private:
  friend class CheckingCall;

  // The operation that a term becomes where $this is of this shape.
  Typed bind(TermId id, const Shape& focus);
  Typed bind(const Term& term, const Shape& focus);

  // Literals
  Typed constant(decltype(Item::held) value, System system);
  Typed integer(const Term& term);
  Typed decimal(const Term& term);
  Typed moment(const std::optional<Moment>& read, System system);
  Typed quantity(const Term& term);

  // Names: paths, HL7 addresses, variables
  Typed from_focus(const Shape& focus);
  Typed from_slot(const Slot& slot);
  Typed step(const Typed& before, const Step& step, Shape shape);
  TypeId certain_type(const Shape& shape) const;
  std::optional<Shape> child_of(const Shape& shape, std::string_view name) const;
  Typed member(const Typed& before, const std::string& name, std::size_t offset);
  void no_such_element(const Shape& shape, std::string_view wanted, std::size_t offset);
  Typed first_name(const Term& term, const Shape& focus);
  Typed address(const Address& a, const Shape& focus);
  Typed parts(Typed at, const Address& a, AddressSlot::Covers covered);
  Typed part(const Typed& before, const Address& a, int number, int nth, bool component);
  Typed position(const Term& term);
  Typed variable(const Term& term);
  static bool is_constant_variable(std::string_view name);

  // Operators, and the types they name
  Typed index(const Term& term, const Shape& focus);
  Typed unary(const Term& term, const Shape& focus);
  Typed binary(const Term& term, const Shape& focus);
  bool is_constant(OpId id) const;
  Typed united(const Typed& left, const Typed& right);
  void append_constants(OpId id, std::uint32_t begin);
  void check_operands(const Term& term, const Shape& left, const Shape& right);
  void check_sum(const Term& term, System left, System right);
  void one_item(const Shape& shape, const Term& term);
  Shape result_of(Operator op, const Shape& left, const Shape& right) const;
  System system(const Shape& shape) const;
  Typed type(const Term& term, const Shape& focus);
  static Shape shape_of(const TypeSpecifier& specifier);
  TypeSpecifier specifier(std::string_view written, std::size_t offset, const Shape& input);
  void may_be(const TypeSpecifier& wanted, std::size_t offset, const Shape& input);

  // Calls
  Typed call(const Term& term, const Shape& focus);
  const Function* function(std::string_view wanted) const;
  bool right_count(const Term& term, const Function& found);
  Argument argument(char kind, TermId id, const Shape& focus, const Shape& input, Shape& shape);
  void check_argument(char kind, const Shape& shape, std::size_t offset);
  Typed define(const Term& term, const Shape& focus);
  std::optional<std::string> type_text(const Term& term) const;

  // Building
  OpId add(Op op);
  OpId add_op(Do what);
  std::string_view keep(const std::string& text);  // lives as long as the Program
  void error(std::size_t offset, std::string text);
  void add_problem(Severity severity, std::size_t offset, std::string text);

  const Expression& expression_;
  const Scope& scope_;
  const Types& types_;
  bool map_;
  bool strict_;
  int inside_ = 0;  // arguments that run on each item
  struct Local {
    std::string name;
    Typed value;               // its op says which local
  };
  std::vector<Local> locals_;  // those in sight, the innermost last
  std::shared_ptr<Program::Code> code_;
  std::vector<Problem> problems_;
};

}  // namespace tombolo::fhirpath
