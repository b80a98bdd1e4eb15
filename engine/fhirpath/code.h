// What binding leaves of an expression: operations in one vector, each naming the ones it works on. Private to the room.
#pragma once

#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/function.h"
#include "engine/fhirpath/items.h"

namespace tombolo::fhirpath {

using OpId = std::uint32_t;
constexpr OpId no_op = UINT32_MAX;

// One step of a path down the tree.
struct Step {
  std::string_view name;    // of the children to take; views into the schema or Code::texts
  std::uint16_t nth = 0;    // only the nth of that name, from 1; 0: all
  bool own = false;         // HL7: the first component of a leaf is the leaf
  bool or_type = false;     // the name may be the item's own type ("Patient.name"), where binding could not tell
};

enum class Do : std::uint8_t {
  nothing, constant,
  constants, // Code::constants[begin … + count)
  path,      // from slot, focus or `first`, along steps
  position, total,
  call, unary, binary,
  index,     // first [ second ]
  is_type, as_type,
  define,    // keeps the items of `second` (on those of `first`), or of `first`, as local `slot`; gives `first`
  local,     // what was kept
};

enum class From : std::uint8_t { focus, slot, op };

// A type as a person named it: one of the model's, one of FHIRPath's own, or (Quantity) both.
struct TypeSpecifier {
  TypeId type = unknown_type;
  System system = System::none;
};

struct Op {
  Do what = Do::nothing;
  Operator op = Operator::none;
  From from = From::focus;
  bool keep_deleted = false;      // a path whose HL7 "" are wanted
  OpId first = no_op;             // call: the input, no_op: the focus
  OpId second = no_op;
  std::uint32_t slot = 0;
  std::uint32_t begin = 0;        // of steps, or of arguments
  std::uint32_t count = 0;
  std::uint32_t nth = 0;          // of the items of a slot, from 1; 0: all
  TypeId type = unknown_type;     // path: what its nodes are, where that is certain
  TypeSpecifier specifier;
  std::uint32_t offset = 0;       // in the text
  Item constant;
  const Function* function = nullptr;
  std::shared_ptr<const void> kept;
};

struct Argument {
  char kind = 'v';
  OpId op = no_op;
  std::string_view name;
  TypeSpecifier specifier;
};

struct Program::Code {
  std::vector<Op> ops;
  std::vector<Step> steps;
  std::vector<Argument> arguments;
  std::vector<Item> constants;
  std::deque<Function> functions;   // copies of those it calls: the caller's list may go
  std::deque<std::string> texts;
  std::vector<std::uint32_t> slots;
  std::uint32_t locals = 0;         // of defineVariable()
  OpId root = no_op;
  Shape shape;
  Dialect dialect = Dialect::standard;
  bool constant = false;
};

// Is `item` of this type? exact: a primitive must be the very type, not built upon it (ofType, as).
bool is_of(const Item& item, const TypeSpecifier& specifier, const Types& types, bool exact);

// Three-valued truth of an operand. many: more than one item where one is due.
enum class Tri : std::uint8_t { no, yes, unknown, many };
Tri tri(const Items& items, const Types& types, Dialect dialect);

// Operators on values. False: failed, with `why` set.
struct Operands {
  const Items& left;
  const Items& right;
  const Types& types;
  Dialect dialect;
  Arena& arena;
};
bool apply(Operator op, const Operands& operands, Items& out, std::string& why);

std::span<const NodeId> sources_of(std::initializer_list<const Items*> from, Arena& arena);

// Both as values; where one is text and the other a leaf, or HL7 text meets a number, both become comparable.
void coerce(Item& a, Item& b, const Types& types);

// A total order of values for sorting: nothing, then by the sort of value, then by value. What < leaves open is equal.
int rank(const Item& a, const Item& b, const Types& types);

// The functions of FHIRPath itself.
const Function* own_function(std::string_view name);
std::vector<std::string_view> own_function_names();

}  // namespace tombolo::fhirpath
