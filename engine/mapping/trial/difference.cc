#include "engine/mapping/trial/difference.h"

#include <algorithm>

#include "engine/base/arena.h"
#include "engine/formats/json/json.h"

namespace tombolo::trial {
namespace {

constexpr std::size_t most_letters = 160;

struct Side {
  explicit Side(std::string_view text) : tree(arena), sound(parse_json(text, tree)) {}
  std::string print(NodeId node) const {
    auto text = print_json(tree, node);
    if (text.size() > most_letters) text = text.substr(0, most_letters) + " …";
    return text;
  }
  // The values of one member: one, or the items of its list.
  std::vector<NodeId> all(NodeId parent, std::string_view name) const {
    std::vector<NodeId> found;
    for (const NodeId child : children(tree, parent))
      if (tree[child].name() == name) found.push_back(child);
    return found;
  }
  Arena arena;
  Tree tree;
  bool sound;
};

class Comparing {
 public:
  Comparing(const Side& expected, const Side& found) : expected_(expected), found_(found) {}

  void objects(NodeId a, NodeId b, const std::string& path) {
    std::vector<std::string_view> names;
    for (const auto& [side, node] : {std::pair(&expected_, a), std::pair(&found_, b)})
      for (const NodeId child : children(side->tree, node))
        if (std::find(names.begin(), names.end(), side->tree[child].name()) == names.end()) names.push_back(side->tree[child].name());
    for (const auto name : names) members(expected_.all(a, name), found_.all(b, name), path + (path.empty() ? "" : ".") + std::string(name));
  }

  std::vector<Difference> list;

 private:
  bool equal(NodeId a, NodeId b) const {
    const Node &x = expected_.tree[a], &y = found_.tree[b];
    if (json_kind(x) != json_kind(y) || x.value() != y.value()) return false;
    NodeId i = x.first, j = y.first;
    for (; i != no_node && j != no_node; i = expected_.tree[i].next, j = found_.tree[j].next)
      if (expected_.tree[i].name() != found_.tree[j].name() || !equal(i, j)) return false;
    return i == j;
  }

  void members(const std::vector<NodeId>& as, const std::vector<NodeId>& bs, const std::string& path) {
    std::size_t front = 0, back = 0;
    while (front < as.size() && front < bs.size() && equal(as[front], bs[front])) ++front;
    while (front + back < as.size() && front + back < bs.size() && equal(as[as.size() - 1 - back], bs[bs.size() - 1 - back])) ++back;
    const std::size_t left = as.size() - back, right = bs.size() - back;
    for (std::size_t i = front; i < std::max(left, right); ++i) {
      const bool listed = json_item(i < left ? expected_.tree[as[i]] : found_.tree[bs[i]]);
      const auto here = listed ? path + "[" + std::to_string(i) + "]" : path;
      if (i >= left) list.push_back({here, "", found_.print(bs[i])});
      else if (i >= right) list.push_back({here, expected_.print(as[i]), ""});
      else if (expected_.tree[as[i]].first != no_node && found_.tree[bs[i]].first != no_node) objects(as[i], bs[i], here);
      else list.push_back({here, expected_.print(as[i]), found_.print(bs[i])});
    }
  }

  const Side& expected_;
  const Side& found_;
};

}  // namespace

std::vector<Difference> differences(std::string_view expected, std::string_view found) {
  const Side a(expected), b(found);
  if (!a.sound || !b.sound) return expected == found ? std::vector<Difference>() : std::vector<Difference>{{"", "JSON", a.sound ? "no JSON" : "a golden that is no JSON"}};
  Comparing comparing(a, b);
  comparing.objects(a.tree.root(), b.tree.root(), "");
  return std::move(comparing.list);
}

}  // namespace tombolo::trial
