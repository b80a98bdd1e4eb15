// Reading the tables of FHIR's types and codes.
#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <unordered_map>

#include "engine/schema/fhir.h"

namespace tombolo {
namespace {

// The part of `text` before `at`; takes it and `at` off.
std::string_view cut(std::string_view& text, char at) {
  const std::size_t end = std::min(text.find(at), text.size());
  const std::string_view part = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return part;
}

}  // namespace

// Reads the two tables into a FhirSchema: first all types, so that members can name any of them, then the members.
class FhirSchemaLoader {
 public:
  FhirSchemaLoader(FhirSchema& schema, const Library& library) : schema_(schema), library_(library) {}

  void load() {
    open("schemas/fhir/r4/codes.tsv");
    each_line([&](std::string_view line) { code_line(line); });
    sort_codes();
    open("schemas/fhir/r4/types.tsv");
    schema_.elements_.emplace_back();
    schema_.types_.emplace_back();
    schema_.by_name_.assign(32768, untyped);
    each_line([&](std::string_view line) {
      if (line.front() != '\t') add_type(line);
    });
    schema_.elements_.reserve(12000);
    each_line([&](std::string_view line) {
      if (line.front() != '\t') begin_members(line);
      else add_members(line.substr(1));
    });
    end_members();
    open("schemas/ucum/units.tsv");
    schema_.ucum_ = Ucum(text_);
  }

 private:
  void open(std::string_view name) {
    const auto file = library_.find(name);
    if (!file) throw std::runtime_error("cannot find " + std::string(name) + " among the shipped files");
    place_ = file->place;
    text_ = file->text;
  }

  template <class Visit>
  void each_line(Visit visit) {
    std::string_view rest = text_;
    line_ = 0;
    while (!rest.empty()) {
      const std::string_view line = cut(rest, '\n');
      ++line_;
      if (!line.empty() && line.front() != '#') visit(line);
    }
  }

  [[noreturn]] void damaged(const std::string& what) const {
    throw std::runtime_error(place_ + ":" + std::to_string(line_) + ": " + what);
  }

  // ── codes.tsv ──
  void code_line(std::string_view line) {
    auto& sets = schema_.value_sets_;
    if (sets.empty()) sets.emplace_back();
    if (line.front() != '\t') {
      const std::string_view name = cut(line, '\t');
      set_by_name_.emplace(name, static_cast<std::uint16_t>(sets.size()));
      sets.push_back({line, static_cast<std::uint32_t>(schema_.codes_.size()), 0});
      return;
    }
    line.remove_prefix(1);
    const std::string_view system = cut(line, '\t');
    while (!line.empty()) {
      schema_.codes_.push_back({system, cut(line, '\t')});
      ++sets.back().count;
    }
  }

  void sort_codes() {
    for (const auto& set : schema_.value_sets_) {
      const auto first = schema_.codes_.begin() + set.first;
      std::sort(first, first + set.count, [](const auto& a, const auto& b) { return a.code < b.code; });
    }
  }

  // ── types.tsv ──
  void add_type(std::string_view line) {
    const std::string_view kind = cut(line, '\t');
    Element type;
    type.name = type.json_name = cut(line, '\t');
    type.kind = kind == "primitive" ? TypeKind::primitive
                : kind == "complex" ? TypeKind::complex
                : kind == "backbone" ? TypeKind::backbone
                : kind == "resource" ? TypeKind::resource
                                     : (damaged("unknown kind of type"), TypeKind::complex);
    if (type.kind == TypeKind::primitive) type.primitive = primitive(type.name);
    type.type = type.first_variant = static_cast<ElementId>(schema_.elements_.size());
    schema_.elements_.push_back(type);
    FhirSchema::Type& more = schema_.types_.emplace_back();
    const std::string_view base = cut(line, '\t');
    if (!base.empty() && (more.base = schema_.type(base)) == untyped) damaged("base is not above: " + std::string(base));
    more.abstract = line == "abstract";
    enter(type.type, type.name);
  }

  // Members of the type before are complete; those of its base come first in the next.
  void begin_members(std::string_view line) {
    end_members();
    cut(line, '\t');
    owner_ = schema_.type(cut(line, '\t'));
    FhirSchema::Type& type = schema_.types_[owner_];
    type.first = static_cast<ElementId>(schema_.elements_.size());
    order_ = 0;
    const FhirSchema::Type& base = schema_.types_[type.base];
    for (ElementId id = base.first; id < base.first + base.count; ++id) {
      Element member = schema_.elements_[id];
      member.owner = owner_;
      member.first_variant = type.first + (member.first_variant - base.first);
      order_ = member.order;
      schema_.elements_.push_back(member);
    }
  }

  void end_members() {
    if (owner_ == untyped) return;
    FhirSchema::Type& type = schema_.types_[owner_];
    type.count = static_cast<std::uint32_t>(schema_.elements_.size()) - type.first;
    for (ElementId id = type.first; id < type.first + type.count; ++id) {
      const Element& member = schema_.elements_[id];
      enter(id, member.json_name);
      if (member.chosen && member.first_variant == id) enter(id, member.name);
    }
  }

  void add_members(std::string_view line) {
    Element member;
    member.owner = owner_;
    member.name = cut(line, '\t');
    member.chosen = member.name.ends_with("[x]");
    if (member.chosen) member.name.remove_suffix(3);
    member.order = ++order_;
    member.min = number(cut(line, '\t'));
    const std::string_view max = cut(line, '\t');
    member.max = max == "*" ? Element::many : number(max);
    std::string_view types = cut(line, '\t');
    const std::string_view flags = cut(line, '\t');
    member.modifier = flags.find('m') != flags.npos;
    member.summary = flags.find('s') != flags.npos;
    if (!line.empty()) member.value_set = value_set(line);
    member.variants = static_cast<std::uint16_t>(std::count(types.begin(), types.end(), ',') + 1);
    member.first_variant = static_cast<ElementId>(schema_.elements_.size());
    while (!types.empty()) {
      set_type(member, cut(types, ','));
      schema_.elements_.push_back(member);
    }
  }

  void set_type(Element& member, std::string_view text) {
    const std::string_view name = cut(text, '(');
    member.type = schema_.type(name);
    if (member.type == untyped) damaged("unknown type " + std::string(name));
    member.kind = schema_.elements_[member.type].kind;
    member.primitive = schema_.elements_[member.type].primitive;
    member.json_name = member.chosen ? choice_name(member.name, name) : member.name;
    member.target_first = static_cast<std::uint32_t>(schema_.targets_.size());
    std::string_view targets = text.empty() ? text : text.substr(0, text.size() - 1);
    while (!targets.empty()) schema_.targets_.push_back(schema_.type(cut(targets, '|')));
    member.target_count = static_cast<std::uint16_t>(schema_.targets_.size() - member.target_first);
  }

  std::string_view choice_name(std::string_view name, std::string_view type) {
    std::string& joined = schema_.names_.emplace_back(name);
    joined += type.front() >= 'a' ? static_cast<char>(type.front() - 32) : type.front();
    joined += type.substr(1);
    return joined;
  }

  std::uint16_t number(std::string_view digits) const {
    std::uint16_t n = 0;
    const auto [end, wrong] = std::from_chars(digits.data(), digits.data() + digits.size(), n);
    if (wrong != std::errc{} || end != digits.data() + digits.size()) damaged("expected a number");
    return n;
  }

  std::uint16_t value_set(std::string_view name) const {
    const auto found = set_by_name_.find(name);
    if (found == set_by_name_.end()) damaged("unknown value set " + std::string(name));
    return found->second;
  }

  void enter(ElementId id, std::string_view name) {
    const Element& element = schema_.elements_[id];
    std::uint32_t at = schema_.slot(element.owner, name);
    while (schema_.by_name_[at] != untyped) at = schema_.next_slot(at);
    schema_.by_name_[at] = id;
  }

  FhirSchema& schema_;
  const Library& library_;
  std::string place_;
  std::string_view text_;
  int line_ = 0;
  ElementId owner_ = untyped;
  std::uint16_t order_ = 0;
  std::unordered_map<std::string_view, std::uint16_t> set_by_name_;
};

FhirSchema::FhirSchema(const Library& library) { FhirSchemaLoader(*this, library).load(); }

}  // namespace tombolo
