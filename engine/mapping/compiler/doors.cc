#include "engine/mapping/compiler/doors.h"

#include <algorithm>

namespace tombolo::mapping {

namespace {

void append(std::vector<Need>& all, const std::vector<Need>& more) { all.insert(all.end(), more.begin(), more.end()); }

// The first need of each alternative; empty if one of them needs nothing.
class Alternatives {
 public:
  void add(const Expr& e) { add(e.needs); }
  void add(const std::vector<Need>& needs) {
    if (needs.empty()) open_ = true;
    else all_.push_back(needs.front());
  }
  void add_all(const std::vector<Need>& any) {
    if (any.empty()) open_ = true;
    append(all_, any);
  }
  std::vector<Need> take() { return open_ ? std::vector<Need>() : std::move(all_); }

 private:
  std::vector<Need> all_;
  bool open_ = false;
};

Door door_of(const Op& op);

// What a block cannot do without to make something stand. What it names itself is not known before it runs.
std::vector<Need> any_of(const Block& block) {
  Alternatives alternatives;
  if (block.constant) return {};
  for (const auto& op : block.ops) {
    if (op.kind == Op::Kind::let) continue;
    const auto door = door_of(op);
    if (door.must.empty()) alternatives.add_all(door.any);
    else alternatives.add(door.must);
  }
  auto any = alternatives.take();
  const auto own = [&](const Need& need) {
    return (need.kind == Need::Kind::local || need.kind == Need::Kind::entries) && std::any_of(block.ops.begin(), block.ops.end(), [&](const Op& op) {
             return op.number == need.number && (op.kind == Op::Kind::let || op.kind == Op::Kind::entry);
           });
  };
  if (std::any_of(any.begin(), any.end(), own)) any.clear();
  return any;
}

void add_chain(const Op& op, Door& door) {
  Alternatives alternatives;
  for (const auto& link : op.chain)
    for (const auto& source : link.sources) alternatives.add(source.value);
  door.any = alternatives.take();
  if (op.chain.size() == 1 && op.chain.front().when) append(door.must, op.chain.front().when->needs);
}

Door door_of(const Op& op) {
  Door door;
  if (op.when) append(door.must, op.when->needs);
  Alternatives alternatives;
  switch (op.kind) {
    case Op::Kind::rule:
    case Op::Kind::key:
    case Op::Kind::alias: add_chain(op, door); break;
    case Op::Kind::element:
    case Op::Kind::each:
      if (op.over) append(door.must, op.over->needs);
      else door.any = any_of(*op.body);
      if (op.kind == Op::Kind::each && op.when) door.must = op.over->needs;  // asked per item, about the item
      break;
    case Op::Kind::condition:
      append(door.must, op.over->needs);
      door.any = any_of(*op.body);
      break;
    case Op::Kind::include: append(door.must, op.includes.front().source.needs); break;
    case Op::Kind::entry:
      if (op.body) {
        door.any = any_of(*op.body);
      } else {
        for (const auto& in : op.includes) alternatives.add(in.source);
        door.any = alternatives.take();
      }
      break;
    case Op::Kind::let:
    case Op::Kind::gives: break;
  }
  return door;
}

// Puts what bits can say into them, the rest behind `all`; how much that is.
std::uint16_t sort(const std::vector<Need>& needs, Valued& input, Valued& focus, std::vector<Need>& all) {
  const auto before = all.size();
  for (const auto& need : needs) {
    const bool field = need.kind == Need::Kind::input && need.component == 0 && need.field < most_valued;
    const bool component = need.kind == Need::Kind::focus && need.component < most_valued;
    if (field) input |= Valued{1} << need.field;
    else if (component) focus |= Valued{1} << need.component;
    else all.push_back(need);
  }
  return static_cast<std::uint16_t>(all.size() - before);
}

void hang(Block& block) {
  for (auto& op : block.ops) {
    const auto door = door_of(op);
    auto& lintel = block.doors.emplace_back();
    lintel.begin = static_cast<std::uint32_t>(block.needs.size());
    lintel.must = sort(door.must, lintel.must_input, lintel.must_focus, block.needs);
    lintel.any = sort(door.any, lintel.any_input, lintel.any_focus, block.needs);
    if (op.body) hang(*op.body);
  }
}

}  // namespace

void hang_doors(CompiledMap& map) { hang(map.body); }

}  // namespace tombolo::mapping
