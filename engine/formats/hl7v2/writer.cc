#include "engine/formats/hl7v2/writer.h"

#include <algorithm>

#include "engine/base/charset.h"
#include "engine/base/text.h"
#include "engine/formats/hl7v2/decode.h"
#include "engine/formats/hl7v2/escape.h"

namespace tombolo::hl7v2 {
namespace {

constexpr int highest = 9999;

}  // namespace

int number_of(const Node& node) {
  const auto n = to_integer(node.name());
  return n && *n >= 1 ? static_cast<int>(std::min<std::int64_t>(*n, highest + 1)) : 0;
}

bool is_header(std::string_view name) { return name == "MSH" || name == "BHS" || name == "FHS"; }

std::string encoding_characters(const Delimiters& d) {
  std::string out;
  for (const char c : {d.component, d.repetition, d.escape, d.subcomponent, d.truncation}) {
    if (c != 0) out += c;
  }
  return out;
}

Result<std::vector<Numbered>> numbered(const Tree& tree, NodeId parent) {
  std::vector<Numbered> out;
  for (const NodeId child : children(tree, parent)) {
    const int n = number_of(tree[child]);
    if (n == 0) return Fault{Kind::malformed, std::string(tree[child].name()), "expected the number of a field or component"};
    if (n > highest) return Fault{Kind::too_large, "", "a field number beyond " + std::to_string(highest)};
    out.emplace_back(n, child);
  }
  std::stable_sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  return out;
}

// A value that is still what stands at its place in the bytes, with escapes that would be spelled another way: those bytes.
std::string_view Writer::as_it_stands(const Node& node) const {
  if (d_.escape == 0 || node.length == 0 || node.begin > base_.size()) return {};
  std::string_view raw = base_.substr(node.begin, node.length);
  raw = raw.substr(0, raw.find_first_of(std::string{d_.field, d_.component, d_.repetition, d_.subcomponent, '\r', '\n'}));
  if (raw.find(d_.escape) == raw.npos) return {};
  Arena arena;
  const std::string charset(charset_);
  return unescape(decode_piece(raw, charset), d_, arena, charset) == node.value() ? raw : std::string_view{};
}

Result<void> Writer::leaf(std::string& out, const Node& node) const {
  if (const std::string_view raw = as_it_stands(node); !raw.empty()) {
    out += raw;
    return {};
  }
  if (charset_ == "UTF-8" || ascii(node.value())) {
    append_escaped(out, node.value(), d_);
    return {};
  }
  std::string text;
  append_escaped(text, node.value(), d_);
  const auto encoded = from_utf8(text, std::string(charset_));
  if (!encoded) return encoded.error();
  out += *encoded;
  return {};
}

Result<void> Writer::node(std::string& out, NodeId id, char inside) const {
  const Node& n = tree_[id];
  if (n.holds == Holds::deleted) out += "\"\"";
  else if (n.holds == Holds::text) return leaf(out, n);
  else if (n.first != no_node && inside == 0) return Fault{Kind::malformed, "MSH-2", "names no delimiter for components this deep"};
  else if (n.first != no_node) return children_of(out, id, inside, 1, 1);
  return {};
}

Result<void> Writer::run(std::string& out, std::span<const Numbered> nodes, char between, char inside) const {
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    if (i > 0) out += between;
    if (const auto done = node(out, nodes[i].second, inside); !done) return done;
  }
  return {};
}

Result<void> Writer::field(std::string& out, std::span<const Numbered> repetitions) const {
  return run(out, repetitions, d_.repetition, d_.component);
}

// All children of a node by number, cut by `between`. at: the number of what `out` ends with; first: the least printed.
Result<void> Writer::children_of(std::string& out, NodeId parent, char between, int at, int first) const {
  const auto list = numbered(tree_, parent);
  if (!list) return list.error();
  for (std::size_t i = 0; i < list->size();) {
    std::size_t end = i + 1;
    while (end < list->size() && (*list)[end].first == (*list)[i].first) ++end;
    const auto same = std::span(*list).subspan(i, end - i);
    i = end;
    if (same[0].first < first) continue;
    for (; at < same[0].first; ++at) out += between;
    const auto done = between == d_.field ? field(out, same) : run(out, same, between, between == d_.component ? d_.subcomponent : '\0');
    if (!done) return done;
  }
  return {};
}

Result<void> Writer::segment(std::string& out, NodeId id) const {
  const std::string_view name = tree_[id].name();
  if (name.size() != 3) return Fault{Kind::malformed, std::string(name), "expected a segment name of three letters"};
  out += name;
  if (!is_header(name)) return children_of(out, id, d_.field, 0, 1);
  (out += d_.field) += encoding_characters(d_);
  return children_of(out, id, d_.field, 2, 3);
}

}  // namespace tombolo::hl7v2
