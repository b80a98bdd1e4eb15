#include "engine/mapping/edit/run.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/fhirpath/value.h"

namespace tombolo::mapping {

using fhirpath::Item;
using fhirpath::Items;

namespace {

constexpr std::size_t most_findings = 1000;

}  // namespace

EditRunner::EditRunner(const SchemaTypes& types, const Tree& source, const RunInputs& inputs, Tree& out, EditReport& report)
    : types_(types),
      source_(source),
      inputs_(inputs),
      tree_(out),
      report_(report),
      numbers_(out, Numbered::Message::changes),
      around_{types, out, out.arena(), nullptr, numbers_, out.child(out.root(), "MSH"), fhirpath::moment(inputs.received), nullptr},
      deeds_(inputs.watch) {}

Result<void> EditRunner::run(const EditProgram& program) {
  Activation act(program.frame, around_, Item{fhirpath::NodeRef{&tree_, tree_.root(), program.frame.input}, {}}, nullptr);
  block(program.ops, act);
  if (failed_) return *failed_;
  return {};
}

void EditRunner::block(const std::vector<EditOp>& ops, Activation& act) {
  for (const auto& each : ops) {
    if (failed_) return;
    op(each, act);
  }
}

void EditRunner::op(const EditOp& op, Activation& act) {
  const auto before = report_.changed;
  carry_out(op, act);
  if (report_.changed > before) deeds_.did(op.rule);
}

void EditRunner::carry_out(const EditOp& op, Activation& act) {
  rule_ = op.rule;
  switch (op.kind) {
    case EditOp::Kind::write:
      return occurrences(op.place, act, [&](NodeId segment, NodeId repetition) { write(op.place, segment, repetition, values(op, act)); });
    case EditOp::Kind::erase:
      return occurrences(op.place, act, [&](NodeId segment, NodeId repetition) {
        if (holds(op.when, act)) erase(op.place, segment, repetition);
      });
    case EditOp::Kind::add:
      return occurrences(op.place, act, [&](NodeId segment, NodeId) {
        rule_ = op.rule;
        if (holds(op.when, act)) add(op, segment, act);
      });
    case EditOp::Kind::move: return move(op, act);
    case EditOp::Kind::copy: return copy(op, act);
    case EditOp::Kind::each: return each(op, act);
    case EditOp::Kind::condition:
      if (holds(op.over, act)) block(op.body, act);
      return;
    case EditOp::Kind::let: return let(op, act);
  }
}

void EditRunner::each(const EditOp& op, Activation& act) {
  const auto index = act.index;
  std::int64_t turn = 0;
  occurrences(op.place, act, [&](NodeId, NodeId repetition) {
    if (op.place.field != 0 && repetition == no_node) return;
    rule_ = op.rule;
    act.index = turn++;
    if (holds(op.when, act)) block(op.body, act);
  });
  act.index = index;
}

// Runs `turn` once for each segment (or group) of a place, and there once for each repetition.
void EditRunner::occurrences(const EditPlace& place, Activation& act, const Turn& turn) {
  Items nodes(tree_.arena());
  act.read(place.slot, nodes);
  const auto focus = act.focus;
  const auto current = act.current;
  for (std::size_t i = 0; i < nodes.size() && !failed_; ++i) {
    const NodeId segment = nodes[i].node()->node;
    if ((place.occurrence != 0 && place.occurrence != i + 1) || tree_[segment].parent == no_node) continue;
    act.registers[place.number] = act.current = segment;
    act.focus.clear();
    act.focus.add(tree_, segment);
    if (place.by_repetition) repetitions(place, segment, act, turn);
    else turn(segment, no_node);
  }
  act.focus = focus;
  act.current = current;
}

// A field that is empty has one turn too: it may be written.
void EditRunner::repetitions(const EditPlace& place, NodeId segment, Activation& act, const Turn& turn) {
  const auto name = std::to_string(place.field);
  std::vector<NodeId> nodes;
  for (const auto* n = act.narrow; n != nullptr && nodes.empty(); n = n->outer)
    if (n->parent == segment && n->number == place.field) nodes.push_back(n->node);
  if (nodes.empty())
    for (const NodeId child : children(tree_, segment))
      if (tree_[child].name() == name) nodes.push_back(child);
  if (place.repetition > nodes.size()) nodes.clear();
  else if (place.repetition != 0) nodes = {nodes[place.repetition - 1U]};
  act.focus.clear();
  if (nodes.empty()) return turn(segment, no_node);
  const auto* const narrow = act.narrow;
  for (const NodeId node : nodes) {
    if (failed_ || tree_[node].parent == no_node) continue;
    const Narrow here{segment, node, static_cast<std::uint32_t>(place.field), narrow};
    act.narrow = &here;
    act.focus.clear();
    act.focus.add(tree_, node);
    turn(segment, node);
    act.narrow = narrow;
  }
}

// The new segment stands if a value in it comes from the message, or if nothing in it was meant to.
void EditRunner::add(const EditOp& op, NodeId anchor, Activation& act) {
  const NodeId segment = tree_.add(tree_[anchor].parent, op.segment);
  tree_[segment].element = op.element;
  put(segment, op.before ? anchor : last_behind(anchor), op.before);
  const auto standing = standing_;
  const auto changes = report_.changes.size();
  const auto count = report_.changed;
  const auto deeds = deeds_.size();
  body(op, segment, act);
  if (op.constant || standing_ > standing) {
    if (tree_[segment].first == no_node) rule_ = op.rule, changed(EditReport::Deed::added, place_of(segment), {}, {});
    return;
  }
  tree_.remove(segment);
  report_.changes.resize(changes);
  report_.changed = count;
  deeds_.take_back(deeds);
}

// The rules on a segment that is new.
void EditRunner::body(const EditOp& op, NodeId segment, Activation& act) {
  act.registers[op.number] = segment;
  const auto focus = act.focus;
  act.focus.clear();
  act.focus.add(tree_, segment);
  block(op.body, act);
  act.focus = focus;
}

// What a name keeps stays what it was, whatever later rules do to the message.
void EditRunner::let(const EditOp& op, Activation& act) {
  Items found(tree_.arena());
  auto& kept = act.locals[op.number];
  kept.clear();
  evaluate(*op.over, act, found);
  for (Item item : found) {
    if (const auto* const ref = item.node()) item.held = fhirpath::NodeRef{&tree_, kept_copy(ref->node), ref->type};
    kept.add(item);
  }
  if (!kept.empty()) deeds_.did(op.rule);
}

// False: the expression failed; that was reported, and `out` is empty.
bool EditRunner::evaluate(const Expr& e, Activation& act, Items& out) {
  reads_.clear();
  fhirpath::Run run{act, tree_.arena(), &reads_};
  const auto done = fhirpath::evaluate(e.program, run, act.focus, out);
  if (deleted_ == no_node) deleted_ = run.deleted;
  if (run.took_first) finding(Kind::conflict, reads_.empty() ? no_node : reads_.back(), "one value is used of several");
  if (done) return true;
  finding(done.error().kind, reads_.empty() ? no_node : reads_.front(), done.error().what);
  out.clear();
  return false;
}

// A condition; without one it holds. because: what it reads is kept for the lineage of the values it lets pass.
bool EditRunner::holds(const std::optional<Expr>& e, Activation& act, bool because) {
  if (!e) return true;
  Items items(tree_.arena());
  const NodeId deleted = deleted_;
  const bool done = evaluate(*e, act, items);
  deleted_ = deleted;
  if (because) because_.insert(because_.end(), reads_.begin(), reads_.end());
  return done && fhirpath::truth(items, types_);
}

void EditRunner::finding(Kind kind, NodeId node, std::string text) {
  const auto from = node == no_node ? std::vector<NodeId>{} : origins(node);
  if (report_.lines.size() < most_findings) report_.lines.push_back({kind, rule_ + 1, from.empty() ? no_node : from.front(), {}, std::move(text)});
}

}  // namespace tombolo::mapping
