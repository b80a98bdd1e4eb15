// Runner: carries out a compiled map over one message. Plain functions over the program; nothing is looked up by name.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/canonical/canonical.h"
#include "engine/mapping/compiler/program.h"
#include "engine/mapping/mapping.h"
#include "engine/mapping/runner/activation.h"
#include "engine/mapping/runner/deeds.h"
#include "engine/mapping/runner/spell.h"

namespace tombolo::mapping {

class Runner {
 public:
  Runner(const fhirpath::Types& types, const Tree& source, Canonical& out, const RunInputs& inputs, const RunNames& names, RunReport& report);

  Result<void> run(const CompiledMap& map);

  // For the function find(): a handle to the entry with this key, wherever in the message it comes.
  Handle find(ElementId type, const fhirpath::Items& key);

 private:
  using Items = fhirpath::Items;
  using Item = fhirpath::Item;

  // blocks.cc
  void block(const Block& block, Activation& act);
  static bool opens(const Block& block, const Block::Lintel& door, const Activation& act);
  void op(const Op& op, Activation& act);
  void element(const Op& op, Activation& act);
  void elements(const Op& op, NodeId base, Activation& act);
  void one_element(const Op& op, NodeId base, Activation& act);
  void condition(const Op& op, Activation& act);
  void each(const Op& op, Activation& act);
  template <class F>
  void turns(const Op& op, const Items& items, Activation& act, F&& turn);
  void include(const Op& op, Activation& act);
  void entry(const Op& op, Activation& act);
  void key(const Op& op, Activation& act);
  void gives(const Op& op, Activation& act);
  void call(const MapCall& call, const Item& item, Activation& caller, Activation& callee);
  NodeId base_of(const TargetPath& target, const Activation& act, std::size_t which);

  // rules.cc
  static bool lacks(const Expr& e, const Activation& act);
  static bool lacks(const ChainLink& link, const Activation& act);
  void rule(const Op& op, Activation& act);
  void mark_sources(const Op& op, Activation& act);
  bool chain(const TargetPath& target, const std::vector<ChainLink>& links, std::uint32_t rule, NodeId base, Activation& act);
  bool source(const TargetPath& target, const ChainLink& link, const ChainSource& source, NodeId base, Activation& act);
  void default_value(const Conversion::Default& d, NodeId element, Activation& act);
  bool filled(const TargetPath& target, NodeId base) const;
  void deleted(const TargetPath& target, const ChainLink& link, NodeId base);
  void delete_later(const TargetPath& target, NodeId base, NodeId source);
  void note_deletion(NodeId source) { ++deletions_, last_deletion_ = source; }
  bool is_field(NodeId node) const;
  void write_deletions();

  // values.cc
  struct Writing {                       // what a value is written with
    const TargetPath& target;
    const ChainLink* link;
    const Conversion& conversion;
    NodeId base;
    Activation& act;
  };
  bool write(const Writing& w, const Item& item);
  bool primitive(const Writing& w, const Item& item);
  bool through_element(const Writing& w, const Item& item);
  bool through_entry(const Writing& w, const Item& item);
  bool reference(const Writing& w, const Item& item);
  bool coding(const Writing& w, const Item& item);
  bool bad(const Writing& w, const Item& item, const Spelled& spelled);
  void original_text(NodeId node, std::string_view text, std::uint32_t lineage);
  bool keep_missed(const TargetPath& target, NodeId base, const Conversion& c);
  void alternate_code(const TargetPath& target, NodeId base, const Conversion& c);
  void add_coding(NodeId parent, ElementId member, const CodeRow& row, std::uint32_t lineage);
  NodeId parent_of(const TargetPath& target, NodeId base);
  NodeId put(const TargetPath& target, NodeId base, ElementId member);  // the element without value: made, or the one that has none yet
  NodeId place(const TargetPath& target, NodeId base, ElementId member);
  NodeId extension(NodeId parent, ElementId member, const ExtensionRow& row, bool fresh);
  const CodeTable* table(const TableUse& use, const Activation& act) const;
  std::optional<std::string_view> text_of(const Item& item);
  NodeId first_leaf(NodeId node) const;
  std::uint32_t lineage(const Item& item, std::uint32_t table_row = 0);

  // eval.cc
  bool evaluate(const Expr& e, Activation& act, Items& out);
  bool computed(const Expr& e, Activation& act, Items& out);
  void plain(const Expr& e, Activation& act, Items& out);
  bool arrive(const Expr& e, const Activation& act, NodeId node, Item& item);
  void keep_valued(Items& items, std::size_t begin);
  bool holds(const Expr& e, Activation& act, bool because);
  bool holds_computed(const Expr& e, Activation& act);
  void mark_read(NodeId node);
  void mark_all(NodeId node);
  void mark_decided(const Items& results, std::size_t begin);
  void mark_key(NodeId node);
  std::size_t key_parts(const Item& item, std::vector<std::string_view>& parts);

  // questions.cc
  enum class Answer : std::uint8_t { no, yes, unknown, open };   // open: ask the evaluator
  struct Met {
    NodeId first = no_node;
    std::uint32_t count = 0;
    bool all = false;                    // were there but nodes on the way?
  };
  Answer answer(const Question& q, const Activation& act);
  Met meet(const Way& way, const Activation& act);
  Answer valued(const Way& way, const Activation& act);
  Answer equals(const Question& q, const Activation& act);
  Answer parted(const Way& way, const Activation& act);

  // taking back
  struct Mark {
    Canonical::Mark canonical;
    std::size_t cached;
    std::size_t pending;
    std::uint32_t standing;
    std::size_t deeds;
  };
  Mark mark() const { return {out_.mark(), cache_.size(), pending_.size(), standing_, deeds_.size()}; }
  void take_back(const Mark& mark, Activation& act);

  void finding(Kind kind, NodeId source, std::string text);
  void miss(const CodeTable& table, const Item& code, OnMiss policy);
  void report(const Finding& found);
  std::uint32_t lineage_below(NodeId node) const;
  bool only_deleted(NodeId node) const;
  void required(NodeId node);
  bool wants_members(ElementId element) const;
  void first_of(Items& items);
  void fail(Kind kind, std::string text);

  struct Cached {                        // the same bytes through the same map run once
    const CompiledMap* map;
    NodeId source;
    Handle handle;
  };
  Handle cached(const CompiledMap& map, NodeId source) const;
  bool same_bytes(NodeId a, NodeId b) const;

  struct Deletion {                      // a target that the sender says "" for
    const TargetPath* target;
    NodeId base;
    std::uint32_t rule;
    NodeId source;
    std::size_t deed;
  };

  const Tree& source_;
  Canonical& out_;
  Tree& tree_;
  const FhirSchema& schema_;
  const RunInputs& inputs_;
  const RunNames& names_;
  RunReport& report_;
  Numbered numbers_;
  Surroundings around_;
  std::optional<Zone> zone_;
  std::vector<Cached> cache_;
  std::vector<Deletion> pending_;
  Deeds deeds_;
  std::vector<NodeId> reads_;            // of the expression at hand
  std::vector<NodeId> because_;          // what the condition of the rule at hand read
  std::vector<NodeId> sources_;
  std::vector<std::string_view> parts_;
  std::uint32_t rule_ = 0;
  std::uint32_t standing_ = 0;           // values with lineage written so far
  std::uint32_t errors_ = 0;
  bool quiet_ = false;                   // what is read only to know what rules read (`watch`) has nothing to report
  std::uint32_t deletions_ = 0;          // rules that met "" and had no value …
  NodeId last_deletion_ = no_node;       // … and the "" of the last one
  NodeId deleted_ = no_node;             // the "" that the rule at hand met first
  const Item* missed_ = nullptr;         // the code that the table did not have
  Item missed_item_;
  std::optional<Fault> failed_;
};

}  // namespace tombolo::mapping
