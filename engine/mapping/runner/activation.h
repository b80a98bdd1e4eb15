// Activation: one map at work on one input. It is the frame in which the map's expressions run.
#pragma once

#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/canonical/canonical.h"
#include "engine/fhirpath/evaluate.h"
#include "engine/mapping/compiler/program.h"
#include "engine/mapping/runner/numbered.h"

namespace tombolo::mapping {

// Inside `each PID-3` the field PID-3 of that segment means this repetition, inside `each PID-5.2` that component of the field this
// one; included maps see it too.
struct Narrow {
  NodeId parent = no_node;
  NodeId node = no_node;
  std::uint32_t number = 0;                  // of a field or component
  const Narrow* outer = nullptr;
};

struct Made {
  std::uint32_t variable;
  Handle handle;
};

// What is the same for all activations of a run.
struct Surroundings {
  const fhirpath::Types& types;
  const Tree& source;
  Arena& arena;
  const Canonical* entries;                  // nullptr: nothing is built
  Numbered& numbers;                         // of `source`
  NodeId header;                             // MSH
  fhirpath::Moment received;
  void* runner;                              // for functions that reach the entries: find()
};

// A handle as expressions see it: equal to others of the same type and key.
fhirpath::Item handle_item(const Canonical& entries, Handle handle);

class Activation final : public fhirpath::Frame {
 public:
  Activation(const CompiledMap& map, const Surroundings& around, const fhirpath::Item& input, const Narrow* narrow);

  const CompiledMap& map;
  const Surroundings& around;
  fhirpath::Item input;
  NodeId input_node;                         // of `input`, or no_node
  fhirpath::Items focus;
  Valued input_valued = 0;                   // fields of `input`
  Valued focus_valued = 0;                   // components of the focus
  const Narrow* narrow;
  NodeId element = no_node;                  // what is being built
  Handle entry = Handle::none;               // whose element it is
  Handle given = Handle::none;               // by `gives`
  NodeId current = no_node;                  // the innermost item of an `each`
  std::int64_t index = 0;
  // As long as the map says, in the arena.
  std::span<NodeId> registers;
  std::span<fhirpath::Items> locals;
  std::span<fhirpath::Items> reads;
  std::span<const CodeTable*> tables;
  std::span<std::uint32_t> starts;           // per level: how long `made` was when its current turn began
  std::pmr::vector<Made> made;

  const fhirpath::Types& types() const override { return around.types; }
  void read(std::uint32_t slot, fhirpath::Items& out) const override;
  // A component of a node, which is its own first one if it has none; 0: the node itself.
  NodeId component(NodeId node, std::uint16_t number) const;
  // One item comes into focus.
  void look_at(const fhirpath::Item& item);
  // Is it certain that nothing stands there, not even ""?
  bool lacks(const Need& need) const {
    switch (need.kind) {
      case Need::Kind::input:
        if (need.field < most_valued && !has(input_valued, need.field)) return true;
        return lacks_field(input_node, need);
      case Need::Kind::focus: return need.component < most_valued ? !has(focus_valued, need.component) : lacks_other(need);
      case Need::Kind::header: return lacks_field(around.header, need);
      case Need::Kind::current: return lacks_field(registers[need.number], need);
      case Need::Kind::local: return locals[need.number].empty();
      default: return lacks_other(need);
    }
  }
  fhirpath::Moment now() const override { return around.received; }

  // A closure, borrowed for the call: nodes() calls itself with a new one each time, so its type must not grow.
  struct Each {
    template <class F>
    Each(const F& f) : closure(&f), call([](const void* c, NodeId node) { (*static_cast<const F*>(c))(node); }) {}
    const void* closure;
    void (*call)(const void*, NodeId);
    void operator()(NodeId node) const { call(closure, node); }
  };
  // What read() gives, where it is nodes and nothing else. False: it is not, nothing was visited.
  bool visit(std::uint32_t slot, const Each& each) const;

 private:
  static bool has(Valued valued, std::uint16_t number) { return (valued >> number & 1) != 0; }
  void nodes(const V2Place& place, const Each& each) const;
  template <class F>
  void below(NodeId node, const V2Place& place, std::size_t step, F&& each) const;
  template <class F>
  void following(NodeId node, const V2Place::Step& step, F&& each) const;
  std::optional<NodeId> single(const V2Place& place) const;
  void fields(NodeId segment, const ReadSlot& slot, const Each& each) const;
  bool lacks_field(NodeId segment, const Need& need) const {
    if (segment == no_node || need.field == 0) return segment == no_node;
    const NodeId node = around.numbers.first(segment, need.field);
    return node == no_node || (need.component != 0 && lacks_component(node, need));
  }
  bool lacks_component(NodeId node, const Need& need) const;
  bool lacks_other(const Need& need) const;
  bool anywhere(NodeId node, const V2Place& place, const Each& each) const;
  void above(NodeId node, const V2Place::Step& step, const Each& each) const;
  const Narrow* current_of(NodeId segment, const ReadSlot& slot) const;
};

}  // namespace tombolo::mapping
