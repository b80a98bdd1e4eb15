// Running a bound expression over a message. No names are looked up, no clock is read; what is wrong is a Fault, never thrown.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "engine/base/result.h"
#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/items.h"

namespace tombolo::fhirpath {

// The caller's side of a running expression. Functions of other rooms derive from it and cast back.
class Frame {
 public:
  virtual ~Frame() = default;

  virtual const Types& types() const = 0;
  // Appends what stands in a slot. Nodes that are empty or deleted may be among it: the program passes over them.
  virtual void read(std::uint32_t slot, Items& out) const = 0;

  virtual Moment now() const { return {}; }                                    // of now() and today(): the parcel's time
  virtual void resolve(const Item& reference, Items& out) const { (void)reference, (void)out; }
  virtual void trace(std::string_view name, const Items& items) const { (void)name, (void)items; }
  // Is the code, Coding or CodeableConcept in the value set? nullopt: nobody knows the value set.
  virtual std::optional<bool> member(const Item& item, std::string_view value_set) const { return (void)item, (void)value_set, std::nullopt; }
  // Does it follow the profile? nullopt: nobody knows the profile.
  virtual std::optional<bool> conforms(const Item& item, std::string_view url) const { return (void)item, (void)url, std::nullopt; }
};

// A branch whose children all hold HL7's "" is deleted as a whole; an empty one is absent.
enum class Presence : std::uint8_t { absent, deleted, here };
Presence presence(const Tree& tree, NodeId id);

// One run. Text and overflow go to the arena; results live as long as it.
struct Run {
  const Frame& frame;
  Arena& arena;
  std::vector<NodeId>* reads = nullptr;  // if given: every node that a path of the expression ended on is appended
  NodeId deleted = no_node;              // the first node that a path met and that holds HL7's ""
  bool took_first = false;               // map dialect: several items stood where one is due, and the first was taken
  std::uint64_t steps_left = 10'000'000; // a run that takes more is a Fault{too_large}
  std::size_t failed_at = 0;             // after a Fault: the byte of the expression's text where it arose
};

// Appends the results to `out`. `focus` is $this, %context of the caller is a slot.
Result<void> evaluate(const Program& program, Run& run, const Items& focus, Items& out);

// The same for a condition, of which only the truth is wanted: no items are made for what `and`, `=` and the like say on the way.
Result<bool> holds(const Program& program, Run& run, const Items& focus);

// "Where a condition is due, anything else means has a value": one boolean is itself, nothing is false, everything else true.
bool truth(const Items& items, const Types& types);

// The text of an item as a string function sees it: of a leaf as it stands in the tree, of a value as toString() spells it.
// nullopt: a node with children and no value, a handle.
std::optional<std::string_view> text(const Item& item, Arena& arena);

// A node as the value that its type says ("true" → boolean); computed values as they are. What cannot be read (a date "19x4")
// stays text.
Item value_of(const Item& item, const Types& types);

// The System type of an item; none for complex nodes and handles.
System system_of(const Item& item, const Types& types);

// FHIRPath's = for two items, deep for nodes with children; nothing where dates or units leave it open.
std::optional<bool> equal(const Item& a, const Item& b, const Types& types);
bool equivalent(const Item& a, const Item& b, const Types& types);  // ~

}  // namespace tombolo::fhirpath
