#include "engine/mapping/to_v2/fit.h"

#include <algorithm>
#include <string>

#include "engine/base/text.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/grammar.h"
#include "engine/formats/hl7v2/writer.h"

namespace tombolo::mapping::to_v2 {

namespace {

constexpr int parts_of_ce = 6;  // the family's others, CWE and CNE, came later with more

class Fitting {
 public:
  Fitting(Tree& tree, const V2Structure& structure, int version, const V2Dictionary& dictionary, RunReport& report)
      : tree_(tree), structure_(structure), dictionary_(dictionary), version_(V2Dictionary::bit(version)), name_(dictionary.versions()[static_cast<std::size_t>(version)]), report_(report) {}

  void group(NodeId node) {
    for (NodeId child = tree_[node].first; child != no_node;) {
      const NodeId next = tree_[child].next;
      if (const auto* const item = dictionary_.item_at(tree_[child].element); item == nullptr) {
        // a local segment: no version knows it, and any may carry it
      } else if ((item->known & version_) == 0) {
        take_out(child, called(*item) + " is not in " + std::string(structure_.name) + " of HL7 " + name_);
      } else if ((item->repeating & version_) == 0 && again(node, child)) {
        take_out(child, called(*item) + " stands once in HL7 " + name_);
      } else if (item->group()) {
        group(child);
      } else {
        segment(child, *item->segment);
      }
      child = next;
    }
    if (const auto* const item = dictionary_.item_at(tree_[node].element)) missing(node, *item);
  }

 private:
  static std::string called(const V2Item& item) { return (item.group() ? "the group " : "") + std::string(item.name); }

  bool again(NodeId parent, NodeId child) const {
    for (const NodeId other : children(tree_, parent)) {
      if (other == child) return false;
      if (tree_[other].element == tree_[child].element) return true;
    }
    return false;
  }

  void segment(NodeId node, const V2Segment& segment) {
    for (NodeId child = tree_[node].first; child != no_node;) {
      const NodeId next = tree_[child].next;
      const auto* const field = segment.field(hl7v2::number_of(tree_[child]));
      const auto name = std::string(segment.name) + "-" + std::string(tree_[child].name());
      if (field == nullptr || (field->known & version_) == 0) take_out(child, "HL7 " + name_ + " has no " + name);
      else if ((field->repeating & version_) == 0 && again(node, child)) take_out(child, name + " stands once in HL7 " + name_);
      else parts(child, *field);
      child = next;
    }
    const int first = segment.name == "MSH" ? 3 : 1;  // MSH-1 and MSH-2 are the printer's
    for (const auto& field : segment.fields)
      if (field.number >= first && (field.required & version_) != 0 && tree_.child(node, std::to_string(field.number)) == no_node)
        report_.lines.push_back({Kind::missing, rule_of(node), source_of(node), hl7v2::place(tree_, node) + "-" + std::to_string(field.number), "HL7 " + name_ + " requires it"});
  }

  // Components of a field, or sub-components of a component.
  void parts(NodeId node, const V2Field& field) {
    if (tree_[node].first == no_node) return;
    const auto spelled = field.spelled_in(version_);
    // Before 2.3.1 many fields had parts without a type of their own: nothing is known of them, and they stay.
    const auto& all = field.type->components;
    const bool told = std::any_of(all.begin(), all.end(), [&](const V2Field& part) { return (part.known & version_) != 0; });
    const auto* const now = spelled.empty() ? nullptr : dictionary_.type(spelled);
    const bool varies = equal_ignoring_case(field.type->name, "varies") || field.type->name == "*";
    if (!varies && ((now != nullptr && now->primitive) || field.type->primitive)) return single(node, spelled.empty() ? field.type->name : spelled);
    for (NodeId child = tree_[node].first; child != no_node;) {
      const NodeId next = tree_[child].next;
      const int number = hl7v2::number_of(tree_[child]);
      const auto* const part = field.type->component(number);
      const bool cut = (spelled == "CE" && number > parts_of_ce) || (part != nullptr && told && (part->known & version_) == 0);
      if (cut) take_out(child, (spelled.empty() ? std::string(field.type->name) : std::string(spelled)) + " of HL7 " + name_ + " has no component " + std::to_string(number));
      else if (part != nullptr) parts(child, *part);
      child = next;
    }
  }

  // What has no parts in this version: the first stays, the others go together.
  void single(NodeId node, std::string_view type) {
    const NodeId first = tree_.child(node, "1");
    if (first != no_node && tree_[first].next == no_node) return;
    const auto whose = first != no_node ? tree_[first].next : tree_[node].first;
    report_.lines.push_back({Kind::unsupported, rule_of(whose), source_of(whose), hl7v2::place(tree_, node), std::string(type) + " of HL7 " + name_ + " has no components: all but the first left out"});
    while (tree_[node].last != first) tree_.remove(tree_[node].last);
    if (tree_[node].first == no_node) tree_.remove(node);
  }

  void missing(NodeId node, const V2Item& group) {
    for (std::size_t i = structure_.index(group) + 1U; i < group.end; i = structure_.items[i].end) {
      const auto& item = structure_.items[i];
      if ((item.required & version_) == 0 || (item.known & version_) == 0) continue;
      bool there = false;
      for (const NodeId child : children(tree_, node)) there = there || tree_[child].element == item.element;
      if (!there) report_.lines.push_back({Kind::missing, 0, no_node, group.depth == 0 ? std::string(item.name) : std::string(group.name) + "." + std::string(item.name), std::string(structure_.name) + " of HL7 " + name_ + " requires it"});
    }
  }

  // A leaf at or below the node that knows where it is from.
  std::uint32_t lineage_below(NodeId node) const {
    if (tree_[node].lineage != 0) return tree_[node].lineage;
    for (const NodeId child : children(tree_, node))
      if (const auto found = lineage_below(child); found != 0) return found;
    return 0;
  }
  NodeId source_of(NodeId node) const {
    const auto index = lineage_below(node);
    const auto sources = tree_.sources(index);
    return index == 0 || sources.empty() ? no_node : sources.front();
  }
  std::uint32_t rule_of(NodeId node) const { return tree_.lineage(lineage_below(node)).rule; }

  void take_out(NodeId node, std::string why) {
    report_.lines.push_back({Kind::unsupported, rule_of(node), source_of(node), hl7v2::place(tree_, node), std::move(why) + ": left out"});
    const NodeId parent = tree_[node].parent;
    tree_.remove(node);
    if (parent != tree_.root() && tree_[parent].first == no_node && tree_[parent].name_size < 3) tree_.remove(parent);
  }

  Tree& tree_;
  const V2Structure& structure_;
  const V2Dictionary& dictionary_;
  V2Versions version_;
  std::string name_;
  RunReport& report_;
};

}  // namespace

void fit(Tree& message, const V2Structure& structure, int version, const V2Dictionary& dictionary, RunReport& report) {
  Fitting(message, structure, version, dictionary, report).group(message.root());
}

}  // namespace tombolo::mapping::to_v2
