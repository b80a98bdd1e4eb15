#include "engine/base/json.h"
#include "engine/formats/json/json.h"
#include "engine/formats/place.h"

namespace tombolo {
namespace {

class Printer {
 public:
  Printer(const Tree& tree, std::string& out, int indent) : tree_(tree), writer_(out, indent) {}

  void value(NodeId id) {
    const Node& node = tree_[id];
    switch (json_kind(node)) {
      case JsonKind::object:
        writer_.begin_object();
        for (NodeId child = node.first; child != no_node;) child = member(child);
        writer_.end_object();
        return;
      case JsonKind::array:
        writer_.begin_array();
        for (const NodeId child : children(tree_, id)) value(child);
        writer_.end_array();
        return;
      case JsonKind::string: return writer_.string(node.value());
      case JsonKind::null: return writer_.literal("null");
      case JsonKind::number:
      case JsonKind::boolean: return writer_.literal(node.value());
    }
  }

 private:
  // Writes the member that begins with this child; the next one that does not belong to it.
  NodeId member(NodeId child) {
    const Node& first = tree_[child];
    writer_.key(first.name());
    if (!json_item(first)) {
      value(child);
      return first.next;
    }
    writer_.begin_array();
    while (child != no_node && json_item(tree_[child]) && tree_[child].name() == first.name()) {
      value(child);
      child = tree_[child].next;
    }
    writer_.end_array();
    return child;
  }

  const Tree& tree_;
  JsonWriter writer_;
};

}  // namespace

std::string print_json(const Tree& tree, NodeId node, int indent) {
  std::string out;
  Printer(tree, out, indent).value(node);
  return out;
}

std::string json_place(const Tree& tree, NodeId node, std::string_view bytes) {
  std::string pointer;
  for (NodeId at = node; tree[at].parent != no_node; at = tree[at].parent) {
    std::string step;
    const bool own_array = !tree[at].name().empty() || !json_item(tree[at]);
    if (own_array) step = "/" + std::string(tree[at].name());
    if (json_item(tree[at])) {
      std::size_t index = 0;
      for (NodeId before = tree.child(tree[at].parent, tree[at].name()); before != at; before = tree.next_same(before)) ++index;
      step += "/" + std::to_string(index);
    }
    pointer = step + pointer;
  }
  return pointer + (pointer.empty() ? "" : " ") + line_and_column(bytes, tree[node].begin);
}

}  // namespace tombolo
