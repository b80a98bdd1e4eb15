// Binding: names become numbers, once, when a map or a filter is loaded. The result is a Program that looks up nothing while it
// runs, and every problem of the expression with its place.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/fhirpath/ast.h"
#include "engine/fhirpath/parse.h"
#include "engine/fhirpath/types.h"

namespace tombolo::fhirpath {

struct Function;

// Where values come from while running: Frame::read(number).
struct Slot {
  std::uint32_t number = 0;
  Shape shape;
};

// What an address was found to be: the slot of its segment, group, or (in an `each` over a field) the field or component itself.
// The parts of the address that the slot does not cover are walked by the program.
struct AddressSlot {
  enum class Covers : std::uint8_t { names, field, component, subcomponent };
  Slot slot;
  Covers covers = Covers::names;
};

// What binding refuses in the standard dialect (the map dialect is as strict as it gets).
enum class Checks : std::uint8_t {
  lenient,  // all but an element that the type has not: that is nothing, and a warning
  usual,    // also that
  strict,   // also several values where one is due, and the first of what has no order
};

// What an expression can see; given by the caller, asked while binding only.
class Scope {
 public:
  virtual ~Scope() = default;

  virtual const Types& types() const = 0;
  virtual Shape focus() const = 0;  // of $this at the top of the expression
  virtual Checks checks() const { return Checks::usual; }

  // The place an HL7 address means here. A data type's address (CX.4) is asked for only if the focus is not of that type.
  // The Fault's `what` says why there is none (unknown, in two places, not in scope).
  virtual Result<AddressSlot> address(const Address& address) const = 0;

  // %name; "$index" is asked for too, when no function of the expression sets it.
  virtual std::optional<Slot> variable(std::string_view name) const = 0;
  virtual std::vector<std::string_view> variables() const { return {}; }  // for suggestions

  // Functions besides FHIRPath's own (words(), code() …). A name here hides FHIRPath's.
  virtual std::span<const Function> functions() const { return {}; }
};

// A bound expression. Copies are cheap and share the same code; safe to run in many threads at once.
class Program {
 public:
  Program();
  bool empty() const { return code_ == nullptr; }
  const Shape& shape() const;                     // of the result
  std::span<const std::uint32_t> slots() const;   // every slot it may read, each once
  bool constant() const;                          // reads neither slots nor focus, nor the clock

  struct Code;
  explicit Program(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  const Code* code() const { return code_.get(); }

 private:
  std::shared_ptr<const Code> code_;
};

struct Bound {
  Program program;                // empty if there were errors
  std::vector<Problem> problems;  // errors and warnings, in the order of the text
  explicit operator bool() const { return !program.empty(); }
};

// Rules of the map dialect (by expression.dialect): `=` on what may repeat is an error, `!=` on what may be absent a warning.
// Types that nobody knows are checked while running.
Bound bind(const Expression& expression, const Scope& scope);

}  // namespace tombolo::fhirpath
