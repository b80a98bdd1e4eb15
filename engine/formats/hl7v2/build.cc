#include "engine/formats/hl7v2/build.h"

#include <array>

#include "engine/formats/hl7v2/decode.h"
#include "engine/formats/hl7v2/escape.h"
#include "engine/formats/hl7v2/grammar.h"
#include "engine/formats/hl7v2/header.h"
#include "engine/formats/hl7v2/message.h"

namespace tombolo::hl7v2 {
namespace {

constexpr std::size_t most_complaints = 100;

class NumberNames {  // "0" … "999", which live for ever
 public:
  NumberNames() {
    for (std::size_t n = 0; n < names_.size(); ++n) {
      std::size_t size = 0;
      for (const char c : std::to_string(n)) letters_[n * 3 + size++] = c;
      names_[n] = {&letters_[n * 3], size};
    }
  }
  std::string_view of(std::uint32_t n, Arena& arena) const { return n < names_.size() ? names_[n] : arena.copy(std::to_string(n)); }

 private:
  std::array<char, 3000> letters_;
  std::array<std::string_view, 1000> names_;
};

const NumberNames& number_names() {
  static const NumberNames names;
  return names;
}

class Builder {
 public:
  // text and received have the same leaves, in UTF-8 and as they came; they may be the same.
  Builder(const Message& text, const Message& received, const std::string& charset, const V2Dictionary& dictionary, Tree& tree)
      : text_(text), received_(received), charset_(charset), dictionary_(dictionary), tree_(tree), names_(number_names()) {}

  void segment(NodeId node, const Segment& segment, const V2Segment* definition) {
    const std::string_view all = text_.bytes().substr(segment.begin, segment.end - segment.begin);
    escaped_ = text_.delimiters().escape != 0 && all.find(text_.delimiters().escape) != all.npos;
    const bool is_header = segment.begin == text_.segments()[0].begin;
    const std::span<const V2Field> fields = definition == nullptr ? std::span<const V2Field>{} : definition->fields;
    for (std::uint32_t n = 1; n <= segment.count; ++n) {
      const auto leaves = text_.field(segment, n);
      if (leaves.size() == 1 && leaves[0].size() == 0) continue;
      const V2Field* const field = n <= fields.size() ? &fields[n - 1] : nullptr;
      if (is_header && n <= 2) {
        tree_.set_value(node_for(node, n, Part::field, field, leaves), text_.text(leaves[0]));
        continue;
      }
      if (leaves.size() == 1) {
        value(node_for(node, n, Part::field, field, leaves), leaves[0]);
        continue;
      }
      const V2Type* type = field == nullptr ? nullptr : field->type;
      if (type != nullptr && type->name == "varies") type = stated_type(segment, n);
      each(leaves, Level::repetition, [&](std::span<const Leaf> repetition, std::uint32_t) {
        branch(node, n, Part::field, field, type, repetition, Level::component);
      });
    }
  }

 private:
  // Calls visit(leaves, number from 1) for each run that is separated by delimiters of this level.
  template <class Visit>
  static void each(std::span<const Leaf> leaves, Level level, Visit visit) {
    std::size_t begin = 0;
    std::uint32_t number = 1;
    for (std::size_t i = 1; i <= leaves.size(); ++i) {
      if (i < leaves.size() && leaves[i].level() < level) continue;
      visit(leaves.subspan(begin, i - begin), number++);
      begin = i;
    }
  }

  // One repetition or component with what is in it; nothing if all of it is empty. What only has a first part is a leaf.
  void branch(NodeId parent, std::uint32_t number, Part part, const V2Field* field, const V2Type* type, std::span<const Leaf> leaves,
              Level level) {
    std::size_t last = leaves.size();
    while (last > 0 && leaves[last - 1].size() == 0) --last;
    if (last == 0) return;
    const NodeId node = node_for(parent, number, part, field, leaves);
    if (last == 1) return value(node, leaves[0]);
    const Part inner = part == Part::field ? Part::component : Part::subcomponent;
    each(leaves.first(last), level, [&](std::span<const Leaf> run, std::uint32_t n) {
      const V2Field* const component = type == nullptr ? nullptr : type->component(static_cast<int>(n));
      if (level == Level::component) {
        branch(node, n, inner, component, component == nullptr ? nullptr : component->type, run, Level::subcomponent);
      } else if (run[0].size() > 0) {
        value(node_for(node, n, inner, component, run), run[0]);
      }
    });
  }

  NodeId node_for(NodeId parent, std::uint32_t number, Part part, const V2Field* field, std::span<const Leaf> leaves) {
    const NodeId id = tree_.add(parent, names_.of(number, tree_.arena()));
    Node& node = tree_[id];
    node.flags = static_cast<std::uint8_t>(part);
    node.element = field == nullptr ? 0 : field->element;
    const Leaf* const first = received(leaves.front());
    const Leaf* const last = received(leaves.back());
    node.begin = first->begin;
    node.length = last->begin + last->size() - first->begin;
    return id;
  }

  void value(NodeId node, const Leaf& leaf) {
    std::string_view text = text_.text(leaf);
    if (text == "\"\"") return tree_.set_deleted(node);
    if (escaped_) text = unescape(text, text_.delimiters(), tree_.arena(), charset_);
    tree_.set_value(node, text);
  }

  const Leaf* received(const Leaf& leaf) const { return received_.leaves().data() + (&leaf - text_.leaves().data()); }

  // OBX-5 is what OBX-2 says.
  const V2Type* stated_type(const Segment& segment, std::uint32_t n) const {
    return text_.name(segment) == "OBX" && n == 5 ? dictionary_.type(text_.raw(segment, 2)) : nullptr;
  }

  const Message& text_;
  const Message& received_;
  const std::string& charset_;
  const V2Dictionary& dictionary_;
  Tree& tree_;
  const NumberNames& names_;
  bool escaped_ = false;
};

std::string occurrence(const Message& message, std::size_t segment) {
  const std::string_view name = message.name(message.segments()[segment]);
  std::size_t before = 0, all = 0;
  for (std::size_t i = 0; i < message.segments().size(); ++i) {
    if (message.name(message.segments()[i]) != name) continue;
    ++all;
    if (i <= segment) ++before;
  }
  std::string out;  // never more than a name's letters: the segment may be garbage
  for (const char c : name.substr(0, 3)) {
    if ((c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) out += c;
  }
  return out.size() == 3 && all > 1 ? out + "[" + std::to_string(before) + "]" : out;
}

void complain(std::vector<Complaint>& complaints, std::string location, const char* code, const char* severity, std::string text) {
  if (complaints.size() < most_complaints) complaints.push_back({std::move(location), code, severity, std::move(text)});
}

struct Chosen {
  const V2Structure* structure;
  int version;
};

// MSH-9.2; EVN-1 says the same, and where old senders say it at all.
std::string_view event(const Message& m) {
  const std::string_view said = m.raw(m.segments()[0], 9, 1, 2, 1);
  if (!said.empty() || m.segments().size() < 2 || m.name(m.segments()[1]) != "EVN") return said;
  return m.raw(m.segments()[1], 1, 1, 1, 1);
}

// Structure and version by the header; what is strange about them is said.
Chosen choose(const Message& m, const V2Dictionary& dictionary, std::vector<Complaint>& complaints) {
  const Segment& msh = m.segments()[0];
  const std::string_view version = m.raw(msh, 12, 1, 1, 1);
  const int nearest = dictionary.nearest(version);
  if (!version.empty() && !dictionary.knows_version(version)) {
    complain(complaints, "MSH-12", "203", "W", "not a known version; read as " + std::string(dictionary.versions()[static_cast<std::size_t>(nearest)]));
  }
  const V2Structure* const structure = dictionary.structure(m.raw(msh, 9, 1, 1, 1), event(m), m.raw(msh, 9, 1, 3, 1), nearest);
  if (structure == nullptr && !m.raw(msh, 9).empty()) {
    complain(complaints, "MSH-9", "200", "W", "no message structure is known for it; segments are not grouped");
  }
  return {structure, nearest};
}

void complain(std::vector<Complaint>& complaints, const Message& m, std::size_t segment, Oddity oddity, std::string_view structure) {
  const auto say = [&](const char* severity, const std::string& text) { complain(complaints, occurrence(m, segment), "100", severity, text); };
  switch (oddity) {
    case Oddity::none: return;
    case Oddity::other_version: return say("I", "in " + std::string(structure) + " only in other versions");
    case Oddity::late: return say("W", "comes too late in " + std::string(structure));
    case Oddity::repeated: return say("W", "does not repeat in " + std::string(structure));
    case Oddity::unknown: return say("W", "has no place in " + std::string(structure));
  }
}

}  // namespace

std::vector<Complaint> header_errors(std::string_view bytes) {
  std::vector<Complaint> errors;
  bytes.remove_prefix(preamble(bytes));
  const auto header = Header::read(bytes);
  if (!header || header->field(0) != "MSH") return errors;
  for (const int n : {9, 10, 11, 12}) {
    const std::string_view value = part(header->field(n), header->delimiters(), 1, 1);
    if (value.empty() || value == "\"\"") complain(errors, "MSH-" + std::to_string(n), "101", "E", "required and not there");
  }
  return errors;
}

Result<void> build(std::string_view bytes, const Reading& reading, const V2Dictionary& dictionary, Tree& tree,
                   std::vector<Complaint>& complaints) {
  const Decoded decoded = decode(bytes, reading, tree.arena(), complaints);
  Limits limits;
  limits.segments = reading.max_segments;
  Message text, as_received;
  if (const auto done = text.index(decoded.text, limits); !done) return done.error();
  const bool changed = decoded.text.data() != bytes.data();
  const Message* received = &text;
  if (changed && decoded.aligned && as_received.index(bytes, limits) && as_received.leaves().size() == text.leaves().size()) {
    received = &as_received;
  }
  for (Complaint& error : header_errors(decoded.text)) complaints.push_back(std::move(error));

  const auto [structure, version] = choose(text, dictionary, complaints);
  const std::string_view structure_name = structure == nullptr ? std::string_view{} : structure->name;
  Grammar grammar(structure, version, tree);
  Builder builder(text, *received, decoded.charset, dictionary, tree);
  for (std::size_t i = 0; i < text.segments().size(); ++i) {
    const Segment& segment = text.segments()[i];
    const Segment& span = received->segments()[i];
    const std::string_view name = text.name(segment);
    const V2Segment* const definition = dictionary.segment(name);
    const auto placed = grammar.add(name, definition, span.begin, span.end);
    if (placed.oddity != Oddity::none) complain(complaints, text, i, placed.oddity, structure_name);
    builder.segment(placed.node, segment, definition);
  }
  grammar.finish();
  for (const std::string& path : grammar.missing()) complain(complaints, path, "100", "W", "required in " + std::string(structure_name) + " and not there");

  Node& root = tree[tree.root()];
  root.value_text = bytes.data();
  root.value_size = static_cast<std::uint32_t>(bytes.size());
  root.length = root.value_size;
  root.flags = charset_code(decoded.charset);
  return {};
}

}  // namespace tombolo::hl7v2
