#include "engine/formats/fhir/place.h"

#include <algorithm>
#include <vector>

#include "engine/base/text.h"
#include "engine/formats/json/json.h"
#include "engine/formats/place.h"

namespace tombolo {
namespace {

// The place of a node among its neighbours of the same name, from 0.
std::size_t index_of(const Tree& tree, NodeId node) {
  std::size_t index = 0;
  for (NodeId at = tree.child(tree[node].parent, tree[node].name()); at != node && at != no_node; at = tree.next_same(at)) ++index;
  return index;
}

std::string json_step(const Tree& tree, const FhirSchema& schema, NodeId node, bool below) {
  const Node& at = tree[node];
  const ElementId member = schema.as_member(at.element, tree[at.parent].element, at.name());
  const std::string name(member == untyped ? at.name() : schema[member].json_name);
  const bool list = member == untyped ? json_item(at) : schema[member].list();
  const bool companion = below && schema[at.element].primitive != Primitive::none;
  return (companion ? "/_" : "/") + name + (list ? "/" + std::to_string(index_of(tree, node)) : "");
}

std::string xml_step(const Tree& tree, const FhirSchema& schema, NodeId node) {
  const Node& at = tree[node];
  const ElementId member = schema.as_member(at.element, tree[at.parent].element, at.name());
  if (member == untyped) return "/" + std::string(at.name()) + (json_item(at) ? "[" + std::to_string(index_of(tree, node) + 1) + "]" : "");
  const Element& element = schema[member];
  if (xml_attribute(schema, element)) return "/@" + std::string(element.name);
  std::string step = "/" + std::string(element.json_name);
  if (element.list()) step += "[" + std::to_string(index_of(tree, node) + 1) + "]";
  if (member != at.element) step += "/" + std::string(schema[at.element].name);
  return step;
}

}  // namespace

std::string fhir_place(const Tree& tree, const FhirSchema& schema, NodeId node, std::string_view bytes, FhirSyntax syntax) {
  std::string path;
  NodeId at = node;
  for (; tree[at].parent != no_node; at = tree[at].parent) {
    path = (syntax == FhirSyntax::json ? json_step(tree, schema, at, at != node) : xml_step(tree, schema, at)) + path;
  }
  if (syntax == FhirSyntax::xml && tree[at].element != untyped) path = "/" + std::string(schema[tree[at].element].name) + path;
  if (bytes.empty()) return path;
  return path + (path.empty() ? "" : " ") + line_and_column(bytes, tree[node].begin);
}

bool xml_attribute(const FhirSchema& schema, const Element& element) {
  if (element.owner == untyped) return false;
  if (element.name == "id") return schema[element.owner].kind != TypeKind::resource;
  return element.name == "url" && schema[element.owner].name == "Extension";
}

std::string no_such_element_text(const FhirSchema& schema, ElementId of, std::string_view name) {
  const std::string text = std::string(schema[schema[of].type].name) + " has no such element";
  const ElementId named = schema.member(of, name);
  std::vector<std::string_view> names;
  for (const Element& member : schema.members(of)) names.push_back(member.json_name);
  if (named == untyped || !schema[named].choice()) return text + suggestion(name, names);
  const auto first = std::find(names.begin(), names.end(), schema[named].json_name);
  return text + ": its name ends with its type, such as " + quoted(*first);
}

}  // namespace tombolo
