#include "engine/formats/hl7v2/print.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "engine/base/charset.h"
#include "engine/base/letters.h"
#include "engine/base/text.h"
#include "engine/formats/hl7v2/build.h"
#include "engine/formats/hl7v2/decode.h"
#include "engine/formats/hl7v2/escape.h"
#include "engine/formats/hl7v2/grammar.h"
#include "engine/formats/hl7v2/message.h"

namespace tombolo::hl7v2 {
namespace {

constexpr int highest = 9999;

int number_of(const Node& node) {
  const auto n = to_integer(node.name());
  return n && *n >= 1 ? static_cast<int>(std::min<std::int64_t>(*n, highest + 1)) : 0;
}

// Children by number; siblings of one number stay in their order. Fault for a name that is no number.
Result<std::vector<std::pair<int, NodeId>>> numbered(const Tree& tree, NodeId parent) {
  std::vector<std::pair<int, NodeId>> out;
  for (const NodeId child : children(tree, parent)) {
    const int n = number_of(tree[child]);
    if (n == 0) return Fault{Kind::malformed, std::string(tree[child].name()), "expected the number of a field or component"};
    if (n > highest) return Fault{Kind::too_large, "", "a field number beyond " + std::to_string(highest)};
    out.emplace_back(n, child);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

// Writes fields, components and sub-components anew.
class Writer {
 public:
  Writer(const Tree& tree, const Delimiters& d) : tree_(tree), d_(d) {}

  // A field with all its repetitions, or a component.
  Result<void> nodes(std::string& out, std::span<const std::pair<int, NodeId>> repetitions, char between, char inside) const {
    for (std::size_t i = 0; i < repetitions.size(); ++i) {
      if (i > 0) out += between;
      if (const auto done = node(out, repetitions[i].second, inside); !done) return done;
    }
    return {};
  }

  // All children of a node by number, cut by `between`. at: the number of what `out` ends with; first: the least printed.
  Result<void> children_of(std::string& out, NodeId parent, char between, int at, int first) const {
    const auto list = numbered(tree_, parent);
    if (!list) return list.error();
    for (std::size_t i = 0; i < list->size();) {
      std::size_t end = i + 1;
      while (end < list->size() && (*list)[end].first == (*list)[i].first) ++end;
      const auto run = std::span(*list).subspan(i, end - i);
      i = end;
      if (run[0].first < first) continue;
      for (; at < run[0].first; ++at) out += between;
      const bool field = between == d_.field;
      const auto done = nodes(out, run, field ? d_.repetition : between, field ? d_.component : between == d_.component ? d_.subcomponent : '\0');
      if (!done) return done;
    }
    return {};
  }

 private:
  Result<void> node(std::string& out, NodeId id, char inside) const {
    const Node& n = tree_[id];
    if (n.holds == Holds::deleted) out += "\"\"";
    else if (n.holds == Holds::text) append_escaped(out, n.value(), d_);
    else if (n.first != no_node) return inside == 0 ? Result<void>(Fault{Kind::malformed, "MSH-2", "names no delimiter for components this deep"})
                                                    : children_of(out, id, inside, 1, 1);
    return {};
  }

  const Tree& tree_;
  const Delimiters& d_;
};

bool is_segment(const Tree& tree, NodeId id) {
  const Node& node = tree[id];
  if (node.flags != 0) return node.flags == static_cast<std::uint8_t>(Part::segment);
  return node.first == no_node || (!tree[node.first].name().empty() && is_digit(tree[node.first].name().front()));
}

void collect_segments(const Tree& tree, NodeId from, std::vector<NodeId>& out) {
  for (const NodeId child : children(tree, from)) {
    if (is_segment(tree, child)) out.push_back(child);
    else collect_segments(tree, child, out);
  }
}

bool is_header(std::string_view name) { return name == "MSH" || name == "BHS" || name == "FHS"; }

// The delimiters that a header's nodes 1 and 2 name, "|^~\&" where it has none.
Delimiters delimiters_of(const Tree& tree, NodeId header) {
  std::string text = "MSH";
  const NodeId one = tree.child(header, "1"), two = tree.child(header, "2");
  if (one != no_node) text += tree[one].value();
  if (two != no_node) text += tree[two].value();
  const auto found = delimiters(text);
  return found && found->component != 0 ? *found : Delimiters{};
}

std::string encoding(const Delimiters& d) {
  std::string out;
  for (const char c : {d.component, d.repetition, d.escape, d.subcomponent, d.truncation}) {
    if (c != 0) out += c;
  }
  return out;
}

Result<void> write_segment(std::string& out, const Tree& tree, NodeId id, const Delimiters& d) {
  const std::string_view name = tree[id].name();
  if (name.size() != 3) return Fault{Kind::malformed, std::string(name), "expected a segment name of three letters"};
  out += name;
  const Writer writer(tree, d);
  if (!is_header(name)) return writer.children_of(out, id, d.field, 0, 1);
  (out += d.field) += encoding(d);
  return writer.children_of(out, id, d.field, 2, 3);
}

bool same(const Tree& one, NodeId a, const Tree& other, NodeId b) {
  const Node &x = one[a], &y = other[b];
  if (x.holds != y.holds || x.name() != y.name() || (x.holds == Holds::text && x.value() != y.value())) return false;
  NodeId p = x.first, q = y.first;
  for (; p != no_node && q != no_node; p = one[p].next, q = other[q].next) {
    if (!same(one, p, other, q)) return false;
  }
  return p == q;  // both no_node
}

// Prints a parsed tree against what it was parsed from.
class Patch {
 public:
  // base: what the nodes' begin and length count in; received: the same bytes, parsed again.
  Patch(const Tree& tree, std::string_view base, const Tree& received, const Message& index, std::string charset)
      : tree_(tree), base_(base), received_(received), index_(index), charset_(std::move(charset)) {
    collect_segments(received, received.root(), originals_);
    const auto by_begin = [&](NodeId a, NodeId b) { return received[a].begin < received[b].begin; };
    std::stable_sort(originals_.begin(), originals_.end(), by_begin);
  }

  Result<std::string> print() {
    out_ = base_.substr(0, index_.segments()[0].begin);
    for (const NodeId id : in_order()) {
      end_line();
      const auto original = original_of(id);
      const auto done = !original                                                ? fresh(id)
                        : same(tree_, id, received_, originals_[*original]) ? as_received(*original)
                                                                                 : changed(id, *original);
      if (!done) return done.error();
    }
    return std::move(out_);
  }

 private:
  // Segments that were read stand where they stood; new ones after their neighbour in the tree.
  std::vector<NodeId> in_order() const {
    std::vector<NodeId> list;
    collect_segments(tree_, tree_.root(), list);
    std::vector<std::pair<std::uint32_t, NodeId>> keyed;
    std::uint32_t key = 0;
    for (const NodeId id : list) {
      if (tree_[id].length > 0) key = tree_[id].begin;
      keyed.emplace_back(key, id);
    }
    std::stable_sort(keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    std::transform(keyed.begin(), keyed.end(), list.begin(), [](const auto& each) { return each.second; });
    return list;
  }

  std::optional<std::size_t> original_of(NodeId id) const {
    const auto found = std::lower_bound(originals_.begin(), originals_.end(), tree_[id].begin,
                                        [&](NodeId a, std::uint32_t begin) { return received_[a].begin < begin; });
    if (tree_[id].length == 0 || found == originals_.end() || received_[*found].begin != tree_[id].begin ||
        received_[*found].name() != tree_[id].name()) {
      return {};
    }
    return static_cast<std::size_t>(found - originals_.begin());
  }

  std::string_view line_end_of(std::size_t original) const {
    const Node& node = received_[originals_[original]];
    const std::size_t end = node.begin + node.length;
    const std::size_t next = original + 1 < originals_.size() ? received_[originals_[original + 1]].begin : base_.size();
    return base_.substr(end, next - end);
  }

  void end_line() {
    if (!out_.empty() && out_.back() != '\r' && out_.back() != '\n' && out_.size() > index_.segments()[0].begin) out_ += line_end();
  }
  std::string_view line_end() const {
    const std::string_view first = originals_.size() > 1 ? line_end_of(0) : std::string_view{};
    return first.starts_with("\r\n") ? "\r\n" : first.starts_with("\n") ? "\n" : "\r";
  }

  Result<void> fresh(NodeId id) {
    std::string text;
    if (const auto done = write_segment(text, tree_, id, index_.delimiters()); !done) return done;
    if (const auto done = append_encoded(text); !done) return done;
    out_ += line_end();
    return {};
  }

  Result<void> as_received(std::size_t original) {
    const Node& node = received_[originals_[original]];
    (out_ += base_.substr(node.begin, node.length)) += line_end_of(original);
    return {};
  }

  // Field by field: what is still the same stays as received, with all its empty delimiters.
  Result<void> changed(NodeId id, std::size_t original) {
    const auto now = numbered(tree_, id);
    if (!now) return now.error();
    const auto before = numbered(received_, originals_[original]);
    const Segment& segment = index_.segments()[original];
    const int last = std::max(static_cast<int>(segment.count), now->empty() ? 0 : now->back().first);
    const Delimiters& d = index_.delimiters();
    out_ += index_.name(segment);
    for (int n = 1; n <= last; ++n) {
      const bool after_itself = n == 2 && &segment == &index_.segments()[0];  // MSH-2 stands directly behind MSH-1
      if (!after_itself && !(n == 1 && &segment == &index_.segments()[0])) out_ += d.field;
      const auto mine = run(*now, n), theirs = run(*before, n);
      const bool kept = std::equal(mine.begin(), mine.end(), theirs.begin(), theirs.end(),
                                   [&](const auto& a, const auto& b) { return same(tree_, a.second, received_, b.second); });
      if (kept) {
        out_ += index_.raw(segment, static_cast<std::uint32_t>(n));
        continue;
      }
      std::string text;
      if (const auto done = Writer(tree_, d).nodes(text, mine, d.repetition, d.component); !done) return done;
      if (const auto done = append_encoded(text); !done) return done;
    }
    out_ += line_end_of(original);
    return {};
  }

  static std::span<const std::pair<int, NodeId>> run(const std::vector<std::pair<int, NodeId>>& list, int n) {
    const auto less = [](const auto& a, const auto& b) { return a.first < b.first; };
    const auto [begin, end] = std::equal_range(list.begin(), list.end(), std::pair(n, NodeId{0}), less);
    return {begin, end};
  }

  Result<void> append_encoded(const std::string& text) {
    if (charset_ == "UTF-8" || ascii(text)) {
      out_ += text;
      return {};
    }
    const auto encoded = from_utf8(text, charset_);
    if (!encoded) return encoded.error();
    out_ += *encoded;
    return {};
  }

  const Tree& tree_;
  std::string_view base_;
  const Tree& received_;
  const Message& index_;
  std::string charset_;
  std::string out_;
  std::vector<NodeId> originals_;  // segments as received, in the order of the bytes: the index's segments
};

Result<std::string> print_fresh(const Tree& tree) {
  std::vector<NodeId> segments;
  collect_segments(tree, tree.root(), segments);
  std::string out;
  Delimiters d;
  for (const NodeId id : segments) {
    if (is_header(tree[id].name())) d = delimiters_of(tree, id);
    if (const auto done = write_segment(out, tree, id, d); !done) return done.error();
    out += '\r';
  }
  return out;
}

}  // namespace

Result<std::string> print(const Tree& tree, const V2Dictionary& dictionary) {
  const Node& root = tree[tree.root()];
  if (root.length == 0) return print_fresh(tree);
  const std::string_view bytes = root.value();
  Reading reading;
  reading.charset = charset_of_code(root.flags);
  reading.max_segments = bytes.size() + 1;
  if (reading.charset.empty()) return Fault{Kind::unsupported, "", "no way back into the character set it was read in"};

  Arena arena;
  Tree received(arena);
  std::vector<Complaint> unheard;
  const Decoded decoded = decode(bytes, reading, arena, unheard);
  const std::string_view base = decoded.aligned ? bytes : decoded.text;
  if (!decoded.aligned) reading.charset = "UTF-8";
  if (const auto done = build(base, reading, dictionary, received, unheard); !done) return done.error();
  if (same(tree, tree.root(), received, received.root())) return std::string(bytes);

  const NodeId msh = received[received.root()].first;
  const NodeId now = tree.child(tree.root(), received[msh].name());
  if (now != no_node && encoding(delimiters_of(tree, now)) != encoding(delimiters_of(received, msh))) return print_fresh(tree);
  Message index;
  Limits limits;
  limits.segments = reading.max_segments;
  if (const auto done = index.index(base, limits); !done) return done.error();
  auto printed = Patch(tree, base, received, index, decoded.aligned ? decoded.charset : "UTF-8").print();
  if (!printed || decoded.aligned) return printed;
  return from_utf8(*printed, decoded.charset);
}

}  // namespace tombolo::hl7v2
