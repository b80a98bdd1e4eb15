// Functions of the expression language: a name, what its arguments are, a check that runs when the expression is bound, and the
// work itself. FHIRPath's own stand in functions/; other rooms bring theirs through Scope::functions().
#pragma once

#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "engine/fhirpath/evaluate.h"
#include "engine/fhirpath/types.h"

namespace tombolo::fhirpath {

// Seen by a function's check, while binding. Shapes of arguments that are names or types are empty.
class Checking {
 public:
  virtual ~Checking() = default;
  virtual const Types& types() const = 0;
  virtual Dialect dialect() const = 0;
  virtual bool strict() const = 0;  // several values where one is due are an error: the map dialect, Checks::strict
  virtual const Shape& input() const = 0;
  virtual std::size_t count() const = 0;                                     // of arguments
  virtual const Shape& shape(std::size_t argument) const = 0;
  virtual std::optional<std::string_view> constant(std::size_t argument) const = 0;  // of a string literal
  virtual std::string_view name(std::size_t argument) const = 0;             // kind 'n': as written; 't': the type's name
  virtual Shape type(std::size_t argument) const = 0;                        // kind 't': the shape of one such item
  virtual void error(std::size_t argument, std::string text) = 0;            // at that argument; past the last: at the call
  virtual void warning(std::size_t argument, std::string text) = 0;
  // Something made once for this call (a compiled pattern, a table); Call::kept gives it back.
  virtual void keep(std::shared_ptr<const void> made) = 0;
};

// Seen by a function while it runs.
class Call {
 public:
  virtual ~Call() = default;
  virtual Run& run() = 0;
  virtual Dialect dialect() const = 0;
  virtual const Items& input() const = 0;   // what stands before the dot; the focus if nothing does
  virtual std::size_t count() const = 0;    // of arguments
  virtual bool argument(std::size_t i, Items& out) = 0;  // kinds 'v', 's', 'i'; false: failed, so return false
  virtual std::int64_t index() const = 0;   // $index where the call stands
  // Kinds 'e' and 'c': the argument with `focus` as $this. total: what $total is; nullptr: as where the call stands.
  virtual bool on(std::size_t i, const Items& focus, std::int64_t index, Items& out, const Items* total = nullptr) = 0;
  virtual std::string_view name(std::size_t i) const = 0;    // kinds 'n' and 't'
  virtual bool is_type(const Item& item, std::size_t i, bool exact) const = 0;  // kind 't'
  virtual const void* kept() const = 0;                      // of Checking::keep, or nullptr
  virtual bool fail(std::string what) = 0;  // the run ends with this Fault; returns false, so: return call.fail("…")

  const Frame& frame() { return run().frame; }
  const Types& types() { return run().frame.types(); }
  Arena& arena() { return run().arena; }

  bool each(std::size_t i, const Item& focus, std::int64_t index, Items& out);  // `on`, for one item

  // Everyday readings of what should be one item: `out` is nothing if there is none; more than one, or the wrong sort, fails.
  bool text(const Items& items, std::optional<std::string_view>& out);
  bool text_argument(std::size_t i, std::optional<std::string_view>& out);
  bool integer_argument(std::size_t i, std::optional<std::int64_t>& out);
  bool condition(std::size_t i, const Item& focus, std::int64_t index, bool& out);  // kind 'c'

  // A computed value, with the sources of what it was computed from. Text is copied into the arena by `text_item`.
  Item item(decltype(Item::held) value, std::initializer_list<const Items*> from);
  Item text_item(std::string_view text, std::initializer_list<const Items*> from);
};

struct Function {
  std::string_view name;
  int least = 0;
  int most = 0;                    // arguments; any: no limit
  // A letter an argument, the last one for all that follow: v value, s value that is text, i value that is an integer, e expression
  // run on each item of the input, c the same as a condition, t type, n name taken as it stands.
  std::string_view kinds;
  Shape (*check)(Checking& checking) = nullptr;  // the shape of the result; nullptr: unknown
  bool (*work)(Call& call, Items& out) = nullptr;  // fills `out`, which is empty; false: failed (Call::fail)
  bool sees_deleted = false;       // its input keeps nodes that hold HL7's ""
  std::string_view example = {};   // "words('a', 'b') = 'a b'": run by the tests

  static constexpr int any = 1000;
};

}  // namespace tombolo::fhirpath
