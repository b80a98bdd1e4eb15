#include <unordered_map>
#include <vector>

#include "engine/base/text.h"
#include "engine/formats/fhir/parse.h"
#include "engine/formats/xml/reader.h"

namespace tombolo {
namespace {

constexpr std::string_view fhir_space = "http://hl7.org/fhir";
constexpr std::string_view schema_space = "http://www.w3.org/2001/XMLSchema-instance";

void set_kind(Node& node, JsonKind kind, bool item = false) {
  node.flags = static_cast<std::uint8_t>(static_cast<std::uint8_t>(kind) | (item ? 8 : 0));
}

// Builds the tree while it reads. `open_` is the node whose element is open: faults name it.
class Builder {
 public:
  Builder(std::string_view bytes, const FhirSchema& schema, Tree& tree, const FhirReading& reading)
      : bytes_(bytes), schema_(schema), tree_(tree), reading_(reading), xml_(bytes, tree.arena(), {reading.limits.depth, 64}) {}

  Result<void> document() {
    const auto begun = token("an element");
    if (!begun) return begun.error();
    if (auto read = resource(tree_.root(), untyped); !read) return read;
    const auto ended = token("");
    return ended ? Result<void>{} : Result<void>(ended.error());
  }

 private:
  // The next start, end or finish. Between tags nothing stands but white space.
  Result<XmlKind> token(std::string_view expected) {
    for (;;) {
      auto kind = xml_.next();
      if (!kind) return at_path(kind.error());
      switch (*kind) {
        case XmlKind::text:
          if (!xml_.blank()) return here("expected " + std::string(expected) + ", found text");
          break;
        case XmlKind::comment:
          if (!reading_.skip_comments) return here("a comment: what is read here is data, and a comment would be lost");
          break;
        case XmlKind::instruction: return here("a processing instruction: FHIR has none");
        default: return kind;
      }
    }
  }

  // The reader stands at the start of the element that is named like the resource's type.
  Result<void> resource(NodeId node, ElementId expected) {
    if (xml_.space() != fhir_space) return here("expected a resource in the namespace http://hl7.org/fhir");
    const ElementId type = schema_.type(xml_.name());
    const bool known = type != untyped && schema_.is_resource(type) && !schema_.is_abstract(type);
    if (!known || (expected != untyped && !schema_.is(type, expected))) return here("expected the name of a resource type");
    for (const XmlAttribute& one : xml_.attributes()) {
      if (one.space != schema_space) return fault(one.begin, "a resource has no attribute '" + std::string(one.name) + "'");
    }
    tree_[node].element = type;
    tree_[node].begin = static_cast<std::uint32_t>(xml_.begin());
    return members(node, {});
  }

  Fault too_many() const { return at_path(xml_.fault(xml_.begin(), "more than " + std::to_string(reading_.limits.values) + " values", Kind::too_large)); }

  // Up to the end of the element that was started. url: of an extension, to be put in its place.
  Result<void> members(NodeId node, std::string_view url) {
    const NodeId outer = open_;
    open_ = node;
    ElementId last = untyped;
    for (;;) {
      const auto kind = token("an element");
      if (!kind) return kind.error();
      if (*kind != XmlKind::start) break;
      if (tree_.size() > reading_.limits.values) return too_many();
      if (auto added = member(node, last, url); !added) return added;
    }
    if (!url.empty()) add_url(node, url);
    if (reading_.keep_unknown) arrange(node);
    tree_[node].length = static_cast<std::uint32_t>(xml_.end()) - tree_[node].begin;
    open_ = outer;
    return {};
  }

  // One child element. last: the one before, then this one.
  Result<void> member(NodeId parent, ElementId& last, std::string_view& url) {
    const std::string_view name = xml_.name();
    const ElementId id = schema_.member(tree_[parent].element, name);
    const Element& element = schema_[id];
    if (element.primitive == Primitive::xhtml && xml_.space() == xhtml_space) return xhtml(parent, id, last);
    if (element.primitive == Primitive::xhtml) return child("expected an element of the namespace " + std::string(xhtml_space));
    if (xml_.space() != fhir_space) return child("expected an element of the namespace http://hl7.org/fhir");
    if (id == untyped || element.json_name != name || xml_attribute(schema_, element)) return no_such_element(parent, name);
    if (auto fits = place(element, last); !fits) return fits;
    if (!url.empty() && element.order > schema_[schema_.member(tree_[parent].element, "url")].order) add_url(parent, url), url = {};
    const NodeId node = tree_.add(parent, element.name);
    tree_[node].element = id;
    tree_[node].begin = static_cast<std::uint32_t>(xml_.begin());
    return element.kind == TypeKind::resource ? wrapped(node, element) : content(node, element);
  }

  // May the element stand here: in order, once if it does not repeat, of one type only?
  Result<void> place(const Element& element, ElementId& last) {
    const Element& before = schema_[last];
    if (last != untyped) {
      if (element.order < before.order) return child("the element is not in its place: expected it before '" + std::string(before.json_name) + "'");
      if (element.order == before.order && before.json_name != element.json_name) return child("the element may have one type only, this is another one");
      if (element.order == before.order && !element.list()) return child("the element may not repeat");
    }
    last = schema_.id(element);
    return {};
  }

  // An element that holds a resource: the resource's own element, and nothing else.
  Result<void> wrapped(NodeId node, const Element& element) {
    const NodeId outer = open_;
    open_ = node;
    if (!xml_.attributes().empty()) return fault(xml_.attributes()[0].begin, "expected no attribute: the element holds a resource");
    const auto kind = token("a resource");
    if (!kind) return kind.error();
    if (*kind != XmlKind::start) return here("expected a resource, found nothing");
    if (auto read = resource(node, element.type); !read) return read;
    const auto end = token("the end of the element");
    if (!end) return end.error();
    if (*end != XmlKind::end) return here("expected one resource, found another element");
    open_ = outer;
    return {};
  }

  Result<void> content(NodeId node, const Element& element) {
    std::string_view url;
    if (auto read = attributes(node, element, url); !read) return read;
    if (auto read = members(node, url); !read) return read;
    if (tree_[node].holds == Holds::nothing && tree_[node].first == no_node) return fault(tree_[node].begin, "an element may not be empty", node);
    return {};
  }

  Result<void> attributes(NodeId node, const Element& element, std::string_view& url) {
    for (const XmlAttribute& one : xml_.attributes()) {
      if (one.space == schema_space) continue;
      const ElementId member = one.space.empty() ? schema_.member(tree_[node].element, one.name) : untyped;
      const bool value = one.space.empty() && one.name == "value" && element.primitive != Primitive::none;
      if (!value && (member == untyped || !xml_attribute(schema_, schema_[member]))) {
        return fault(one.begin, std::string(schema_[element.type].name) + " has no attribute '" + std::string(one.name) + "'", node);
      }
      if (one.value.empty()) return fault(one.begin, "a value may not be empty", node);
      if (value) {
        const Primitive kind = element.primitive;
        const Primitive wanted = kind == Primitive::boolean ? kind : Primitive::decimal;
        if (!quoted(kind) && !valid(wanted, one.value)) return fault(one.begin, std::string(expected(kind)) + ", found something else", node);
        tree_.set_value(node, one.value);
      } else if (one.name == "url") {
        url = one.value;
        url_begin_ = one.begin;
      } else {
        leaf(node, member, one.value, one.begin, xml_.end());
      }
    }
    return {};
  }

  void leaf(NodeId parent, ElementId member, std::string_view value, std::size_t begin, std::size_t end) {
    const NodeId node = tree_.add(parent, schema_[member].name, value);
    tree_[node].element = member;
    tree_[node].begin = static_cast<std::uint32_t>(begin);
    tree_[node].length = static_cast<std::uint32_t>(end - begin);
  }

  void add_url(NodeId extension, std::string_view url) {
    leaf(extension, schema_.member(tree_[extension].element, "url"), url, url_begin_, url_begin_ + url.size());
  }

  // ── narrative ── its bytes; and the declarations it needs of those that stand further out.
  Result<void> xhtml(NodeId parent, ElementId id, ElementId& last) {
    if (auto fits = place(schema_[id], last); !fits) return fits;
    const std::size_t begin = xml_.begin(), depth = xml_.depth(), name_end = begin + 1 + xml_.qualified().size();
    std::vector<XmlBinding> outer;
    for (auto kind = Result<XmlKind>(XmlKind::start); xml_.depth() >= depth;) {
      if (*kind == XmlKind::start) need(outer, depth);
      if (*kind == XmlKind::instruction) return here("a processing instruction: FHIR has none");
      kind = xml_.next();
      if (!kind) return at_path(kind.error());
    }
    std::string_view text = bytes_.substr(begin, xml_.end() - begin);
    if (!outer.empty()) {
      std::string declared(text.substr(0, name_end - begin));
      for (const XmlBinding& one : outer) {
        declared += " xmlns" + (one.prefix.empty() ? "" : ":" + std::string(one.prefix)) + "=\"" + escaped(one.space) + "\"";
      }
      text = tree_.arena().join({declared, text.substr(name_end - begin)});
    }
    leaf(parent, id, text, begin, xml_.end());
    return {};
  }

  // The bindings from outside of the narrative that the element at which the reader stands may need.
  void need(std::vector<XmlBinding>& outer, std::size_t depth) {
    const auto use = [&](std::string_view prefix) {
      const XmlBinding* const bound = xml_.binding(prefix);
      if (bound == nullptr || bound->depth >= depth) return;
      for (const XmlBinding& one : outer) {
        if (one.prefix == prefix) return;
      }
      outer.push_back(*bound);
    };
    const std::size_t colon = xml_.qualified().find(':');
    use(colon == std::string_view::npos ? std::string_view() : xml_.qualified().substr(0, colon));
    for (const XmlBinding& one : xml_.bindings()) {
      for (const XmlAttribute& attribute : xml_.attributes()) {
        if (!attribute.space.empty() && attribute.space == one.space && !one.prefix.empty()) use(one.prefix);
      }
    }
  }

  static std::string escaped(std::string_view uri) {
    std::string out;
    for (const char c : uri) out += c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '"' ? "&quot;" : std::string(1, c);
    return out;
  }

  // ── what R4 does not have ──
  Result<void> no_such_element(NodeId parent, std::string_view name) {
    if (reading_.keep_unknown) return unknown(parent);
    const ElementId named = schema_.member(tree_[parent].element, name);
    if (named != untyped && xml_attribute(schema_, schema_[named])) return child("expected this as an attribute");
    return child(no_such_element_text(schema_, tree_[parent].element, name));
  }

  // As JSON has it: text, or an object; those of one name are an array, side by side.
  Result<void> unknown(NodeId parent) {
    const std::string_view name = xml_.name();
    if (tree_.size() > reading_.limits.values) return too_many();
    const NodeId node = tree_.add(parent, name);
    tree_[node].begin = static_cast<std::uint32_t>(xml_.begin());
    set_kind(tree_[node], JsonKind::object);
    for (const XmlAttribute& one : xml_.attributes()) {
      if (one.space == schema_space) continue;
      if (!one.space.empty() || (one.name != "value" && one.name != "id" && one.name != "url")) return not_kept("it has an attribute '" + std::string(one.name) + "'");
      if (one.name == "value") {
        tree_.set_value(node, one.value);
        set_kind(tree_[node], JsonKind::string);
      } else {
        set_kind(tree_[tree_.add(node, one.name, one.value)], JsonKind::string);
      }
    }
    return unknown_content(node);
  }

  // What is unknown goes behind the others, with those of its name side by side.
  void arrange(NodeId node) {
    std::vector<NodeId> known;
    std::vector<std::vector<NodeId>> unknown;
    std::unordered_map<std::string_view, std::size_t> names;
    for (const NodeId child : children(tree_, node)) {
      if (tree_[child].element != untyped) {
        known.push_back(child);
        continue;
      }
      const auto [at, first] = names.emplace(tree_[child].name(), unknown.size());
      if (first) unknown.emplace_back();
      unknown[at->second].push_back(child);
    }
    if (unknown.empty()) return;
    for (const auto& same : unknown) {
      for (const NodeId child : same) set_kind(tree_[child], json_kind(tree_[child]), same.size() > 1);
      known.insert(known.end(), same.begin(), same.end());
    }
    for (std::size_t i = 0; i + 1 < known.size(); ++i) tree_[known[i]].next = known[i + 1];
    tree_[known.back()].next = no_node;
    tree_[node].first = known.front();
    tree_[node].last = known.back();
  }

  Result<void> unknown_content(NodeId node) {
    for (;;) {
      const auto kind = token("an element");
      if (!kind) return kind.error();
      if (*kind != XmlKind::start) break;
      if (xml_.space() != fhir_space) return not_kept("it has an element of another namespace");
      if (auto read = unknown(node); !read) return read;
    }
    arrange(node);
    tree_[node].length = static_cast<std::uint32_t>(xml_.end()) - tree_[node].begin;
    if (json_kind(tree_[node]) == JsonKind::string && tree_[node].first != no_node) return not_kept("it has a value and more");
    return {};
  }

  Result<void> not_kept(const std::string& why) { return here("an unknown element that cannot be kept: " + why); }

  // ── places ──
  static Fault with_path(Fault fault, const std::string& path) {
    if (!path.empty()) fault.where = path + " " + fault.where;
    return fault;
  }
  std::string path_of(NodeId node) const { return node == no_node ? "" : fhir_place(tree_, schema_, node, {}, FhirSyntax::xml); }
  Fault at_path(Fault fault) const { return with_path(std::move(fault), path_of(open_)); }
  // At the token just read: in what is open, or the child of it that it begins.
  Fault here(std::string what) const { return at_path(xml_.fault(xml_.begin(), std::move(what))); }
  Fault child(std::string what) const {
    return with_path(xml_.fault(xml_.begin(), std::move(what)), path_of(open_) + "/" + std::string(xml_.name()));
  }
  Fault fault(std::size_t offset, std::string what, NodeId node = no_node) const {
    return with_path(xml_.fault(offset, std::move(what)), path_of(node == no_node ? open_ : node));
  }

  static constexpr std::string_view xhtml_space = "http://www.w3.org/1999/xhtml";

  std::string_view bytes_;
  const FhirSchema& schema_;
  Tree& tree_;
  const FhirReading& reading_;
  XmlReader xml_;
  NodeId open_ = no_node;
  std::size_t url_begin_ = 0;
};

}  // namespace

Result<void> parse_fhir_xml(std::string_view bytes, const FhirSchema& schema, Tree& tree, const FhirReading& reading) {
  return Builder(bytes, schema, tree, reading).document();
}

}  // namespace tombolo
