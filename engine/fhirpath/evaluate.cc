#include "engine/fhirpath/evaluate.h"

#include <algorithm>

#include "engine/fhirpath/code.h"

namespace tombolo::fhirpath {
namespace {

using Code = Program::Code;

// What $this, $index and $total are at a place of the program.
struct Focus {
  const Items& items;
  std::int64_t index = 0;
  const Items* total = nullptr;
};

class Evaluation {
 public:
  Evaluation(const Code& code, Run& run) : code_(code), run_(run), types_(run.frame.types()), locals_(code.locals, Items(run.arena)) {}

  bool eval(OpId id, const Focus& focus, Items& out) {
    if (run_.steps_left == 0) return fail(code_.ops[id], Kind::too_large, "the expression takes too many steps");
    --run_.steps_left;
    const Op& op = code_.ops[id];
    switch (op.what) {
      case Do::nothing: return true;
      case Do::constant: return out.add(op.constant), true;
      case Do::constants:
        for (std::uint32_t i = op.begin; i < op.begin + op.count; ++i) out.add(code_.constants[i]);
        return true;
      case Do::path: return path(op, focus, out);
      case Do::position: return out.add(Item{focus.index, {}}), true;
      case Do::total:
        if (focus.total != nullptr) out.append(*focus.total);
        return true;
      case Do::call: return apart(out, [&](Items& own) { return call(op, focus, own); });
      case Do::unary: return unary(op, focus, out);
      case Do::binary: return apart(out, [&](Items& own) { return binary(op, focus, own); });
      case Do::index: return index(op, focus, out);
      case Do::is_type:
      case Do::as_type: return type(op, focus, out);
      case Do::define: return define(op, focus, out);
      case Do::local: return out.append(locals_[op.slot]), true;
    }
    return true;
  }

  // The truth of an operation; false: failed.
  bool truth(OpId id, const Focus& focus, Tri& out) {
    const Op& op = code_.ops[id];
    if (op.what == Do::binary && op.op >= Operator::logical_and) {
      Tri a = Tri::unknown, b = Tri::unknown;
      if (!truth(op.first, focus, a) || !single_truth(op, a)) return false;
      if (decides(op.op, a)) return out = op.op == Operator::logical_and ? Tri::no : Tri::yes, true;
      if (!truth(op.second, focus, b) || !single_truth(op, b)) return false;
      return out = combined(op.op, a, b), true;
    }
    if (op.what == Do::unary && op.op == Operator::logical_not) {
      if (!truth(op.first, focus, out)) return false;
      return out = out == Tri::yes ? Tri::no : Tri::yes, true;
    }
    if (op.what == Do::binary && (op.op == Operator::equal || op.op == Operator::in) && is_constant(op.second)) return compared(op, focus, out);
    Items items(run_.arena);
    if (!eval(id, focus, items)) return false;
    return out = tri(items, types_, code_.dialect), true;
  }

  bool fail(const Op& at, Kind kind, std::string what) {
    if (fault_) return false;
    run_.failed_at = at.offset;
    fault_ = Fault{kind, {}, std::move(what)};
    return false;
  }
  bool failed() const { return fault_.has_value(); }
  const Fault& fault() const { return *fault_; }

 private:
  // Functions and operators look at what they gave so far (distinct, |): that must be theirs alone.
  template <class Work>
  bool apart(Items& out, const Work& work) {
    if (out.empty()) return work(out);
    Items own(run_.arena);
    if (!work(own)) return false;
    out.append(own);
    return true;
  }

  bool path(const Op& op, const Focus& focus, Items& out) {
    if (op.from == From::focus) {
      for (const Item& item : focus.items) walk(op, item, out);
      return true;
    }
    Items start(run_.arena);
    if (op.from == From::op) {
      if (!eval(op.first, focus, start)) return false;
    } else {
      run_.frame.read(op.slot, start);
    }
    if (op.nth != 0) {
      if (op.nth <= start.size()) walk(op, start[op.nth - 1], out);
      return true;
    }
    for (const Item& item : start) walk(op, item, out);
    return true;
  }

  void walk(const Op& op, const Item& item, Items& out) {
    if (const NodeRef* const ref = item.node()) {
      const TypeId type = op.count == 0 && op.type == unknown_type ? ref->type : op.type;
      return walk_node(op, *ref->tree, ref->node, type, 0, out);
    }
    if (op.count == 0) return out.add(item);
    if (const auto* const name = std::get_if<TypeName>(&item.held); name != nullptr && op.count == 1) {
      const std::string_view wanted = code_.steps[op.begin].name;
      if (wanted == "namespace" || wanted == "name") out.add(Item{wanted == "name" ? name->name : name->model, {}});
    }
  }

  void walk_node(const Op& op, const Tree& tree, NodeId node, TypeId type, std::uint32_t done, Items& out) {
    if (done == op.count) return arrive(op, tree, node, type, out);
    const Step& step = code_.steps[op.begin + done];
    const Node& here = tree[node];
    if (step.own && here.first == no_node) return walk_node(op, tree, node, type, done + 1, out);
    if (step.or_type && is_own_type(tree, node, step.name)) return walk_node(op, tree, node, type, done + 1, out);
    std::uint16_t nth = 0;
    for (NodeId child = here.first; child != no_node; child = tree[child].next) {
      if (tree[child].name() != step.name) continue;
      if (step.nth != 0 && ++nth != step.nth) continue;
      walk_node(op, tree, child, type, done + 1, out);
      if (step.nth != 0) return;
    }
  }

  void arrive(const Op& op, const Tree& tree, NodeId node, TypeId type, Items& out) {
    const Presence found = presence(tree, node);
    if (found == Presence::absent) return;
    if (run_.reads != nullptr) run_.reads->push_back(node);
    if (found == Presence::deleted) {
      if (run_.deleted == no_node) run_.deleted = node;
      if (!op.keep_deleted) return;
    }
    if (run_.steps_left > 0) --run_.steps_left;
    out.add(tree, node, type);
  }

  bool is_own_type(const Tree& tree, NodeId node, std::string_view wanted) const {
    const TypeId type = types_.type_of_node(tree, node);
    if (type == unknown_type) return false;
    if (types_.name(type) == wanted) return true;
    const auto named = types_.find({}, wanted);
    return named && types_.is(type, *named);
  }

  bool index(const Op& op, const Focus& focus, Items& out) {
    Items items(run_.arena);
    Items number(run_.arena);
    if (!eval(op.first, focus, items) || !eval(op.second, focus, number)) return false;
    if (number.empty()) return true;
    const Item value = value_of(number[0], types_);
    const auto* const n = std::get_if<std::int64_t>(&value.held);
    if (n == nullptr || number.size() > 1) return fail(op, Kind::refused, "an index is one integer");
    if (*n >= 0 && static_cast<std::size_t>(*n) < items.size()) out.add(items[static_cast<std::size_t>(*n)]);
    return true;
  }

  // Where one item is due more are a fault, or (map dialect) the first is taken.
  bool one(const Op& op, Items& items, std::string_view who) {
    if (items.size() <= 1) return true;
    if (code_.dialect == Dialect::standard) return fail(op, Kind::refused, std::string(who) + " one item, found " + std::to_string(items.size()));
    items.resize(1);
    return run_.took_first = true;
  }

  bool type(const Op& op, const Focus& focus, Items& out) {
    Items items(run_.arena);
    if (!eval(op.first, focus, items)) return false;
    if (items.empty()) return true;
    if (!one(op, items, "'is' and 'as' take")) return false;
    const bool cast = op.what == Do::as_type;
    const bool matches = is_of(items[0], op.specifier, types_, cast);
    if (!cast) out.add(Item{matches, sources_of({&items}, run_.arena)});
    else if (matches) out.add(items[0]);
    return true;
  }

  bool define(const Op& op, const Focus& focus, Items& out) {
    Items input(run_.arena), value(run_.arena);
    if (!eval(op.first, focus, input)) return false;
    if (op.second != no_op && !eval(op.second, Focus{input, focus.index, focus.total}, value)) return false;
    locals_[op.slot] = op.second == no_op ? input : value;
    out.append(input);
    return true;
  }

  bool unary(const Op& op, const Focus& focus, Items& out) {
    Items items(run_.arena);
    if (!eval(op.first, focus, items)) return false;
    if (op.op == Operator::logical_not) {
      const bool truth = tri(items, types_, code_.dialect) == Tri::yes;
      out.add(Item{!truth, sources_of({&items}, run_.arena)});
      return true;
    }
    if (items.empty()) return true;
    if (!one(op, items, "a sign takes")) return false;
    Item value = value_of(items[0], types_);
    value.from = sources_of({&items}, run_.arena);
    const bool minus = op.op == Operator::minus;
    if (auto* n = std::get_if<std::int64_t>(&value.held)) {
      if (minus && *n == INT64_MIN) return true;
      if (minus) *n = -*n;
    } else if (auto* d = std::get_if<Decimal>(&value.held)) {
      if (minus) *d = negate(*d);
    } else if (auto* q = std::get_if<Quantity>(&value.held)) {
      if (minus) q->value = negate(q->value);
    } else {
      return fail(op, Kind::refused, "a sign stands before a number");
    }
    out.add(value);
    return true;
  }

  bool binary(const Op& op, const Focus& focus, Items& out) {
    Items left(run_.arena);
    if (!eval(op.first, focus, left)) return false;
    if (op.op >= Operator::logical_and) return logical(op, left, focus, out);
    Items right(run_.arena);
    if (!eval(op.second, focus, right)) return false;
    if (code_.dialect == Dialect::map) take_first(op.op, left, right);
    std::string why;
    if (apply(op.op, {left, right, types_, code_.dialect, run_.arena}, out, why)) return true;
    return fail(op, Kind::refused, std::move(why));
  }

  // A field that may not repeat but does: used as one it is its first.
  void take_first(Operator op, Items& left, Items& right) {
    if (op == Operator::unite || op == Operator::equivalent || op == Operator::not_equivalent) return;
    for (Items* side : {&left, &right}) {
      const bool list = (op == Operator::in && side == &right) || (op == Operator::contains && side == &left);
      if (list || side->size() <= 1) continue;
      side->resize(1);
      run_.took_first = true;
    }
  }

  bool is_constant(OpId id) const { return code_.ops[id].what == Do::constant || code_.ops[id].what == Do::constants; }

  // A leaf against a literal text, or one of several, as OBX-2 = 'NM': compared as texts. Everything else goes the long way.
  bool compared(const Op& op, const Focus& focus, Tri& out) {
    Items left(run_.arena);
    if (!eval(op.first, focus, left)) return false;
    const NodeRef* const ref = left.size() == 1 ? left[0].node() : nullptr;
    const bool leaf = ref != nullptr && (*ref->tree)[ref->node].holds == Holds::text;
    const auto literals = leaf ? constants_of(op.second) : std::span<const Item>();
    const auto is_text = [](const Item& item) { return std::holds_alternative<std::string_view>(item.held); };
    if (!literals.empty() && std::all_of(literals.begin(), literals.end(), is_text)) {
      const auto text = (*ref->tree)[ref->node].value();
      const bool met = std::any_of(literals.begin(), literals.end(), [&](const Item& item) { return std::get<std::string_view>(item.held) == text; });
      return out = met ? Tri::yes : Tri::no, true;
    }
    Items right(run_.arena), result(run_.arena);
    if (!eval(op.second, focus, right)) return false;
    if (code_.dialect == Dialect::map) take_first(op.op, left, right);
    std::string why;
    if (!apply(op.op, {left, right, types_, code_.dialect, run_.arena}, result, why)) return fail(op, Kind::refused, std::move(why));
    return out = tri(result, types_, code_.dialect), true;
  }

  std::span<const Item> constants_of(OpId id) const {
    const Op& op = code_.ops[id];
    return op.what == Do::constant ? std::span(&op.constant, 1) : std::span(code_.constants).subspan(op.begin, op.count);
  }

  bool single_truth(const Op& op, Tri truth) { return truth != Tri::many || fail(op, Kind::refused, "a condition takes one item, found several"); }

  bool condition(const Op& op, const Items& items, Tri& out) {
    out = tri(items, types_, code_.dialect);
    return out != Tri::many || fail(op, Kind::refused, "a condition takes one item, found " + std::to_string(items.size()));
  }

  static bool decides(Operator op, Tri left) {
    return (op == Operator::logical_and && left == Tri::no) || (op == Operator::logical_or && left == Tri::yes) || (op == Operator::implies && left == Tri::no);
  }

  // The right side is not read where the left decides.
  bool logical(const Op& op, const Items& left, const Focus& focus, Items& out) {
    Tri a = Tri::unknown;
    if (!condition(op, left, a)) return false;
    if (decides(op.op, a)) return out.add(Item{op.op != Operator::logical_and, sources_of({&left}, run_.arena)}), true;
    Items right(run_.arena);
    Tri b = Tri::unknown;
    if (!eval(op.second, focus, right) || !condition(op, right, b)) return false;
    const Tri result = combined(op.op, a, b);
    if (result != Tri::unknown) out.add(Item{result == Tri::yes, sources_of({&left, &right}, run_.arena)});
    return true;
  }

  static Tri combined(Operator op, Tri a, Tri b) {
    const auto both = [](bool truth) { return truth ? Tri::yes : Tri::no; };
    switch (op) {
      case Operator::logical_and: return b == Tri::no ? Tri::no : a == Tri::unknown ? Tri::unknown : b;
      case Operator::logical_or: return b == Tri::yes ? Tri::yes : a == Tri::unknown ? Tri::unknown : b;
      case Operator::implies: return b == Tri::yes ? Tri::yes : a == Tri::unknown ? Tri::unknown : b;
      default: return a == Tri::unknown || b == Tri::unknown ? Tri::unknown : both(a != b);
    }
  }

  bool call(const Op& op, const Focus& focus, Items& out);

  const Code& code_;
  Run& run_;
  const Types& types_;
  std::vector<Items> locals_;  // of defineVariable()
  std::optional<Fault> fault_;

  friend class Calling;
};

// One call of a function, while it runs.
class Calling final : public Call {
 public:
  Calling(Evaluation& evaluation, const Op& op, const Focus& focus, const Items& input)
      : evaluation_(evaluation), op_(op), focus_(focus), input_(input) {}

  Run& run() override { return evaluation_.run_; }
  Dialect dialect() const override { return evaluation_.code_.dialect; }
  const Items& input() const override { return input_; }
  std::size_t count() const override { return op_.count; }
  std::int64_t index() const override { return focus_.index; }
  bool argument(std::size_t i, Items& out) override { return evaluation_.eval(at(i).op, focus_, out); }
  bool on(std::size_t i, const Items& focus, std::int64_t index, Items& out, const Items* total) override {
    return evaluation_.eval(at(i).op, Focus{focus, index, total != nullptr ? total : focus_.total}, out);
  }
  std::string_view name(std::size_t i) const override { return at(i).name; }
  bool is_type(const Item& item, std::size_t i, bool exact) const override {
    return is_of(item, at(i).specifier, evaluation_.types_, exact);
  }
  const void* kept() const override { return op_.kept.get(); }
  bool fail(std::string what) override {
    return evaluation_.fail(op_, Kind::refused, std::string(op_.function->name) + "(): " + std::move(what));
  }

 private:
  const Argument& at(std::size_t i) const { return evaluation_.code_.arguments[op_.begin + i]; }

  Evaluation& evaluation_;
  const Op& op_;
  const Focus& focus_;
  const Items& input_;
};

bool Evaluation::call(const Op& op, const Focus& focus, Items& out) {
  if (op.first == no_op) {
    Calling calling(*this, op, focus, focus.items);
    return op.function->work(calling, out);
  }
  Items input(run_.arena);
  if (!eval(op.first, focus, input)) return false;
  Calling calling(*this, op, focus, input);
  return op.function->work(calling, out);
}

}  // namespace

Presence presence(const Tree& tree, NodeId id) {
  const Node& node = tree[id];
  if (node.holds == Holds::text) return Presence::here;
  if (node.holds == Holds::deleted) return Presence::deleted;
  if (node.first == no_node) return Presence::absent;
  for (NodeId child = node.first; child != no_node; child = tree[child].next) {
    if (tree[child].holds != Holds::deleted) return Presence::here;
  }
  return Presence::deleted;
}

Result<void> evaluate(const Program& program, Run& run, const Items& focus, Items& out) {
  const Code* const code = program.code();
  if (code == nullptr || code->root == no_op) return {};
  Evaluation evaluation(*code, run);
  if (!evaluation.eval(code->root, Focus{focus}, out) || evaluation.failed()) return evaluation.fault();
  return {};
}

Result<bool> holds(const Program& program, Run& run, const Items& focus) {
  const Code* const code = program.code();
  if (code == nullptr || code->root == no_op) return false;
  Evaluation evaluation(*code, run);
  Tri truth = Tri::unknown;
  if (!evaluation.truth(code->root, Focus{focus}, truth)) return evaluation.fault();
  return truth == Tri::yes;
}

}  // namespace tombolo::fhirpath
