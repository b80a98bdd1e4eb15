#include "engine/base/text.h"
#include "engine/formats/fhir/place.h"
#include "engine/formats/fhir/print.h"
#include "engine/formats/json/json.h"
#include "engine/formats/xml/reader.h"

namespace tombolo {
namespace {

constexpr std::string_view xhtml_space = "http://www.w3.org/1999/xhtml";

// Writes optimistically: an element that turns out to be empty is taken back by going back to where it began.
class Printer {
 public:
  Printer(std::string& out, const Tree& tree, const FhirSchema& schema, int indent)
      : out_(out), tree_(tree), schema_(schema), indent_(static_cast<std::size_t>(indent)) {}

  Result<void> document(NodeId root) {
    out_ += R"(<?xml version="1.0" encoding="UTF-8"?>)";
    const std::string_view type = schema_[tree_[root].element].name;
    if (indent_ == 0) out_ += '\n';
    new_line();
    const std::size_t begin = out_.size();
    out_ += '<' + std::string(type) + R"( xmlns="http://hl7.org/fhir")";
    const auto filled = content(root, type);
    if (!filled) return filled.error();
    if (!*filled) out_.resize(begin), out_ += '<' + std::string(type) + R"( xmlns="http://hl7.org/fhir"/>)";
    return {};
  }

 private:
  // An element with all that is in it; false: it is empty, nothing was written.
  Result<bool> element(NodeId id, std::string_view name) {
    const Node& node = tree_[id];
    if (node.holds == Holds::deleted) return false;
    if (schema_[node.element].primitive == Primitive::xhtml) return narrative(id);
    const std::size_t begin = out_.size();
    new_line();
    out_ += '<';
    out_ += name;
    const bool resource = schema_[node.element].owner == untyped && node.element != untyped;
    auto filled = resource ? wrapped(id, name) : content(id, name);
    if (filled && !*filled) out_.resize(begin);
    return filled;
  }

  Result<bool> wrapped(NodeId id, std::string_view name) {
    out_ += '>';
    ++depth_;
    new_line();
    const std::string_view type = schema_[tree_[id].element].name;
    const std::size_t begin = out_.size();
    out_ += '<' + std::string(type);
    auto filled = content(id, type);
    --depth_;
    if (!filled) return filled;
    if (!*filled) out_.resize(begin), out_ += '<' + std::string(type) + "/>";
    end_tag(name);
    return true;
  }

  // What follows the name in the start tag, up to the end of the element.
  Result<bool> content(NodeId id, std::string_view name) {
    auto valued = attributes(id);
    if (!valued) return valued;
    bool open = false;
    const std::size_t tag_end = out_.size();
    out_ += '>';
    ++depth_;
    for (const NodeId child : children(tree_, id)) {
      if (is_attribute(child)) continue;
      const auto written = unknown(child) ? unknown_element(child) : element(child, name_of(child));
      if (!written) return written;
      open |= *written;
    }
    --depth_;
    if (open) end_tag(name);
    else out_.resize(tag_end), out_ += "/>";
    return open || *valued;
  }

  Result<bool> attributes(NodeId id) {
    bool valued = false;
    for (const NodeId child : children(tree_, id)) {
      const Node& node = tree_[child];
      if (!is_attribute(child) || node.holds != Holds::text) continue;
      if (node.first != no_node) return refusal(child, "an attribute of XML cannot have an id or extensions");
      if (auto written = attribute(child, node.name()); !written) return written;
      valued = true;
    }
    if (tree_[id].holds != Holds::text) return valued;
    return attribute(id, "value");
  }

  bool unknown(NodeId id) const { return tree_[id].element == untyped; }
  bool is_attribute(NodeId id) const {
    const Node& node = tree_[id];
    if (!unknown(id)) return xml_attribute(schema_, schema_[node.element]);
    return unknown(node.parent) && node.name() == "id" && json_kind(node) == JsonKind::string && !json_item(node);
  }

  std::string_view name_of(NodeId id) const {
    const Node& node = tree_[id];
    return schema_[schema_.as_member(node.element, tree_[node.parent].element, node.name())].json_name;
  }

  Result<bool> attribute(NodeId id, std::string_view name) {
    const std::string_view value = tree_[id].value();
    out_ += ' ';
    out_ += name;
    out_ += "=\"";
    std::size_t done = 0;
    for (std::size_t at = 0; at < value.size(); ++at) {
      const std::string_view escape = escaped(value[at]);
      if (escape.empty()) {
        if (no_character(value, at)) return refusal(id, "a character in this value has no place in XML");
        continue;
      }
      out_ += value.substr(done, at - done);
      out_ += escape;
      done = at + 1;
    }
    out_ += value.substr(done);
    out_ += '"';
    return true;
  }

  static std::string_view escaped(char c) {
    switch (c) {
      case '&': return "&amp;";
      case '<': return "&lt;";
      case '>': return "&gt;";
      case '"': return "&quot;";
      case '\t': return "&#9;";
      case '\n': return "&#10;";
      case '\r': return "&#13;";
      default: return {};
    }
  }

  static bool no_character(std::string_view text, std::size_t at) {
    const auto c = static_cast<unsigned char>(text[at]);
    return c < 0x20 || (c == 0xEF && (text.substr(at, 3) == "\xEF\xBF\xBE" || text.substr(at, 3) == "\xEF\xBF\xBF"));
  }

  // The narrative as it is, if it is one element div; with the namespace if it has none.
  Result<bool> narrative(NodeId id) {
    const Node& node = tree_[id];
    if (node.holds != Holds::text) return false;
    if (node.first != no_node) return refusal(id, "a narrative in XML cannot have an id or extensions of its own");
    const std::string_view text = trim(node.value());
    Arena arena;
    XmlReader xml(text, arena);
    std::string_view space, name;
    std::size_t name_end = 0;
    for (;;) {
      const auto kind = xml.next();
      if (!kind) return refusal(id, "the narrative is not well-formed: " + kind.error().what);
      if (*kind == XmlKind::finish) break;
      if (*kind == XmlKind::instruction || (*kind == XmlKind::comment && xml.depth() == 0)) return refusal(id, "expected nothing around the narrative's div");
      if (*kind != XmlKind::start || xml.depth() > 1) continue;
      if (xml.begin() != 0) return refusal(id, "expected nothing around the narrative's div");
      space = xml.space(), name = xml.name(), name_end = 1 + xml.qualified().size();
    }
    if (name != "div" || (space != xhtml_space && !space.empty())) return refusal(id, "expected one <div> in the namespace of XHTML");
    new_line();
    out_ += text.substr(0, name_end);
    if (space.empty()) out_ += " xmlns=\"" + std::string(xhtml_space) + '"';
    out_ += text.substr(name_end);
    return true;
  }

  // What R4 does not have, as FHIR would write it: a value in `value`, a member as an element, an array as several.
  Result<bool> unknown_element(NodeId id) {
    const Node& node = tree_[id];
    const JsonKind kind = json_kind(node);
    if (!xml_name(node.name()) || kind == JsonKind::null || kind == JsonKind::array) {
      return refusal(id, "an unknown member that has no form in XML");
    }
    const std::size_t begin = out_.size();
    new_line();
    out_ += '<';
    out_ += node.name();
    auto filled = content(id, node.name());
    if (!filled) out_.resize(begin);
    return filled ? Result<bool>(true) : filled;
  }

  static bool xml_name(std::string_view name) {
    Arena arena;
    const std::string text = '<' + std::string(name) + "/>";
    XmlReader xml(text, arena);
    return !name.starts_with('_') && xml.next() && xml.qualified() == name && xml.name() == name;
  }

  void end_tag(std::string_view name) {
    new_line();
    out_ += "</";
    out_ += name;
    out_ += '>';
  }

  void new_line() {
    if (indent_ == 0) return;
    out_ += '\n';
    out_.append(depth_ * indent_, ' ');
  }

  Fault refusal(NodeId id, std::string what) const {
    return {Kind::unsupported, fhir_place(tree_, schema_, id, {}, FhirSyntax::xml), std::move(what)};
  }

  std::string& out_;
  const Tree& tree_;
  const FhirSchema& schema_;
  const std::size_t indent_;
  std::size_t depth_ = 0;
};

}  // namespace

Result<std::string> print_fhir_xml(const Tree& tree, const FhirSchema& schema, int indent) {
  std::string out;
  if (auto written = Printer(out, tree, schema, indent).document(tree.root()); !written) return written.error();
  return out;
}

}  // namespace tombolo
