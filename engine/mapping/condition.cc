#include "engine/mapping/condition.h"

#include <algorithm>

#include "engine/base/text.h"
#include "engine/fhirpath/parse.h"
#include "engine/mapping/bundle.h"
#include "engine/mapping/compiler/types.h"

namespace tombolo {
namespace {

// A segment that the expression reads: the first one of its name, or all, of which the expression takes the nth.
struct Sought {
  const V2Segment* segment;
  bool all;
};

class MessageScope final : public fhirpath::Scope {
 public:
  MessageScope(const mapping::SchemaTypes& types, std::vector<Sought>& sought) : types_(types), sought_(sought) {}

  const fhirpath::Types& types() const override { return types_; }

  fhirpath::Shape focus() const override { return {}; }

  Result<fhirpath::AddressSlot> address(const fhirpath::Address& address) const override {
    const std::string& name = address.names.back();
    if (address.names.size() > 1) return Fault{Kind::unsupported, "", "groups are not named in a condition: say " + name};
    const V2Segment* segment = types_.segment(name);
    if (!segment) {
      std::vector<std::string_view> names;
      for (const auto& known : types_.dictionary().segments()) names.push_back(known.name);
      return Fault{Kind::missing, "", "no segment is called " + name + suggestion(name, names)};
    }
    const bool all = address.occurrence != 0;
    auto at = std::find_if(sought_.begin(), sought_.end(), [&](const Sought& s) { return s.segment == segment && s.all == all; });
    if (at == sought_.end()) at = sought_.insert(sought_.end(), {segment, all});
    fhirpath::AddressSlot found;
    found.slot.number = static_cast<std::uint32_t>(at - sought_.begin());
    found.slot.shape = {{types_.of(*segment)}, all, true};
    return found;
  }

  std::optional<fhirpath::Slot> variable(std::string_view) const override { return std::nullopt; }

 private:
  const mapping::SchemaTypes& types_;
  std::vector<Sought>& sought_;
};

// Appends the segments of this name below `parent`: the first, or all.
void find_segments(const Tree& tree, NodeId parent, const Sought& sought, fhirpath::TypeId type, fhirpath::Items& out) {
  for (const NodeId id : children(tree, parent)) {
    if (tree[id].name() == sought.segment->name) out.add(tree, id, type);
    if (!out.empty() && !sought.all) return;
    const NodeId first = tree[id].first;
    const bool group = tree[id].name_size > 3 || (first != no_node && tree[first].name_size >= 3);
    if (group) find_segments(tree, id, sought, type, out);
  }
}

class MessageFrame final : public fhirpath::Frame {
 public:
  MessageFrame(const Tree& tree, const mapping::SchemaTypes& types, const std::vector<Sought>& sought)
      : tree_(tree), types_(types), sought_(sought) {}
  const fhirpath::Types& types() const override { return types_; }
  void read(std::uint32_t slot, fhirpath::Items& out) const override {
    find_segments(tree_, tree_.root(), sought_[slot], types_.of(*sought_[slot].segment), out);
  }

 private:
  const Tree& tree_;
  const mapping::SchemaTypes& types_;
  const std::vector<Sought>& sought_;
};

// The place of a byte of the expression: behind the place where its text begins.
Place behind(const Place& place, std::size_t offset) { return {place.file, place.line, place.column + static_cast<int>(offset)}; }

}  // namespace

struct Condition::Inside {
  Inside(Subject about, const V2Dictionary& dictionary, const FhirSchema& schema) : subject(about), types(dictionary, schema), fhir(schema) {}
  Subject subject;
  mapping::SchemaTypes types;   // of a message
  fhirpath::FhirTypes fhir;     // of a Bundle
  std::vector<Sought> sought;
  fhirpath::Program program;
};

Condition::Condition() = default;
Condition::~Condition() = default;

std::unique_ptr<const Condition> Condition::compile(const std::string& text, Subject subject, const Place& place, std::string_view source,
                                                    const V2Dictionary& dictionary, const FhirSchema& schema, Diagnostics& diagnostics) {
  const auto parsed = fhirpath::parse(text, fhirpath::Dialect::map);
  if (!parsed) {
    diagnostics.error(behind(place, parsed.problem->offset), parsed.problem->text, source);
    return nullptr;
  }
  std::unique_ptr<Condition> condition(new Condition);
  condition->inside_ = std::make_unique<Inside>(subject, dictionary, schema);
  Inside& inside = *condition->inside_;
  auto bound = subject == Subject::bundle ? fhirpath::bind(parsed.expression, mapping::BundleScope(inside.fhir, schema))
                                          : fhirpath::bind(parsed.expression, MessageScope(inside.types, inside.sought));
  for (const auto& problem : bound.problems) diagnostics.add(problem.severity, behind(place, problem.offset), problem.text, source);
  if (!bound) return nullptr;
  inside.program = std::move(bound.program);
  return condition;
}

Result<bool> Condition::holds(const Tree& tree, Arena& arena) const {
  const MessageFrame message(tree, inside_->types, inside_->sought);
  const mapping::BundleFrame bundle(inside_->fhir, tree);
  const fhirpath::Frame& frame = inside_->subject == Subject::bundle ? static_cast<const fhirpath::Frame&>(bundle) : message;
  fhirpath::Run run{frame, arena};
  fhirpath::Items focus(arena), result(arena);
  focus.add(tree, tree.root());
  const auto done = fhirpath::evaluate(inside_->program, run, focus, result);
  if (!done) return done.error();
  return fhirpath::truth(result, frame.types());
}

}  // namespace tombolo
