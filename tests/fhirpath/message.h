// A small HL7 v2 world for the tests of expressions: three segments, five data types, and one message as a tree.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/text.h"
#include "engine/fhirpath/bind.h"
#include "engine/fhirpath/evaluate.h"
#include "engine/fhirpath/function.h"
#include "engine/fhirpath/parse.h"
#include "tests/fhirpath/units.h"

namespace tombolo::fhirpath::testing {

enum HL7 : TypeId { st = first_type, nm, dtm, hd, cx, fn, xpn, pid, obx, patient_group };

class MessageTypes final : public Types {
 public:
  std::optional<TypeId> find(std::string_view model, std::string_view name) const override {
    if (!model.empty() && model != "HL7") return std::nullopt;
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] == name) return static_cast<TypeId>(first_type + i);
    }
    return std::nullopt;
  }
  std::string_view model(TypeId) const override { return "HL7"; }
  std::string_view name(TypeId type) const override { return names[type - first_type]; }
  bool is(TypeId type, TypeId other) const override { return type == other; }
  System system(TypeId type) const override {
    return type == st ? System::string : type == nm ? System::decimal : type == dtm ? System::date_time : System::none;
  }
  std::optional<Shape> child(TypeId type, std::string_view name) const override {
    struct Part {
      TypeId of;
      std::string_view number;
      TypeId type;
      bool many;
    };
    static constexpr std::array parts = {
        Part{pid, "1", nm, false}, Part{pid, "3", cx, true},  Part{pid, "5", xpn, true}, Part{pid, "7", dtm, false}, Part{pid, "8", st, false},
        Part{cx, "1", st, false},  Part{cx, "4", hd, false},  Part{cx, "5", st, false},  Part{hd, "1", st, false},   Part{hd, "2", st, false},
        Part{xpn, "1", fn, false}, Part{xpn, "2", st, false}, Part{fn, "1", st, false},  Part{fn, "2", st, false},   Part{obx, "2", st, false},
        Part{obx, "5", st, true},  Part{obx, "3", cx, false}};
    for (const Part& part : parts) {
      if (part.of == type && part.number == name) return Shape{{part.type}, part.many, true};
    }
    return std::nullopt;
  }
  std::vector<std::string_view> children(TypeId) const override { return {}; }
  const Ucum& units() const override { return testing::units(); }
  TypeId type_of_node(const Tree&, NodeId) const override { return unknown_type; }

 private:
  static constexpr std::array<std::string_view, 10> names = {"ST", "NM", "DTM", "HD", "CX", "FN", "XPN", "PID", "OBX", "PATIENT"};
};

// Segments as a child of the root each; fields, repetitions, components, sub-components as nodes called by their numbers.
inline void add_parts(Tree& tree, NodeId parent, std::string_view text, std::string_view delimiters) {
  if (text == "\"\"") return tree.set_deleted(parent);
  if (delimiters.empty() || text.find_first_of(delimiters) == std::string_view::npos) {
    if (!text.empty()) tree.set_value(parent, tree.arena().copy(text));
    return;
  }
  int number = 0;
  for (const std::string_view part : split(text, delimiters[0])) {
    ++number;
    if (!part.empty()) add_parts(tree, tree.add(parent, tree.arena().copy(std::to_string(number))), part, delimiters.substr(1));
  }
}

inline void add_segment(Tree& tree, std::string_view text) {
  const auto fields = split(text, '|');
  const NodeId segment = tree.add(tree.root(), tree.arena().copy(fields[0]));
  for (std::size_t n = 1; n < fields.size(); ++n) {
    if (fields[n].empty()) continue;
    for (const std::string_view repetition : split(fields[n], '~')) {
      add_parts(tree, tree.add(segment, tree.arena().copy(std::to_string(n))), repetition, "^&");
    }
  }
}

// Slots: 1 the PID, 2 all OBX, 3 one repetition of PID-3, 4 a text, 5 $index.
class MessageScope final : public Scope {
 public:
  MessageScope(const Types& types, Shape focus, std::span<const Function> functions) : types_(types), focus_(std::move(focus)), functions_(functions) {}
  const Types& types() const override { return types_; }
  Shape focus() const override { return focus_; }
  Result<AddressSlot> address(const Address& address) const override {
    if (address.names.back() == "PID") return AddressSlot{Slot{1, Shape{{pid}, false, false}}, AddressSlot::Covers::names};
    if (address.names.back() == "OBX") return AddressSlot{Slot{2, Shape{{obx}, true, true}}, AddressSlot::Covers::names};
    return Fault{Kind::missing, {}, "there is no " + address.names.back() + " here"};
  }
  std::optional<Slot> variable(std::string_view name) const override {
    if (name == "room") return Slot{4, one(System::string)};
    if (name == "$index") return Slot{5, one(System::integer)};
    return std::nullopt;
  }
  std::vector<std::string_view> variables() const override { return {"room"}; }
  std::span<const Function> functions() const override { return functions_; }

 private:
  const Types& types_;
  Shape focus_;
  std::span<const Function> functions_;
};

class MessageFrame final : public Frame {
 public:
  MessageFrame(const Types& types, const Tree& tree) : types_(types), tree_(tree) {}
  const Types& types() const override { return types_; }
  void read(std::uint32_t slot, Items& out) const override {
    if (slot == 4) return out.add(Item{std::string_view("room 12"), {}});
    if (slot == 5) return out.add(Item{std::int64_t{7}, {}});
    for (const NodeId segment : tombolo::children(tree_, tree_.root())) {
      if (tree_[segment].name() == (slot == 1 ? "PID" : "OBX")) out.add(tree_, segment, slot == 1 ? pid : obx);
    }
  }
  Moment now() const override { return *to_date_time("2026-02-03T10:11:12Z"); }

 private:
  const Types& types_;
  const Tree& tree_;
};

inline constexpr std::string_view message[] = {"PID|1||4711^^^WARD&1.2.3^MR~0815^^^TOWN^PI||Winter&van^Ada~Sommer^Ada||197203041530|F",
                                               "OBX|1|NM|GLU^Glucose||5.40", "OBX|2|ST|NOTE||fine~\"\""};

// One expression over the message: its results as text with ", " between, or "error: …" (binding) or "fault: …" (running).
struct Answer {
  std::string text;
  std::vector<std::string> sources;  // of the first result: the source nodes as text
  bool met_deleted = false;
  bool took_first = false;
};

struct Asking {
  Dialect dialect = Dialect::map;
  std::vector<std::string_view> segments{message, message + 3};
  std::span<const Function> functions{};
  bool focus_is_cx = false;  // $this: the first PID-3; else the PID
};

inline std::string described(const Tree& tree, NodeId node) {
  std::string below;
  for (const NodeId child : tombolo::children(tree, node)) below += (below.empty() ? "" : " ") + described(tree, child);
  return below.empty() ? std::string(tree[node].value()) : "{" + below + "}";
}

inline Answer ask(std::string_view expression, const Asking& how = {}) {
  Answer answer;
  Arena arena;
  Tree tree(arena);
  const MessageTypes types;
  for (const std::string_view segment : how.segments) add_segment(tree, segment);
  const Parsed parsed = parse(expression, how.dialect);
  if (!parsed) return {"syntax at " + std::to_string(parsed.problem->offset) + ": " + parsed.problem->text, {}, false, false};
  const Shape focus{{how.focus_is_cx ? cx : pid}, false, false};
  const Bound bound = bind(parsed.expression, MessageScope(types, focus, how.functions));
  if (!bound) return {"error at " + std::to_string(bound.problems[0].offset) + ": " + bound.problems[0].text, {}, false, false};
  const MessageFrame frame(types, tree);
  Run run{frame, arena};
  Items start(arena);
  NodeId node = tree.child(tree.root(), "PID");
  if (how.focus_is_cx) node = tree.child(node, "3");
  if (node != no_node) start.add(tree, node, focus.types[0]);
  Items out(arena);
  const auto done = evaluate(bound.program, run, start, out);
  if (!done) return {"fault: " + done.error().what, {}, false, false};
  for (const Item& item : out) {
    if (!answer.text.empty()) answer.text += ", ";
    const auto leaf = text(item, arena);
    answer.text += leaf ? std::string(*leaf) : described(*item.node()->tree, item.node()->node);
  }
  if (!out.empty()) {
    for (const NodeId source : out[0].sources()) answer.sources.push_back(described(tree, source));
  }
  answer.met_deleted = run.deleted != no_node;
  answer.took_first = run.took_first;
  return answer;
}

}  // namespace tombolo::fhirpath::testing
