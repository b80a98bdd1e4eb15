#include "engine/tree/tree.h"

#include <catch2/catch.hpp>

using namespace tombolo;

namespace {

std::string names(const Tree& tree, NodeId parent) {
  std::string out;
  for (const NodeId id : children(tree, parent)) (out += tree[id].name()) += ' ';
  return out;
}

}  // namespace

TEST_CASE("children stand in the order they were added", "[tree]") {
  Arena arena;
  Tree tree(arena);
  const NodeId pid = tree.add(tree.root(), "PID");
  tree.add(pid, "3", "100");
  tree.add(pid, "5", "Tester");
  CHECK(names(tree, pid) == "3 5 ");
  CHECK(tree[tree.child(pid, "5")].value() == "Tester");
  CHECK(tree.child(pid, "7") == no_node);
}

TEST_CASE("a node can be taken out first, last and in the middle", "[tree]") {
  for (const std::string_view gone : {"a", "b", "c"}) {
    Arena arena;
    Tree tree(arena);
    for (const auto* name : {"a", "b", "c"}) tree.add(tree.root(), name);
    tree.remove(tree.child(tree.root(), gone));
    tree.add(tree.root(), "d");
    std::string expected = "a b c d ";
    expected.erase(expected.find(gone), 2);
    CHECK(names(tree, tree.root()) == expected);
  }
}

TEST_CASE("a node can be put after another, also after the last", "[tree]") {
  Arena arena;
  Tree tree(arena);
  const NodeId a = tree.add(tree.root(), "a");
  const NodeId c = tree.add(tree.root(), "c");
  tree.insert_after(a, "b");
  tree.insert_after(c, "d");
  tree.add(tree.root(), "e");
  CHECK(names(tree, tree.root()) == "a b c d e ");
}

TEST_CASE("repetitions are neighbours of the same name", "[tree]") {
  Arena arena;
  Tree tree(arena);
  const NodeId first = tree.add(tree.root(), "3", "one");
  tree.add(tree.root(), "4", "other");
  const NodeId second = tree.add(tree.root(), "3", "two");
  CHECK(tree.next_same(first) == second);
  CHECK(tree.next_same(second) == no_node);
}

TEST_CASE("a leaf remembers what it was made from", "[tree]") {
  Arena arena;
  Tree tree(arena);
  const NodeId leaf = tree.add(tree.root(), "birthDate", "1980-02-03");
  const NodeId sources[] = {7, 9};
  tree[leaf].lineage = tree.add_lineage({.rule = 12, .because = 1}, sources);
  CHECK(tree.lineage(tree[leaf].lineage).rule == 12);
  CHECK(tree.sources(tree[leaf].lineage).size() == 2);
  CHECK(tree.sources(tree[leaf].lineage)[1] == 9);
}

TEST_CASE("a node moves to another place, with what is below it", "[tree]") {
  Arena arena;
  Tree tree(arena);
  const NodeId a = tree.add(tree.root(), "a");
  const NodeId b = tree.add(tree.root(), "b");
  const NodeId c = tree.add(tree.root(), "c", "text");
  const auto names = [&](NodeId parent) {
    std::string all;
    for (const NodeId child : children(tree, parent)) all += tree[child].name();
    return all;
  };
  tree.move(c, tree.root(), no_node);
  CHECK(names(tree.root()) == "cab");
  tree.move(a, b, no_node);
  CHECK(names(tree.root()) == "cb");
  CHECK(tree[tree.root()].last == b);
  tree.move(c, b, a);
  CHECK(names(b) == "ac");
  CHECK(tree[b].last == c);
  tree.move(b, tree.root(), no_node);
  tree.add(tree.root(), "d");
  CHECK(names(tree.root()) == "bd");
}

TEST_CASE("a copy has the same nodes under the same numbers, and goes its own way", "[tree]") {
  Arena arena;
  Tree tree(arena), copy(arena);
  const NodeId a = tree.add(tree.root(), "a", "1");
  copy.add(copy.root(), "forgotten");
  copy.copy(tree);
  CHECK(copy.size() == tree.size());
  CHECK(copy[a].value() == "1");
  copy.set_value(a, "2");
  copy.add(copy.root(), "b");
  CHECK(tree[a].value() == "1");
  CHECK(tree.child(tree.root(), "b") == no_node);
}
