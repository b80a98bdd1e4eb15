// The first byte chooses the dialect, the rest is an expression. It never crashes; what is printed is read as the same; it is
// bound and run over a small tree within a limit of steps.
#include <cstdlib>
#include <string>
#include <string_view>

#include "engine/base/library.h"
#include "engine/fhirpath/evaluate.h"
#include "engine/fhirpath/parse.h"

using namespace tombolo;
using namespace tombolo::fhirpath;

namespace {

// Knows nothing: all types are unknown, all addresses and variables are the one tree.
class AnyTypes final : public Types {
 public:
  std::optional<TypeId> find(std::string_view, std::string_view) const override { return first_type; }
  std::string_view model(TypeId) const override { return "FHIR"; }
  std::string_view name(TypeId) const override { return "Any"; }
  bool is(TypeId, TypeId) const override { return true; }
  System system(TypeId) const override { return System::string; }
  std::optional<Shape> child(TypeId, std::string_view) const override { return Shape{}; }
  std::vector<std::string_view> children(TypeId) const override { return {}; }
  const Ucum& units() const override {
    static const Library library;
    static const Ucum ucum(library.find("schemas/ucum/units.tsv").value().text);
    return ucum;
  }
  TypeId type_of_node(const Tree&, NodeId) const override { return unknown_type; }
};

class AnyScope final : public Scope {
 public:
  explicit AnyScope(const Types& types) : types_(types) {}
  const Types& types() const override { return types_; }
  Shape focus() const override { return {}; }
  Result<AddressSlot> address(const Address&) const override { return AddressSlot{}; }
  std::optional<Slot> variable(std::string_view) const override { return Slot{}; }

 private:
  const Types& types_;
};

class AnyFrame final : public Frame {
 public:
  AnyFrame(const Types& types, const Tree& tree) : types_(types), tree_(tree) {}
  const Types& types() const override { return types_; }
  void read(std::uint32_t, Items& out) const override { out.add(tree_, tree_.root()); }

 private:
  const Types& types_;
  const Tree& tree_;
};

void run(const Expression& expression) {
  Arena arena;
  Tree tree(arena);
  const NodeId a = tree.add(tree.root(), "a");
  tree.add(a, "1", "20260131");
  tree.add(a, "1", "12.50");
  tree.set_deleted(tree.add(tree.root(), "b"));
  const AnyTypes types;
  const Bound bound = bind(expression, AnyScope(types));
  if (!bound) return;
  const AnyFrame frame(types, tree);
  Run run{frame, arena};
  run.steps_left = 10'000;
  Items focus(arena);
  focus.add(tree, tree.root());
  Items out(arena);
  (void)evaluate(bound.program, run, focus, out);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const Dialect dialect = data[0] == 's' ? Dialect::standard : Dialect::map;
  const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
  (void)parse_longest(text, 0, dialect);
  const Parsed parsed = parse(text, dialect);
  if (!parsed) return 0;
  const std::string printed = print(parsed.expression);
  const Parsed again = parse(printed, dialect);
  if (again && print(again.expression) != printed) std::abort();
  run(parsed.expression);
  return 0;
}
