#include "engine/formats/hl7v2/address.h"

#include <algorithm>

#include "engine/base/letters.h"
#include "engine/base/text.h"

namespace tombolo::hl7v2 {
namespace {

constexpr int most = 99'999;

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  Result<Address> parse() {
    Address address;
    while (true) {
      Address::Step step;
      if (!name(step.name)) return fault("a segment or group");
      if (take('[') && !(number(step.at) && take(']'))) return fault("a number and ]");
      if (!take('.')) {
        address.segment = std::move(step);
        break;
      }
      address.groups.push_back(std::move(step));
    }
    if (take('-')) {
      if (!number(address.field)) return fault("a field number");
      if (take('[') && !(number(address.repetition) && take(']'))) return fault("a number and ]");
      if (take('.') && !number(address.component)) return fault("a component number");
      if (address.component != 0 && take('.') && !number(address.subcomponent)) return fault("a sub-component number");
    }
    if (at_ < text_.size()) return fault("the end");
    return address;
  }

 private:
  bool take(char c) {
    if (at_ >= text_.size() || text_[at_] != c) return false;
    ++at_;
    return true;
  }
  bool name(std::string& out) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && ((text_[at_] >= 'A' && text_[at_] <= 'Z') || text_[at_] == '_' ||
                                  (is_digit(text_[at_]) && at_ > begin))) {
      ++at_;
    }
    out = text_.substr(begin, at_ - begin);
    return out.size() >= 2;
  }
  bool number(int& out) {
    const std::size_t begin = at_;
    for (; at_ < text_.size() && is_digit(text_[at_]) && out <= most; ++at_) out = out * 10 + (text_[at_] - '0');
    return at_ > begin && out >= 1 && out <= most;
  }
  Fault fault(const char* expected) const {
    return {Kind::malformed, std::string(text_), "at character " + std::to_string(at_ + 1) + ": expected " + expected};
  }

  std::string_view text_;
  std::size_t at_ = 0;
};

void append(std::string& out, const Address::Step& step) {
  out += step.name;
  if (step.at != 0) out.append("[").append(std::to_string(step.at)).append("]");
}

bool is_field(const Node& node) { return !node.name().empty() && is_digit(node.name().front()); }
// Of the nodes above fields: a segment has three letters, a group more.
bool is_segment(const Node& node) { return node.name().size() == 3; }

// Appends the nodes called step.name below `from`, looking through groups that are not named.
void below(const Tree& tree, NodeId from, const Address::Step& step, int& seen, std::vector<NodeId>& out) {
  for (const NodeId child : children(tree, from)) {
    const Node& node = tree[child];
    if (node.name() == step.name) {
      if (++seen == step.at || step.at == 0) out.push_back(child);
    } else if (!is_segment(node) && !is_field(node)) {
      below(tree, child, step, seen, out);
    }
  }
}

// The siblings after a segment that follow it as its own: "PID.NTE" are the NTE directly after PID.
void after(const Tree& tree, NodeId segment, const Address::Step& step, std::vector<NodeId>& out) {
  int seen = 0;
  for (NodeId at = tree[segment].next; at != no_node && tree[at].name() == step.name; at = tree[at].next) {
    if (++seen == step.at || step.at == 0) out.push_back(at);
  }
}

void children_called(const Tree& tree, NodeId parent, int number, int at, std::vector<NodeId>& out) {
  const std::string name = std::to_string(number);
  int seen = 0;
  for (const NodeId child : children(tree, parent)) {
    if (tree[child].name() == name && (++seen == at || at == 0)) out.push_back(child);
  }
  if (out.empty() && number == 1 && tree[parent].first == no_node && is_field(tree[parent])) out.push_back(parent);
}

std::vector<NodeId> down(const Tree& tree, const std::vector<NodeId>& from, int number, int at) {
  if (number == 0) return from;
  std::vector<NodeId> out;
  for (const NodeId node : from) {
    std::vector<NodeId> found;
    children_called(tree, node, number, at, found);
    out.insert(out.end(), found.begin(), found.end());
  }
  return out;
}

}  // namespace

Result<Address> parse_address(std::string_view text) { return Parser(text).parse(); }

std::string text(const Address& address) {
  std::string out;
  for (const auto& group : address.groups) {
    append(out, group);
    out += '.';
  }
  append(out, address.segment);
  if (address.field != 0) out.append("-").append(std::to_string(address.field));
  if (address.repetition != 0) out.append("[").append(std::to_string(address.repetition)).append("]");
  if (address.component != 0) out.append(".").append(std::to_string(address.component));
  if (address.subcomponent != 0) out.append(".").append(std::to_string(address.subcomponent));
  return out;
}

std::vector<NodeId> find(const Tree& tree, const Address& address) {
  std::vector<NodeId> found{tree.root()};
  const auto step_down = [&](const Address::Step& step) {
    std::vector<NodeId> out;
    for (const NodeId from : found) {
      int seen = 0;
      if (from != tree.root() && is_segment(tree[from])) after(tree, from, step, out);
      else below(tree, from, step, seen, out);
    }
    found = std::move(out);
  };
  for (const auto& group : address.groups) step_down(group);
  step_down(address.segment);
  found = down(tree, found, address.field, address.repetition);
  found = down(tree, found, address.component, 1);
  return down(tree, found, address.subcomponent, 1);
}

std::string place(const Tree& tree, NodeId node) {
  std::vector<NodeId> line;  // from the node up to its segment or outermost group
  for (NodeId at = node; at != no_node && at != tree.root(); at = tree[at].parent) line.push_back(at);
  const auto segment = std::find_if(line.begin(), line.end(), [&](NodeId at) { return !is_field(tree[at]); });
  if (segment == line.end()) return {};
  if (!is_segment(tree[*segment])) {
    std::string path;
    for (auto at = line.rbegin(); at != line.rend(); ++at) path.append(path.empty() ? "" : ".").append(tree[*at].name());
    return path;
  }
  std::vector<NodeId> same;
  int seen = 0;
  below(tree, tree.root(), {std::string(tree[*segment].name()), 0}, seen, same);
  std::string out(tree[*segment].name());
  if (same.size() > 1) {
    out.append("[").append(std::to_string(std::find(same.begin(), same.end(), *segment) - same.begin() + 1)).append("]");
  }
  for (auto at = segment; at != line.begin();) {
    const Node& child = tree[*--at];
    const bool is_the_field = *segment == child.parent;
    out.append(is_the_field ? "-" : ".").append(child.name());
    if (!is_the_field) continue;
    int repetition = 0, all = 0;
    for (const NodeId sibling : children(tree, *segment)) {
      if (tree[sibling].name() != child.name()) continue;
      ++all;
      if (sibling == *at) repetition = all;
    }
    if (all > 1) out.append("[").append(std::to_string(repetition)).append("]");
  }
  return out;
}

}  // namespace tombolo::hl7v2
