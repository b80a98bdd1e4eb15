#include "engine/mapping/runner/deeds.h"

namespace tombolo::mapping {

namespace {

void mark_standing(const Tree& tree, NodeId node, std::vector<bool>& stands) {
  stands[node] = true;
  for (const NodeId child : children(tree, node)) mark_standing(tree, child, stands);
}

}  // namespace

std::vector<bool> Deeds::fired(const Tree& tree) const {
  std::vector<bool> stands(tree.size());
  mark_standing(tree, tree.root(), stands);
  std::vector<bool> fired;
  std::vector<std::uint32_t> before(list_.size() + 1);  // so many of the deeds before this one had an effect
  for (std::size_t i = 0; i < list_.size(); ++i) {
    const auto& deed = list_[i];
    const bool effect = deed.sort == Sort::wrote ? stands[deed.node] : deed.sort == Sort::around && before[i] > before[deed.from];
    before[i + 1] = before[i] + (effect ? 1 : 0);
    if (!effect && deed.sort != Sort::did) continue;
    if (fired.size() < deed.rule + 2) fired.resize(deed.rule + 2);
    fired[deed.rule + 1] = true;
  }
  return fired;
}

}  // namespace tombolo::mapping
