#include "engine/formats/hl7v2/patch.h"

#include <algorithm>
#include <tuple>

#include "engine/base/letters.h"
#include "engine/formats/hl7v2/grammar.h"

namespace tombolo::hl7v2 {
namespace {

bool is_segment(const Tree& tree, NodeId id) {
  const Node& node = tree[id];
  if (node.flags != 0) return node.flags == static_cast<std::uint8_t>(Part::segment) || is_put(node);
  return node.first == no_node || (!tree[node.first].name().empty() && is_digit(tree[node.first].name().front()));
}

std::span<const Numbered> those_of(const std::vector<Numbered>& list, int n) {
  const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
  const auto [begin, end] = std::equal_range(list.begin(), list.end(), Numbered{n, NodeId{0}}, less);
  return {begin, end};
}

// What delimiters of this level cut the leaves into.
std::vector<std::span<const Leaf>> cut(std::span<const Leaf> leaves, Level level) {
  std::vector<std::span<const Leaf>> out;
  std::size_t begin = 0;
  for (std::size_t i = 1; i <= leaves.size(); ++i) {
    if (i < leaves.size() && leaves[i].level() < level) continue;
    out.push_back(leaves.subspan(begin, i - begin));
    begin = i;
  }
  return out;
}

// Component or sub-component `n` of a node; a value without components is its own first one.
NodeId part_of(const Tree& tree, NodeId node, int n) {
  if (node == no_node) return no_node;
  if (tree[node].first == no_node) return n == 1 ? node : no_node;
  return tree.child(node, std::to_string(n));
}

bool numbers_are_unique(const std::vector<Numbered>& list) {
  return std::adjacent_find(list.begin(), list.end(), [](const auto& a, const auto& b) { return a.first == b.first; }) == list.end();
}

}  // namespace

bool is_put(const Node& segment) {
  return segment.flags == static_cast<std::uint8_t>(Put::behind) || segment.flags == static_cast<std::uint8_t>(Put::in_front);
}

bool any_put(const Tree& tree) {
  std::vector<NodeId> list;
  collect_segments(tree, tree.root(), list);
  return std::any_of(list.begin(), list.end(), [&](NodeId id) { return is_put(tree[id]); });
}

void collect_segments(const Tree& tree, NodeId from, std::vector<NodeId>& out) {
  for (const NodeId child : children(tree, from)) {
    if (is_segment(tree, child)) out.push_back(child);
    else collect_segments(tree, child, out);
  }
}

bool same_content(const Tree& one, NodeId a, const Tree& other, NodeId b) {
  const Node &x = one[a], &y = other[b];
  if (x.holds != y.holds || (x.holds == Holds::text && x.value() != y.value())) return false;
  NodeId p = x.first, q = y.first;
  for (; p != no_node && q != no_node; p = one[p].next, q = other[q].next) {
    if (one[p].name() != other[q].name() || !same_content(one, p, other, q)) return false;
  }
  return p == q;  // both no_node
}

Patch::Patch(const Tree& tree, std::string_view base, const Tree& received, const Message& index, std::string_view charset)
    : tree_(tree), base_(base), received_(received), index_(index), d_(index.delimiters()), writer_(tree, d_, charset, base) {
  collect_segments(received, received.root(), originals_);
  const auto by_begin = [&](NodeId a, NodeId b) { return received[a].begin < received[b].begin; };
  std::stable_sort(originals_.begin(), originals_.end(), by_begin);
}

Result<std::string> Patch::print() {
  out_ = base_.substr(0, index_.segments()[0].begin);
  for (const NodeId id : in_order()) {
    end_line();
    const auto original = original_of(id);
    if (original && same_content(tree_, id, received_, originals_[*original])) {
      const Node& node = received_[originals_[*original]];
      (out_ += base_.substr(node.begin, node.length)) += is_put(tree_[id]) ? line_end() : line_end_of(*original);
      continue;
    }
    const auto done = original ? changed(id, *original) : fresh(id);
    if (!done) return done.error();
  }
  return std::move(out_);
}

// Segments that were read stand where they stood, those that were put next to their neighbours in the tree.
std::vector<NodeId> Patch::in_order() const {
  std::vector<NodeId> list;
  collect_segments(tree_, tree_.root(), list);
  std::vector<std::tuple<std::uint32_t, bool, NodeId>> keyed;  // begin, not in front of it, segment
  const auto stands = [&](NodeId id) { return tree_[id].length > 0 && !is_put(tree_[id]); };
  auto next = list.begin();  // that stands
  for (auto at = list.begin(); at != list.end(); ++at) {
    const Node& node = tree_[*at];
    if (next <= at) next = std::find_if(at, list.end(), stands);
    if (next == at) keyed.emplace_back(node.begin, true, *at);
    else if (node.flags == static_cast<std::uint8_t>(Put::in_front) && next != list.end()) keyed.emplace_back(tree_[*next].begin, false, *at);
    else keyed.emplace_back(keyed.empty() ? 0 : std::get<0>(keyed.back()), keyed.empty() || std::get<1>(keyed.back()), *at);
  }
  std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) {
    return std::tie(std::get<0>(a), std::get<1>(a)) < std::tie(std::get<0>(b), std::get<1>(b));
  });
  std::transform(keyed.begin(), keyed.end(), list.begin(), [](const auto& each) { return std::get<2>(each); });
  return list;
}

std::optional<std::size_t> Patch::original_of(NodeId id) const {
  const auto found = std::lower_bound(originals_.begin(), originals_.end(), tree_[id].begin,
                                      [&](NodeId a, std::uint32_t begin) { return received_[a].begin < begin; });
  if (tree_[id].length == 0 || found == originals_.end() || received_[*found].begin != tree_[id].begin ||
      received_[*found].name() != tree_[id].name()) {
    return {};
  }
  return static_cast<std::size_t>(found - originals_.begin());
}

std::string_view Patch::line_end_of(std::size_t original) const {
  const Node& node = received_[originals_[original]];
  const std::size_t end = node.begin + node.length;
  const std::size_t next = original + 1 < originals_.size() ? received_[originals_[original + 1]].begin : base_.size();
  return base_.substr(end, next - end);
}

std::string_view Patch::line_end() const {
  const std::string_view first = originals_.size() > 1 ? line_end_of(0) : std::string_view{};
  return first.starts_with("\r\n") ? "\r\n" : first.starts_with("\n") ? "\n" : "\r";
}

void Patch::end_line() {
  if (!out_.empty() && out_.back() != '\r' && out_.back() != '\n' && out_.size() > index_.segments()[0].begin) out_ += line_end();
}

Result<void> Patch::fresh(NodeId id) {
  if (const auto done = writer_.segment(out_, id); !done) return done;
  out_ += line_end();
  return {};
}

Result<void> Patch::changed(NodeId id, std::size_t original) {
  const auto now = numbered(tree_, id);
  if (!now) return now.error();
  const auto before = numbered(received_, originals_[original]);
  const Segment& segment = index_.segments()[original];
  const bool is_first = &segment == &index_.segments()[0];
  const int last = std::max(static_cast<int>(segment.count), now->empty() ? 0 : now->back().first);
  out_ += index_.name(segment);
  for (int n = 1; n <= last; ++n) {
    if (!is_first || n > 2) out_ += d_.field;  // MSH-1 is the separator, MSH-2 stands directly behind it
    if (is_first && n <= 2) out_ += index_.raw(segment, static_cast<std::uint32_t>(n));
    else if (const auto done = field(index_.field(segment, static_cast<std::uint32_t>(n)), those_of(*now, n), those_of(*before, n)); !done) return done;
  }
  out_ += is_put(tree_[id]) ? line_end() : line_end_of(original);
  return {};
}

// Repetitions that were received are found again by where they begin. Empty ones stay between them, but none that was not in
// front comes to the front.
Result<void> Patch::field(std::span<const Leaf> leaves, std::span<const Numbered> mine, std::span<const Numbered> theirs) {
  const bool kept = std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(),
                               [&](const auto& a, const auto& b) { return same_content(tree_, a.second, received_, b.second); });
  if (kept) return raw(leaves), Result<void>{};
  const auto runs = cut(leaves, Level::repetition);
  const auto at = [](const Tree& tree, std::span<const Numbered> list, std::uint32_t begin) {
    const auto found = std::find_if(list.begin(), list.end(), [&](const auto& each) { return tree[each.second].length > 0 && tree[each.second].begin == begin; });
    return found == list.end() ? no_node : found->second;
  };
  if (runs.size() == 1 && mine.size() == 1) return part(mine[0].second, at(received_, theirs, runs[0][0].begin), runs[0], Level::component);

  std::size_t next = 0;  // run
  bool any = false, passed = false;
  const auto empty_ones_until = [&](std::size_t end) {
    for (; next < end; ++next) {
      const bool valued = at(received_, theirs, runs[next][0].begin) != no_node;
      passed = passed || valued;
      if (valued || (passed && !any)) continue;
      if (std::exchange(any, true)) out_ += d_.repetition;
      raw(runs[next]);
    }
  };
  const bool some_stay = std::any_of(runs.begin(), runs.end(), [&](const auto& run) { return at(tree_, mine, run[0].begin) != no_node; });
  for (const auto& [number, id] : mine) {
    const auto run = std::find_if(runs.begin(), runs.end(), [&, node = id](const auto& each) { return at(tree_, mine, each[0].begin) == node; });
    const auto index = static_cast<std::size_t>(run - runs.begin());
    if (run != runs.end()) empty_ones_until(index);
    if (std::exchange(any, true)) out_ += d_.repetition;
    const auto done = run != runs.end() ? part(id, at(received_, theirs, (*run)[0].begin), *run, Level::component) : writer_.node(out_, id, d_.component);
    if (!done) return done;
    if (run != runs.end()) next = std::max(next, index + 1);
  }
  if (some_stay) empty_ones_until(runs.size());
  return {};
}

// One repetition, component or sub-component. level: of the delimiters inside it.
Result<void> Patch::part(NodeId now, NodeId before, std::span<const Leaf> run, Level level) {
  if (now == no_node) {
    if (before == no_node) raw(run);
    return {};
  }
  if (before != no_node && same_content(tree_, now, received_, before)) return raw(run), Result<void>{};
  const bool leaf = tree_[now].first == no_node;
  if (leaf && before != no_node && received_[before].first == no_node) {
    if (const auto done = writer_.node(out_, now, '\0'); !done) return done;
    const std::size_t end = run[0].begin + run[0].size();
    out_ += base_.substr(end, run.back().begin + run.back().size() - end);
    return {};
  }
  const char inside = level == Level::component ? d_.component : level == Level::subcomponent ? d_.subcomponent : '\0';
  if (leaf || inside == '\0' || level == Level::segment) return writer_.node(out_, now, inside);
  return parts(now, before, run, level);
}

Result<void> Patch::parts(NodeId now, NodeId before, std::span<const Leaf> run, Level level) {
  const auto list = numbered(tree_, now);
  if (!list) return list.error();
  const char inside = level == Level::component ? d_.component : d_.subcomponent;
  if (!numbers_are_unique(*list)) return writer_.node(out_, now, inside);
  const auto runs = cut(run, level);
  const int last = std::max(static_cast<int>(runs.size()), list->back().first);
  for (int n = 1; n <= last; ++n) {
    if (n > 1) out_ += inside;
    const auto inner = static_cast<std::size_t>(n) <= runs.size() ? runs[static_cast<std::size_t>(n) - 1] : std::span<const Leaf>{};
    const Level deeper = level == Level::component ? Level::subcomponent : Level::segment;  // nothing is inside a sub-component
    if (const auto done = part(part_of(tree_, now, n), part_of(received_, before, n), inner, deeper); !done) return done;
  }
  return {};
}

void Patch::raw(std::span<const Leaf> run) {
  if (run.empty()) return;
  const std::size_t end = run.back().begin + run.back().size();
  out_ += base_.substr(run[0].begin, end - run[0].begin);
}

}  // namespace tombolo::hl7v2
