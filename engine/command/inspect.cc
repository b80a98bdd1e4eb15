// get, tree, diff: the missing Unix tools of HL7 v2.
#include <CLI/CLI.hpp>

#include <cstdio>
#include <map>
#include <memory>
#include <ostream>

#include "engine/command/command.h"
#include "engine/command/input.h"
#include "engine/formats/hl7v2/address.h"
#include "engine/formats/hl7v2/hl7v2.h"

namespace tombolo {
namespace {

// One message of a file, parsed; what is odd about it goes to stderr.
class Parsed {
 public:
  Parsed(const std::string& file, Desk& desk) : bytes_(read_input(file)), library_({}, desk.shipped), dictionary_(library_), tree_(arena_) {
    std::vector<Complaint> complaints;
    const auto format = hl7v2_format(dictionary_);
    const auto done = format->parse(bytes_, {}, tree_, complaints);
    for (const auto& c : complaints) desk.err << file << ": " << (c.location.empty() ? "" : c.location + ": ") << c.text << "\n";
    if (!done) throw std::invalid_argument(file + ": " + text(done.error()));
  }
  const Tree& tree() const { return tree_; }

 private:
  std::string bytes_;
  Library library_;
  V2Dictionary dictionary_;
  Arena arena_;
  Tree tree_;
};

void print_value(std::ostream& out, const Tree& tree, NodeId id) {
  const Node& node = tree[id];
  if (node.holds == Holds::text) out << node.value();
  if (node.holds == Holds::deleted) out << "\"\"";
  bool first = true;
  for (const NodeId child : children(tree, id)) {
    if (!first) out << "^";
    first = false;
    print_value(out, tree, child);
  }
}

int get(const std::string& path, const std::string& file, Desk& desk) {
  const auto address = hl7v2::parse_address(path);
  if (!address) {
    desk.err << "tombolo: " << text(address.error()) << std::endl;
    return 2;
  }
  const Parsed message(file, desk);
  const auto found = hl7v2::find(message.tree(), *address);
  for (const NodeId id : found) {
    print_value(desk.out, message.tree(), id);
    desk.out << "\n";
  }
  return found.empty() ? 1 : 0;
}

void print_tree(std::ostream& out, const Tree& tree, NodeId parent, int depth) {
  for (const NodeId id : children(tree, parent)) {
    const Node& node = tree[id];
    out << std::string(static_cast<std::size_t>(depth) * 2, ' ') << node.name();
    if (node.holds == Holds::text) out << " = " << node.value();
    if (node.holds == Holds::deleted) out << " = \"\" (deleted)";
    out << "\n";
    print_tree(out, tree, id, depth + 1);
  }
}

// Every leaf by its address.
void leaves(const Tree& tree, NodeId parent, std::map<std::string, std::string>& found, std::vector<std::string>& order) {
  for (const NodeId id : children(tree, parent)) {
    const Node& node = tree[id];
    if (node.holds != Holds::nothing) {
      std::string place = hl7v2::place(tree, id);
      order.push_back(place);
      found[place] = node.holds == Holds::deleted ? "\"\"" : std::string(node.value());
    }
    leaves(tree, id, found, order);
  }
}

int diff(const std::string& before, const std::string& after, Desk& desk) {
  const Parsed a(before, desk), b(after, desk);
  std::map<std::string, std::string> left, right;
  std::vector<std::string> left_order, right_order;
  leaves(a.tree(), a.tree().root(), left, left_order);
  leaves(b.tree(), b.tree().root(), right, right_order);
  bool differ = false;
  for (const auto& place : left_order) {
    const auto other = right.find(place);
    if (other != right.end() && other->second == left[place]) continue;
    differ = true;
    desk.out << place << "\n  - " << left[place] << "\n";
    if (other != right.end()) desk.out << "  + " << other->second << "\n";
  }
  for (const auto& place : right_order) {
    if (left.count(place) > 0) continue;
    differ = true;
    desk.out << place << "\n  + " << right[place] << "\n";
  }
  return differ ? 1 : 0;
}

// A message that cannot be read is an answer ("no"), not a crash.
template <class Work>
int inspected(Desk& desk, Work work) {
  try {
    return work();
  } catch (const std::invalid_argument& unreadable) {
    desk.err << "tombolo: " << unreadable.what() << std::endl;
    return 1;
  }
}

}  // namespace

void add_inspect(CLI::App& app, Desk& desk) {
  struct Words {
    std::string first, second = "-";
  };
  auto asked = std::make_shared<Words>();
  CLI::App* get_command = app.add_subcommand("get", "print what stands at an address of a message: tombolo get PID-3[1].1 FILE");
  get_command->add_option("PATH", asked->first)->required();
  get_command->add_option("FILE", asked->second, "default: standard input");
  get_command->callback([asked, &desk] { desk.status = inspected(desk, [&] { return get(asked->first, asked->second, desk); }); });

  auto shown = std::make_shared<Words>();
  shown->first = "-";
  CLI::App* tree_command = app.add_subcommand("tree", "print a message as groups, segments, fields and components");
  tree_command->add_option("FILE", shown->first, "default: standard input");
  tree_command->callback([shown, &desk] {
    desk.status = inspected(desk, [&] {
      const Parsed message(shown->first, desk);
      print_tree(desk.out, message.tree(), message.tree().root(), 0);
      return 0;
    });
  });

  auto compared = std::make_shared<Words>();
  CLI::App* diff_command = app.add_subcommand("diff", "compare two messages leaf by leaf; exit 1 if they differ");
  diff_command->add_option("A", compared->first)->required();
  diff_command->add_option("B", compared->second)->required();
  diff_command->callback([compared, &desk] { desk.status = inspected(desk, [&] { return diff(compared->first, compared->second, desk); }); });
}

}  // namespace tombolo
