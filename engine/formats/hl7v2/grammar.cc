#include "engine/formats/hl7v2/grammar.h"

#include <algorithm>

namespace tombolo::hl7v2 {
namespace {

constexpr std::uint16_t nowhere = 0;         // no segment stands at the root's index
constexpr std::size_t most_missing = 100;

std::string path(const V2Structure& structure, const V2Item& item) {
  std::string out(item.name);
  for (std::uint16_t at = item.parent; at != 0; at = structure.items[at].parent) out = std::string(structure.items[at].name) + "." + out;
  return out;
}

}  // namespace

Grammar::Grammar(const V2Structure* structure, int version, Tree& tree)
    : structure_(structure), tree_(tree), version_(V2Dictionary::bit(version)) {
  frames_[0] = {0, 0, 0, ++instances_, tree.root()};
  if (structure == nullptr) return;
  // A structure of other versions only: all that it has counts.
  if ((structure->versions & version_) == 0) version_ = structure->versions;
  seen_.assign(structure->items.size(), 0);
  group_node_.assign(structure->items.size(), no_node);
  Node& root = tree[tree.root()];
  root.name_text = structure->name.data();
  root.name_size = static_cast<std::uint16_t>(structure->name.size());
  root.element = structure->items[0].element;
}

Grammar::Placed Grammar::add(std::string_view name, const V2Segment* definition, std::uint32_t begin, std::uint32_t end) {
  notes_only_follow_ = name == "NTE";
  const auto after_the_last = [&](Oddity oddity) {
    previous_ = nowhere;
    const NodeId node = segment_node(frames_[depth_ - 1].node, name, nullptr, begin, end);
    return Placed{node, name.starts_with('Z') ? Oddity::none : oddity};
  };
  end_ = end;
  if (structure_ == nullptr) return after_the_last(Oddity::none);
  if (definition == nullptr) return after_the_last(Oddity::unknown);

  if (std::size_t frame = 0; const std::uint16_t found = awaited(definition, frame)) {
    close_down_to(frame + 1);
    const Frame& open = frames_[frame];
    previous_ = found;
    seen_[found] = open.instance;
    return {segment_node(open.node, name, &structure_->items[found], begin, end), Oddity::late};
  }
  for (const Rules rules : {Rules{false, false}, Rules{true, false}, Rules{false, true}, Rules{true, true}}) {
    if (notes_only_follow_ && rules.loose) break;
    std::size_t frame = 0;
    bool again = false;
    const std::uint16_t found = find(rules, definition, frame, again);
    if (found == nowhere) continue;
    const NodeId parent = open_to(found, frame, again, begin);
    previous_ = found;
    const V2Item& item = structure_->items[found];
    const NodeId node = segment_node(parent, name, &item, begin, end);
    return {node, known(item, {}) ? Oddity::none : item.known == 0 ? Oddity::unknown : Oddity::other_version};
  }
  const V2Item* item = nullptr;
  NodeId parent = notes_only_follow_ ? no_node : latecomer(definition, item);
  if (parent == no_node && !notes_only_follow_) parent = overtaken(definition, begin, item);
  if (parent == no_node) return after_the_last(Oddity::unknown);
  const std::uint16_t index = structure_->index(*item);
  const Oddity oddity = index == previous_ ? Oddity::repeated : Oddity::late;
  return {segment_node(parent, name, item, begin, end), oddity};
}

// The place of a segment by these rules, looking from the innermost open group outwards. `frame`: the open group it was
// found in; `again`: by repeating that group.
std::uint16_t Grammar::find(Rules rules, const V2Segment* wanted, std::size_t& frame, bool& again) {
  const auto items = structure_->items;
  for (frame = depth_; frame-- > 0;) {
    const Frame& open = frames_[frame];
    again = false;
    if (items[open.last].segment == wanted && items[open.last].repeats()) return open.last;
    if (const auto found = forward(rules, wanted, open); found != nowhere) {
      if (items[found].parent == open.item || leads(rules, found, open.item)) return found;
      for (std::size_t outer = frame; outer > 0; --outer) {
        const Frame& opened = frames_[outer];
        if (items[opened.lead].segment != wanted || !items[opened.item].repeats()) continue;
        frame = outer;
        again = true;
        return opened.lead;
      }
      return found;
    }
    if (frame == 0 || !items[open.item].repeats()) continue;
    again = true;
    const auto found = enter(rules, wanted, open.item);
    if (found != nowhere && may_repeat(rules, found, open)) return found;
  }
  return nowhere;
}

std::uint16_t Grammar::forward(Rules rules, const V2Segment* wanted, const Frame& frame) const {
  const auto items = structure_->items;
  std::uint16_t at = frame.last == frame.item ? static_cast<std::uint16_t>(frame.item + 1) : items[frame.last].end;
  for (; at < items[frame.item].end; at = items[at].end) {
    const V2Item& item = items[at];
    if (!known(item, rules)) continue;
    if (item.segment == wanted) return at;
    if (item.group()) {
      if (const auto found = enter(rules, wanted, at); found != nowhere) return found;
    }
    if (notes_only_follow_ && required(item)) return nowhere;  // a note is never carried past something that is due
  }
  return nowhere;
}

// The place in a new repetition of a group: strictly only before anything required that is not it.
std::uint16_t Grammar::enter(Rules rules, const V2Segment* wanted, std::uint16_t group) const {
  const auto items = structure_->items;
  for (std::uint16_t at = static_cast<std::uint16_t>(group + 1); at < items[group].end; at = items[at].end) {
    const V2Item& item = items[at];
    if (!known(item, rules)) continue;
    if (item.segment == wanted) return at;
    if (item.group()) {
      if (const auto found = enter(rules, wanted, at); found != nowhere) return found;
    }
    if (required(item) && !rules.loose) return nowhere;
  }
  return nowhere;
}

// Is everything between the open group and this place the first of what is around it?
bool Grammar::leads(Rules rules, std::uint16_t found, std::uint16_t group) const {
  const auto items = structure_->items;
  for (std::uint16_t at = found; items[at].parent != group; at = items[at].parent) {
    std::uint16_t first = static_cast<std::uint16_t>(items[at].parent + 1);
    while (first < at && !known(items[first], rules)) first = items[first].end;
    if (first != at) return false;
  }
  return true;
}

// Does a segment that does not lead its group begin a new repetition all the same? Only if this one has it already:
// ORC OBR OBX OBR are two orders, IN1 IN3 IN2 is one insurance.
bool Grammar::may_repeat(Rules rules, std::uint16_t found, const Frame& frame) const {
  if (!rules.loose) return true;
  const auto items = structure_->items;
  if (!seen(found, frame)) return false;
  return found != previous_ || enter({rules.all_versions, false}, items[found].segment, items[found].parent) == found;
}

// What must lead an open group that the segment just before, optional and standing behind it, opened: ORC OBR where the
// order is OBR [ORC]. Its place, or nowhere; `frame`: the group.
std::uint16_t Grammar::awaited(const V2Segment* wanted, std::size_t& frame) const {
  const auto items = structure_->items;
  for (frame = depth_ - 1; frame > 0 && frames_[frame].lead == previous_; --frame) {
    const Frame& open = frames_[frame];
    if (!leads({}, open.lead, open.item)) break;
    for (std::uint16_t at = static_cast<std::uint16_t>(open.item + 1); at < open.last; at = items[at].end) {
      if (!required(items[at]) || items[at].group()) continue;
      if (items[at].segment == wanted && !required(items[open.last]) && !seen(at, open)) return at;
      break;
    }
  }
  return nowhere;
}

// A group that is already there and has room for a segment that comes too late: the innermost open one first.
NodeId Grammar::latecomer(const V2Segment* wanted, const V2Item*& item) const {
  const auto items = structure_->items;
  for (std::size_t frame = depth_; frame-- > 0;) {
    const Frame& open = frames_[frame];
    for (std::uint16_t at = static_cast<std::uint16_t>(open.item + 1); at < items[open.item].end; ++at) {
      if (items[at].segment != wanted) continue;
      std::vector<std::uint16_t> groups;  // from the place up to the open group
      for (std::uint16_t up = items[at].parent; up != open.item; up = items[up].parent) groups.push_back(up);
      NodeId node = open.node;
      for (auto group = groups.rbegin(); group != groups.rend() && node != no_node; ++group) {
        const NodeId last = group_node_[*group];
        node = last != no_node && tree_[last].parent == node ? last : no_node;
      }
      if (node == no_node) continue;
      item = &items[at];
      return node;
    }
  }
  return no_node;
}

// A group that should have come before, led by this segment: IN1 ACC PR1, AIP AIL. It stands in an open group, which goes on
// behind it, or in a closed one that is already there and stays closed.
NodeId Grammar::overtaken(const V2Segment* wanted, std::uint32_t begin, const V2Item*& item) {
  const auto items = structure_->items;
  for (const Rules rules : {Rules{false, false}, Rules{true, false}}) {
    for (std::size_t frame = depth_; frame-- > 0;) {
      const Frame& open = frames_[frame];
      for (std::uint16_t at = static_cast<std::uint16_t>(open.item + 1); at < items[open.item].end; ++at) {
        if (items[at].segment != wanted || items[at].parent == open.item) continue;
        std::vector<std::uint16_t> groups;  // from the place up to the open group; those not there yet stay
        for (std::uint16_t up = items[at].parent; up != open.item; up = items[up].parent) groups.push_back(up);
        NodeId node = open.node;
        const std::size_t all = groups.size();
        for (; !groups.empty(); groups.pop_back()) {
          const NodeId last = group_node_[groups.back()];
          if (last == no_node || tree_[last].parent != node) break;
          node = last;
        }
        if (groups.empty() || !known(items[groups.back()], rules) || enter(rules, wanted, groups.back()) != at) continue;
        item = &items[at];
        if (groups.size() == all) return open_to(at, frame, false, begin);
        for (; !groups.empty(); groups.pop_back()) node = add_group(node, groups.back(), begin);
        return node;
      }
    }
  }
  return no_node;
}

NodeId Grammar::add_group(NodeId parent, std::uint16_t group, std::uint32_t begin) {
  const NodeId node = tree_.add(parent, structure_->items[group].name);
  group_node_[group] = node;
  tree_[node].element = structure_->items[group].element;
  tree_[node].flags = static_cast<std::uint8_t>(Part::group);
  tree_[node].begin = begin;
  return node;
}

// Closes and opens groups so that the item found is a child of the innermost open one; gives that group's node.
NodeId Grammar::open_to(std::uint16_t found, std::size_t frame, bool again, std::uint32_t begin) {
  const auto items = structure_->items;
  close_down_to(again ? frame : frame + 1);
  std::array<std::uint16_t, 16> groups;
  std::size_t count = 0;
  for (std::uint16_t up = items[found].parent; up != frames_[depth_ - 1].item; up = items[up].parent) groups[count++] = up;
  while (count-- > 0) {
    Frame& above = frames_[depth_ - 1];
    above.last = groups[count];
    seen_[groups[count]] = above.instance;
    const NodeId node = add_group(above.node, groups[count], begin);
    frames_[depth_++] = {groups[count], groups[count], found, ++instances_, node};
  }
  Frame& innermost = frames_[depth_ - 1];
  innermost.last = found;
  seen_[found] = innermost.instance;
  return innermost.node;
}

void Grammar::close_down_to(std::size_t frames) {
  for (; depth_ > frames; --depth_) note_missing(frames_[depth_ - 1]);
}

void Grammar::note_missing(const Frame& frame) {
  const auto items = structure_->items;
  for (std::uint16_t at = static_cast<std::uint16_t>(frame.item + 1); at < items[frame.item].end; at = items[at].end) {
    if (!required(items[at]) || seen(at, frame) || missing_.size() >= most_missing) continue;
    // What only came too late is out of order, not missing.
    const bool late = items[at].segment != nullptr && tree_.child(frame.node, items[at].name) != no_node;
    if (!late) missing_.push_back(path(*structure_, items[at]));
  }
}

NodeId Grammar::segment_node(NodeId parent, std::string_view name, const V2Item* item, std::uint32_t begin, std::uint32_t end) {
  const NodeId id = tree_.add(parent, item != nullptr ? item->name : name);
  Node& node = tree_[id];
  node.flags = static_cast<std::uint8_t>(Part::segment);
  node.element = item != nullptr ? item->element : 0;
  node.begin = begin;
  node.length = end - begin;
  for (NodeId up = parent; up != no_node && up != tree_.root(); up = tree_[up].parent) {
    tree_[up].length = std::max(tree_[up].length, end - tree_[up].begin);
  }
  return id;
}

void Grammar::finish() {
  if (structure_ == nullptr) return;
  close_down_to(0);
}

}  // namespace tombolo::hl7v2
