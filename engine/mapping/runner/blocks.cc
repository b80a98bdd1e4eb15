// Statements with others in them: blocks, elements, `each`, entries.
#include <cassert>
#include <utility>

#include "engine/mapping/runner/run.h"

namespace tombolo::mapping {

using fhirpath::Item;
using fhirpath::Items;

void Runner::block(const Block& block, Activation& act) {
  for (std::size_t i = 0; i < block.ops.size(); ++i) {
    if (failed_) return;
    if (inputs_.watch || opens(block, block.doors[i], act)) op(block.ops[i], act);
  }
}

bool Runner::opens(const Block& block, const Block::Lintel& door, const Activation& act) {
  if ((door.must_input & ~act.input_valued) != 0 || (door.must_focus & ~act.focus_valued) != 0) return false;
  const Need* need = block.needs.data() + door.begin;
  for (const Need* const end = need + door.must; need != end; ++need)
    if (act.lacks(*need)) return false;
  if (door.any == 0 && (door.any_input | door.any_focus) == 0) return true;
  if ((door.any_input & act.input_valued) != 0 || (door.any_focus & act.focus_valued) != 0) return true;
  for (const Need* const end = need + door.any; need != end; ++need)
    if (!act.lacks(*need)) return true;
  return false;
}

void Runner::op(const Op& op, Activation& act) {
  rule_ = op.rule;
  switch (op.kind) {
    case Op::Kind::rule: return rule(op, act);
    case Op::Kind::element: return element(op, act);
    case Op::Kind::each: return each(op, act);
    case Op::Kind::condition:
      return condition(op, act);
    case Op::Kind::include: return include(op, act);
    case Op::Kind::entry: return entry(op, act);
    case Op::Kind::let:
      act.locals[op.number].clear();
      evaluate(*op.over, act, act.locals[op.number]);
      if (!act.locals[op.number].empty()) deeds_.did(op.rule);
      return;
    case Op::Kind::key:
    case Op::Kind::alias: return key(op, act);
    case Op::Kind::gives: return gives(op, act);
  }
}

// The node that a target's path begins at: the element being built, or one after the other of the entries that its variable
// holds. no_node: there is none, or no further one.
NodeId Runner::base_of(const TargetPath& target, const Activation& act, std::size_t which) {
  if (target.variable == none) return which == 0 ? act.element : no_node;
  Items handles(tree_.arena());
  act.read(target.variable, handles);
  for (const Item& item : handles)
    if (const auto* const handle = std::get_if<fhirpath::Handle>(&item.held))
      if (which-- == 0) return out_.resource(static_cast<Handle>(handle->number));
  return no_node;
}

// Runs `turn` once per item, which narrows what the block sees.
template <class F>
void Runner::turns(const Op& op, const Items& items, Activation& act, F&& turn) {
  const auto focus = act.focus;
  const auto focus_valued = act.focus_valued;
  const auto* const narrow = act.narrow;
  const auto index = act.index;
  const auto current = act.current;
  const auto level = op.body->level;
  for (std::size_t i = 0; i < items.size() && !failed_; ++i) {
    Narrow here;
    act.look_at(items[i]);
    act.index = static_cast<std::int64_t>(i);
    act.starts[level] = static_cast<std::uint32_t>(act.made.size());
    if (const auto* const ref = items[i].node()) {
      act.registers[op.number] = act.current = ref->node;
      here = {source_[ref->node].parent, ref->node, Numbered::number(source_[ref->node].name()), narrow};
      act.narrow = &here;
    }
    turn();
    act.narrow = narrow;
  }
  act.focus = focus;
  act.focus_valued = focus_valued;
  act.index = index;
  act.current = current;
}

void Runner::condition(const Op& op, Activation& act) {
  const auto from = deeds_.size();
  if (holds(*op.over, act, false)) block(*op.body, act);
  deeds_.around(op.rule, from);
}

void Runner::each(const Op& op, Activation& act) {
  const auto from = deeds_.size();
  Items items(tree_.arena());
  evaluate(*op.over, act, items);
  turns(op, items, act, [&] {
    if (!op.when || holds(*op.when, act, false)) block(*op.body, act);
  });
  deeds_.around(op.rule, from);
}

void Runner::element(const Op& op, Activation& act) {
  std::size_t which = 0;
  NodeId base = base_of(op.target, act, which);
  if (base == no_node) return;
  if (op.when && !holds(*op.when, act, false)) return;
  for (; base != no_node && !failed_; base = base_of(op.target, act, ++which)) elements(op, base, act);
}

void Runner::elements(const Op& op, NodeId base, Activation& act) {
  if (!op.over) return one_element(op, base, act);
  Items items(tree_.arena());
  deleted_ = no_node;
  evaluate(*op.over, act, items);
  if (items.empty() && deleted_ != no_node) return delete_later(op.target, base, deleted_);
  if (!op.target.last.list) first_of(items);
  turns(op, items, act, [&] { one_element(op, base, act); });
}

// The element, made (or, if single, continued), its rules, and back with it if nothing in it comes from the message.
void Runner::one_element(const Op& op, NodeId base, Activation& act) {
  const auto before = mark();
  const auto errors = errors_;
  const auto deletions = deletions_;
  const NodeId parent = parent_of(op.target, base);
  const auto& last = op.target.last;
  NodeId node = no_node;
  if (last.extension != nullptr) node = extension(parent, last.member, *last.extension, true);
  else if (last.list) node = out_.add(parent, op.type);
  else if (node = out_.member(parent, op.type); node == no_node) node = out_.add(parent, op.type);
  else if (tree_[node].element != op.type) return;  // another type of the choice was first
  const NodeId outer = std::exchange(act.element, node);
  block(*op.body, act);
  act.element = outer;
  rule_ = op.rule;
  const bool stands = standing_ > before.standing || (op.body->constant && tree_[node].first != no_node);
  const bool tried = op.on_error == OnError::try_next && errors_ > errors;
  if (!stands || tried) take_back(before, act);
  if (!stands && deletions_ != deletions && !last.list) delete_later(op.target, base, last_deletion_);
  deeds_.around(op.rule, before.deeds);
}

void Runner::call(const MapCall& call, const Item& item, Activation& caller, Activation& callee) {
  for (std::size_t i = 0; i < call.reads.size(); ++i)
    if (call.reads[i] != none) caller.read(call.reads[i], callee.reads[i]);
  for (const auto& argument : call.arguments) evaluate(argument.value, caller, callee.locals[argument.local]);
  for (const auto& [parameter, use] : call.tables) callee.tables[parameter] = table(use, caller);
  const auto because = because_.size();
  std::vector<NodeId> kept;
  if (because != 0) kept.swap(because_);
  block(call.map->body, callee);
  if (because != 0) kept.swap(because_);
  (void)item;
}

void Runner::include(const Op& op, Activation& act) {
  if (op.when && !holds(*op.when, act, false)) return;
  const auto from = deeds_.size();
  const auto& in = op.includes.front();
  Items items(tree_.arena());
  deleted_ = no_node;
  evaluate(in.source, act, items);
  if (items.empty() && deleted_ != no_node) note_deletion(deleted_);
  if (items.empty()) return;
  first_of(items);
  Activation callee(*in.call.map, around_, items[0], act.narrow);
  callee.element = act.element;
  callee.entry = act.entry;
  callee.current = act.current;
  call(in.call, items[0], act, callee);
  for (const auto& d : op.defaults) default_value(d, act.element, act);
  deeds_.around(op.rule, from);
}

// One resource of the Bundle, if it comes to stand.
void Runner::entry(const Op& op, Activation& act) {
  if (op.when && !holds(*op.when, act, false)) return;
  const auto before = mark();
  const auto* const ref = act.input.node();
  const Handle handle = out_.entry(op.type, tree_.arena().join({act.map.name, ".", act.map.entry_names[op.number], "@",
      std::to_string(act.current != no_node ? act.current : ref != nullptr ? ref->node : no_node)}));
  const NodeId outer = std::exchange(act.element, out_.resource(handle));
  const Handle outer_entry = std::exchange(act.entry, handle);
  if (op.body) block(*op.body, act);
  for (const auto& in : op.includes) {
    Items items(tree_.arena());
    evaluate(in.source, act, items);
    first_of(items);
    if (items.empty() || failed_) continue;
    Activation callee(*in.call.map, around_, items[0], act.narrow);
    callee.element = act.element;
    callee.entry = handle;
    callee.current = act.current;
    call(in.call, items[0], act, callee);
  }
  rule_ = op.rule;
  if (standing_ > before.standing) {
    for (const auto& d : op.defaults) default_value(d, act.element, act);
    act.made.push_back({op.number, handle});
    deeds_.around(op.rule, before.deeds);
  } else {
    take_back(before, act);
  }
  act.element = outer;
  act.entry = outer_entry;
}

void Runner::key(const Op& op, Activation& act) {
  if (act.entry == Handle::none) return;
  bool first = op.kind == Op::Kind::key;
  for (const auto& link : op.chain) {
    if (link.when && !holds(*link.when, act, false)) continue;
    bool gave = false;
    for (const auto& source : link.sources) {
      Items items(tree_.arena());
      evaluate(source.value, act, items);
      for (const Item& item : items) {
        if (key_parts(item, parts_) == 0 || parts_.front().empty()) continue;
        if (first) out_.key(act.entry, parts_);
        else out_.alias(act.entry, parts_);
        gave = true;
      }
    }
    if (gave) return deeds_.did(op.rule);
  }
}

void Runner::gives(const Op& op, Activation& act) {
  for (const auto& link : op.chain) {
    if (link.when && !holds(*link.when, act, false)) continue;
    for (const auto& source : link.sources) {
      Items items(tree_.arena());
      evaluate(source.value, act, items);
      for (const Item& item : items)
        if (const auto* const handle = std::get_if<fhirpath::Handle>(&item.held)) {
          act.given = static_cast<Handle>(handle->number);
          deeds_.did(op.rule);
          return;
        }
    }
  }
}

}  // namespace tombolo::mapping
