#include "engine/mapping/to_v2/run.h"

#include <algorithm>

#include "engine/canonical/view.h"
#include "engine/formats/hl7v2/address.h"

namespace tombolo::mapping::to_v2 {

namespace {

constexpr std::size_t most_findings = 1000;

}  // namespace

// ── the frame ──

Activation::Activation(Runner& runner_, const V2Map& map_, const fhirpath::Item& input_, NodeId node_)
    : runner(runner_), map(map_), input(input_), focus(runner_.tree_.arena()), locals(map_.locals, fhirpath::Items(runner_.tree_.arena())),
      tables(map_.tables, nullptr), node(node_) {
  focus.add(input);
}

const fhirpath::Types& Activation::types() const { return runner.types_; }
fhirpath::Moment Activation::now() const { return fhirpath::moment(runner.inputs_.received); }

void Activation::read(std::uint32_t slot, fhirpath::Items& out) const {
  const auto& seen = map.slots[slot];
  using K = Seen::Kind;
  switch (seen.kind) {
    case K::input: return out.add(input);
    case K::local: return out.append(locals[seen.number]);
    case K::index: return out.add({index, {}});
    case K::position: return out.add({runner.position(node), {}});
    case K::received:
      if (runner.inputs_.received != Time{}) out.add({now(), {}});  // nobody said when
      return;
    case K::version: return out.add({runner.facts_.version, {}});
    case K::event: return out.add({runner.tree_.arena().copy(runner.facts_.event), {}});
    case K::message:
      if (!runner.inputs_.message.empty()) out.add({runner.tree_.arena().copy(runner.inputs_.message), {}});
      return;
  }
}

void Activation::resolve(const fhirpath::Item& reference, fhirpath::Items& out) const {
  if (const NodeId target = runner.target_of(reference); target != no_node) out.add(runner.source_, target);
}

// ── the run ──

Runner::Runner(const SourceTypes& types, const V2Dictionary& dictionary, const FhirSchema& schema, const Tree& source, const RunInputs& inputs,
               const RunFacts& facts, Tree& out, RunReport& report)
    : types_(types), dictionary_(dictionary), schema_(schema), source_(source), inputs_(inputs), facts_(facts), tree_(out), report_(report), deeds_(inputs.watch) {
  if (inputs.watch) report_.read.resize(source.size()), report_.decided.resize(source.size());
  index_entries();
}

// A resource is found by its fullUrl and by type and id. A fullUrl says which resource this is, and nothing about anybody.
void Runner::index_entries() {
  for (const NodeId entry : children(source_, source_.root())) {
    const NodeId resource = source_[entry].name() == "entry" ? source_.child(entry, "resource") : no_node;
    if (resource == no_node) continue;
    if (const NodeId url = source_.child(entry, "fullUrl"); url != no_node) {
      entries_.emplace(source_[url].value(), resource);
      mark(url);
    }
    const NodeId id = source_.child(resource, "id");
    if (id != no_node) entries_.emplace(std::string(schema_[source_[resource].element].name) + "/" + std::string(source_[id].value()), resource);
  }
}

// The resource that a Reference, or a text, leads to: of this Bundle, or contained.
NodeId Runner::target_of(const fhirpath::Item& reference) {
  const auto* const ref = reference.node();
  if (ref == nullptr || ref->tree != &source_) return no_node;
  const NodeId inside = source_.child(ref->node, "reference");
  const NodeId leaf = inside == no_node ? ref->node : inside;
  const auto url = source_[leaf].value();
  if (url.empty()) return no_node;
  mark(leaf);
  NodeId found = no_node;
  if (url.starts_with('#')) {
    const NodeId holder = resource_of(source_, schema_, leaf);
    for (NodeId at = holder; at != no_node && found == no_node; at = source_[at].parent)
      for (const NodeId child : children(source_, at))
        if (source_[child].name() == "contained" && source_[source_.child(child, "id")].value() == url.substr(1)) found = child;
  } else if (const auto known = entries_.find(std::string(url)); known != entries_.end()) {
    found = known->second;
  } else if (const auto slash = url.rfind('/'); slash != url.npos && slash > 0) {  // an absolute address of a resource that has this id here
    const auto before = url.rfind('/', slash - 1);
    const auto end = before == url.npos ? entries_.end() : entries_.find(std::string(url.substr(before + 1)));
    if (end != entries_.end()) found = end->second;
  }
  if (found != no_node) {
    mark(source_.child(found, "id"));
  } else if (std::find(dangling_.begin(), dangling_.end(), leaf) == dangling_.end()) {
    dangling_.push_back(leaf);
    finding(Kind::missing, leaf, {}, "the Bundle has no resource that this refers to");
  }
  return found;
}

Result<void> Runner::run(const V2Map& map) {
  structure_ = map.structure;
  tree_[tree_.root()].element = map.structure->items[0].element;
  Activation act(*this, map, Item{fhirpath::NodeRef{&source_, source_.root(), map.input}, {}}, tree_.root());
  block(map.body, act);
  if (failed_) return *failed_;
  prune(tree_.root());
  if (inputs_.watch) report_.fired = deeds_.fired(tree_);
  report_.values = standing_;
  return {};
}

void Runner::block(const std::vector<Op>& ops, Activation& act) {
  for (const auto& each : ops) {
    if (failed_) return;
    op(each, act);
  }
}

void Runner::op(const Op& op, Activation& act) {
  const auto begin = deeds_.size();
  rule_ = op.rule;
  switch (op.kind) {
    case Op::Kind::rule: return rule(op, act);
    case Op::Kind::block: build(op, act); break;
    case Op::Kind::each: each(op, act); break;
    case Op::Kind::condition:
      if (holds(op.over, act)) block(op.body, act);
      break;
    case Op::Kind::include: {
      Items items(tree_.arena());
      if (!holds(op.when, act)) break;
      evaluate(*op.over, act, items);
      if (!items.empty()) call(*op.call, items[0], act.node, act);
      break;
    }
    case Op::Kind::let:
      act.locals[op.number].clear();
      evaluate(*op.over, act, act.locals[op.number]);
      if (!act.locals[op.number].empty()) deeds_.did(op.rule);
      return;
  }
  deeds_.around(op.rule, begin);
}

void Runner::each(const Op& op, Activation& act) {
  Items items(tree_.arena());
  evaluate(*op.over, act, items);
  const auto focus = act.focus;
  const auto index = act.index;
  std::int64_t turn = 0;
  for (const auto& item : items) {
    if (failed_) break;
    act.focus.clear();
    act.focus.add(item);
    act.index = turn++;
    if (holds(op.when, act)) block(op.body, act);
  }
  act.focus = focus;
  act.index = index;
}

// T { … }, T each E { … }: a new one of a list, the only one of what stands once.
void Runner::build(const Op& op, Activation& act) {
  if (!holds(op.when, act)) return;
  Items items(tree_.arena());
  if (op.over) evaluate(*op.over, act, items);
  const auto focus = act.focus;
  const auto index = act.index;
  const NodeId outer = act.node;
  std::size_t turns = op.over ? items.size() : 1;
  if (op.over && !op.goal.list && turns > 1) {
    finding(Kind::conflict, items[1].sources().empty() ? no_node : items[1].sources()[0], op.goal.name, "one is used of " + std::to_string(turns));
    turns = 1;
  }
  for (std::size_t turn = 0; turn < turns && !failed_; ++turn) {
    if (op.over) {
      act.focus.clear();
      act.focus.add(items[turn]);
      act.index = static_cast<std::int64_t>(turn);
    }
    const auto standing = standing_;
    const auto deeds = deeds_.size();
    const auto opened = open(op.goal, outer);
    act.node = opened.node;
    block(op.body, act);
    const bool required = op.goal.type == nullptr && !op.goal.list;  // prune() knows whether constants are enough there
    if (opened.fresh != no_node && (standing_ == standing && !(required && holds_value(opened.node)))) {
      tree_.remove(opened.fresh);
      deeds_.take_back(deeds);
    }
  }
  act.node = outer;
  act.focus = focus;
  act.index = index;
}

// A map at work on `item`, building in `node`.
void Runner::call(const Call& call, const Item& item, NodeId node, Activation& caller) {
  Activation callee(*this, *call.map, item, node);
  callee.index = caller.index;
  for (const auto& [local, value] : call.arguments) evaluate(value, caller, callee.locals[local]);
  for (const auto& [number, use] : call.tables) callee.tables[number] = use.parameter != none ? caller.tables[use.parameter] : use.table;
  const auto rule = rule_;
  const auto deleted = deleted_;
  const auto missed = missed_;
  const auto because = because_;
  block(call.map->body, callee);
  rule_ = rule;
  deleted_ = deleted;
  missed_ = missed;
  because_ = because;
}

bool Runner::evaluate(const Expr& e, Activation& act, Items& out) {
  reads_.clear();
  fhirpath::Run run{act, tree_.arena(), &reads_};
  const auto done = fhirpath::evaluate(e.program, run, act.focus, out);
  if (deleted_ == no_node) deleted_ = run.deleted;
  for (const NodeId node : reads_) mark(node);
  if (run.took_first) finding(Kind::conflict, reads_.empty() ? no_node : reads_.back(), {}, "one value is used of several");
  if (done) return true;
  finding(done.error().kind, reads_.empty() ? no_node : reads_.front(), {}, done.error().what);
  out.clear();
  return false;
}

// A condition; without one it holds. because: what it reads is kept for the lineage of the values it lets pass.
bool Runner::holds(const std::optional<Expr>& e, Activation& act, bool because) {
  if (!e) return true;
  Items items(tree_.arena());
  const NodeId deleted = deleted_;
  const bool done = evaluate(*e, act, items);
  deleted_ = deleted;
  if (because) because_.insert(because_.end(), reads_.begin(), reads_.end());
  if (inputs_.watch)
    for (const NodeId node : reads_) report_.decided[node] = true;
  return done && fhirpath::truth(items, types_);
}

void Runner::mark(NodeId node) {
  if (inputs_.watch && node != no_node && node < report_.read.size()) report_.read[node] = true;
}

void Runner::mark_all(NodeId node) {
  mark(node);
  for (const NodeId child : children(source_, node)) mark_all(child);
}

void Runner::finding(Kind kind, NodeId source, std::string path, std::string text) {
  if (report_.lines.size() < most_findings) report_.lines.push_back({kind, rule_ + 1, source, std::move(path), std::move(text)});
}

}  // namespace tombolo::mapping::to_v2
