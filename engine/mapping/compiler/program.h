// What maps are once they are loaded: statements with numbers instead of names. Immutable; shared by all threads that run it.
// Everything the runner does is a walk over these structures.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/items.h"
#include "engine/mapping/language/syntax.h"
#include "engine/schema/codes.h"
#include "engine/schema/fhir.h"
#include "engine/schema/hl7v2.h"

namespace tombolo::mapping {

struct CompiledMap;
constexpr std::uint32_t none = UINT32_MAX;

// Where nodes of the message are found while a map runs.
struct V2Place {
  enum class Kind : std::uint8_t {
    input,      // what the map was called with
    header,     // MSH of the message
    read,       // `reads` number `index`: what the caller handed over
    current,    // the current item of the `each` with register `index`
    below,      // in groups below `base`: the children along `path`
    following,  // the segments after the segment `base` in its group
    anywhere,   // below `base`, in whatever group: all called path[0].name; `index` 1: only the first
    above,      // the group path[0] that the node `base` stands in
    either,     // the place `base`, which stands in a group, or where that is not around the place `index`
  };
  struct Step {
    std::uint32_t element = 0;   // Node::element; 0: by name
    std::string_view name;
    bool operator==(const Step&) const = default;
  };
  Kind kind = Kind::input;
  std::uint32_t index = 0;
  std::uint32_t base = 0;        // a place
  std::vector<Step> path;
  bool operator==(const V2Place&) const = default;
};

// What an expression may read: the number of a slot is what fhirpath hands to Frame::read.
struct ReadSlot {
  enum class Kind : std::uint8_t { place, field, focus, local, entries, index, received };
  Kind kind = Kind::place;
  std::uint32_t number = 0;        // place, local; entries: the variable
  std::uint16_t field = 0;         // field: its number in the segment at place `number`
  std::uint16_t repetition = 0;    // from 1; 0: all
  std::uint32_t level = 0;         // entries: since when, an `each` around
  std::uint16_t component = 0;     // field: only this component of it, from 1; 0: the repetition itself
  bool operator==(const ReadSlot&) const = default;
};

// What an expression cannot do without: where nothing stands there, it gives nothing. Most rules of a map have nothing to do in most
// messages, so this is asked before anything else, and says all it takes to answer.
struct Need {
  enum class Kind : std::uint8_t {
    input,     // the map's input: its field and component
    header,    // MSH: the same
    current,   // the item of the `each` with register `number`: the same
    reads,     // any node of the `reads` with this number
    focus,     // the component of what is in focus
    local,     // the local with this number
    entries,   // an entry called so (variable `number`) since `level` began
  };
  Kind kind = Kind::input;
  std::uint16_t field = 0;         // 0: the segment itself
  std::uint16_t component = 0;     // 0: any
  std::uint32_t number = 0;
  std::uint32_t level = 0;
};

// An address that is walked without the evaluator: where to begin, and how to go on.
struct Way {
  std::uint32_t slot = none;
  std::uint16_t component = 0;     // 0: not
  std::uint16_t subcomponent = 0;
};

// A condition that asks about places of the message and names, and no more: answered without the evaluator, and as it would.
struct Question {
  enum class Kind : std::uint8_t {
    both,      // a and b
    either,    // a or b
    negated,   // not a
    valued,    // an address, %name
    equals,    // an address = 'text', in ('a' | 'b')
    parted,    // an address.children()
  };
  Kind kind = Kind::valued;
  Way way;
  std::vector<std::string> texts;  // equals: one of these
  std::vector<Question> parts;     // both, either: two; negated: one
};

// An expression. A plain address is walked directly, and what is stored in a slot is taken from there, without the evaluator.
struct Expr {
  fhirpath::Program program;
  fhirpath::Shape shape;
  std::uint32_t at = 0;            // byte in the source
  bool constant = false;
  std::vector<fhirpath::Item> fixed;  // of a constant: its value, computed at load
  bool plain = false;              // a field, a component, $this: `way`
  bool stored = false;             // a segment, a group, a %name: what is in the slot of `way`
  Way way;
  std::optional<Question> question;
  std::vector<Need> needs;
};

struct TableUse {
  const CodeTable* table = nullptr;
  std::uint32_t parameter = none;  // or the map's table parameter of this number
  bool given() const { return table != nullptr || parameter != none; }
};

// A map put to work on one source.
struct MapCall {
  struct Argument {
    std::uint32_t local = none;
    Expr value;
  };
  const CompiledMap* map = nullptr;
  std::vector<std::uint32_t> reads;                         // per `reads` of the map: a slot of the caller, or none
  std::vector<Argument> arguments;
  std::vector<std::pair<std::uint32_t, TableUse>> tables;   // the map's table parameter, the table
};

struct TargetStep {
  ElementId member = untyped;      // of a choice: its first variant
  const ExtensionRow* extension = nullptr;
  bool list = false;
};

struct TargetPath {
  std::uint32_t variable = none;   // a slot of handles; none: the element being built
  std::vector<TargetStep> steps;   // all but the last: single elements, made or continued
  TargetStep last;
  bool self = false;               // `value` of a primitive: the element itself
};

// How one item becomes a value of the target.
struct Conversion {
  enum class Kind : std::uint8_t {
    primitive,   // text of the right form
    coding,      // a Coding from a code or a table
    concept_,    // a CodeableConcept from them
    element,     // a map builds the element
    entry,       // a map builds an entry, the target refers to it
    reference,   // the target refers to a handle
  };
  struct Default;
  Kind kind = Kind::primitive;
  ElementId member = untyped;      // with the variant of a choice
  Primitive primitive = Primitive::none;
  bool keeps_original = true;      // coding: a code that the table does not have becomes a coding itself
  TableUse table;
  MapCall call;
  std::vector<Default> defaults;   // `with` that no parameter takes: where the result left it open
};

struct ChainSource {
  Expr value;
  Conversion conversion;
};

struct ChainLink {
  std::vector<ChainSource> sources;
  std::optional<Expr> when;
  OnError on_error = OnError::unsaid;
  OnMiss on_miss = OnMiss::keep;
  OnDelete on_delete = OnDelete::unsaid;
  std::string delete_text;
  ElementId delete_member = untyped;   // what the text is written to
};

struct Conversion::Default {
  TargetPath target;
  ChainSource source;
  std::uint32_t rule = 0;
};

struct Block;

struct Op {
  enum class Kind : std::uint8_t { rule, element, each, condition, include, entry, let, key, alias, gives };
  struct Include {
    Expr source;
    MapCall call;
  };
  Kind kind = Kind::rule;
  std::uint32_t rule = 0;               // index into Loaded::rules
  TargetPath target;                    // rule, element
  std::vector<ChainLink> chain;         // rule, key, alias, gives
  std::optional<Expr> over;             // each, element each, condition, let
  std::optional<Expr> when;
  std::uint32_t number = none;          // each: register; let: local; entry: variable
  ElementId type = untyped;             // entry: resource; element: member with its variant
  std::vector<Include> includes;        // include (one), entry <- a, b
  std::vector<Conversion::Default> defaults;  // entry: `with` that no parameter takes
  OnError on_error = OnError::unsaid;
  std::unique_ptr<Block> body;
};

// What an operation cannot do without. `must`: each of them. `any`: one of them, unless there are none.
struct Door {
  std::vector<Need> must;
  std::vector<Need> any;
};

// Which children a node has: bit n is the nth field or component, bit 0 the node itself. What has a number above is not in it.
using Valued = std::uint64_t;
constexpr std::uint16_t most_valued = 63;

struct Block {
  // A door as it is asked. Fields of the input and components of the focus are bits, tested all at once; the rest stands in `needs`:
  // must, then any.
  struct Lintel {
    Valued must_input = 0, must_focus = 0;
    Valued any_input = 0, any_focus = 0;
    std::uint32_t begin = 0;
    std::uint16_t must = 0;
    std::uint16_t any = 0;
  };
  std::vector<Op> ops;
  std::vector<Lintel> doors;            // one per operation
  std::vector<Need> needs;
  std::uint32_t level = 0;              // how many `each` stand around it
  bool constant = false;                // nothing in it comes from the message: it follows its parent
};

struct CompiledMap {
  struct Parameter {
    std::string_view name;
    std::uint32_t local = none;         // or
    std::uint32_t table = none;
    fhirpath::TypeId type = fhirpath::unknown_type;
  };
  std::string name;
  std::uint32_t number = 0;             // in Loaded::maps
  fhirpath::TypeId input = 0;
  ElementId target = untyped;           // a type; untyped: `entries`
  bool gives = false;                   // its result is a handle to one of its entries
  std::vector<std::string_view> reads;
  std::vector<Parameter> parameters;
  std::uint32_t tables = 0, locals = 0, registers = 0, levels = 1;
  std::vector<V2Place> places;
  std::vector<ReadSlot> slots;
  std::vector<std::string_view> entry_names;
  Block body;
};

// Where a rule stands.
struct RulePlace {
  std::string_view file;
  std::string_view map;
  int line = 0;
  int column = 0;
};

}  // namespace tombolo::mapping
