// The fields of a segment: which are required, known and may repeat in the message's version; what their values must look like.
#include <algorithm>
#include <charconv>
#include <vector>

#include "engine/base/text.h"
#include "engine/filters/validate/findings.h"
#include "engine/filters/validate/primitives.h"
#include "engine/filters/validate/survey.h"

namespace tombolo {
namespace {

std::size_t number_of(const Node& node) {
  std::size_t n = 0;
  std::from_chars(node.name().data(), node.name().data() + node.name().size(), n);
  return n;
}

bool only_padding(std::string_view text) { return text.find_first_not_of(' ') == text.npos; }

std::size_t characters(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

class FieldsCheck {
 public:
  FieldsCheck(const Subject& subject, NodeId segment, const V2Segment& definition)
      : subject_(subject),
        tree_(subject.survey.tree()),
        segment_(segment),
        definition_(definition),
        has_lengths_(subject.version_name() == "2.5" || subject.version_name() == "2.5.1" || subject.version_name() == "2.6"),
        counts_(definition.fields.size() + 1) {}

  void run() {
    const bool header = definition_.name == "MSH";
    for (const NodeId child : children(tree_, segment_)) {
      const std::size_t number = number_of(tree_[child]);
      if (number < counts_.size()) ++counts_[number];
    }
    for (const V2Field& field : definition_.fields) required(field);
    std::size_t before = 0, repetition = 0;
    for (const NodeId child : children(tree_, segment_)) {
      const std::size_t number = number_of(tree_[child]);
      repetition = number == before ? repetition + 1 : 1;
      before = number;
      if (!(header && number <= 2)) field_node(child, number, repetition);
    }
  }

 private:
  // A place below the segment, kept as its steps and written only where something is found.
  struct Spot {
    std::size_t field, repetition, component = 0, subcomponent = 0;
  };

  void say(Family family, const Spot& spot, std::string_view code, std::string text, Weight most = Weight::error) {
    std::string place = subject_.survey.place(segment_) + "-" + std::to_string(spot.field);
    if (spot.field < counts_.size() && counts_[spot.field] > 1 && spot.repetition > 0) place += "[" + std::to_string(spot.repetition) + "]";
    if (spot.component > 0) place += "." + std::to_string(spot.component);
    if (spot.subcomponent > 0) place += "." + std::to_string(spot.subcomponent);
    subject_.found.add({family, {}, subject_.survey.number(segment_), std::move(place), {}, code, std::move(text)}, most);
  }
  std::string in_version() const { return "in version " + subject_.version_name(); }

  // OBX-2 is conditional in every version, whatever the tables say: it is due where OBX-5 is valued.
  bool due(const V2Field& field) const {
    if (definition_.name == "OBX" && field.number == 2) return counts_[5] > 0 && (field.known & subject_.bit()) != 0;
    return (field.required & subject_.bit()) != 0;
  }

  void required(const V2Field& field) {
    const auto number = static_cast<std::size_t>(field.number);
    if (counts_[number] == 0 && due(field)) say(Family::cardinality, {number, 0}, "101", "required " + in_version() + " and not there");
  }

  void field_node(NodeId node, std::size_t number, std::size_t repetition) {
    const V2Field* const field = definition_.field(static_cast<int>(number));
    const Spot spot{number, repetition};
    if (field == nullptr || (field->known & subject_.bit()) == 0) {
      if (repetition == 1) not_known(field, spot, "a field");
      return;
    }
    if (repetition == 2) repeated(*field, number);
    value(node, definition_.name == "OBX" && number == 5 ? stated_type() : field->spelled_in(subject_.bit()), field->tables, spot);
  }

  void repeated(const V2Field& field, std::size_t number) {
    const std::size_t count = counts_[number];
    const bool may = (field.repeating & subject_.bit()) != 0;
    if (may && (field.most == 0 || count <= static_cast<std::size_t>(field.most))) return;
    say(Family::cardinality, {number, 0}, "102", "stands " + std::to_string(count) + " times, may stand " +
        (may ? std::to_string(field.most) + " times " : std::string("once ")) + in_version());
  }

  // field: nullptr: no version has it.
  void not_known(const V2Field* field, const Spot& spot, const std::string& what) {
    if (field == nullptr || field->known == 0) return say(Family::unknown, spot, "102", what + " that no version has");
    const bool older = (field->known & (subject_.bit() - 1)) != 0;
    say(Family::unknown, spot, "102", older ? "withdrawn " + in_version() : what + " of later versions");
  }

  std::string_view stated_type() const {
    const NodeId type = tree_.child(segment_, "2");
    return type == no_node || tree_[type].holds != Holds::text ? std::string_view{} : tree_[type].value();
  }

  // type: as this version spells it; one that is unknown, or empty, says nothing of the value.
  void value(NodeId node, std::string_view spelled, std::string_view tables, const Spot& spot) {
    const V2Type* const type = spelled.empty() || spelled == "varies" ? nullptr : subject_.dictionary.type(spelled);
    if (type == nullptr || tree_[node].holds == Holds::deleted) return;
    if (type->name == "DTM" || type->components.empty()) return primitive(node, spelled, tables, spot);
    if (tree_[node].first == no_node) part(node, *type, 1, spot);
    for (const NodeId child : children(tree_, node)) part(child, *type, number_of(tree_[child]), spot);
    if (spot.subcomponent == 0) parts_required(node, *type, spot);
  }

  // A component, or of a component a sub-component. `node` may be the whole where only the first part is there.
  void part(NodeId node, const V2Type& type, std::size_t number, Spot spot) {
    const V2Field* const component = type.component(static_cast<int>(number));
    const bool deepest = spot.component > 0;
    (deepest ? spot.subcomponent : spot.component) = number;
    if (component == nullptr || (component->known & subject_.bit()) == 0) {
      return not_known(component, spot, deepest ? "a sub-component" : "a component");
    }
    const std::string_view spelled = component->spelled_in(subject_.bit());
    const V2Type* const inner = spelled.empty() ? nullptr : subject_.dictionary.type(spelled);
    // Below sub-components there is nothing: a composite there is only its first part.
    if (deepest && inner != nullptr && !inner->components.empty() && inner->name != "DTM") return;
    value(node, spelled, component->tables, spot);
  }

  void parts_required(NodeId node, const V2Type& type, Spot spot) {
    const bool deepest = spot.component > 0;
    for (const V2Field& component : type.components) {
      if ((component.required & subject_.bit()) == 0) continue;
      const bool there = component.number == 1 && tree_[node].first == no_node;
      if (there || tree_.child(node, std::to_string(component.number)) != no_node) continue;
      (deepest ? spot.subcomponent : spot.component) = static_cast<std::size_t>(component.number);
      say(Family::cardinality, spot, "101", "required " + in_version() + " and not there");
    }
  }

  void primitive(NodeId node, std::string_view spelled, std::string_view tables, Spot spot) {
    const bool moment = spelled == "TS" || spelled == "DTM";
    for (NodeId child = tree_[node].first; child != no_node; child = tree_[child].next) {
      const std::size_t number = number_of(tree_[child]);
      if (number == 1) {
        primitive(child, spelled, tables, spot);
      } else if (!(moment && number == 2)) {
        (spot.component > 0 ? spot.subcomponent : spot.component) = number;
        return say(Family::unknown, spot, "102", "a part of a value that has none (" + std::string(spelled) + ")");
      }
    }
    if (tree_[node].holds != Holds::text || only_padding(tree_[node].value())) return;
    const std::string_view text = tree_[node].value();
    if (const std::string_view wrong = unlike(spelled, text); !wrong.empty()) say(Family::format, spot, "102", std::string(wrong));
    if (spelled == "ID" || spelled == "IS") coded(text, spelled, tables, spot);
    if (const std::size_t most = longest(spelled); has_lengths_ && most > 0 && characters(text) > most) {
      say(Family::length, spot, "104", "longer than " + std::to_string(most) + " characters (" + std::string(spelled) + ")");
    }
  }

  // Any table that a version gave the field will do. Of one that users define the codes are suggestions.
  void coded(std::string_view text, std::string_view spelled, std::string_view tables, const Spot& spot) {
    const V2Table* known = nullptr;
    for (const std::string_view name : split(tables, ' ')) {
      const V2Table* const table = subject_.dictionary.table(name);
      if (table == nullptr || table->has(text)) return;
      if (known == nullptr) known = table;
    }
    if (known == nullptr) return;
    const bool strict = known->by_hl7 && spelled == "ID";
    say(Family::vocabulary, spot, "103", "not in " + std::string(strict ? "HL7" : "the suggested") + " table " + std::string(known->name),
        strict ? Weight::error : Weight::information);
  }

  const Subject& subject_;
  const Tree& tree_;
  NodeId segment_;
  const V2Segment& definition_;
  bool has_lengths_;
  std::vector<std::size_t> counts_;     // per field, its repetitions
};

}  // namespace

void check_fields(const Subject& subject, NodeId segment, const V2Segment& definition) { FieldsCheck(subject, segment, definition).run(); }

}  // namespace tombolo
