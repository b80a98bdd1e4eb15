// Runner: carries out a compiled map over one Bundle and builds the message. Plain functions over the program.
//
// Segments and groups stand in the grammar's order, whatever the order of the rules. What was begun and got no value from the
// Bundle is taken back; constants alone make nothing but segments that the structure requires.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "engine/fhirpath/evaluate.h"
#include "engine/mapping/mapping.h"
#include "engine/mapping/runner/deeds.h"
#include "engine/mapping/to_v2/program.h"
#include "engine/mapping/to_v2/types.h"

namespace tombolo::mapping::to_v2 {

// What is the same for a whole run, besides the Bundle.
struct RunFacts {
  std::string_view version;              // %version
  int version_index = 0;                 // of V2Dictionary::versions()
  std::string_view event;                // %event
};

class Runner;

// One map at work on one value: the frame of its expressions.
class Activation final : public fhirpath::Frame {
 public:
  Activation(Runner& runner, const V2Map& map, const fhirpath::Item& input, NodeId node);

  Runner& runner;
  const V2Map& map;
  fhirpath::Item input;
  fhirpath::Items focus;
  std::vector<fhirpath::Items> locals;
  std::vector<const CodeTable*> tables;
  std::int64_t index = 0;
  NodeId node;                           // what is being built

  const fhirpath::Types& types() const override;
  void read(std::uint32_t slot, fhirpath::Items& out) const override;
  fhirpath::Moment now() const override;
  void resolve(const fhirpath::Item& reference, fhirpath::Items& out) const override;
};

class Runner {
 public:
  // out: empty. All outlive this.
  Runner(const SourceTypes& types, const V2Dictionary& dictionary, const FhirSchema& schema, const Tree& source, const RunInputs& inputs,
         const RunFacts& facts, Tree& out, RunReport& report);

  Result<void> run(const V2Map& map);

 private:
  friend class Activation;
  using Items = fhirpath::Items;
  using Item = fhirpath::Item;

  // run.cc
  void block(const std::vector<Op>& ops, Activation& act);
  void op(const Op& op, Activation& act);
  void build(const Op& op, Activation& act);
  void each(const Op& op, Activation& act);
  void call(const Call& call, const Item& item, NodeId node, Activation& caller);
  bool evaluate(const Expr& e, Activation& act, Items& out);
  bool holds(const std::optional<Expr>& e, Activation& act, bool because = false);
  void finding(Kind kind, NodeId source, std::string path, std::string text);
  void mark(NodeId node);
  void mark_all(NodeId node);
  void index_entries();
  NodeId target_of(const fhirpath::Item& reference);

  // values.cc
  void rule(const Op& op, Activation& act);
  bool source(const Op& op, const Link& link, const LinkSource& source, Activation& act);
  bool write(const Op& op, const Link& link, const LinkSource& source, const Item& item, Activation& act);
  bool through_call(const Op& op, const LinkSource& source, const Item& item, Activation& act);
  struct Text {
    std::string_view text;               // empty: there is none
    std::uint32_t row = 0;               // of the table that gave it
    bool bad = false;
  };
  Text text_of(const Item& item, const V2Type& type);
  std::string_view original_text(NodeId node);
  Text translated(const CodeTable& table, const Item& item);
  void coded(NodeId node, std::vector<std::pair<std::string_view, std::string_view>>& codings);
  void missed(const CodeTable& table, const Link& link, const Item& item);
  void put(const Op& op, std::string_view text, bool deleted, std::uint32_t lineage, Activation& act);
  std::uint32_t lineage(const Item& item, std::uint32_t row = 0);

  // build.cc
  struct Opened {
    NodeId node = no_node;
    NodeId fresh = no_node;              // the topmost node that was made for it; no_node: it was there
  };
  Opened open(const Goal& goal, NodeId from);
  NodeId item(NodeId parent, const V2Item& item, bool fresh, NodeId& made);
  NodeId part(NodeId node, int number, NodeId& made);
  NodeId find(const Goal& goal, NodeId from) const;
  bool filled(const Goal& goal, NodeId from) const;
  bool holds_value(NodeId node) const;
  NodeId numbered(NodeId parent, int number, bool fresh, NodeId& made);
  void branch(NodeId node);
  void prune(NodeId node);
  bool computed(NodeId node) const;
  std::int64_t position(NodeId node) const;

  const SourceTypes& types_;
  const V2Dictionary& dictionary_;
  const FhirSchema& schema_;
  const Tree& source_;
  const RunInputs& inputs_;
  const RunFacts& facts_;
  Tree& tree_;
  RunReport& report_;
  const V2Structure* structure_ = nullptr;
  Deeds deeds_;
  std::unordered_map<std::string, NodeId> entries_;  // by fullUrl and "Type/id"
  std::vector<NodeId> dangling_;                     // references that led nowhere, each told once
  std::vector<NodeId> reads_;                        // of the expression at hand
  std::vector<NodeId> because_;                      // what the condition of the rule at hand read
  std::uint32_t rule_ = 0;
  std::uint32_t standing_ = 0;                       // values from the Bundle written so far
  NodeId deleted_ = no_node;                         // what is deleted where the rule at hand looked for a value
  std::optional<Item> missed_;                       // what the table did not have, to be kept if nothing else is found
  const Link* missed_by_ = nullptr;
  std::optional<Fault> failed_;
};

}  // namespace tombolo::mapping::to_v2
