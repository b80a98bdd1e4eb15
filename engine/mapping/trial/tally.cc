#include "engine/mapping/trial/tally.h"

#include <algorithm>
#include <filesystem>
#include <set>
#include <utility>

#include "engine/base/text.h"
#include "engine/formats/hl7v2/grammar.h"

namespace tombolo::trial {

// ── rules ──

RuleTally::At RuleTally::at(const Place& place) {
  return {std::filesystem::path(place.file).lexically_normal().string(), place.line, place.column};
}

std::vector<RuleTally::File> RuleTally::files() const {
  std::vector<File> files;
  for (const auto& [at, fired] : fired_) {
    if (files.empty() || files.back().name != at.file) files.push_back({at.file, 0, 0, {}});
    auto& file = files.back();
    ++file.rules;
    if (fired) ++file.fired;
    else file.never.push_back({at.file, at.line, at.column});
  }
  return files;
}

// ── fields ──

std::string_view name(Fate fate) {
  switch (fate) {
    case Fate::written: return "written";
    case Fate::decided: return "decided on";
    case Fate::taken_back: return "taken back";
    case Fate::passed_over: return "passed over";
    case Fate::unmapped: return "not mapped";
  }
  return {};
}

namespace {

NodeId first_leaf(const Tree& tree, NodeId node) {
  if (tree[node].first == no_node) return node;
  for (const NodeId child : children(tree, node))
    if (const NodeId leaf = first_leaf(tree, child); tree[leaf].holds == Holds::text) return leaf;
  return node;
}

class Fates {
 public:
  Fates(const Tree& source, const Tree& bundle, const RunReport& report) : source_(source), bundle_(bundle), list_(source.size(), Fate::unmapped) {
    for (NodeId node = 0; node < source.size(); ++node)
      if (report.read[node]) list_[node] = report.decided[node] ? Fate::decided : Fate::passed_over;
    std::vector<bool> stands(bundle.size());
    mark(bundle.root(), stands);
    for (NodeId node = 1; node < bundle.size(); ++node)
      if (!stands[node]) came(node, Fate::taken_back);
    for (NodeId node = 1; node < bundle.size(); ++node)
      if (stands[node]) came(node, Fate::written);
  }
  std::vector<Fate> take() { return std::move(list_); }

 private:
  void mark(NodeId node, std::vector<bool>& stands) {
    stands[node] = true;
    for (const NodeId child : children(bundle_, node)) mark(child, stands);
  }

  // A better fate replaces a worse one; what was only decided on stays so if it was taken back.
  void better(NodeId node, Fate fate) {
    if (fate == Fate::written || (list_[node] != Fate::written && list_[node] != Fate::decided)) list_[node] = fate;
  }

  void came(NodeId node, Fate fate) {
    const Node& n = bundle_[node];
    if (n.lineage == 0) return;
    const auto sources = bundle_.sources(n.lineage);
    const std::size_t values = sources.size() - bundle_.lineage(n.lineage).because;
    for (std::size_t i = 0; i < sources.size(); ++i) {
      if (i >= values) better(sources[i], fate == Fate::written ? Fate::decided : fate);
      else if (n.holds == Holds::text) better(first_leaf(source_, sources[i]), fate);
      else if (source_[sources[i]].first == no_node) better(sources[i], fate);
      else if (fate == Fate::written) stands_for(sources[i]);
    }
  }

  // A reference stands for all that its source says: the same source a second time is not written again.
  void stands_for(NodeId node) {
    if (list_[node] == Fate::passed_over) list_[node] = Fate::written;
    for (const NodeId child : children(source_, node)) stands_for(child);
  }

  const Tree& source_;
  const Tree& bundle_;
  std::vector<Fate> list_;
};

}  // namespace

std::vector<Fate> fates_of(const Tree& source, const Tree& bundle, const RunReport& report) { return Fates(source, bundle, report).take(); }

namespace {

// One message's values, told to the fields they stand in.
class Counting {
 public:
  using Field = FieldTally::Field;
  using Fields = std::map<std::pair<std::string, int>, Field>;

  Counting(const Tree& source, const std::vector<Fate>& list, Fields& fields) : source_(source), fates_(list), fields_(fields) {}

  void below(NodeId node) {
    for (const NodeId child : children(source_, node)) {
      if (source_[child].flags == static_cast<std::uint8_t>(hl7v2::Part::field)) field(source_[node].name(), child);
      else below(child);
    }
  }

 private:
  void field(std::string_view segment, NodeId node) {
    const int number = static_cast<int>(to_integer(source_[node].name()).value_or(0));
    if ((segment == "MSH" && number < 3) || source_[first_leaf(source_, node)].holds != Holds::text) return;
    const std::pair key{std::string(segment), number};
    auto& field = fields_[key];
    field.segment = segment, field.number = number;
    if (met_.insert(key).second) ++field.messages;
    ++field.valued;
    const auto written = field.leaves[0];
    leaf(node, field, std::string(segment) + "-" + std::to_string(number));
    if (field.leaves[0] > written) ++field.mapped;
  }

  void leaf(NodeId node, Field& field, const std::string& place) {
    if (source_[node].holds == Holds::text) {
      ++field.leaves[static_cast<std::size_t>(fates_[node])];
      if (fates_[node] == Fate::unmapped) ++field.unmapped[place];
    }
    for (const NodeId child : children(source_, node)) leaf(child, field, place + "." + std::string(source_[child].name()));
  }

  const Tree& source_;
  const std::vector<Fate>& fates_;
  Fields& fields_;
  std::set<std::pair<std::string, int>> met_;
};

}  // namespace

void FieldTally::add(const Tree& source, const Tree& bundle, const RunReport& report) {
  const auto list = fates_of(source, bundle, report);
  Counting(source, list, fields_).below(source.root());
}

std::vector<FieldTally::Field> FieldTally::fields() const {
  std::vector<Field> fields;
  for (const auto& [key, field] : fields_) fields.push_back(field);
  std::stable_partition(fields.begin(), fields.end(), [](const Field& f) { return f.segment == "MSH"; });
  return fields;
}

}  // namespace tombolo::trial
