// EditRunner: carries out compiled edits over a copy of one message. Statements run from top to bottom; each sees the message
// as those before it left it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/fhirpath/evaluate.h"
#include "engine/mapping/compiler/types.h"
#include "engine/mapping/edit/program.h"
#include "engine/mapping/edits.h"
#include "engine/mapping/runner/activation.h"
#include "engine/mapping/runner/deeds.h"

namespace tombolo::mapping {

class EditRunner {
 public:
  // out: a copy of `source`, with the same NodeIds. All outlive this.
  EditRunner(const SchemaTypes& types, const Tree& source, const RunInputs& inputs, Tree& out, EditReport& report);

  Result<void> run(const EditProgram& program);

  // Per rule, by Lineage::rule: did it change something (of `let`: was there a value)? With `watch`.
  std::vector<bool> fired() const { return deeds_.fired(tree_); }

 private:
  using Items = fhirpath::Items;
  using Item = fhirpath::Item;

  // What a rule gives: a part of the message to be copied, or text.
  struct Value {
    NodeId node = no_node;
    std::string_view text;
    const CodeRow* row = nullptr;        // of the table that translated it
    bool deleted = false;
    std::uint32_t lineage = 0;
  };
  // A segment or group, and the one next to which it goes.
  struct Trip {
    NodeId node = no_node;
    NodeId beside = no_node;
  };

  using Turn = std::function<void(NodeId segment, NodeId repetition)>;

  // run.cc
  void block(const std::vector<EditOp>& ops, Activation& act);
  void op(const EditOp& op, Activation& act);
  void carry_out(const EditOp& op, Activation& act);
  void each(const EditOp& op, Activation& act);
  void add(const EditOp& op, NodeId anchor, Activation& act);
  void body(const EditOp& op, NodeId segment, Activation& act);
  void let(const EditOp& op, Activation& act);
  void occurrences(const EditPlace& place, Activation& act, const Turn& turn);
  void repetitions(const EditPlace& place, NodeId segment, Activation& act, const Turn& turn);
  bool evaluate(const Expr& e, Activation& act, Items& out);
  bool holds(const std::optional<Expr>& e, Activation& act, bool because = false);
  void finding(Kind kind, NodeId node, std::string text);

  // values.cc
  std::vector<Value> values(const EditOp& op, Activation& act);
  void link(const EditPlace& place, const ChainLink& link, Activation& act, std::vector<Value>& out);
  void source(const EditPlace& place, const ChainLink& link, const ChainSource& source, Activation& act, std::vector<Value>& out);
  void missed(const CodeTable& table, const ChainLink& link, const Item& item);
  Value value(const EditPlace& place, const fhirpath::Shape& shape, const Item& item);
  void deleted(const ChainLink& link, std::vector<Value>& out);
  std::string_view spelled(const Item& item, const V2Type* type, const fhirpath::Shape& shape);
  std::string_view text_of(const Value& value) const;
  NodeId first_leaf(NodeId node) const;
  std::uint32_t lineage(const Item& item, std::uint32_t row = 0);
  std::vector<NodeId> origins(NodeId node) const;

  // write.cc
  void write(const EditPlace& place, NodeId segment, NodeId repetition, const std::vector<Value>& values);
  void write_field(const EditPlace& place, NodeId segment, const std::vector<Value>& values);
  void write_part(const EditPlace& place, NodeId segment, NodeId repetition, const Value& value);
  void erase(const EditPlace& place, NodeId segment, NodeId repetition);
  NodeId find_part(const EditPlace& place, NodeId field) const;
  NodeId make_part(const EditPlace& place, NodeId field);
  void take_out(NodeId node);

  // move.cc
  void move(const EditOp& op, Activation& act);
  void copy(const EditOp& op, Activation& act);
  std::vector<Trip> trips(const EditOp& op, Activation& act);
  NodeId anchor(const EditOp& op, const std::vector<bool>& leaving, Activation& act) const;
  bool stands(NodeId node, NodeId beside, bool before) const;
  void put(NodeId node, NodeId beside, bool before);
  NodeId in_front_of(NodeId node) const;
  NodeId last_behind(NodeId node) const;
  std::string told(NodeId node) const;
  std::string where(const EditOp& op, NodeId beside) const;

  // nodes.cc
  bool set(NodeId node, const Value& value, const V2Type* type);
  bool set_row(NodeId node, const Value& value, const V2Type* type);
  bool set_copy(NodeId node, const Value& value);
  void copy_leaf(const Node& from, NodeId to);
  void copy_below(NodeId from, NodeId to);
  void copy_as_received(NodeId from, NodeId to);
  NodeId kept_copy(NodeId node);
  NodeId made(NodeId parent, int number, std::uint32_t element);
  void branch(NodeId node);
  void clear(NodeId node);
  std::uint32_t element_below(NodeId node, int number) const;

  // changes.cc
  std::string place_of(NodeId node) const;
  std::string text_at(NodeId node) const;
  std::string text_at(NodeId segment, int field) const;
  void changed(EditReport::Deed deed, std::string place, std::string before, std::string after);

  const SchemaTypes& types_;
  const Tree& source_;
  const RunInputs& inputs_;
  Tree& tree_;
  EditReport& report_;
  Numbered numbers_;
  Surroundings around_;
  Deeds deeds_;
  std::vector<NodeId> reads_;            // of the expression at hand
  std::vector<NodeId> because_;          // what the condition of the rule at hand read
  NodeId attic_ = no_node;               // outside the message: what `let`s keep
  std::uint32_t rule_ = 0;
  std::uint32_t standing_ = 0;           // values from the message written so far
  NodeId deleted_ = no_node;             // what held HL7's "" where the rule at hand looked for a value
  std::vector<Value> missed_;            // what its table did not have, to be kept if nothing else is found
  std::optional<Fault> failed_;
};

}  // namespace tombolo::mapping
