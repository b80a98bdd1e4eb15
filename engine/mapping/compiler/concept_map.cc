#include "engine/mapping/compiler/concept_map.h"

#include <charconv>
#include <vector>

#include "engine/formats/json/json.h"

namespace tombolo::mapping {
namespace {

class ConceptMap {
 public:
  ConceptMap(const File& file, const Tree& tree, CodeTable& table, Diagnostics& diagnostics)
      : file_(file), tree_(tree), table_(table), diagnostics_(diagnostics) {}

  void read() {
    const NodeId root = tree_.root();
    if (text(root, "resourceType") != "ConceptMap") return error(root, "expected a ConceptMap");
    if (tree_.child(root, "group") == no_node) return error(root, "expected a group with elements");
    for (NodeId group = tree_.child(root, "group"); group != no_node; group = tree_.next_same(group)) read_group(group);
    table_.add(file_.place, std::move(rows_), diagnostics_);
  }

 private:
  void read_group(NodeId group) {
    const NodeId unmapped = tree_.child(group, "unmapped");
    if (unmapped != no_node && text(unmapped, "mode") != "provided") {
      error(unmapped, "a table has nothing for codes that it does not have: say it in the map, with `else` or `on miss`");
    }
    for (NodeId element = tree_.child(group, "element"); element != no_node; element = tree_.next_same(element)) {
      const std::string_view code = text(element, "code");
      if (code.empty()) {
        error(element, "expected a code");
        continue;
      }
      if (const NodeId target = target_of(element); target != no_node) {
        rows_.push_back({std::string(code), std::string(text(group, "target")), std::string(text(target, "code")), std::string(text(target, "display")),
                         place_of(file_.place, file_.text, tree_[element].begin)});
      }
    }
  }

  NodeId target_of(NodeId element) {
    for (NodeId target = tree_.child(element, "target"); target != no_node; target = tree_.next_same(target)) {
      const std::string_view equivalence = text(target, "equivalence");
      if (equivalence == "unmatched" || equivalence == "disjoint") continue;
      for (const auto* condition : {"dependsOn", "product"}) {
        if (const NodeId found = tree_.child(target, condition); found != no_node) error(found, "a table has no conditions: say it in the map, with `when`");
      }
      if (!text(target, "code").empty()) return target;
      error(target, "expected a code");
      return no_node;
    }
    return no_node;
  }

  std::string_view text(NodeId node, std::string_view name) const {
    const NodeId found = tree_.child(node, name);
    return found == no_node ? std::string_view() : tree_[found].value();
  }
  void error(NodeId node, std::string what) { diagnostics_.error(place_of(file_.place, file_.text, tree_[node].begin), std::move(what), file_.text); }

  const File& file_;
  const Tree& tree_;
  CodeTable& table_;
  Diagnostics& diagnostics_;
  std::vector<CodeTable::Entry> rows_;
};

// "/group/0 4:17": the place is at its end.
Place place_in(const File& file, const std::string& where) {
  Place place{file.place, 0, 0};
  const std::size_t begin = where.find_last_of(' ') == where.npos ? 0 : where.find_last_of(' ') + 1, colon = where.find(':', begin);
  if (colon == where.npos) return place;
  std::from_chars(where.data() + begin, where.data() + colon, place.line);
  std::from_chars(where.data() + colon + 1, where.data() + where.size(), place.column);
  return place;
}

}  // namespace

void read_concept_map(const File& file, CodeTable& table, Diagnostics& diagnostics) {
  Arena arena;
  Tree tree(arena);
  if (const auto read = parse_json(file.text, tree); !read) {
    return diagnostics.error(place_in(file, read.error().where), read.error().what, file.text);
  }
  ConceptMap(file, tree, table, diagnostics).read();
}

}  // namespace tombolo::mapping
