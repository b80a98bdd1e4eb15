// Segments and groups: what a structure requires, and where its segments stand.
#include <algorithm>
#include <vector>

#include "engine/filters/validate/findings.h"
#include "engine/filters/validate/survey.h"

namespace tombolo {
namespace {

class StructureCheck {
 public:
  StructureCheck(const Subject& subject, const V2Structure& structure)
      : subject_(subject), tree_(subject.survey.tree()), structure_(structure), version_(seen_by()), stands_in_(structure.items.size()) {}

  void group(NodeId node, const V2Item& item) {
    std::uint16_t furthest = 0;
    for (const NodeId child : children(tree_, node)) {
      const V2Item* const known = subject_.dictionary.item_at(tree_[child].element);
      if (known == nullptr) {
        stranger(child);
        continue;
      }
      const std::uint16_t index = structure_.index(*known);
      placed(child, *known, stands_in_[index] == node, index < furthest);
      stands_in_[index] = node;
      furthest = std::max(furthest, index);
      if (known->group()) group(child, *known);
    }
    missing(node, item);
  }

 private:
  // The version whose grammar counts: the message's, else the nearest that has the structure.
  V2Versions seen_by() const {
    for (int away = 0; away < 16; ++away) {
      for (const int version : {subject_.version - away, subject_.version + away}) {
        if (version >= 0 && version < 16 && (structure_.versions & V2Dictionary::bit(version)) != 0) return V2Dictionary::bit(version);
      }
    }
    return structure_.versions;
  }

  void say(Family family, NodeId segment, std::string text) {
    subject_.found.add({family, {}, subject_.survey.number(segment), subject_.survey.place(segment), {}, "100", std::move(text)});
  }
  std::string in_structure() const { return " in " + std::string(structure_.name); }

  void stranger(NodeId segment) {
    const std::string_view name = tree_[segment].name();
    if (name.starts_with('Z')) say(Family::unknown, segment, "a local segment");
    else say(Family::structure, segment, "has no place" + in_structure());
  }

  void placed(NodeId node, const V2Item& item, bool again, bool behind) {
    if (again && !item.group() && !item.repeats()) say(Family::structure, node, "does not repeat" + in_structure());
    else if (!item.group() && (behind || subject_.survey.belated(node))) say(Family::structure, node, "comes too late" + in_structure());
    else if (item.known == 0) say(Family::structure, node, "has no place" + in_structure());
    else if ((item.known & version_) == 0) say_of_other_versions(node, item, "stands");
    else if (again && (item.repeating & version_) == 0) say_of_other_versions(node, item, "repeats");
  }

  // A group of other versions is told by its segments.
  void say_of_other_versions(NodeId node, const V2Item& item, std::string_view does) {
    if (!item.group()) say(Family::unknown, node, std::string(does) + " here" + in_structure() + " only in other versions");
  }

  // A group may be required and yet hold nothing that is: [OBX] [NTE] of 2.3's OBSERVATION.
  const V2Item* demanded(const V2Item& item) const {
    if ((item.required & version_) == 0) return nullptr;
    if (!item.group()) return &item;
    for (std::size_t at = structure_.index(item) + 1u; at < item.end; at = structure_.items[at].end) {
      if (const V2Item* const inner = demanded(structure_.items[at])) return inner;
    }
    return nullptr;
  }

  void missing(NodeId node, const V2Item& item) {
    for (std::size_t at = structure_.index(item) + 1u; at < item.end; at = structure_.items[at].end) {
      const V2Item& wanted = structure_.items[at];
      const V2Item* const segment = demanded(wanted);
      if (segment == nullptr || stands_in_[at] == node) continue;
      Breach finding{Family::structure, {}, 0, {}, {}, "100", "required" + in_structure() + " and not there"};
      if (subject_.found.keeps(Family::structure)) {
        finding.segment = before(node, wanted);
        finding.place = node == tree_.root() ? std::string() : subject_.survey.place(node) + ".";
        finding.place += wanted.name;
        finding.location = subject_.survey.would_be(segment->name, finding.segment);
      }
      subject_.found.add(std::move(finding));
    }
  }

  // The number of the last segment in the group that comes before where `wanted` should be.
  std::size_t before(NodeId node, const V2Item& wanted) const {
    std::size_t number = node == tree_.root() ? 1 : first(node);
    for (const NodeId child : children(tree_, node)) {
      const V2Item* const item = subject_.dictionary.item_at(tree_[child].element);
      if (item != nullptr && structure_.index(*item) < structure_.index(wanted)) number = std::max(number, subject_.survey.number(child));
    }
    return number;
  }
  std::size_t first(NodeId node) const {
    while (tree_[node].first != no_node && subject_.survey.number(tree_[node].first) != 0) node = tree_[node].first;
    return subject_.survey.number(node);
  }

  const Subject& subject_;
  const Tree& tree_;
  const V2Structure& structure_;
  V2Versions version_;
  std::vector<NodeId> stands_in_;     // per item, the last group in which it came
};

}  // namespace

void check_structure(const Subject& subject, const V2Structure& structure) {
  const Tree& tree = subject.survey.tree();
  StructureCheck(subject, structure).group(tree.root(), structure.items[0]);
}

}  // namespace tombolo
